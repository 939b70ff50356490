import Database from 'better-sqlite3'
import { quoteIdentifier as quote } from '../../src/schema/quote.ts'

interface SchemaObject {
  readonly type: string
  readonly name: string
  readonly sql: string
}

/** Gives an empty database everything that a file has, as it was written there: tables with their rows, indexes, views. */
export function loadSample(db: Database.Database, from: string): void {
  const source = new Database(from, { readonly: true })
  const objects = source
    .prepare(
      `SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'`,
    )
    .all() as SchemaObject[]
  source.close()
  db.pragma('foreign_keys = OFF')
  for (const { sql } of objects) db.exec(sql)
  db.prepare('ATTACH ? AS sample').run(from)
  for (const { type, name } of objects)
    if (type === 'table')
      db.exec(`INSERT INTO main.${quote(name)} SELECT * FROM sample.${quote(name)}`)
  db.exec('DETACH sample')
  db.pragma('foreign_keys = ON')
}
