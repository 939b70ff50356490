import type { DeleteStmt } from 'sqlite3-parser'
import type { SelfCascade } from '../catalog.ts'
import { quoteName, quoteText } from '../quote.ts'
import type { Emitter } from './emitter.ts'
import { columnNamed, rowidColumn, type Target } from './target.ts'
import { isSingle } from './update-order.ts'

/** What a DELETE deletes by itself, and the common tables that tell. */
export interface Deletion {
  readonly common: string
  readonly where: string | null
}

/**
 * SQLite sets the key of a row that refers to one which goes before it, and then deletes that row too; PostgreSQL leaves it
 * as it was. A statement of which something sees that is refused where such rows are among those that it deletes.
 */
export function withoutSet(
  statement: DeleteStmt,
  deletion: Deletion,
  target: Target,
  emitter: Emitter,
): Deletion {
  const { keys, watched } = target.relation.selfSets ?? { keys: [], watched: false }
  const isReturned = statement.returning !== undefined && statement.returning.length > 0
  if (keys.length === 0 || !(watched || isReturned) || isSingle(statement, target)) return deletion
  const chosen = emitter.freshName('chosen')
  const filter = deletion.where === null ? '' : ` WHERE ${deletion.where}`
  const rows = `${chosen} AS MATERIALIZED (SELECT ${target.sqlName}.ctid AS id FROM ${target.sql}${filter})`
  const links = keys.map((key) => linked(key, target)).join(' OR ')
  const pairs = `SELECT 1 FROM ${target.table} AS child JOIN ${target.table} AS parent ON (${links}) AND child.ctid <> parent.ctid WHERE child.ctid IN (SELECT id FROM ${chosen}) AND parent.ctid IN (SELECT id FROM ${chosen})`
  const head = deletion.common === '' ? 'WITH ' : `${deletion.common.trimEnd()}, `
  return {
    common: `${head}${rows} `,
    where: `${target.sqlName}.ctid IN (SELECT id FROM ${chosen}) AND (SELECT sqlite.require(NOT EXISTS (${pairs}), ${quoteText(setting)}))`,
  }
}

const setting =
  'DELETE of rows that refer to each other with ON DELETE SET NULL or SET DEFAULT, where triggers or RETURNING see what is set. ' +
  'Delete them one by one'

/**
 * SQLite deletes in the order of the rowid and counts (and returns) a row only if it still is there: not one
 * that went with a row before it. So such rows are left to the cascade here as well.
 * @param deletion what the statement says
 */
export function withoutCascaded(
  statement: DeleteStmt,
  deletion: Deletion,
  target: Target,
  emitter: Emitter,
): Deletion {
  const { common, where } = deletion
  const { relation, offset } = target
  const { selfCascades, selfRestricts = false } = relation
  if (selfRestricts && !isSingle(statement, target)) {
    const construct =
      'DELETE of several rows of a table that refers to itself with ON DELETE RESTRICT'
    throw emitter.unsupported(construct, offset, 'Delete them one by one')
  }
  const none = selfCascades !== null && selfCascades.length === 0
  if (none || isSingle(statement, target)) return deletion
  const rowid = rowidColumn(relation)
  if (selfCascades === null || rowid === undefined) {
    const construct = 'DELETE of several rows that may delete each other by ON DELETE CASCADE'
    throw emitter.unsupported(construct, offset, 'Delete them one by one')
  }
  const key = quoteName(rowid.postgresName)
  const [chosen, gone] = [emitter.freshName('chosen'), emitter.freshName('gone')]
  const filter = where === null ? '' : ` WHERE ${where}`
  const rows = `${chosen} AS MATERIALIZED (SELECT ${target.sqlName}.${key} AS id FROM ${target.sql}${filter})`
  const links = selfCascades.map((cascade) => linked(cascade, target)).join(' OR ')
  const chain = `${gone} (root, id) AS (SELECT id, id FROM ${chosen} UNION SELECT ${gone}.root, child.${key} FROM ${gone} JOIN ${target.table} AS parent ON parent.${key} = ${gone}.id JOIN ${target.table} AS child ON ${links})`
  const own = `${target.sqlName}.${key}`
  return {
    common: `${recursive(common)}${rows}, ${chain} `,
    where: `${own} IN (SELECT id FROM ${chosen}) AND ${own} NOT IN (SELECT id FROM ${gone} WHERE root < id)`,
  }
}

function linked({ columns, parentColumns }: SelfCascade, { relation }: Target): string {
  const named = (name: string): string =>
    quoteName(columnNamed(relation, name)?.postgresName ?? name)
  const parts = columns.map(
    (column, index) => `child.${named(column)} = parent.${named(parentColumns[index] ?? '')}`,
  )
  return `(${parts.join(' AND ')})`
}

/** The head of a WITH clause that more common tables follow, of which one is recursive. */
function recursive(common: string): string {
  if (common === '') return 'WITH RECURSIVE '
  const rest = common.replace(/^WITH (?:RECURSIVE )?/, '').trimEnd()
  return `WITH RECURSIVE ${rest}, `
}
