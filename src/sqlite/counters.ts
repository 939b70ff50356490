import type { Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
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

/**
 * The highest keys of SQLite, by table, those of deleted rows included where AUTOINCREMENT remembers them. PostgreSQL need not
 * have them: a row in quarantine is on SQLite alone, and a key that is given a second time would take its place.
 */
export function readHighestKeys(db: Connection, tables: readonly Table[]): Map<string, bigint> {
  const highest = readCounters(db)
  for (const { name, key } of tables) {
    if (key.kind === 'declared') continue
    const column = quote(key.columns[0] as string)
    const statement = db.prepare(`SELECT max(${column}) FROM ${quote(name)}`)
    const found = statement.pluck().safeIntegers().get() as bigint | null
    const counter = highest.get(name)
    if (found !== null && (counter === undefined || counter < found)) highest.set(name, found)
  }
  return highest
}
