import type { RelationColumn } from '../catalog.ts'
import { quoteName } from '../quote.ts'
import type { Emitter } from './emitter.ts'
import type { Cell, InsertRows } from './insert-rows.ts'
import { hasSameDefault, storedDefault, typedNull } from './stored-default.ts'
import { isRowid, rowidColumn, rowidSequence, type Target } from './target.ts'

/** What stands between the table and ON CONFLICT. */
export interface InsertBody {
  readonly columns: readonly RelationColumn[]
  readonly sql: string
  /** Common tables that it reads, as WITH has them. */
  readonly common?: string
}

/**
 * The rows as they come: PostgreSQL's own defaults stand in for columns that are not given where they
 * certainly are SQLite's, and its sequence for the rowid.
 */
export function directBody(rows: InsertRows, target: Target, emitter: Emitter): InsertBody {
  const { relation, offset } = target
  const given = new Set(rows.columns.map(({ name }) => name))
  const extra = relation.columns.filter(
    (column) =>
      !given.has(column.name) &&
      !column.generated &&
      !isRowid(relation, column) &&
      !hasSameDefault(column),
  )
  const columns = [...rows.columns, ...extra]
  const defaults = extra.map((column) => storedDefault(column, emitter, offset))
  if (columns.length === 0) return { columns, sql: 'DEFAULT VALUES' }
  if (rows.query === null) {
    const texts = (rows.cells ?? []).map((cells) => {
      const own = cells.map((cell, index) => directCell(cell, columns[index], target))
      return `(${[...own, ...defaults].join(', ')})`
    })
    return { columns, sql: `VALUES ${texts.join(', ')}` }
  }
  const hasRowid = rows.columns.some((column) => isRowid(relation, column))
  if (extra.length === 0 && !hasRowid) return { columns, sql: rows.query.sql }
  const alias = emitter.freshName('given')
  const own = rows.query.names.map((name, index) =>
    orAutomatic(`${alias}.${name}`, rows.columns[index], target),
  )
  const list = [...own, ...defaults].join(', ')
  return { columns, sql: `SELECT ${list} FROM (${rows.query.sql}) AS ${alias}` }
}

function directCell(
  { sql, nullness }: Cell,
  column: RelationColumn | undefined,
  target: Target,
): string {
  if (column === undefined || !isRowid(target.relation, column)) return sql
  if (nullness === 'always') return 'DEFAULT'
  return nullness === 'never' ? sql : orAutomatic(sql, column, target)
}

/** A NULL for the rowid asks for the next one. https://www.sqlite.org/autoinc.html */
export function orAutomatic(
  sql: string,
  column: RelationColumn | undefined,
  target: Target,
): string {
  if (column === undefined || !isRowid(target.relation, column)) return sql
  return `coalesce(${sql}, nextval(${rowidSequence(target)}))`
}

/** Every column of the table that can be given, the hidden rowid included. */
export function allColumns({ relation }: Target): readonly RelationColumn[] {
  const rowid = relation.rowid?.hidden === true ? rowidColumn(relation) : undefined
  const own = relation.columns.filter(({ generated }) => !generated)
  return rowid === undefined ? own : [rowid, ...own]
}

/**
 * The same rows as a query that gives every column under its own name, so that conditions can be asked of
 * a row before it is inserted. The rowid is NULL where it is to be automatic.
 * @param defaults stand in for NULL too, as OR REPLACE has it where the column refuses NULL.
 */
export function fullQuery(
  rows: InsertRows,
  target: Target,
  emitter: Emitter,
  defaults: 'omitted' | 'refused' = 'omitted',
): string {
  const { relation, offset } = target
  const columns = allColumns(target)
  const alias = emitter.freshName('given')
  const valueOf = (column: RelationColumn, given: string | undefined): string => {
    if (isRowid(relation, column)) return given ?? typedNull(column)
    if (given === undefined) return storedDefault(column, emitter, offset)
    const replaced = defaults === 'refused' && column.refusesNull && column.defaultSql !== null
    return replaced ? `coalesce(${given}, ${storedDefault(column, emitter, offset)})` : given
  }
  const list = (given: readonly string[], named: boolean): string =>
    columns
      .map((column) => {
        const index = rows.columns.findIndex(({ name }) => name === column.name)
        const value = valueOf(column, index < 0 ? undefined : given[index])
        return named ? `${value} AS ${quoteName(column.postgresName)}` : value
      })
      .join(', ')
  if (rows.query !== null) {
    const given = rows.query.names.map((name) => `${alias}.${name}`)
    // Else a CHECK that reads one table of a join would fail of rows that the join leaves out.
    const fence = relation.checks?.length === 0 ? '' : ' OFFSET 0'
    return `SELECT ${list(given, true)} FROM (${rows.query.sql}) AS ${alias}${fence}`
  }
  const cells = (rows.cells ?? []).map((row) => row.map(({ sql }) => sql))
  const [only, second] = cells
  if (only !== undefined && second === undefined) return `SELECT ${list(only, true)}`
  const names = columns.map(({ postgresName }) => quoteName(postgresName)).join(', ')
  const values = cells.map((row) => `(${list(row, false)})`).join(', ')
  return `SELECT * FROM (VALUES ${values}) AS ${alias} (${names})`
}
