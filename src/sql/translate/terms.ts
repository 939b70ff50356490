import type { Expr } from 'sqlite3-parser'
import type { Term } from './emitter.ts'

/** Notes what the parts of a WHERE or an ON are that AND and OR join. */
export function noteTerms(condition: Expr, terms: Map<Expr, Term>): void {
  const stack: [Expr, Term][] = [[condition, 'conjunct']]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [node, term] = next
    terms.set(node, term)
    if (node.type === 'ParenthesizedExpr' && node.exprs.length === 1 && node.exprs[0])
      stack.push([node.exprs[0], term])
    if (node.type !== 'BinaryExpr' || (node.op !== 'And' && node.op !== 'Or')) continue
    const own = node.op === 'Or' ? 'alternative' : term
    stack.push([node.left, own], [node.right, own])
  }
}
