import type { ComparisonOperator } from './comparison.ts'
import { asValue, type TypedExpression } from './expression.ts'

/** What a double tells apart from its neighbours. */
const EXACT = 2 ** 53

/**
 * An INTEGER beside a REAL: PostgreSQL makes a double of the INTEGER, which from 2^53 on is another number, where
 * SQLite compares the two exactly. Undefined where a double is enough. The plain comparison stands before the exact
 * one, so that an index can be used.
 */
export function mixedNumbers(
  left: TypedExpression,
  operator: ComparisonOperator,
  right: TypedExpression,
): string | undefined {
  const [a, b] = [asValue(left), asValue(right)]
  if (a.type === 'real' && b.type === 'integer') return mixedNumbers(b, turned(operator), a)
  if (a.type !== 'integer' || b.type !== 'real' || isExact(a) || isExact(b)) return undefined
  const exact = `sqlite.compare_number(${a.sql}, ${b.sql}) ${operator} 0`
  if (operator === '<>') return `(${exact})`
  const near = operator === '<' ? '<=' : operator === '>' ? '>=' : operator
  return `(${a.sql} ${near} ${b.sql} AND ${exact})`
}

function isExact({ literal }: TypedExpression): boolean {
  if (typeof literal !== 'bigint' && typeof literal !== 'number') return false
  return Math.abs(Number(literal)) < EXACT
}

function turned(operator: ComparisonOperator): ComparisonOperator {
  switch (operator) {
    case '<':
      return '>'
    case '<=':
      return '>='
    case '>':
      return '<'
    case '>=':
      return '<='
    default:
      return operator
  }
}
