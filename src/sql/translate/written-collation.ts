import type { CollateExpr, Expr } from 'sqlite3-parser'
import { childExpressions } from './walk.ts'

/**
 * The COLLATE that decides for a whole expression, wherever it stands in it: the first of its operands and arguments,
 * from the left. One behind an alias or in a subquery is none of it, as SQLite looks for it while it parses. `row`
 * where a row value has it in another place than its first, of which SQLite makes nothing but that there is one.
 * EP_Collate and sqlite3ExprCollSeq of expr.c
 */
export function writtenCollation(node: Expr): Written {
  if (node.type === 'CollateExpr') return node
  if (found.has(node)) return found.get(node)
  const written = ofOperands(node)
  found.set(node, written)
  return written
}

/** Each level of an expression asks, and looks through all that is below it but for this. */
const found = new WeakMap<Expr, Written>()

type Written = CollateExpr | 'row' | undefined

function ofOperands(node: Expr): Written {
  for (const [index, operand] of operandsOf(node).entries()) {
    const written = writtenCollation(operand)
    if (written === undefined) continue
    return index > 0 && node.type === 'ParenthesizedExpr' ? 'row' : written
  }
  return undefined
}

/** In the order in which SQLite keeps them; what FILTER, OVER and ORDER BY of a function hold is not among them. */
function operandsOf(node: Expr): readonly Expr[] {
  switch (node.type) {
    case 'FunctionCallExpr':
      return node.args ?? []
    case 'FunctionCallStarExpr':
      return []
    case 'LikeExpr':
      // It is the function like(PATTERN, VALUE, ESCAPE).
      return [node.rhs, node.lhs, ...(node.escape === undefined ? [] : [node.escape])]
    case 'InListExpr':
      // Of an empty list SQLite makes a constant.
      return node.rhs === undefined || node.rhs.length === 0 ? [] : childExpressions(node)
    default:
      return childExpressions(node)
  }
}
