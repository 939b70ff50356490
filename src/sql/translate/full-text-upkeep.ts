import type { InsertStmt } from 'sqlite3-parser'
import { foldName } from '../quote.ts'
import type { Emitter, Plan } from './emitter.ts'
import { ROWID } from './returning.ts'

/**
 * `INSERT INTO x_fts(x_fts) VALUES('rebuild')` and `'optimize'` make an index of FTS5 anew, or smaller. PostgreSQL has
 * no such index, and what would read it is refused, so that there is nothing to do: SQLite counts one change, and
 * takes 0 for the last rowid. Null for every other statement.
 * https://www.sqlite.org/fts5.html#special_insert_commands
 */
export function fullTextUpkeep(statement: InsertStmt, { catalog }: Emitter): Plan | null {
  const { tblName, columns = [], body } = statement
  const name = foldName(tblName.objName.text)
  const table = catalog.virtualTables?.get(name)
  const isMain = tblName.dbName === undefined || foldName(tblName.dbName.text) === 'main'
  if (table?.module !== 'fts5' || !isMain || catalog.relation(name) !== undefined) return null
  const [column, another] = columns
  if (column === undefined || another !== undefined || foldName(column.text) !== name) return null
  const command = onlyText(body)
  const isKept = command === 'optimize' || (command === 'rebuild' && !table.isContentless)
  if (!isKept || statement.returning !== undefined || statement.with !== undefined) return null
  const steps = [{ sql: 'SELECT 0::bigint', role: 'result' as const }]
  return { kind: 'insert', steps, columns: [ROWID], hiddenColumns: 1, order: 'none' }
}

/** The one literal that is to be inserted, in small letters. */
function onlyText(body: InsertStmt['body']): string | null {
  if (body.type !== 'SelectInsertBody' || body.upsert !== undefined) return null
  const { select, orderBy, limit } = body.select
  if (select.type !== 'SelectValues' || orderBy !== undefined || limit !== undefined) return null
  const [row, second] = select.values
  const [value, more] = row?.values ?? []
  if (second !== undefined || more !== undefined || value?.type !== 'StringLiteral') return null
  return foldName(value.value)
}
