import type { Expr, InsertStmt, Select, ValuesRow } from 'sqlite3-parser'
import type { RelationColumn } from '../catalog.ts'
import { foldName } from '../quote.ts'
import type { Emitter } from './emitter.ts'
import { inReadingOrder } from './reading-order.ts'
import { unknownColumn } from './rowid-names.ts'
import { createScope, type Scope } from './scope.ts'
import { hasSameDefault } from './stored-default.ts'
import { unwrap } from './syntax.ts'
import { columnNamed, isRowid, type Target } from './target.ts'

export type Nullness = 'never' | 'always' | 'perhaps'

/** One value of VALUES, stored. */
export interface Cell {
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
  if (rows === undefined) return queryRows(statement, body.select, columns, target, scope, emitter)
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
      const message = `table ${relation.name} has no column named ${text}`
      throw unknownColumn(text, relation, message, span.offset, emitter)
    }
    if (column.generated)
      throw emitter.wrong(`cannot INSERT into generated column "${column.name}"`, span.offset)
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
export function nullnessOf(node: Expr, emitter: Emitter): Nullness {
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
  statement: InsertStmt,
  node: Select,
  columns: readonly RelationColumn[],
  target: Target,
  scope: Scope | null,
  emitter: Emitter,
): InsertRows {
  const query = emitter.select(inReadingOrder(node, scope, emitter), scope, { store: columns })
  checkCount(query.columns.length, statement, columns, target, emitter)
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
