import type { FunctionCallExpr } from 'sqlite3-parser'
import { quoteText } from '../quote.ts'
import type { Emitter } from './emitter.ts'
import type { TypedExpression } from './expression.ts'
import { sortTerms } from './order.ts'
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
  const extreme = extremeOf(aggregates, scope, emitter)
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

function isOf({ sql }: TypedExpression, { columns, rowid }: Source): boolean {
  return rowid?.sql === sql || columns.some(({ expression }) => expression.sql === sql)
}

interface Extreme {
  readonly sql: string
  readonly terms: readonly string[]
}

function extremeOf(
  aggregates: readonly FunctionCallExpr[],
  scope: Scope,
  emitter: Emitter,
): Extreme | null {
  const call = aggregates.findLast(({ name }) => /^(?:min|max)$/i.test(name.name))
  if (call?.args?.[0] === undefined) return null
  const order = /^max$/i.test(call.name.name) ? 'Desc' : 'Asc'
  const value = emitter.value(call.args[0], { ...scope, aggregates: false })
  return { sql: value.sql, terms: sortTerms(value, { order, nulls: 'Last' }) }
}

function orderWith(extreme: Extreme | null, keys: readonly string[]): readonly string[] {
  if (extreme === null) return keys
  // As long as SQLite has met only NULLs, each row takes the place of the one before.
  const last = keys.map(
    (key) => `(CASE WHEN ${extreme.sql} IS NULL THEN ${key} END) DESC NULLS FIRST`,
  )
  return [...extreme.terms, ...last, ...keys]
}

/** Of the first row in an order, which may be left out where all rows are alike. */
export function firstOf({ sql }: TypedExpression, order = ''): string {
  return `(array_agg(${sql}${order === '' ? '' : ` ORDER BY ${order}`}))[1]`
}

function only(value: TypedExpression): string {
  const [text, count] = [textOf(value), `count(${value.sql})`]
  const isFull = value.notNull ? '' : ` AND ${count} IN (0, count(*))`
  return required(`min(${text}) IS NOT DISTINCT FROM max(${text})${isFull}`, firstOf(value, ''))
}

/** The smallest and the largest of the rows that have the extreme are the same. */
function onlyExtreme(value: TypedExpression, { terms }: Extreme): string {
  const [up, down] = ['', ' DESC'].map((direction) =>
    firstOf(value, [...terms, `${textOf(value)}${direction}`].join(', ')),
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
