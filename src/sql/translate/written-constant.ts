import type { Expr } from 'sqlite3-parser'
import { functions } from '../functions/functions.ts'
import { foldName } from '../quote.ts'
import { childExpressions } from './walk.ts'

const VARYING: ReadonlySet<string> = new Set([
  'NameExpr',
  'QualifiedExpr',
  'SubqueryExpr',
  'ExistsExpr',
  'InSelectExpr',
  'InTableExpr',
  'RaiseExpr',
  'FunctionCallStarExpr',
])

/** SQLite takes the expression for a constant while it parses, when no name is known yet: sqlite3ExprIsConstant of expr.c */
export function isWrittenConstant(node: Expr): boolean {
  const stack = [node]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (isVarying(next)) return false
    for (const child of childExpressions(next)) stack.push(child)
  }
  return true
}

function isVarying(node: Expr): boolean {
  if (node.type === 'Id') return !/^(?:true|false)$/i.test(node.name)
  if (node.type !== 'FunctionCallExpr') return VARYING.has(node.type)
  const known = functions.find(foldName(node.name.name), node.args?.length ?? 0)
  return known?.kind !== 'scalar' || known.volatility === 'volatile'
}
