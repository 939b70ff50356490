import type { Connection, Statement } from '../../sqlite/connection.ts'
import { sqliteError } from '../../sqlite/errors.ts'
import type { Column } from './result-set.ts'

const maxKnown = 2000

/**
 * What SQLite says of the columns that a statement returns, as its schema is that of both places. Remembered for as long
 * as the schema stays as it is, whoever changes it.
 */
export function knownColumns(db: Connection): (sql: string) => readonly Column[] {
  let version: Statement | undefined
  const known = new Map<string, readonly Column[]>()
  let seen: unknown
  return (sql) => {
    try {
      version ??= db.prepare('PRAGMA schema_version').pluck()
      const now = version.get()
      if (now !== seen || known.size >= maxKnown) known.clear()
      seen = now
      const columns = known.get(sql) ?? db.prepare(sql).columns()
      known.set(sql, columns)
      return columns
    } catch (error) {
      throw sqliteError(error)
    }
  }
}
