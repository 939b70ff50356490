import type { AstNode, FunctionCallExpr, FunctionCallStarExpr } from 'sqlite3-parser'
import type { Emitter } from './emitter.ts'
import { columnName, findColumn } from './names.ts'
import type { Scope } from './scope.ts'
import { descendants } from './syntax.ts'

/**
 * An aggregate belongs to the innermost query of which it reads a column. In a subquery, `max(a.x)` of the query
 * around it makes that an aggregate query, on both places; what is bare in it would have to be known beforehand.
 * @param scope in which its arguments are read.
 */
export function refuseOuter(
  node: FunctionCallExpr | FunctionCallStarExpr,
  scope: Scope,
  emitter: Emitter,
): void {
  if (scope.parent === null || node.type === 'FunctionCallStarExpr') return
  const parts: readonly (AstNode | undefined)[] = [...(node.args ?? []), node.filterOver]
  const scopes = parts.flatMap((part) => (part === undefined ? [] : scopesOf(part, scope, emitter)))
  if (scopes.length === 0 || scopes.some(({ sources }) => sources === scope.sources)) return
  const construct = `${node.name.name}() of another query's columns in a subquery`
  throw emitter.unsupported(construct, node.span.offset, 'Compute it in the query that has them')
}

/** The queries whose columns are read. */
function scopesOf(part: AstNode, from: Scope, emitter: Emitter): Scope[] {
  return [...descendants(part)].flatMap((each) => {
    const isName = each.type === 'Id' || each.type === 'QualifiedExpr' || each.type === 'NameExpr'
    const name = isName ? columnName(each, emitter.sql) : undefined
    return (name && findColumn(name, from, emitter)?.scope) ?? []
  })
}
