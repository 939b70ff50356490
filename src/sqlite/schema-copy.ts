import Database from 'better-sqlite3'
import type { Connection, SqliteOptions } from './connection.ts'
import { readSchemaFacts } from './schema-facts.ts'

/** The application's schema without its rows, in memory, to try changes on. The caller closes it. */
export function copySchema(db: Connection, { setup }: Pick<SqliteOptions, 'setup'>): Connection {
  const copy = new Database(':memory:')
  setup?.(copy)
  for (const { name, sql } of readSchemaFacts(db).schemaRows) {
    if (sql === null || /^sqlite_/i.test(name)) continue
    try {
      copy.exec(sql)
    } catch {
      // A table that comes with a virtual one is there already, and modules may be missing here.
    }
  }
  return copy
}
