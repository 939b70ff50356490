import { isLockstepError, LockstepError, messageOf } from '../core/errors.ts'
import type { Engine } from '../engine/engine.ts'
import { asFailure } from '../engine/failure.ts'
import { checkDrift, isCaptured, readApplicationSchema } from '../move/install.ts'
import { postgresDrift } from '../move/postgres-drift.ts'
import { findControl } from '../postgres/control.ts'
import { presentTables } from '../postgres/install.ts'
import { fingerprint } from '../schema/fingerprint.ts'
import type { SourceTable } from '../schema/source.ts'

/**
 * Runs a step that a copy may be in the middle of. Rows that were copied have the schema of then, so that neither the copy nor
 * a sync can take another one: where the step fails while the schema has changed, that is what is told, with what ends it.
 * @throws LockstepError SCHEMA_DRIFT
 */
export async function tellDriftInCopy<T>(engine: Engine, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    const failure = asFailure(error)
    if (!isLockstepError(failure) || failure.code === 'POSTGRES_UNREACHABLE') throw error
    const drift = await findDriftInCopy(engine).catch(() => null)
    throw drift === null ? error : driftError(drift, error)
  }
}

/** What has changed since the copy began, and what to do about it; null where no copy is under way, or nothing has. */
export interface DriftInCopy {
  readonly changed: readonly string[]
  readonly wayOut: string
}

export async function findDriftInCopy(engine: Engine): Promise<DriftInCopy | null> {
  const { server } = engine
  const phase = (await findControl(server.control))?.backfill ?? 'none'
  if (phase === 'none' || phase === 'done') return null
  const changed = changedTables(engine)
  if (changed.length > 0)
    return { changed, wayOut: isTakenIn(engine, changed) ? takeIn : beginAgain }
  const present = await presentTables(server.control, server.schema)
  const there = engine.tables.filter(({ name }) => present.has(name))
  const problems = await postgresDrift(server.control, server.schema, there)
  return problems.length === 0 ? null : { changed: problems, wayOut: beginAgain }
}

export function driftText({ changed, wayOut }: DriftInCopy): string {
  return `The schema has changed while tables are being copied: ${changed.join(', ')}. ${wayOut}`
}

function driftError(drift: DriftInCopy, cause: unknown): LockstepError {
  return new LockstepError('SCHEMA_DRIFT', driftText(drift), {
    details: { tables: drift.changed },
    cause,
  })
}

const takeIn =
  'The copy can take that in: run `lockstep install`, `lockstep schema --apply` and `lockstep backfill` ' +
  '(db.install(), db.applySchema(), db.backfill()), which goes on where it was'

const beginAgain =
  'What was copied is of the schema before, so begin the copy again: run `lockstep uninstall`, drop the tables on PostgreSQL, ' +
  'then `lockstep install`, `lockstep schema --apply` and `lockstep backfill` (db.uninstall(), db.install(), db.applySchema(), ' +
  'db.backfill()). SQLite has every row, and goes on meanwhile'

function changedTables(engine: Engine): string[] {
  try {
    checkDrift(engine.file.reader, engine.tables)
    return []
  } catch (error) {
    if (!isLockstepError(error, 'SCHEMA_DRIFT')) throw error
    return (error.details['tables'] as string[] | undefined) ?? [messageOf(error)]
  }
}

/** Tables that are new, and those whose rows are what they were: indexes and foreign keys come behind the copy. */
function isTakenIn({ file: { reader }, tables }: Engine, changed: readonly string[]): boolean {
  const now = readApplicationSchema(reader).tables
  return changed.every((name) => {
    const before = tables.find((table) => table.name === name)
    if (before === undefined) return true
    const after = now.find((table) => table.name === name)
    return after !== undefined && rowsOf(before) === rowsOf(after) && isCaptured(reader, before)
  })
}

function rowsOf(table: SourceTable): string {
  const indexes = table.indexes.filter(({ origin }) => origin === 'pk')
  return fingerprint({ tables: [{ ...table, indexes, foreignKeys: [] }] })
}
