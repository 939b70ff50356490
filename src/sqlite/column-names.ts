import type { Connection } from './connection.ts'
import { sqliteError } from './errors.ts'

/** The names that SQLite gives to the columns of a statement's result; none where it returns no rows. */
export function columnNames(db: Connection, sql: string): readonly string[] {
  try {
    const statement = db.prepare(sql)
    return statement.reader ? statement.columns().map(({ name }) => name) : []
  } catch (error) {
    throw sqliteError(error)
  }
}
