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
  const read = (): Uncarried[] => withoutForm({ ...start, tables, views: applicationViews(copy) })
  let missing: readonly Uncarried[] | undefined
  return {
    change(sql) {
      missing ??= read()
      const known = new Set(missing.map(identity))
      if (!changes(copy, sql)) return
      const highest = Math.max(0, ...tables.map(({ id }) => id))
      const rename = renameOf(sql)
      tables = nextTables(copy, tables, { rename, overrides: {}, highest }).tables
      missing = read()
      const added = missing.find((part) => !known.has(identity(part)))
      if (added !== undefined) throw refusal(sql, added)
    },
  }
}

/** SQLite takes it, and it is not `IF NOT EXISTS` of what is there. */
function changes(copy: Connection, sql: string): boolean {
  const version = (): unknown => copy.pragma('schema_version', { simple: true })
  const before = version()
  try {
    copy.exec(sql)
    return version() !== before
  } catch {
    return false
  }
}
