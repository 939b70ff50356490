import { profileTable, type TableProfile } from '../schema/profile.ts'
import { foldName, quoteIdentifier as quote } from '../schema/quote.ts'
import { asSelectOf } from '../sql/ddl/as-select.ts'
import type { Connection } from '../sqlite/connection.ts'
import { readApplicationSchema, schemaReader } from './install.ts'

/** A table that is made of a query, as SQLite would make it. */
export interface TableOfQuery {
  /** The CREATE TABLE that SQLite would keep of it, with names and types of the query's columns. */
  readonly create: string
  /** Brings the rows. */
  readonly fill: string
  /** What the rows hold: nothing else says of which type a computed column is. */
  readonly profile: TableProfile
}

/**
 * Makes the table of a CREATE TABLE ... AS SELECT and takes it back, in the caller's transaction. Null for
 * other statements, and where the table is there already, which is for SQLite to judge.
 * @throws what SQLite has against it
 */
export function tableOfQuery(db: Connection, sql: string): TableOfQuery | null {
  const parts = asSelectOf(sql)
  if (parts === null) return null
  const { table, query } = parts
  const stored = db.prepare(
    `SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE`,
  )
  if (stored.get(table) !== undefined) return null
  db.exec('SAVEPOINT lockstep_as_select')
  try {
    db.exec(sql)
    const { sql: create } = stored.get(table) as { sql: string }
    const made = readApplicationSchema(db).tables.find(
      ({ name }) => foldName(name) === foldName(table),
    )
    if (made === undefined) return null
    const profile = profileTable(schemaReader(db), made)
    return { create, fill: `INSERT INTO ${quote(made.name)} ${query}`, profile }
  } finally {
    db.exec('ROLLBACK TO lockstep_as_select; RELEASE lockstep_as_select')
  }
}
