import type { Connection } from './connection.ts'

/** What only SQLite itself can say, for a statement that runs on PostgreSQL. */
export interface SqliteFacts {
  /** The text that this version of SQLite makes of a REAL. */
  readonly toText: (value: number) => string
  readonly sqliteVersion: string
}

export function sqliteFacts(db: Connection): SqliteFacts {
  const text = db.prepare('SELECT CAST(? AS TEXT)').pluck()
  return {
    toText: (value) => text.get(value) as string,
    sqliteVersion: db.prepare('SELECT sqlite_version()').pluck().get() as string,
  }
}
