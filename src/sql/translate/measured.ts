import type { Expr, FrameClause, Window } from 'sqlite3-parser'
import type { Emitter } from './emitter.ts'
import { isFixed, sortTerms } from './order.ts'
import type { Scope } from './scope.ts'
import { unwrap } from './syntax.ts'

/**
 * The ORDER BY of `RANGE 5 PRECEDING` and its like, whose distances are those of SQLite's values; null for another window. A
 * window that builds on one with an order has none of its own. PostgreSQL takes no fraction for the distance of INTEGERs, which
 * are doubles there, and fail from 2^53 on.
 */
export function measuredTerms(
  { orderBy = [], frameClause }: Window,
  scope: Scope,
  emitter: Emitter,
): readonly string[] | null {
  const [node, second] = orderBy
  const distances = frameClause?.mode === 'Range' ? distancesOf(frameClause) : []
  if (node === undefined || distances.length === 0) return null
  if (second !== undefined) {
    const message = 'RANGE with offset PRECEDING/FOLLOWING requires one ORDER BY expression'
    throw emitter.wrong(message, second.span.offset)
  }
  const { native: _, ...value } = emitter.value(node.expr, scope)
  if (isFixed(value)) return []
  if (value.type === 'integer' && distances.some(isFraction))
    return sortTerms({ ...value, sql: `sqlite.narrow(${value.sql})` }, node)
  if (value.type === 'integer' || value.type === 'real' || value.type === 'numeric')
    return sortTerms(value, node)
  throw emitter.unsupported(
    'A RANGE of distances between values that may be no numbers',
    node.span.offset,
    'CAST what it is ordered by AS INTEGER or AS REAL',
  )
}

function distancesOf({ start, end }: FrameClause): readonly Expr[] {
  return [start, end].flatMap((bound) => (bound !== undefined && 'expr' in bound ? bound.expr : []))
}

function isFraction(node: Expr): boolean {
  const inner = unwrap(node)
  return inner.type === 'NumericLiteral' && /^(?!0x).*[.e]/i.test(inner.value)
}
