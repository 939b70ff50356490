import type { FunctionCallExpr, FunctionCallStarExpr } from 'sqlite3-parser'
import type { Emitter, Observed } from './emitter.ts'
import type { Scope } from './scope.ts'

/**
 * An aggregate belongs to the innermost query of which it reads a column. In a subquery, `max(a.x)` of the query
 * around it makes that an aggregate query, on both places; what is bare in it would have to be known beforehand.
 * @param scope in which its arguments are read.
 * @param read what its arguments have read
 */
export function refuseOuter(
  node: FunctionCallExpr | FunctionCallStarExpr,
  scope: Scope,
  read: Observed<unknown>['read'],
  emitter: Emitter,
): void {
  if (read.has(scope.sources)) return
  for (let outer = scope.parent; outer !== null; outer = outer.parent) {
    if (!read.has(outer.sources)) continue
    const construct = `${node.name.name}() of another query's columns in a subquery`
    throw emitter.unsupported(construct, node.span.offset, 'Compute it in the query that has them')
  }
}
