import type { Connection } from './connection.ts'
import { keptStatement } from './kept-statement.ts'

/** Raised by every change of the schema, by whoever: https://www.sqlite.org/pragma.html#pragma_schema_version */
export function schemaVersion(db: Connection): number {
  return keptStatement(db, 'PRAGMA schema_version').pluck().get() as number
}

/** Another after each commit of another connection: https://www.sqlite.org/pragma.html#pragma_data_version */
export function dataVersion(db: Connection): number {
  return keptStatement(db, 'PRAGMA data_version').pluck().get() as number
}
