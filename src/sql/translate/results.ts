import type { Expr, ResultColumn as ResultNode, SelectFrom } from 'sqlite3-parser'
import type { ResultColumn } from '../translation.ts'
import { foldName, MAX_NAME_BYTES, quoteName } from '../quote.ts'
import type { EmittedColumn, Emitter } from './emitter.ts'
import { isTextual, shownOf, type TypedExpression } from './expression.ts'
import { columnName, findColumn } from './names.ts'
import { groupedColumn, type Scope, type Source } from './scope.ts'

/** One column of a result before it is written: an expression of the text, or a column that `*` stands for. */
export interface ResultItem {
  readonly name: string
  /** See `EmittedColumn.written`. */
  readonly written: string
  /** The application's own name for it. */
  readonly alias: string | null
  readonly node: Expr | null
  /** A column that `*` stands for. */
  readonly column: { readonly expression: TypedExpression; readonly source: Source } | null
  readonly offset: number
}

export function resultItems(
  nodes: readonly ResultNode[],
  scope: Scope,
  emitter: Emitter,
): readonly ResultItem[] {
  return nodes.flatMap((node) => {
    if (node.type === 'ExprResultColumn') {
      const alias = node.alias?.name.text ?? null
      const name = alias ?? expressionName(node.expr, scope, emitter)
      const written = alias ?? writtenName(node.expr, emitter)
      return [{ name, written, alias, node: node.expr, column: null, offset: node.span.offset }]
    }
    return starItems(node, scope, emitter)
  })
}

/**
 * A column by its declared name, everything else by its text up to what follows it, comments included; parentheses are not seen.
 * https://www.sqlite.org/c3ref/column_name.html, sqlite3GenerateColumnNames
 */
function expressionName(node: Expr, scope: Scope, emitter: Emitter): string {
  const bare = skip(node)
  const name = columnName(bare, emitter.sql)
  const found = name === undefined ? undefined : findColumn(name, scope, emitter)
  return found?.name ?? textOf(node, emitter)
}

/**
 * A query around this one takes the column's name before it knows what that means, and looks through COLLATE.
 * sqlite3ColumnsFromExprList of select.c, which selectExpander calls
 */
function writtenName(node: Expr, emitter: Emitter): string {
  return writtenColumn(node, emitter) ?? textOf(node, emitter)
}

/** The column that it is, by the name that is written there; undefined where it is another expression. */
export function writtenColumn(node: Expr, { sql }: Emitter): string | undefined {
  let bare = skip(node)
  while (bare.type === 'CollateExpr') bare = skip(bare.expr)
  return columnName(bare, sql)?.column
}

function textOf({ span: { offset, length } }: Expr, { sql }: Emitter): string {
  const end = offset + length
  comments.lastIndex = end
  const behind = comments.exec(sql)?.[0].trimEnd() ?? ''
  return sql.slice(offset, end + behind.length)
}

/** Up to the end of the last one. */
const comments = /(?:[ \t\n\f\r]*(?:--[^\n]*|\/\*[^]*?(?:\*\/|$)))+/y

function skip(node: Expr): Expr {
  let bare = node
  while (bare.type === 'ParenthesizedExpr' && bare.exprs.length === 1 && bare.exprs[0]) {
    bare = bare.exprs[0]
  }
  return bare
}

function starItems(
  node: Exclude<ResultNode, { type: 'ExprResultColumn' }>,
  scope: Scope,
  emitter: Emitter,
): ResultItem[] {
  const { offset } = node.span
  const wanted = node.type === 'TableStarResultColumn' ? foldName(node.table.text) : null
  const sources = scope.sources.filter(
    ({ name }) => wanted === null || (name !== null && foldName(name) === wanted),
  )
  if (sources.length === 0) {
    const message =
      node.type === 'TableStarResultColumn'
        ? `no such table: ${node.table.text}`
        : 'no tables specified'
    throw emitter.wrong(message, offset)
  }
  return sources.flatMap((source) =>
    source.columns.flatMap((column) => {
      const folded = foldName(column.name)
      if (wanted === null && source.merged.has(folded)) return []
      const merged = wanted === null ? mergedInto(folded, source, scope) : undefined
      const expression = merged ?? column.expression
      refuseTwice(source, column.name, scope, { offset, emitter })
      const name = column.shown ?? column.name
      return [
        { name, written: name, alias: null, node: null, column: { expression, source }, offset },
      ]
    }),
  )
}

/** SQLite makes `main.t.a` of the column, which must then be one: sqlite3ExpandSubquery and lookupName of select.c, resolve.c. */
function refuseTwice(
  { name, relation }: Source,
  column: string,
  { sources }: Scope,
  { offset, emitter }: { readonly offset: number; readonly emitter: Emitter },
): void {
  const folded = foldName(column)
  const alike = sources.filter(
    (source) =>
      name !== null &&
      source.name !== null &&
      foldName(source.name) === foldName(name) &&
      (source.relation === null) === (relation === null) &&
      !source.merged.has(folded) &&
      source.columns.some((each) => foldName(each.name) === folded),
  )
  if (alike.length < 2) return
  const schema = relation === null ? '*' : 'main'
  throw emitter.wrong(`ambiguous column name: ${schema}.${name}.${column}`, offset)
}

/** What USING made of the column further to the right. */
function mergedInto(folded: string, source: Source, scope: Scope): TypedExpression | undefined {
  const later = scope.sources.slice(scope.sources.indexOf(source) + 1)
  return later.findLast(({ merged }) => merged.has(folded))?.merged.get(folded)
}

/** The item's value in a query's result scope. */
export function itemValue(item: ResultItem, scope: Scope, emitter: Emitter): TypedExpression {
  if (item.node !== null) return emitter.value(item.node, scope)
  const { expression, source } = item.column as NonNullable<ResultItem['column']>
  if (scope.grouping === null) return expression
  return groupedColumn(expression, source, scope.grouping)
}

/** Names for PostgreSQL: SQLite's where they can be had, unique in any case. */
export function sqlNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>()
  return names.map((name, index) => {
    const usable = name !== '' && Buffer.byteLength(name) <= MAX_NAME_BYTES && !taken.has(name)
    let own = usable ? name : `c${index + 1}`
    while (taken.has(own)) own += '_'
    taken.add(own)
    return quoteName(own)
  })
}

export function emittedColumn(
  name: string,
  sqlName: string,
  expression: TypedExpression,
  written: string = name,
): EmittedColumn {
  return { name, written, sqlName, expression, result: resultColumn(name, expression) }
}

/** The columns with each value in the form that takes the server the least. */
export function asShown(columns: readonly EmittedColumn[]): readonly EmittedColumn[] {
  return columns.map((column) => {
    const { expression, result } = column
    const shown = shownOf(expression)
    if (shown === undefined) return column
    const { sql, decoder } = shown
    return { ...column, expression: { ...expression, sql }, result: { ...result, decoder } }
  })
}

/** The columns by the names that they have for a query around theirs. */
export function asWritten(columns: readonly EmittedColumn[]): readonly EmittedColumn[] {
  return columns.map((column) => ({ ...column, name: column.written }))
}

function resultColumn(name: string, expression: TypedExpression): ResultColumn {
  const { type } = expression
  const holdsNumbers = type === 'text' && !isTextual(expression)
  return { name, decoder: holdsNumbers ? 'numeric-text' : type }
}

/** The aliases of a result, which other clauses may use. */
export function aliasesOf(nodes: SelectFrom['columns']): Scope['aliases'] {
  return nodes.flatMap((node) =>
    node.type === 'ExprResultColumn' && node.alias !== undefined
      ? [{ name: node.alias.name.text, expr: node.expr }]
      : [],
  )
}
