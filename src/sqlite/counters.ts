import type { Connection } from './connection.ts'
import { keptStatement } from './kept-statement.ts'

/** The highest keys that SQLite has given in each AUTOINCREMENT table. https://www.sqlite.org/autoinc.html */
export function readCounters(db: Connection): Map<string, bigint> {
  const exists = keptStatement(
    db,
    `SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'`,
  ).get()
  if (exists === undefined) return new Map()
  const rows = keptStatement(db, 'SELECT name, seq FROM sqlite_sequence')
    .raw()
    .safeIntegers()
    .all() as [string, bigint][]
  return new Map(rows)
}
