import type { Expr, InsertStmt, Select, ValuesRow } from 'sqlite3-parser'
import type { RelationColumn } from '../catalog.ts'
import { foldName, quoteName } from '../quote.ts'
import type { Emitter } from './emitter.ts'
import { createScope, type Scope } from './scope.ts'
import { hasSameDefault, storedDefault, typedNull } from './stored-default.ts'
import { unwrap } from './syntax.ts'
import { columnNamed, isRowid, rowidColumn, rowidSequence, type Target } from './target.ts'

export type Nullness = 'never' | 'always' | 'perhaps'

/** One value of VALUES, stored. */
interface Cell {
  readonly node: Expr
  readonly sql: string
  readonly nullness: Nullness
}

/** The rows that an INSERT brings, before anything is said of conflicts. */
export interface InsertRows {
  /** The columns that the statement gives, in the order of its values. */
  readonly columns: readonly RelationColumn[]
  /** The rows of VALUES (one empty row for DEFAULT VALUES), or null where a query gives them. */
  readonly cells: readonly (readonly Cell[])[] | null
  /** The text of the query and its columns' names on PostgreSQL, or null. */
  readonly query: { readonly sql: string; readonly names: readonly string[] } | null
  /** There may be more than one row. */
  readonly many: boolean
  /** Whether a row has NULL in a column, given or not, before any DEFAULT stands in for it. */
  nullness(column: RelationColumn): Nullness
}

/** @param scope with the common tables of the statement. */
export function insertRows(
  statement: InsertStmt,
  target: Target,
  scope: Scope | null,
  emitter: Emitter,
): InsertRows {
  const { body } = statement
  const columns =
    body.type === 'DefaultValuesInsertBody' ? [] : givenColumns(statement, target, emitter)
  if (body.type === 'DefaultValuesInsertBody') return rowsOf([], [[]], target)
  const rows = plainValues(body.select)
  if (rows === undefined) return queryRows(body.select, columns, target, scope, emitter)
  const [first] = rows
  const ragged = rows.find(({ values }) => values.length !== first?.values.length)
  if (ragged)
    throw emitter.wrong('all VALUES must have the same number of terms', ragged.span.offset)
  checkCount(first?.values.length ?? 0, statement, columns, target, emitter)
  const inner = createScope(scope)
  const cells = rows.map(({ values }) =>
    values.map((node, index) => cellOf(node, columns[index] as RelationColumn, inner, emitter)),
  )
  return rowsOf(columns, cells, target)
}

function givenColumns(
  statement: InsertStmt,
  { relation }: Target,
  emitter: Emitter,
): RelationColumn[] {
  if (statement.columns === undefined) return relation.columns.filter(({ generated }) => !generated)
  const columns: RelationColumn[] = []
  for (const { text, span } of statement.columns) {
    const column = columnNamed(relation, text)
    if (column === undefined) {
      throw emitter.wrong(`table ${relation.name} has no column named ${text}`, span.offset)
    }
    if (columns.some(({ name }) => foldName(name) === foldName(column.name))) {
      throw emitter.unsupported(`Naming ${text} twice`, span.offset, 'Name each column once')
    }
    columns.push(column)
  }
  return columns
}

/** VALUES alone; with ORDER BY, LIMIT or UNION it is a query like any other. */
function plainValues({
  select,
  compounds,
  orderBy,
  limit,
  with: common,
}: Select): readonly ValuesRow[] | undefined {
  const more = (compounds?.length ?? 0) > 0 || orderBy || limit || common
  return select.type === 'SelectValues' && !more ? select.values : undefined
}

function checkCount(
  count: number,
  statement: InsertStmt,
  columns: readonly RelationColumn[],
  { relation, offset }: Target,
  emitter: Emitter,
): void {
  if (count === columns.length) return
  const message =
    statement.columns === undefined
      ? `table ${relation.name} has ${columns.length} columns but ${count} values were supplied`
      : `${count} values for ${columns.length} columns`
  throw emitter.wrong(message, offset)
}

function cellOf(node: Expr, column: RelationColumn, scope: Scope, emitter: Emitter): Cell {
  return { node, sql: emitter.store(node, column, scope), nullness: nullnessOf(node, emitter) }
}

/** Of a value that is written down or bound; anything else may be NULL. */
function nullnessOf(node: Expr, emitter: Emitter): Nullness {
  const parameter = emitter.parameterOf(node)
  if (parameter !== undefined)
    return emitter.parameters.isOneOf(parameter, ['null']) ? 'always' : 'never'
  switch (unwrap(node).type) {
    case 'NullLiteral':
      return 'always'
    case 'NumericLiteral':
    case 'StringLiteral':
    case 'BlobLiteral':
    case 'CurrentDateLiteral':
    case 'CurrentTimeLiteral':
    case 'CurrentTimestampLiteral':
      return 'never'
    default:
      return 'perhaps'
  }
}

function rowsOf(
  columns: readonly RelationColumn[],
  cells: readonly (readonly Cell[])[],
  target: Target,
): InsertRows {
  return {
    columns,
    cells,
    query: null,
    many: cells.length > 1,
    nullness(column) {
      const index = columns.findIndex(({ name }) => name === column.name)
      if (index < 0) return omitted(column, target)
      const found = new Set(cells.map((row) => row[index]?.nullness))
      const [only] = found
      return found.size === 1 && only !== undefined ? only : 'perhaps'
    },
  }
}

function queryRows(
  node: Select,
  columns: readonly RelationColumn[],
  target: Target,
  scope: Scope | null,
  emitter: Emitter,
): InsertRows {
  const query = emitter.select(node, scope, { store: columns })
  const names = query.columns.map(({ sqlName }) => sqlName)
  return {
    columns,
    cells: null,
    query: { sql: query.sql, names },
    many: true,
    nullness(column) {
      const index = columns.findIndex(({ name }) => name === column.name)
      if (index < 0) return omitted(column, target)
      return query.columns[index]?.expression.notNull === true ? 'never' : 'perhaps'
    },
  }
}

function omitted(column: RelationColumn, { relation }: Target): Nullness {
  if (isRowid(relation, column) || column.defaultSql === null) return 'always'
  if (/^null$/i.test(column.defaultSql)) return 'always'
  return hasSameDefault(column) ? 'never' : 'perhaps'
}

/** What stands between the table and ON CONFLICT. */
export interface InsertBody {
  readonly columns: readonly RelationColumn[]
  readonly sql: string
}

/**
 * The rows as they come: PostgreSQL's own defaults stand in for columns that are not given where they
 * certainly are SQLite's, and its sequence for the rowid.
 */
export function directBody(rows: InsertRows, target: Target, emitter: Emitter): InsertBody {
  const { relation, offset } = target
  const given = new Set(rows.columns.map(({ name }) => name))
  const extra = relation.columns.filter(
    (column) => !given.has(column.name) && !isRowid(relation, column) && !hasSameDefault(column),
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
    return `SELECT ${list(given, true)} FROM (${rows.query.sql}) AS ${alias}`
  }
  const cells = (rows.cells ?? []).map((row) => row.map(({ sql }) => sql))
  const [only, second] = cells
  if (only !== undefined && second === undefined) return `SELECT ${list(only, true)}`
  const names = columns.map(({ postgresName }) => quoteName(postgresName)).join(', ')
  const values = cells.map((row) => `(${list(row, false)})`).join(', ')
  return `SELECT * FROM (VALUES ${values}) AS ${alias} (${names})`
}
