import type { AstNode, Expr, SelectFrom } from 'sqlite3-parser'
import type { Emitter } from './emitter.ts'
import { aggregatesIn } from './grouping.ts'
import { subqueriesIn, tablesNamedIn } from './syntax.ts'
import { childExpressions } from './walk.ts'

/**
 * What SQLite refuses in the arm of a recursive table that reads the table itself, in its words.
 * https://www.sqlite.org/lang_with.html#recursive_common_table_expressions
 * @param name of the table, folded
 * @param uses how often FROM names it
 */
export function checkRecursiveArm(
  arm: SelectFrom,
  name: string,
  uses: number,
  emitter: Emitter,
): void {
  const { offset } = arm.span
  if (uses > 1) throw emitter.wrong(`multiple references to recursive table: ${name}`, offset)
  const results = arm.columns.flatMap((column) =>
    column.type === 'ExprResultColumn' ? [column.expr] : [],
  )
  const others = [arm.whereClause, arm.having, ...(arm.groupBy ?? [])].flatMap((each) => each ?? [])
  const nodes: AstNode[] = [...results, ...others, ...(arm.windowClause ?? [])]
  const again = nodes.some((node) =>
    subqueriesIn(node).some((subquery) => tablesNamedIn(subquery).has(name)),
  )
  if (again) throw emitter.wrong(`multiple recursive references: ${name}`, offset)
  if ((arm.groupBy?.length ?? 0) > 0 || aggregatesIn(results).length > 0)
    throw emitter.wrong('recursive aggregate queries not supported', offset)
  if (results.some(isWindowed))
    throw emitter.wrong('cannot use window functions in recursive queries', offset)
}

function isWindowed(node: Expr): boolean {
  const isCall = node.type === 'FunctionCallExpr' || node.type === 'FunctionCallStarExpr'
  if (isCall && node.filterOver?.overClause !== undefined) return true
  return childExpressions(node).some(isWindowed)
}
