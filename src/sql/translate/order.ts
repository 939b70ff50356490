import type { CollateExpr, Expr, SortedColumn } from 'sqlite3-parser'
import { sortKeys } from './comparison.ts'
import type { Emitter } from './emitter.ts'
import type { TypedExpression } from './expression.ts'
import type { Scope } from './scope.ts'
import { unwrap } from './syntax.ts'

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

/** A literal sorts nothing, and PostgreSQL would take a number for a position. */
export function isFixed({ literal, type }: TypedExpression): boolean {
  return literal !== undefined || type === 'null'
}

/**
 * A whole number alone is a position among the result's columns; parentheses, signs and a collation make no difference, and
 * whether a literal is NULL SQLite has made a number of before it looks: sqlite3PExprIsNull of parse.y
 */
export function ordinalOf(node: Expr): number | undefined {
  const inner = unwrap(node)
  if (inner.type === 'CollateExpr') return ordinalOf(inner.expr)
  if (inner.type === 'UnaryExpr' && (inner.op === 'Negative' || inner.op === 'Positive')) {
    const value = ordinalOf(inner.expr)
    return value === undefined || inner.op === 'Positive' ? value : -value
  }
  const tested = testedForNull(inner)
  if (tested !== undefined) return isPlainLiteral(tested.of) ? tested.ordinal : undefined
  if (inner.type !== 'NumericLiteral' || !/^\d+$/.test(inner.value)) return undefined
  const value = Number(inner.value)
  return value <= 2_147_483_647 ? value : undefined
}

/** The collation that a term is sorted or grouped by, where it names one. */
export function collationOfTerm(node: Expr): CollateExpr | undefined {
  const inner = unwrap(node)
  return inner.type === 'CollateExpr' ? inner : undefined
}

function testedForNull(node: Expr): { readonly of: Expr; readonly ordinal: number } | undefined {
  if (node.type === 'IsNullExpr') return { of: node.expr, ordinal: 0 }
  if (node.type === 'NotNullExpr') return { of: node.expr, ordinal: 1 }
  if (node.type !== 'BinaryExpr' || node.right.type !== 'NullLiteral') return undefined
  if (node.op === 'Is') return { of: node.left, ordinal: 0 }
  return node.op === 'IsNot' ? { of: node.left, ordinal: 1 } : undefined
}

function isPlainLiteral(node: Expr): boolean {
  const inner = unwrap(node)
  if (inner.type === 'UnaryExpr' && (inner.op === 'Negative' || inner.op === 'Positive'))
    return isPlainLiteral(inner.expr)
  return ['NumericLiteral', 'StringLiteral', 'BlobLiteral'].includes(inner.type)
}
