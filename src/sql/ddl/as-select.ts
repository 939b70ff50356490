import { parseStatements } from '../parser.ts'

/** The parts of a CREATE TABLE ... AS SELECT. */
export interface AsSelect {
  readonly table: string
  /** The text of the query, parameters aside: DDL has none. */
  readonly query: string
}

/** Null for any other statement. */
export function asSelectOf(sql: string): AsSelect | null {
  const [statement] = parseStatements(sql)
  if (statement?.type !== 'CreateTableStmt') return null
  const { body, tblName } = statement
  if (body.type !== 'AsSelectCreateTableBody') return null
  const { offset, length } = body.select.span
  return { table: tblName.objName.text, query: sql.slice(offset, offset + length) }
}
