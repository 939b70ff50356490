import type { InsertStmt } from 'sqlite3-parser'
import type { RelationColumn, UniqueKey } from '../catalog.ts'
import { hasUnknownRowids } from '../last-insert-rowid.ts'
import { quoteName } from '../quote.ts'
import { orCheckFails } from './checks.ts'
import type { Emitter, Plan } from './emitter.ts'
import { allColumns, directBody, fullQuery, orAutomatic, type InsertBody } from './insert-body.ts'
import type { InsertRows } from './insert-rows.ts'
import { returningOf, type Returning } from './returning.ts'
import type { Scope, Source } from './scope.ts'
import { isRowid, rowidColumn, rowidSequence, type Target } from './target.ts'
import { collide } from './unique-keys.ts'

/** An INSERT whose names and rows are known, and whose conflicts are still to be thought of. */
export interface Insertion {
  readonly statement: InsertStmt
  readonly target: Target
  readonly rows: InsertRows
  /** `WITH ... ` or nothing, and the scope with its tables. */
  readonly common: string
  readonly scope: Scope | null
  readonly emitter: Emitter
}

/** The keys that a new row can collide in: not with a NULL in a part, nor with a rowid to be given. */
export function possibleKeys({ target, rows }: Insertion): readonly UniqueKey[] {
  const columns = allColumns(target)
  return target.relation.uniqueKeys.filter(({ parts }) =>
    parts.every((part) => {
      const column = columns.find(({ name }) => name === part.column)
      return column === undefined || rows.nullness(column) !== 'always'
    }),
  )
}

/** The rowid is left to PostgreSQL's sequence in every row. */
export function isAutomatic({ target, rows }: Insertion): boolean {
  const rowid = rowidColumn(target.relation)
  return rowid !== undefined && rows.nullness(rowid) === 'always'
}

/** The rowid is left to PostgreSQL's sequence in some row. */
export function mayBeAutomatic({ target, rows }: Insertion): boolean {
  const rowid = rowidColumn(target.relation)
  return rowid !== undefined && rows.nullness(rowid) !== 'never'
}

export interface GuardOptions {
  /** What stands in for a rowid that is to be automatic; the sequence by default. */
  readonly automatic?: (source: Source) => string | null
  /** A row that breaks a CHECK fails; else the conditions see to it. */
  readonly strict?: boolean
  /** A row draws its rowid whether it will be inserted or not. */
  readonly counts?: boolean
  /** The rows, where they are not read as the statement gives them. */
  readonly query?: string
  /** The column of that query by which they are inserted: a condition may become a join that brings them in another order. */
  readonly number?: string
}

/** The rows as a query that conditions can be put to: those under which a row is inserted. */
export function guardedBody(
  insertion: Insertion,
  conditions: (source: Source) => readonly string[],
  {
    automatic = () => null,
    strict = true,
    counts = false,
    query: given,
    number,
  }: GuardOptions = {},
): InsertBody {
  const { target, rows, emitter } = insertion
  const { relation } = target
  const alias = emitter.freshName('new')
  const source = emitter.source(relation, relation.name, alias)
  const columns = allColumns(target)
  const next = automatic(source)
  const values = columns.map((column) => {
    const sql = `${alias}.${quoteName(column.postgresName)}`
    if (counts) return sql
    if (next !== null && isRowid(relation, column)) {
      return `coalesce(${sql}, ${next}, nextval(${rowidSequence(target)}))`
    }
    return orAutomatic(sql, column, target)
  })
  // A row with a NULL that is refused goes on to fail of that.
  const checks = strict ? orCheckFails(source, target, emitter) : []
  const where = [
    ...checks.map((check) => orRefused(check, source, insertion)),
    ...conditions(source),
  ]
  const filter = where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`
  const full = given ?? fullQuery(rows, target, emitter)
  const query = counts ? numbered(full, insertion) : full
  const order = number === undefined ? '' : ` ORDER BY ${alias}.${number}`
  return {
    columns,
    sql: `SELECT ${values.join(', ')} FROM (${query}) AS ${alias}${filter}${order}`,
  }
}

/** The rows with their rowids drawn, each as it is read; OFFSET keeps conditions behind it. */
function numbered(query: string, { target, emitter }: Insertion): string {
  const alias = emitter.freshName('given')
  const values = allColumns(target).map((column) => {
    const name = quoteName(column.postgresName)
    return `${orAutomatic(`${alias}.${name}`, column, target)} AS ${name}`
  })
  return `SELECT ${values.join(', ')} FROM (${query}) AS ${alias} OFFSET 0`
}

/** The rows as they come, where no CHECK has to be looked at. */
export function plainBody(insertion: Insertion): InsertBody {
  const { rows, target, emitter } = insertion
  const checks = target.relation.checks?.length ?? 1
  return checks === 0 ? directBody(rows, target, emitter) : guardedBody(insertion, () => [])
}

/** A row of the table collides with the new one in the key. */
export function exists(key: UniqueKey, row: Source, { target, emitter }: Insertion): string {
  const { relation, table, offset } = target
  const alias = emitter.freshName('old')
  const old = emitter.source(relation, relation.name, alias)
  const condition = collide(key, old, row, { relation, emitter, offset })
  return `EXISTS (SELECT 1 FROM ${table} AS ${alias} WHERE ${condition})`
}

/** The columns that may hold a NULL which is refused; the rowid is given in its place. */
export function refusingColumns({ target, rows }: Insertion): readonly RelationColumn[] {
  return allColumns(target).filter(
    (column) =>
      column.refusesNull && !isRowid(target.relation, column) && rows.nullness(column) !== 'never',
  )
}

/**
 * The condition for a row that nothing is wrong with. One with a NULL that is refused goes on to fail, as
 * SQLite looks for that before it looks at keys.
 */
export function orRefused(condition: string, row: Source, insertion: Insertion): string {
  const nulls = refusingColumns(insertion).map(
    ({ postgresName }) => ` OR ${row.sqlName}.${quoteName(postgresName)} IS NULL`,
  )
  return nulls.length === 0 ? condition : `(${condition}${nulls.join('')})`
}

export interface Outcome {
  /** ` ON CONFLICT ...` or nothing. */
  readonly conflict: string
  /** Rows may be updated in place of being inserted. */
  readonly updates: boolean
  /** Columns for RETURNING that look at CHECKs. */
  readonly checked?: readonly string[]
}

export function insertPlan(insertion: Insertion, body: InsertBody, outcome: Outcome): Plan {
  const common = body.common === undefined ? insertion.common : withAlso(insertion, body.common)
  const returning = insertReturning(insertion, outcome)
  const sql = `${common}${insertText(insertion, body)}${outcome.conflict}${returning.sql}`
  return planOf(sql, returning)
}

/** `WITH ... ` of the statement, and more tables of it. */
export function withAlso({ common }: Insertion, more: string): string {
  return common === '' ? `WITH ${more} ` : `${common.trimEnd()}, ${more} `
}

export function insertText({ target }: Insertion, { columns, sql }: InsertBody): string {
  const list = columns.length === 0 ? '' : ` (${namesOf(columns)})`
  return `INSERT INTO ${target.sql}${list} ${sql}`
}

export function namesOf(columns: readonly RelationColumn[]): string {
  return columns.map(({ postgresName }) => quoteName(postgresName)).join(', ')
}

export function planOf(sql: string, { columns, hiddenColumns }: Returning): Plan {
  const steps = [{ sql, role: 'result' as const }]
  return { kind: 'insert', steps, columns, hiddenColumns, order: 'none' }
}

/** The rowid comes last; NULL where the row was updated, as that is not SQLite's last insert rowid. */
export function insertReturning(insertion: Insertion, outcome: Outcome): Returning {
  const { statement, target, scope, emitter } = insertion
  const hidden = [...(outcome.checked ?? []), ...hiddenRowid(insertion, outcome)]
  return returningOf(statement.returning, target, scope, emitter, hidden)
}

function hiddenRowid({ target }: Insertion, { updates }: Outcome): string[] {
  const rowid = rowidColumn(target.relation)
  // Where the rowid is unknown it still matters whether a row was inserted, which the count says else.
  const isAsked = rowid !== undefined || (updates && hasUnknownRowids(target.relation))
  if (!isAsked) return []
  const column =
    rowid === undefined ? '0::bigint' : `${target.sqlName}.${quoteName(rowid.postgresName)}`
  // A row that ON CONFLICT has updated was locked by this transaction, which xmax tells.
  return [updates ? `CASE WHEN ${target.sqlName}.xmax = 0 THEN ${column} END` : column]
}
