import type { UniqueKey } from '../catalog.ts'
import { quoteName } from '../quote.ts'
import { orCheckFails } from './checks.ts'
import type { Plan } from './emitter.ts'
import { allColumns, fullQuery, orAutomatic, type InsertBody } from './insert-body.ts'
import {
  insertPlan,
  insertReturning,
  insertText,
  isAutomatic,
  orRefused,
  planOf,
  possibleKeys,
  type Insertion,
} from './insertion.ts'
import { unwrap } from './syntax.ts'
import { isRowid, rowidColumn, rowidSequence } from './target.ts'
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
  const keys = possibleKeys(insertion)
  const [key, second] = keys
  if (key === undefined) return insertPlan(insertion, replacingBody(insertion), OUTCOME)
  if (second === undefined && !relation.isReferenced && !rows.many) {
    return overwrite(key, insertion)
  }
  if (!relation.isReferenced) return deleteAndInsert(keys, insertion)
  return deleteThenInsert(keys, insertion)
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

/** ` WHERE ...` that fails for a row that breaks a CHECK, or nothing. */
function checked(alias: string, insertion: Insertion): string {
  const { target, emitter } = insertion
  const row = emitter.source(target.relation, target.relation.name, alias)
  const checks = orCheckFails(row, target, emitter)
  const conditions = checks.map((check) => orRefused(check, row, insertion))
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
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

/** The parts of a statement that deletes what collides and inserts the rows, each of them evaluated once. */
interface Parts {
  /** The new rows, numbered in the order in which SQLite takes them. */
  readonly rows: string
  readonly number: string
  readonly common: string
  /** The rows that no later one of the same statement would delete again. */
  readonly body: InsertBody
}

function parts(keys: readonly UniqueKey[], insertion: Insertion): Parts {
  const { target, emitter } = insertion
  const { relation, table, offset } = target
  const context = { relation, emitter, offset }
  const [rows, number, gone, given] = ['rows', 'number', 'gone', 'given'].map((stem) =>
    emitter.freshName(stem),
  ) as [string, string, string, string]
  const source = (alias: string): ReturnType<typeof emitter.source> =>
    emitter.source(relation, relation.name, alias)
  const [old, row, later] = ['old', 'row', 'later'].map((stem) =>
    source(emitter.freshName(stem)),
  ) as [ReturnType<typeof source>, ReturnType<typeof source>, ReturnType<typeof source>]
  const query = fullQuery(insertion.rows, target, emitter, 'refused')
  const collides = (left: typeof old, right: typeof old): string =>
    keys.map((key) => collide(key, left, right, context)).join(' OR ')
  const columns = allColumns(target)
  const values = columns.map((column) =>
    orAutomatic(`${row.sqlName}.${quoteName(column.postgresName)}`, column, target),
  )
  // A row takes its rowid also where a later one replaces it again.
  const taken = columns.map((column) => {
    const name = quoteName(column.postgresName)
    const isGiven = !isRowid(relation, column) || !isAutomatic(insertion)
    return isGiven ? `${given}.${name}` : `nextval(${rowidSequence(target)}) AS ${name}`
  })
  const common = [
    `${rows} AS MATERIALIZED (SELECT row_number() OVER () AS ${number}, ${taken.join(', ')} FROM (${query}) AS ${given}${checked(given, insertion)})`,
    `${gone} AS (DELETE FROM ${table} AS ${old.sqlName} USING ${rows} AS ${row.sqlName} WHERE ${collides(old, row)} RETURNING 1)`,
  ].join(', ')
  const again = `EXISTS (SELECT 1 FROM ${rows} AS ${later.sqlName} WHERE ${later.sqlName}.${number} > ${row.sqlName}.${number} AND (${collides(later, row)}))`
  // The rows are deleted before the first is inserted, as that has to count them.
  const sql = `SELECT ${values.join(', ')} FROM ${rows} AS ${row.sqlName} WHERE (SELECT count(*) FROM ${gone}) >= 0 AND NOT ${again} ORDER BY ${row.sqlName}.${number}`
  return { rows, number, common, body: { columns, sql } }
}

function withAlso(insertion: Insertion, more: string): string {
  const { common } = insertion
  return common === '' ? `WITH ${more} ` : `${common.trimEnd()}, ${more} `
}

function deleteAndInsert(keys: readonly UniqueKey[], insertion: Insertion): Plan {
  const { rows, statement, emitter, target } = insertion
  const made = parts(keys, insertion)
  if (!rows.many) {
    const returning = insertReturning(insertion, OUTCOME)
    const text = `${withAlso(insertion, made.common)}${insertText(insertion, made.body)}${returning.sql}`
    return planOf(text, returning)
  }
  if ((statement.returning ?? []).length > 0) {
    const construct = 'RETURNING of an INSERT OR REPLACE of several rows'
    throw emitter.unsupported(construct, target.offset, 'Replace the rows one by one')
  }
  return counted(made, insertion)
}

/**
 * SQLite counts a row also where a later one has replaced it, so that the statement gives one row for each,
 * the last of them with the last rowid.
 */
function counted({ rows, number, common, body }: Parts, insertion: Insertion): Plan {
  const { target, emitter } = insertion
  const rowid = rowidColumn(target.relation)
  const [kept, last] = [emitter.freshName('kept'), emitter.freshName('rowid')]
  const own = rowid === undefined ? '1' : `${target.sqlName}.${quoteName(rowid.postgresName)}`
  const inserted = `${kept} AS (${insertText(insertion, body)} RETURNING ${own} AS ${last})`
  const all = withAlso(insertion, `${common}, ${inserted}`)
  // The last row is never replaced again, so that it has the rowid that was inserted last.
  const lastOne = `(SELECT ${kept}.${last} FROM ${kept} OFFSET (SELECT count(*) - 1 FROM ${kept}))`
  const isUnknown = rowid === undefined && target.relation.withoutRowid !== true
  const value = isUnknown
    ? '0::bigint'
    : `CASE WHEN ${rows}.${number} = (SELECT max(${number}) FROM ${rows}) THEN ${lastOne} END`
  const sql = `${all}SELECT ${rowid === undefined && !isUnknown ? '' : value} FROM ${rows} ORDER BY ${rows}.${number}`
  return planOf(sql, insertReturning(insertion, OUTCOME))
}

/**
 * Rows of other tables go with those that are deleted, so that the deletion has to be over before the
 * first row is inserted. The values are written twice, so they must be such that they do not change.
 */
function deleteThenInsert(keys: readonly UniqueKey[], insertion: Insertion): Plan {
  const { rows, target, emitter, common } = insertion
  const { relation, table, offset } = target
  const stays = rows.cells?.every((row) =>
    row.every(
      ({ node }) => emitter.parameterOf(node) !== undefined || isLiteral(unwrap(node).type),
    ),
  )
  if (rows.many || stays !== true || common !== '') {
    const construct =
      'INSERT OR REPLACE of several or computed rows into a table that others refer to'
    throw emitter.unsupported(construct, offset, 'Compute the values first and replace row by row')
  }
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
