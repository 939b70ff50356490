import type { Expr, SortedColumn } from 'sqlite3-parser'
import { sortKeys } from './comparison.ts'
import type { Emitter } from './emitter.ts'
import type { TypedExpression } from './expression.ts'
import type { Scope } from './scope.ts'

/** The direction of a term and where its NULLs go. */
export type Direction = Pick<SortedColumn, 'order' | 'nulls'>

/**
 * The sort keys of one value. NULL is the smallest value to SQLite; nothing is said of it where there can be
 * none, so that an index which says nothing either can be used.
 */
export function sortTerms(value: TypedExpression, direction: Direction): readonly string[] {
  const descending = direction.order === 'Desc'
  const first = direction.nulls === undefined ? !descending : direction.nulls === 'First'
  // PostgreSQL's own rule: NULLs last, or first where the order is descending.
  const isDefault = first === descending
  const nulls = value.notNull || isDefault ? '' : ` NULLS ${first ? 'FIRST' : 'LAST'}`
  return sortKeys(value).map((key) => `${key}${descending ? ' DESC' : ''}${nulls}`)
}

/** The terms of an ORDER BY whose expressions are read in a scope: in windows, aggregates, UPDATE and DELETE. */
export function orderTerms(
  nodes: readonly SortedColumn[],
  scope: Scope,
  emitter: Emitter,
): readonly string[] {
  return nodes.flatMap((node) => {
    const value = emitter.value(node.expr, scope)
    return isFixed(value) ? [] : sortTerms(value, node)
  })
}

/** The same for a frame of distances, which are those of SQLite's values. */
export function measuredTerms(
  nodes: readonly SortedColumn[],
  scope: Scope,
  emitter: Emitter,
): readonly string[] {
  return nodes.flatMap((node) => {
    const { native: _, ...value } = emitter.value(node.expr, scope)
    return isFixed(value) ? [] : sortTerms(value, node)
  })
}

/** A literal sorts nothing, and PostgreSQL would take a number for a position. */
export function isFixed({ literal, type }: TypedExpression): boolean {
  return literal !== undefined || type === 'null'
}

/** A whole number alone is a position among the result's columns; parentheses and signs make no difference. */
export function ordinalOf(node: Expr): number | undefined {
  if (node.type === 'ParenthesizedExpr' && node.exprs.length === 1 && node.exprs[0] !== undefined) {
    return ordinalOf(node.exprs[0])
  }
  if (node.type === 'UnaryExpr' && (node.op === 'Negative' || node.op === 'Positive')) {
    const inner = ordinalOf(node.expr)
    return inner === undefined || node.op === 'Positive' ? inner : -inner
  }
  if (node.type !== 'NumericLiteral' || !/^\d+$/.test(node.value)) return undefined
  const value = Number(node.value)
  return value <= 2_147_483_647 ? value : undefined
}
