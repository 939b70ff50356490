import type { ComparisonOperator } from './comparison.ts'
import type { TypedExpression } from './expression.ts'

/** What a double tells apart from its neighbours. */
const EXACT = 2 ** 53

/**
 * An INTEGER beside a double: PostgreSQL makes a double of the INTEGER, which from 2^53 on is another number, where
 * SQLite compares the two exactly.
 */
export interface MixedNumbers {
  readonly integer: string
  readonly double: string
  readonly isTurned: boolean
}

/** Null where a double is enough. */
export function mixedNumbers(left: TypedExpression, right: TypedExpression): MixedNumbers | null {
  if (isDouble(left) && right.type === 'integer') {
    const mixed = mixedNumbers(right, left)
    return mixed && { ...mixed, isTurned: true }
  }
  if (left.type !== 'integer' || !isDouble(right) || isExact(left) || isExact(right)) return null
  return { integer: left.sql, double: right.sql, isTurned: false }
}

function isDouble({ type }: TypedExpression): boolean {
  return type === 'real' || type === 'numeric'
}

function isExact({ literal }: TypedExpression): boolean {
  if (typeof literal !== 'bigint' && typeof literal !== 'number') return false
  return Math.abs(Number(literal)) < EXACT
}

/** The plain comparison stands before the exact one, so that an index can be used. */
export function mixedComparison(
  { integer, double, isTurned }: MixedNumbers,
  operator: ComparisonOperator,
): string {
  const own = isTurned ? turned(operator) : operator
  const exact = `sqlite.compare_number(${integer}, ${double}) ${own} 0`
  if (own === '<>') return `(${exact})`
  const near = own === '<' ? '<=' : own === '>' ? '>=' : own
  return `(${integer} ${near} ${double} AND ${exact})`
}

export function turned(operator: ComparisonOperator): ComparisonOperator {
  const opposite = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const
  return operator === '=' || operator === '<>' ? operator : opposite[operator]
}
