import { randomUUID } from 'node:crypto'
import { isLockstepError } from '../core/errors.ts'
import type { Engine } from '../engine/engine.ts'
import { checkDrift } from '../move/install.ts'
import { lock, lockHolders } from '../postgres/control.ts'
import { unlessAway } from '../postgres/unless-away.ts'
import { createKeptRecords, type KeptRecords } from '../sqlite/kept-records.ts'
import { schemaVersion } from '../sqlite/versions.ts'
import { driftText, findDriftInCopy } from './drift-in-copy.ts'

/** What the applier of one process has failed of; null since it does not any more. */
interface Told {
  readonly reason: string | null
  readonly atMs: number
}

/** How often a process looks at its own applier, and tells again what goes on. */
const lookMs = 1000
const againMs = 10_000
/** Of more processes those that told longest ago are forgotten. */
const maxProcesses = 100

/** Tells other processes, by the file, what the applier of this one fails of. */
export function tellStandstill(engine: Engine): { close(): void } {
  const kept = keptOf(engine)
  const own = randomUUID()
  let told: string | null = null
  let toldAt = 0
  let isTelling = false
  const tell = async (): Promise<void> => {
    const { failure } = engine.applier
    const isOld = failure !== null && performance.now() - toldAt > againMs
    if (isTelling || (failure === told && !isOld)) return
    isTelling = true
    try {
      await kept.update([own], () => ({ reason: failure, atMs: Date.now() }))
      told = failure
      toldAt = performance.now()
    } finally {
      isTelling = false
    }
  }
  // What could not be told, as another process held the file for long, is told the next time.
  const timer = setInterval(() => void tell().catch(() => undefined), lookMs).unref()
  return { close: () => (clearInterval(timer), kept.close()) }
}

/**
 * Why nothing goes over, whichever process has found it out; null where nothing is in the way, or nothing waits.
 * @param entries that wait, or null where nobody knows
 */
export async function standstillOf(engine: Engine, entries: number | null): Promise<string | null> {
  const { backfilled, completed } = engine.control()
  if (completed) return null
  const drift = backfilled ? driftOf(engine) : await unlessAway(findDriftInCopy(engine), null)
  if (drift !== null) return typeof drift === 'string' ? drift : driftText(drift)
  if (!backfilled || entries === 0) return null
  return (
    (await unlessAway(heldUp(engine), null)) ??
    engine.applier.failure ??
    toldBy(engine) ??
    unlessAway(nobody(engine), null)
  )
}

/** Whose lock the process that applies waits for. https://www.postgresql.org/docs/current/functions-info.html */
async function heldUp({ server: { control: db } }: Engine): Promise<string | null> {
  const { rows } = await db.query<{ pid: number; application: string; seconds: number }>(
    /* sql */ `
    SELECT b.pid, b.application_name AS application, extract(epoch FROM now() - b.xact_start)::int AS seconds
      FROM unnest($1::int[]) AS leader (pid), unnest(pg_blocking_pids(leader.pid)) AS blocking (pid)
      JOIN pg_stat_activity b ON b.pid = blocking.pid ORDER BY b.xact_start LIMIT 1`,
    [await lockHolders(db, lock.leader)],
  )
  const [first] = rows
  if (first === undefined) return null
  const by = first.application === '' ? '' : ` (${first.application})`
  return `a transaction of PostgreSQL's session ${first.pid}${by}, open for ${first.seconds} s, holds a lock that the applier waits for`
}

function driftOf(engine: Engine): string | null {
  const { reader } = engine.file
  if (schemaVersion(reader) === engine.control().schemaVersion) return null
  try {
    checkDrift(reader, engine.tables)
    return null
  } catch (error) {
    if (isLockstepError(error, 'SCHEMA_DRIFT')) return error.message
    throw error
  }
}

/** The newest that is not over: a batch has arrived since. */
function toldBy(engine: Engine): string | null {
  const { appliedAtMs } = engine.control()
  const [newest] = keptOf(engine)
    .all()
    .filter(({ reason, atMs }) => reason !== null && atMs >= appliedAtMs)
  if (newest === undefined) return null
  const seconds = Math.round((Date.now() - newest.atMs) / 1000)
  return `${newest.reason ?? ''} (tried ${seconds} s ago)`
}

async function nobody({ server, session, flags }: Engine): Promise<string | null> {
  if (session.leader || !flags().mirror) return null
  return (await lockHolders(server.control, lock.leader)).length > 0
    ? null
    : 'no process applies: start the application, or `lockstep run`'
}

function keptOf({ file }: Engine): KeptRecords<Told> {
  return createKeptRecords<Told>(file, {
    table: 'standstill',
    max: maxProcesses,
    busyTimeoutMs: 500,
  })
}
