import type { Expr } from 'sqlite3-parser'
import type { Relation } from '../catalog.ts'
import { hasUnknownRowids } from '../last-insert-rowid.ts'
import { foldName } from '../quote.ts'
import type { Emitter } from './emitter.ts'
import { typed, type TypedExpression } from './expression.ts'
import { integerLiteral } from './literals.ts'
import { noRowid, rowidNames } from './rowid-names.ts'
import { groupedColumn, type Scope, type Source } from './scope.ts'
import { hasWindow } from './walk.ts'

export interface ColumnName {
  readonly schema: string | null
  readonly table: string | null
  readonly column: string
  readonly offset: number
  /** In double quotes, so that the application may have meant a text. */
  readonly doubleQuoted: boolean
}

/** A column reference's parts; undefined for every other expression. */
export function columnName(node: Expr, sql: string): ColumnName | undefined {
  const { offset } = node.span
  if (node.type === 'QualifiedExpr') {
    const { schema, table, column } = node
    const names = { schema: schema?.text ?? null, table: table.text, column: column.text }
    return { ...names, offset, doubleQuoted: false }
  }
  if (node.type !== 'Id' && node.type !== 'NameExpr') return undefined
  const column = node.type === 'Id' ? node.name : node.name.text
  return { schema: null, table: null, column, offset, doubleQuoted: sql[offset] === '"' }
}

/** What was found, before grouping. */
export interface FoundColumn {
  /** As SQLite spells it: `id` where an INTEGER PRIMARY KEY was reached as `rowid`. */
  readonly name: string
  readonly expression: TypedExpression
  readonly source: Source
  readonly scope: Scope
}

/** The innermost query that has the column; undefined where none has. Throws where two tables of one have it. */
export function findColumn(
  name: ColumnName,
  from: Scope | null,
  emitter: Emitter,
): FoundColumn | undefined {
  for (let scope = from; scope !== null; scope = scope.parent) {
    const found = findHere(name, scope, emitter)
    if (found !== undefined) return found
    if (aliasOf(name, scope) !== undefined) return undefined
  }
  return undefined
}

function findHere(name: ColumnName, scope: Scope, emitter: Emitter): FoundColumn | undefined {
  const folded = foldName(name.column)
  const table = name.table === null ? null : foldName(name.table)
  const sources = scope.sources.filter(
    (source) =>
      table === null ||
      (source.name !== null && foldName(source.name) === table && isOfSchema(source, name.schema)),
  )
  let found: FoundColumn | undefined
  for (const source of sources) {
    const known =
      source.hidden === undefined ? source.columns : [...source.columns, ...source.hidden]
    const columns = known.filter((column) => foldName(column.name) === folded)
    const [column] = columns
    if (column === undefined) continue
    const merged = table === null ? source.merged.get(folded) : undefined
    if ((found !== undefined && merged === undefined) || columns.length > 1) {
      throw emitter.wrong(`ambiguous column name: ${spelled(name)}`, name.offset)
    }
    found = { name: column.name, expression: merged ?? column.expression, source, scope }
  }
  return found ?? (rowidNames.has(folded) ? rowidOf(name, sources, scope, emitter) : undefined)
}

/** There is no schema but `main`, and nothing in it but tables and views, under their aliases also. */
function isOfSchema({ relation }: Source, schema: string | null): boolean {
  return schema === null || (foldName(schema) === 'main' && relation !== null)
}

/** The only table among them whose rows have a rowid, which views, queries and tables WITHOUT ROWID have not. */
function rowidOf(
  name: ColumnName,
  sources: readonly Source[],
  scope: Scope,
  emitter: Emitter,
): FoundColumn | undefined {
  const [source, second] = sources.filter(isNumbered)
  if (source === undefined) return undefined
  if (second !== undefined) {
    throw emitter.wrong(`ambiguous column name: ${spelled(name)}`, name.offset)
  }
  if (source.rowid === null) throw noRowid(source.relation as Relation, name.offset, emitter)
  return { name: source.rowid.column?.name ?? 'rowid', expression: source.rowid, source, scope }
}

function isNumbered({ rowid, relation }: Source): boolean {
  return rowid !== null || (relation !== null && hasUnknownRowids(relation))
}

export function aliasOf(name: ColumnName, scope: Scope): Expr | undefined {
  if (name.table !== null) return undefined
  const folded = foldName(name.column)
  return scope.aliases.find((alias) => foldName(alias.name) === folded)?.expr
}

/** A name as an expression: a column, else an alias of the result, else TRUE or FALSE. */
export function resolve(name: ColumnName, from: Scope, emitter: Emitter): TypedExpression {
  const found = findColumn(name, from, emitter)
  if (found !== undefined) {
    const { expression, scope, source } = found
    emitter.read(scope.sources)
    if (scope.grouping === null) return expression
    return groupedColumn(expression, source, scope.grouping)
  }
  for (let scope: Scope | null = from; scope !== null; scope = scope.parent) {
    const alias = aliasOf(name, scope)
    if (alias === undefined) continue
    // A window is one of the rows of its own query, and there is none before these are read.
    if (hasWindow([alias]) && (scope !== from || !scope.windows)) {
      throw emitter.wrong(`misuse of aliased window function ${name.column}`, name.offset)
    }
    return emitter.expression(alias, { ...scope, aliases: [] })
  }
  if (name.table === null && !name.doubleQuoted) {
    if (/^true$/i.test(name.column)) return integerLiteral(1n)
    if (/^false$/i.test(name.column)) return integerLiteral(0n)
  }
  throw emitter.wrong(`no such column: ${missing(name)}`, name.offset)
}

function spelled({ schema, table, column }: ColumnName): string {
  return [schema, table, column].filter((part) => part !== null).join('.')
}

function missing(name: ColumnName): string {
  if (!name.doubleQuoted) return spelled(name)
  return `"${name.column}" - should this be a string literal in single-quotes?`
}

/** The same column in a row that an outer join may leave out. */
export function nullable(expression: TypedExpression): TypedExpression {
  return typed(expression.sql, expression.type, { ...expression, notNull: false })
}
