import type { FunctionCallExpr } from 'sqlite3-parser'
import { quoteText } from '../quote.ts'
import type { Emitter } from './emitter.ts'
import { typed, type TypedExpression } from './expression.ts'
import { sortTerms } from './order.ts'
import { sameSyntax } from './same-syntax.ts'
import type { Scope, Source } from './scope.ts'
import { readingKeys } from './sources.ts'

/** Of a value that a query of groups shows of one row alone: that row's. */
export type Picker = (value: TypedExpression) => string

/**
 * The row of a group that SQLite shows: with min() or max() one that has it, and of these, or of all, the first that it reads.
 * Where that is not the first by the rowids for sure, the rows must be alike, which the server sees.
 * https://www.sqlite.org/lang_select.html#bareagg
 * @param terms of GROUP BY
 */
export function pickerOf(
  aggregates: readonly FunctionCallExpr[],
  terms: readonly TypedExpression[],
  scope: Scope,
  emitter: Emitter,
): Picker {
  const extremes = extremesOf(aggregates, { ...scope, aggregates: false }, emitter)
  const extreme = extremes.at(-1) ?? null
  // Which of them has the last word hangs on the row before, where one of its calls may be left out.
  const others = terms.length === 0 && extremes.some(({ condition }) => condition === null)
  if (extreme?.distinct || (extreme?.condition != null && others)) return only
  const alike: Picker = extreme === null ? only : (value) => onlyExtreme(value, extreme)
  return (value) => {
    // Joins nest from the left, so that the first row is the first of each table, whatever order those behind it are in.
    const count = scope.sources.findIndex((source) => isOf(value, source)) + 1
    const sources = count === 0 ? scope.sources : scope.sources.slice(0, count)
    const keys = sources.map(readingKeys)
    if (keys.includes(null) || !scope.isReadInOrder(terms, sources.length)) return alike(value)
    return firstOf(value, orderWith(extreme, keys.flat().map(String)).join(', '))
  }
}

/**
 * Of a term of GROUP BY. One that is computed is the first of its group where it is shown whole, and that of the row with the
 * min() or max() inside of another expression, so that beside those the rows must be alike.
 */
export function termPickerOf(
  aggregates: readonly FunctionCallExpr[],
  { sources }: Scope,
  picked: Picker,
): Picker {
  if (!aggregates.some(isExtreme)) return picked
  const columns = sources.flatMap((source) => source.columns.map(({ expression }) => expression))
  // What a subquery computes SQLite may compute in its place; of that no affinity is known.
  const read = columns.filter(({ affinity }) => affinity !== 'none').map(({ sql }) => sql)
  return (value) => (read.includes(value.sql) ? picked(value) : only(value))
}

function isExtreme({ name, args }: FunctionCallExpr): boolean {
  return /^(?:min|max)$/i.test(name.name) && args?.[0] !== undefined
}

function isOf({ sql }: TypedExpression, { columns, rowid }: Source): boolean {
  return rowid?.sql === sql || columns.some(({ expression }) => expression.sql === sql)
}

/** A call of min() or max(). */
interface Extreme {
  readonly node: FunctionCallExpr
  /** What is compared: NULL in rows that its FILTER leaves out. */
  readonly sql: string
  /** Its FILTER's, or null. */
  readonly condition: string | null
  readonly distinct: boolean
  readonly terms: readonly string[]
}

/** In SQLite's order, in which those that are the same are one. */
function extremesOf(
  aggregates: readonly FunctionCallExpr[],
  scope: Scope,
  emitter: Emitter,
): readonly Extreme[] {
  const found: Extreme[] = []
  for (const node of aggregates) {
    const extreme = extremeOf(node, scope, emitter)
    const isKnown = found.some(
      (each) => each.sql === extreme?.sql && sameSyntax(each.node, extreme.node),
    )
    if (extreme !== null && !isKnown) found.push(extreme)
  }
  return found
}

function extremeOf(node: FunctionCallExpr, scope: Scope, emitter: Emitter): Extreme | null {
  const { name, args, filterOver, distinctness } = node
  if (!isExtreme(node) || args?.[0] === undefined) return null
  const order = /^max$/i.test(name.name) ? 'Desc' : 'Asc'
  const filter = filterOver?.filterClause
  const condition = filter === undefined ? null : emitter.condition(filter, scope)
  const value = filtered(emitter.value(args[0], scope), condition)
  const terms = sortTerms(value, { order, nulls: 'Last' })
  return { node, sql: value.sql, condition, distinct: distinctness === 'Distinct', terms }
}

function filtered(value: TypedExpression, condition: string | null): TypedExpression {
  if (condition === null) return value
  const { type, collation } = value
  return typed(`(CASE WHEN ${condition} THEN ${value.sql} END)`, type, { collation })
}

/** Rows that FILTER leaves out count where it leaves out all: then the first is shown. */
function orderOf({ terms, condition }: Extreme): readonly string[] {
  return condition === null ? terms : [...terms, `((${condition}) IS TRUE) DESC`]
}

function orderWith(extreme: Extreme | null, keys: readonly string[]): readonly string[] {
  if (extreme === null) return keys
  // As long as SQLite has met only NULLs, each row takes the place of the one before.
  const { sql, condition } = extreme
  const isNull = condition === null ? `${sql} IS NULL` : `${sql} IS NULL AND ${condition}`
  const last = keys.map((key) => `(CASE WHEN ${isNull} THEN ${key} END) DESC NULLS FIRST`)
  return [...orderOf(extreme), ...last, ...keys]
}

/** Of the first row in an order, which may be left out where all rows are alike. */
export function firstOf({ sql }: TypedExpression, order = ''): string {
  return `(array_agg(${sql}${order === '' ? '' : ` ORDER BY ${order}`}))[1]`
}

function only(value: TypedExpression): string {
  const [text, count] = [textOf(value), `count(${value.sql})`]
  const isFull = value.notNull ? '' : ` AND ${count} IN (0, ${rowCount(value)})`
  return required(`min(${text}) IS NOT DISTINCT FROM max(${text})${isFull}`, firstOf(value, ''))
}

/**
 * How many rows the value's query has. A `count(*)` in a subquery counts the rows of that, as nothing in it says which it is of.
 * https://www.postgresql.org/docs/current/sql-expressions.html#SYNTAX-AGGREGATES
 */
export function rowCount({ sql }: TypedExpression): string {
  return `count(${sql} IS NULL)`
}

/** The smallest and the largest of the rows that have the extreme are the same. */
function onlyExtreme(value: TypedExpression, extreme: Extreme): string {
  const [up, down] = ['', ' DESC'].map((direction) =>
    firstOf(value, [...orderOf(extreme), `${textOf(value)}${direction}`].join(', ')),
  )
  return required(`(${up})::text IS NOT DISTINCT FROM (${down})::text`, String(up))
}

function textOf({ sql }: TypedExpression): string {
  return `${sql}::text COLLATE "C"`
}

function required(condition: string, sql: string): string {
  return `(CASE WHEN sqlite.require(${condition}, ${quoteText(refusal)}) THEN ${sql} END)`
}

const refusal =
  'A value that differs between the rows of a group, of which SQLite shows the one that it reads first. Say which you want: min(), max(), or GROUP BY'
