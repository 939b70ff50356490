import { LockstepError } from '../core/errors.ts'
import type { Engine } from './engine.ts'
import { extentOf, type ChangeSettings } from '../move/schema-change.ts'
import { readControl } from '../postgres/control.ts'
import { postgresError, stateOf } from '../postgres/errors.ts'
import { presentTables } from '../postgres/install.ts'
import type { Extent } from '../schema/change.ts'
import { violationsOf } from '../schema/violations.ts'
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

/** What SQLite could have and PostgreSQL cannot, by SQLSTATE. */
const refusals: Readonly<Record<string, string>> = {
  // A duplicate has left SQLite, but not PostgreSQL yet.
  '23505':
    'A unique index cannot be made in the transaction that removes the duplicates, as the other place does not have ' +
    'that yet. Commit first, then create the index',
  '55006':
    'PostgreSQL does not change a table while rows that the transaction has written break a deferred foreign key of it. ' +
    'Write the rows that they refer to first, or change the table before',
}

/** SQLite has taken a change of the schema, and PostgreSQL refuses it. */
export function refusedByPostgres(error: unknown): Error {
  const refusal = refusals[stateOf(error) ?? '']
  // Of constraints a DROP TABLE meets foreign keys alone, and SQLite names none of them.
  if (refusal === undefined) return postgresError(error, violationsOf([]))
  return new LockstepError('SQL_UNSUPPORTED', refusal, { cause: error })
}
