import { LockstepError } from '../core/errors.ts'
import type { Engine } from './engine.ts'
import { extentOf, type ChangeSettings } from '../move/schema-change.ts'
import { readControl } from '../postgres/control.ts'
import { postgresError, stateOf } from '../postgres/errors.ts'
import { presentTables } from '../postgres/install.ts'
import type { Extent } from '../schema/change.ts'
import type { Connection } from '../sqlite/connection.ts'

/** What both ways need to know before a statement is run. */
export async function changeSettings(
  engine: Engine,
  db: Connection,
  extent: Extent,
): Promise<ChangeSettings> {
  const { primary, foreignKeys } = engine.control()
  return {
    schema: engine.server.schema,
    primary,
    extent,
    foreignKeys,
    enforced: db.pragma('foreign_keys', { simple: true }) === 1,
    overrides: engine.options.columns,
  }
}

/** @throws LockstepError POSTGRES_UNREACHABLE as long as only PostgreSQL knows how far the copy is */
export async function readExtent(engine: Engine): Promise<Extent> {
  if (engine.control().backfilled) return 'whole'
  try {
    const { backfill } = await readControl(engine.server.control)
    const present = await presentTables(engine.server.control, engine.server.schema)
    return extentOf(
      false,
      backfill,
      engine.tables.some(({ name }) => present.has(name)),
    )
  } catch (error) {
    throw postgresError(error)
  }
}

/** SQLite could have it, and PostgreSQL cannot: a duplicate that has left SQLite but not PostgreSQL yet. */
export function refusedByPostgres(error: unknown): Error {
  const known = postgresError(error)
  if (stateOf(error) !== '23505') return known
  return new LockstepError(
    'SQL_UNSUPPORTED',
    'A unique index cannot be made in the transaction that removes the duplicates, as the other place does not have ' +
      'that yet. Commit first, then create the index',
    { cause: error },
  )
}
