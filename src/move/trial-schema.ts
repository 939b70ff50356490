import { renameOf } from '../sql/ddl/renames.ts'
import type { Connection } from '../sqlite/connection.ts'
import { applicationViews } from '../sqlite/views.ts'
import { identity, refusal } from './carried-whole.ts'
import { nextTables } from './next-tables.ts'
import { withoutForm, type SchemaToCarry, type Uncarried } from './uncarried.ts'

/** A schema on which changes are tried before any place has them, each behind those before it. */
export interface TrialSchema {
  /**
   * Changes it. What SQLite refuses, as the schema is another one by then, says nothing.
   * @throws LockstepError SQL_UNSUPPORTED, SCHEMA_UNSUPPORTED where PostgreSQL as the primary would refuse it
   */
  change(sql: string): void
}

/**
 * @param copy of the application's schema, which nobody else uses
 * @param start what PostgreSQL has, or would be given
 */
export function createTrialSchema(
  copy: Connection,
  start: Omit<SchemaToCarry, 'views'>,
): TrialSchema {
  let { tables } = start
  const missing = (): Uncarried[] =>
    withoutForm({ ...start, tables, views: applicationViews(copy) })
  return {
    change(sql) {
      const known = new Set(missing().map(identity))
      if (!isTaken(copy, sql)) return
      const highest = Math.max(0, ...tables.map(({ id }) => id))
      const rename = renameOf(sql)
      tables = nextTables(copy, tables, { rename, overrides: {}, highest }).tables
      const added = missing().find((part) => !known.has(identity(part)))
      if (added !== undefined) throw refusal(sql, added)
    },
  }
}

function isTaken(copy: Connection, sql: string): boolean {
  try {
    copy.exec(sql)
    return true
  } catch {
    return false
  }
}
