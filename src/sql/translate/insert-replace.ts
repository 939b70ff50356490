import { requireParents } from './absent-parents.ts'
import type { Relation, SelfCascade, UniqueKey } from '../catalog.ts'
import { hasUnknownRowids } from '../last-insert-rowid.ts'
import { foldName, quoteName, quoteText } from '../quote.ts'
import type { Plan } from './emitter.ts'
import { allColumns, fullQuery, orAutomatic, type InsertBody } from './insert-body.ts'
import {
  insertPlan,
  insertText,
  planOf,
  possibleKeys,
  withAlso,
  type Insertion,
} from './insertion.ts'
import { checked, numberedRows } from './replacing-rows.ts'
import { returningOf } from './returning.ts'
import type { Source } from './scope.ts'
import { tablesNamedIn, unwrap } from './syntax.ts'
import { columnNamed, rowidColumn } from './target.ts'
import { refuseUnfollowed } from './unfollowed-keys.ts'
import { collide, inferred } from './unique-keys.ts'

const OUTCOME = { conflict: '', updates: false }

/**
 * OR REPLACE deletes every row that the new one collides with, and inserts. Where only one key can collide
 * and nobody would notice the deletion, the old row is overwritten instead.
 * https://www.sqlite.org/lang_conflict.html
 */
export function translateInsertReplace(insertion: Insertion): Plan {
  const { target, rows, emitter } = insertion
  const { relation, offset } = target
  if (relation.hasTriggers) {
    const construct = 'INSERT OR REPLACE on a table with triggers'
    throw emitter.unsupported(construct, offset, 'Use ON CONFLICT DO UPDATE, or DELETE and INSERT')
  }
  requireParents('REPLACE', target, emitter)
  refuseUnfollowed('INSERT OR REPLACE into', target, emitter)
  const keys = possibleKeys(insertion)
  const [key, second] = keys
  if (key === undefined) return insertPlan(insertion, replacingBody(insertion), OUTCOME)
  if (second === undefined && !relation.isReferenced && !rows.many) {
    return overwrite(key, insertion)
  }
  if (!relation.isReferenced) return deleteAndInsert(keys, insertion)
  const isOne = canBeRepeated(insertion)
  // A row that others hold has to be back when the statement ends.
  if (isOne && relation.isHeld) return deleteAndInsert(keys, insertion)
  if (isOne) return deleteThenInsert(keys, insertion)
  refuseCircle(insertion)
  return deleteAndInsert(keys, insertion, readsReferring(insertion) ? refusedDeletion : null)
}

/** The rows with the table's defaults in place of NULL where NULL is refused. */
function replacingBody(insertion: Insertion): InsertBody {
  const { rows, target, emitter } = insertion
  const columns = allColumns(target)
  const alias = emitter.freshName('new')
  const values = columns.map((column) =>
    orAutomatic(`${alias}.${quoteName(column.postgresName)}`, column, target),
  )
  const query = fullQuery(rows, target, emitter, 'refused')
  const where = checked(alias, insertion)
  return { columns, sql: `SELECT ${values.join(', ')} FROM (${query}) AS ${alias}${where}` }
}

function overwrite(key: UniqueKey, insertion: Insertion): Plan {
  const { target, emitter } = insertion
  const body = replacingBody(insertion)
  const sets = body.columns.map(({ postgresName }) => {
    const name = quoteName(postgresName)
    return `${name} = excluded.${name}`
  })
  const conflict = ` ON CONFLICT ${inferred(key, target, emitter)} DO UPDATE SET ${sets.join(', ')}`
  // Every row counts as inserted, also one that has overwritten another.
  return insertPlan(insertion, body, { ...OUTCOME, conflict })
}

/**
 * Deletes what collides and inserts the rows that no later one of the same statement would delete again. The
 * rows are evaluated once, and the statement gives one row for each, as SQLite counts and returns those too that
 * a later one has replaced.
 * @param refusal what to say where a row would be deleted that was there before, or null where it may be.
 */
function deleteAndInsert(
  keys: readonly UniqueKey[],
  insertion: Insertion,
  refusal: string | null = null,
): Plan {
  const { target, statement, scope, emitter } = insertion
  const { relation, table, offset } = target
  const context = { relation, emitter, offset }
  const [rows, number, gone, kept] = ['rows', 'number', 'gone', 'kept'].map((stem) =>
    emitter.freshName(stem),
  ) as [string, string, string, string]
  const source = (stem: string): ReturnType<typeof emitter.source> =>
    emitter.source(relation, relation.name, emitter.freshName(stem))
  const [old, row, later] = [source('old'), source('row'), source('later')]
  const collides = (left: typeof old, right: typeof old): string =>
    keys.map((key) => collide(key, left, right, context)).join(' OR ')
  const columns = allColumns(target)
  const values = columns.map(({ postgresName }) => `${row.sqlName}.${quoteName(postgresName)}`)
  const again = `EXISTS (SELECT 1 FROM ${rows} AS ${later.sqlName} WHERE ${later.sqlName}.${number} > ${row.sqlName}.${number} AND (${collides(later, row)}))`
  // The rows are deleted before the first is inserted, as that has to count them.
  const refers = (relation.selfSets?.keys ?? [])
    .map((key) => refersTo(key, row, old, relation))
    .join(' OR ')
  const sql = `SELECT ${values.join(', ')} FROM ${rows} AS ${row.sqlName} WHERE (SELECT ${allowed(refusal, refers)} FROM ${gone}) AND NOT ${again} ORDER BY ${row.sqlName}.${number}`
  const common = [
    `${rows} AS MATERIALIZED (${numberedRows(number, insertion)})`,
    `${gone} AS (DELETE FROM ${table} AS ${old.sqlName} USING ${rows} AS ${row.sqlName} WHERE ${collides(old, row)} RETURNING ${refers || '1'} AS refers)`,
    `${kept} AS (${insertText(insertion, { columns, sql })} RETURNING 1)`,
  ]
  const rowid = rowidColumn(relation)
  // A SELECT needs a column for each row that it counts.
  const counted = hasUnknownRowids(relation) ? '0::bigint' : null
  const hidden = rowid === undefined ? counted : `${row.sqlName}.${quoteName(rowid.postgresName)}`
  const seen = { ...target, sqlName: row.sqlName }
  const returning = returningOf(
    statement.returning,
    seen,
    scope,
    emitter,
    hidden === null ? [] : [hidden],
  )
  const result = `SELECT ${returning.list} FROM ${rows} AS ${row.sqlName} ORDER BY ${row.sqlName}.${number}`
  return planOf(`${withAlso(insertion, common.join(', '))}${result}`, returning)
}

/** What holds of the rows that are gone. @param refers whether the new row refers to one, or an empty text */
function allowed(refusal: string | null, refers: string): string {
  if (refusal !== null) return `sqlite.require(count(*) = 0, ${quoteText(refusal)})`
  if (refers === '') return 'count(*) >= 0'
  return `sqlite.require(bool_or(refers) IS NOT TRUE, ${quoteText(refusedSet)})`
}

const refusedSet =
  'INSERT OR REPLACE of a row that refers with ON DELETE SET NULL or SET DEFAULT to one which it replaces, and which others refer to. ' +
  'Use ON CONFLICT DO UPDATE'

/** PostgreSQL would set the key of the new row too, as the action comes when the statement is over. */
function refersTo(
  { columns, parentColumns }: SelfCascade,
  row: Source,
  old: Source,
  relation: Relation,
): string {
  const column = (source: Source, name: string): string =>
    `${source.sqlName}.${quoteName(columnNamed(relation, name)?.postgresName ?? name)}`
  const parts = columns.map(
    (name, index) => `${column(row, name)} = ${column(old, parentColumns[index] ?? '')}`,
  )
  return `(${parts.join(' AND ')})`
}

/** Rows of the table itself go with those that are deleted, and may be ones that the statement has inserted. */
function refuseCircle({ target, emitter }: Insertion): void {
  const { relation, offset } = target
  if (!relation.reaches.has(foldName(relation.name))) return
  const construct =
    'INSERT OR REPLACE of several or computed rows into a table that refers to itself'
  throw emitter.unsupported(construct, offset, 'Compute the values first and replace row by row')
}

const construct = 'INSERT OR REPLACE of what is read from tables that refer to this one'
const wayOut = 'Read the values first and replace row by row'
const refusedDeletion = `${construct}, and that deletes rows of it. ${wayOut}`

/**
 * Rows of other tables go with those that are deleted, only when the statement is over. SQLite reads what is left of
 * them from row to row, so that where it reads them none may go.
 */
function readsReferring({ statement, rows, target, emitter }: Insertion): boolean {
  const { relation, offset } = target
  const { body, returning = [] } = statement
  const isTable = (name: string): boolean => emitter.catalog.relation(name)?.kind === 'table'
  const changes = (name: string): boolean => relation.reaches.has(name) || !isTable(name)
  if (returning.some((node) => [...tablesNamedIn(node)].some(changes)))
    throw emitter.unsupported(construct, offset, wayOut)
  // Where the query reads the table itself, SQLite has read all of it before.
  const read = tablesNamedIn(body)
  if (rows.query !== null && read.has(foldName(relation.name))) return false
  return [...read].some(changes)
}

/** Its one row consists of values that are the same when they are written down twice. */
function canBeRepeated({ rows, common, emitter }: Insertion): boolean {
  const stays = rows.cells?.every((row) =>
    row.every(
      ({ node }) => emitter.parameterOf(node) !== undefined || isLiteral(unwrap(node).type),
    ),
  )
  return !rows.many && stays === true && common === ''
}

/**
 * Rows of other tables go with those that are deleted, so that the deletion has to be over before the
 * first row is inserted. The values are written twice, so they must be such that they do not change.
 */
function deleteThenInsert(keys: readonly UniqueKey[], insertion: Insertion): Plan {
  const { rows, target, emitter } = insertion
  const { relation, table, offset } = target
  const context = { relation, emitter, offset }
  const old = emitter.source(relation, relation.name, emitter.freshName('old'))
  const row = emitter.source(relation, relation.name, emitter.freshName('new'))
  const query = fullQuery(rows, target, emitter, 'refused')
  const collides = keys.map((key) => collide(key, old, row, context)).join(' OR ')
  const gone = `DELETE FROM ${table} AS ${old.sqlName} USING (${query}) AS ${row.sqlName} WHERE ${collides}`
  const plan = insertPlan(insertion, replacingBody(insertion), OUTCOME)
  return { ...plan, steps: [{ sql: gone, role: 'prepare' }, ...plan.steps] }
}

function isLiteral(type: string): boolean {
  return ['NullLiteral', 'NumericLiteral', 'StringLiteral', 'BlobLiteral', 'UnaryExpr'].includes(
    type,
  )
}
