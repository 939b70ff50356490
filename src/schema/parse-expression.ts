import { parseStmt, type Expr } from 'sqlite3-parser'

/** What stands before the text when it is parsed: offsets of the result's spans count it. */
export const expressionPrefix = 'SELECT '

/** The one expression that a text holds, or null. */
export function parseExpression(sql: string): Expr | null {
  const result = parseStmt(`${expressionPrefix}${sql}`)
  if (result.status !== 'ok' || result.root.type !== 'SelectStmt') return null
  const { select } = result.root.body
  if (select.type !== 'SelectFrom' || select.columns.length !== 1) return null
  const [column] = select.columns
  return column?.type === 'ExprResultColumn' && column.alias === undefined ? column.expr : null
}
