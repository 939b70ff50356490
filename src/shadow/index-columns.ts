import type { AstNode, Expr } from 'sqlite3-parser'
import type { Table } from '../schema/model.ts'
import { parseStatements } from '../sql/parser.ts'
import { foldName } from '../sql/quote.ts'
import { descendants, unwrap } from '../sql/translate/syntax.ts'

/**
 * The columns of a table by which a statement looks for its rows, in the order in which an index serves it: those that
 * must equal something, then one that must lie in a range. Empty where no condition names one.
 * @param alias the name that the statement calls the table by
 */
export function indexColumns(sql: string, table: Table, alias: string): string[] {
  const equal = new Set<string>()
  const ranged = new Set<string>()
  for (const statement of parseStatements(sql)) {
    for (const condition of conditionsIn(statement)) {
      const [into, sides] = compared(condition, equal, ranged)
      for (const side of sides) {
        const column = columnOf(side, table, alias)
        if (column !== null) into.add(column)
      }
    }
  }
  const [range] = [...ranged].filter((column) => !equal.has(column))
  return range === undefined ? [...equal] : [...equal, range]
}

/** What must hold all together, of each WHERE and each join. */
function conditionsIn(statement: AstNode): Expr[] {
  const left: Expr[] = []
  for (const node of descendants(statement)) {
    if (node.type === 'OnJoinConstraint') left.push(node.expr)
    if ('whereClause' in node && node.whereClause !== undefined) left.push(node.whereClause)
  }
  const conditions: Expr[] = []
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const inner = unwrap(next)
    if (inner.type === 'BinaryExpr' && inner.op === 'And') left.push(inner.right, inner.left)
    else conditions.push(inner)
  }
  return conditions
}

const ranges = new Set(['Greater', 'GreaterEquals', 'Less', 'LessEquals'])

function compared(
  condition: Expr,
  equal: Set<string>,
  ranged: Set<string>,
): [into: Set<string>, sides: readonly Expr[]] {
  if (condition.type === 'BinaryExpr') {
    const sides = [condition.left, condition.right]
    if (condition.op === 'Equals' || condition.op === 'Is') return [equal, sides]
    if (ranges.has(condition.op)) return [ranged, sides]
  }
  const isList = condition.type === 'InListExpr' || condition.type === 'InSelectExpr'
  if (isList && !condition.not) return [equal, [condition.lhs]]
  if (condition.type === 'BetweenExpr' && !condition.not) return [ranged, [condition.lhs]]
  return [equal, []]
}

/** A column of the table, as it is: an expression over one is served by no index on it. */
function columnOf(side: Expr, { columns }: Table, alias: string): string | null {
  const inner = unwrap(side)
  if (inner.type === 'QualifiedExpr' && foldName(inner.table.text) !== foldName(alias)) return null
  const name =
    inner.type === 'QualifiedExpr' ? inner.column.text : inner.type === 'Id' ? inner.name : null
  if (name === null) return null
  return columns.find((column) => foldName(column.name) === foldName(name))?.name ?? null
}
