import type { Expr, Window } from 'sqlite3-parser'

/** The expressions right under one, not those of subqueries. */
export function childExpressions(node: Expr): readonly Expr[] {
  switch (node.type) {
    case 'BetweenExpr':
      return [node.lhs, node.start, node.end]
    case 'BinaryExpr':
      return [node.left, node.right]
    case 'CaseExpr': {
      const pairs = node.whenThenPairs.flatMap(({ when, then }) => [when, then])
      return present([node.base, ...pairs, node.elseExpr])
    }
    case 'CastExpr':
    case 'CollateExpr':
    case 'UnaryExpr':
    case 'IsNullExpr':
    case 'NotNullExpr':
      return [node.expr]
    case 'InListExpr':
      return [node.lhs, ...(node.rhs ?? [])]
    case 'InSelectExpr':
    case 'InTableExpr':
      return [node.lhs]
    case 'LikeExpr':
      return present([node.lhs, node.rhs, node.escape])
    case 'ParenthesizedExpr':
      return node.exprs
    case 'FunctionCallExpr':
    case 'FunctionCallStarExpr':
      return callChildren(node)
    default:
      return []
  }
}

/** A window function stands in one of them, by which SQLite sorts the rows of the query; those of subqueries do not count. */
export function hasWindow(nodes: readonly Expr[]): boolean {
  const stack = [...nodes]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if ('filterOver' in node && node.filterOver?.overClause !== undefined) return true
    for (const child of childExpressions(node)) stack.push(child)
  }
  return false
}

function callChildren(
  node: Extract<Expr, { type: 'FunctionCallExpr' | 'FunctionCallStarExpr' }>,
): readonly Expr[] {
  const args = node.type === 'FunctionCallExpr' ? (node.args ?? []) : []
  const over = node.filterOver?.overClause
  const window = over?.type === 'WindowOver' ? windowChildren(over.window) : []
  return present([...args, node.filterOver?.filterClause, ...window])
}

function windowChildren({ partitionBy, orderBy }: Window): readonly Expr[] {
  return [...(partitionBy ?? []), ...(orderBy ?? []).map(({ expr }) => expr)]
}

function present(nodes: readonly (Expr | undefined)[]): readonly Expr[] {
  return nodes.flatMap((node) => node ?? [])
}
