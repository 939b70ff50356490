import { readMigrationFiles, type MigrationConfig } from 'drizzle-orm/migrator'
import type { LockstepDatabase } from './driver.ts'
import type { DatabaseInternals } from './internals.ts'

/**
 * Runs the migrations of a folder that have not run yet, in one transaction and on both places: a change of the
 * schema that goes through Lockstep is one step on SQLite and PostgreSQL.
 */
export async function migrate<TSchema extends Record<string, unknown>>(
  db: LockstepDatabase<TSchema>,
  config: MigrationConfig,
): Promise<void> {
  const { dialect, session } = db as unknown as DatabaseInternals
  await dialect.migrate(readMigrationFiles(config), session, config)
}
