import type { Expr, SelectFrom, SortedColumn } from 'sqlite3-parser'
import type { Translation } from '../translation.ts'
import { foldName } from '../quote.ts'
import type { EmittedColumn, Emitter } from './emitter.ts'
import type { TypedExpression } from './expression.ts'
import { nth } from './grouping.ts'
import { collationOfTerm, isFixed, ordinalOf, type Direction } from './order.ts'
import { itemValue, type ResultItem } from './results.ts'
import type { Scope } from './scope.ts'

export interface OrderTerm {
  readonly value: TypedExpression
  readonly direction: Direction
  /** The output column that the term names, by its position, or null. */
  readonly position: number | null
}

/** The terms of a SELECT's ORDER BY: a position, an alias, or an expression. */
export function sortedBy(
  nodes: readonly SortedColumn[] | undefined,
  items: readonly ResultItem[],
  columns: readonly EmittedColumn[],
  scope: Scope,
  emitter: Emitter,
): readonly OrderTerm[] {
  return (nodes ?? []).flatMap((direction, index) => {
    const { expr } = direction
    const position = positionOf(expr, index, items, emitter)
    const item = position === null ? undefined : items[position]
    const collation = collationOfTerm(expr)
    const own = item === undefined ? emitter.value(expr, scope) : itemValue(item, scope, emitter)
    const value = collation === undefined ? own : emitter.collate(own, collation)
    if (isFixed(value)) return []
    const same = columns.findIndex(({ expression }) => expression.sql === value.sql)
    const named = collation === undefined ? position : null
    return [{ value, direction, position: named ?? (same < 0 ? null : same) }]
  })
}

export function positionOf(
  expr: Expr,
  index: number,
  items: readonly { readonly alias: string | null }[],
  emitter: Emitter,
): number | null {
  const ordinal = ordinalOf(expr)
  if (ordinal !== undefined) {
    if (ordinal >= 1 && ordinal <= items.length) return ordinal - 1
    const message = `${nth(index)} ORDER BY term out of range - should be between 1 and ${items.length}`
    throw emitter.wrong(message, expr.span.offset)
  }
  if (expr.type !== 'Id') return null
  const folded = foldName(expr.name)
  const found = items.findIndex(({ alias }) => alias !== null && foldName(alias) === folded)
  return found < 0 ? null : found
}

/**
 * What is known of the order of the rows: `total` where no two rows can tie (a single row, or a unique key of
 * the only table, or every group key, or every column of a DISTINCT).
 */
export function resultOrder(
  terms: readonly OrderTerm[],
  scope: Scope,
  isSingle: boolean,
  select: SelectFrom,
  columns: readonly EmittedColumn[],
): Translation['order'] {
  if (isSingle) return 'total'
  if (terms.length === 0) return 'none'
  if (select.distinctness === 'Distinct') {
    const isSorted = ({ expression }: EmittedColumn, index: number): boolean =>
      terms.some(({ position, value }) => position === index && isTold(expression, value))
    return columns.every(isSorted) ? 'total' : 'some'
  }
  if ((select.groupBy?.length ?? 0) > 0) return 'some'
  return hasUniqueKey(terms, scope) ? 'total' : 'some'
}

function hasUniqueKey(terms: readonly OrderTerm[], scope: Scope): boolean {
  const [source, second] = scope.sources
  if (source?.relation == null || second !== undefined) return false
  const isSorted = (own: TypedExpression): boolean =>
    terms.some(({ value }) => value.sql === own.sql && isTold(own, value))
  if (source.rowid !== null && isSorted(source.rowid)) return true
  return source.relation.uniqueKeys.some(
    ({ parts, where }) =>
      where === null &&
      parts.every(({ column, collation }) => {
        const own = source.columns.find(({ name }) => name === column)?.expression
        const isExact = own !== undefined && own.notNull && collation === own.collation
        return isExact && isSorted(own)
      }),
  )
}

/** Rows that the order takes for one by another collation are ties. */
function isTold(own: TypedExpression, sorting: TypedExpression): boolean {
  return sorting.type === 'integer' || own.collation === sorting.collation
}
