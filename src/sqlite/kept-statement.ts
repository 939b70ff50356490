import type { Connection, Statement } from './connection.ts'

const kept = new WeakMap<Connection, Map<string, Statement>>()

/**
 * A statement of Lockstep's own that runs again and again, prepared once on each connection: SQLite takes longer to
 * compile most of them than to run them. For texts that are written in the code, which are few.
 */
export function keptStatement(db: Connection, sql: string): Statement {
  let statements = kept.get(db)
  if (statements === undefined) kept.set(db, (statements = new Map()))
  let statement = statements.get(sql)
  if (statement === undefined) statements.set(sql, (statement = db.prepare(sql)))
  return statement
}
