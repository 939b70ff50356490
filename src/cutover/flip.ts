import type pg from 'pg'
import type { FlipReport } from '../api.ts'
import { isLockstepError, LockstepError, messageOf } from '../core/errors.ts'
import { within } from '../core/wait.ts'
import type { PlaceName } from '../place/place.ts'
import { lock, readControl, type PostgresControl } from '../postgres/control.ts'
import { isUnreachable, postgresError } from '../postgres/errors.ts'
import { lockWithin, unlock } from '../postgres/session-lock.ts'
import { readPostgresSequences } from '../move/sequences.ts'
import type { ControlRow } from '../sqlite/control.ts'
import type { CutoverContext } from './context.ts'
import { nameAttempt, type FlipFacts } from './flip-audit.ts'
import { catchUpWithin } from './catch-up.ts'
import { cancelled, overtaken, undecided, usedUp } from './flip-errors.ts'
import { cancelOnPostgres, cancelOnSqlite, finishOnSqlite, recover } from './recover.ts'
import { refuseDenied } from './refuse-denied.ts'
import {
  commitOnPostgres,
  commitOnSqlite,
  moveAwayFromPostgres,
  movedStep,
  nextStep,
  readSqlite,
  stepPostgres,
  stepSqlite,
  type Step,
} from './steps.ts'

/** What is known of a flip under way. */
interface Attempt {
  readonly name: string
  readonly ours: ControlRow
  readonly theirs: PostgresControl
  readonly pauseBudgetMs: number
  readonly session: pg.PoolClient
  /** Says why the flip must not go on although everything was shipped, or null. */
  readonly objection: () => Promise<string | null>
}

/** How long a flip waits for the session of the one before it to end, and then for the flag to be written. */
const beforeWaitMs = 1000

export interface MoveOptions {
  readonly to: PlaceName
  readonly pauseBudgetMs: number
  readonly catchUpTimeoutMs: number
  readonly objection: () => Promise<string | null>
  /** Gates were passed over, which the audit log says. */
  readonly forced: boolean
  /** The epoch in which the flag asked for the move: in a later one it moves nothing. */
  readonly since?: number | undefined
}

/**
 * Moves the primary. Writes are held from `draining` to the commit point; a flip that would hold them
 * longer than its budget cancels itself, and they go on where they were.
 *
 *   catch up ─ draining ─ drain ─ committing ─ [commit point on the other side] ─ moved
 *   └──────────── cancel by compare-and-set ──┘└─ the other side decides: finish or cancel
 *
 * @throws LockstepError POSTGRES_DENIED, FLIP_IN_PROGRESS, CAUGHT_UP_TIMEOUT, FLIP_CANCELLED, POSTGRES_UNREACHABLE
 */
export async function movePrimary(
  context: CutoverContext,
  options: MoveOptions,
): Promise<FlipReport> {
  const session = await context.server.control.connect().catch((error: unknown) => {
    throw postgresError(error)
  })
  let broken = false
  try {
    await refuseDenied(session, context.server.schema, context.tables())
    for (const key of [lock.flip, lock.flag])
      if (!(await lockWithin(session, key, beforeWaitMs)))
        throw new LockstepError(
          'FLIP_IN_PROGRESS',
          'Another process is moving the primary; see `lockstep status`',
        )
    // Whoever flipped before may be gone; we hold the lock, so nobody else is at it.
    await recoverUntilSettled(context)
    const ours = readSqlite(context)
    const isPast = options.since !== undefined && options.since !== ours.epoch
    if (isPast || ours.primary === options.to) return nothingMoved(ours)
    const theirs = await readControl(session)
    const from: PlaceName = options.to === 'postgres' ? 'sqlite' : 'postgres'
    // Most of the journal goes over while writes still run, so that the pause is short.
    await catchUpWithin(context, from, options.catchUpTimeoutMs).catch((error: unknown) => {
      throw isLockstepError(error, 'CAUGHT_UP_TIMEOUT') ? error : cancelled(error)
    })
    const name = nameAttempt({ forced: options.forced, byFlag: options.since !== undefined })
    const attempt = { name, ours, theirs, session, ...options }
    const moved = await (from === 'sqlite'
      ? toPostgres(context, attempt)
      : toSqlite(context, attempt))
    return { from, to: options.to, epoch: ours.epoch + 1, ...moved }
  } catch (error) {
    broken = isUnreachable(error)
    throw error
  } finally {
    if (!broken) await session.query('SELECT pg_advisory_unlock_all()').catch(() => (broken = true))
    session.release(broken)
    context.changed()
  }
}

/** Another flip has just come before. */
export function nothingMoved({
  primary,
  epoch,
}: Pick<ControlRow, 'primary' | 'epoch'>): FlipReport {
  return { from: primary, to: primary, epoch, pauseMs: 0, drained: 0 }
}

type Moved = Pick<FlipReport, 'pauseMs' | 'drained'>

async function toPostgres(context: CutoverContext, attempt: Attempt): Promise<Moved> {
  const { ours, theirs, name, session, pauseBudgetMs } = attempt
  // The budget begins when the write lock is ours: while others hold it, no write is held by the flip.
  let deadlineMs = 0
  const draining = (): Step =>
    nextStep(ours, 'draining', name, (deadlineMs = Date.now() + pauseBudgetMs))
  await beginDraining(context, ours, draining, pauseBudgetMs)
  const heldAt = performance.now()
  const held = { ...ours, ...nextStep(ours, 'draining', name, deadlineMs) }
  let drained: number
  try {
    await context.reach('flip:draining')
    drained = await drainWithin(context, 'sqlite', deadlineMs, attempt)
    await context.reach('flip:drained')
  } catch (error) {
    await cancelOnSqlite(context, held, { reason: messageOf(error) })
    throw cancelled(error)
  }
  const committing = nextStep(ours, 'committing', name, deadlineMs)
  if (!(await stepSqlite(context, held, committing))) throw overtaken()
  await context.reach('flip:committing')
  const last = { ...ours, ...committing }
  try {
    const commit = await commitOnPostgres(
      context,
      session,
      theirs,
      movedStep(ours.epoch, 'postgres', 'postgres', name),
      deadlineMs - Date.now(),
    )
    if (!commit) throw overtaken()
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined)
    // The answer to COMMIT may have been lost: only PostgreSQL knows, and `recover` asks it.
    await recoverUntilSettled(context)
    const now = readSqlite(context)
    if (now.state === 'committing') throw undecided(error)
    if (now.epoch === ours.epoch) throw cancelled(error)
  }
  await context.reach('flip:commit-point')
  const facts = (): FlipFacts => ({ drained, pauseMs: performance.now() - heldAt })
  if (readSqlite(context).epoch === ours.epoch) await finishOnSqlite(context, last, facts)
  await context.reach('flip:moved')
  return { drained, pauseMs: performance.now() - heldAt }
}

async function toSqlite(context: CutoverContext, attempt: Attempt): Promise<Moved> {
  const { ours, theirs, name, session, pauseBudgetMs } = attempt
  const deadlineMs = Date.now() + pauseBudgetMs
  const draining = nextStep(theirs, 'draining', name, deadlineMs)
  if (!(await stepPostgres(context, theirs, draining))) throw overtaken()
  const heldAt = performance.now()
  const held = { ...theirs, ...draining }
  let drained: number
  let sequences: Map<string, bigint>
  try {
    await context.reach('flip:draining')
    await waitForWriters(session, deadlineMs)
    drained = await drainWithin(context, 'postgres', deadlineMs, attempt)
    sequences = await readPostgresSequences(session, context.tables(), context.server.schema)
    await lockSqliteOnce(context, deadlineMs)
    await context.reach('flip:drained')
  } catch (error) {
    await cancelOnPostgres(context, held, { reason: messageOf(error) })
    throw cancelled(error)
  }
  const committing = nextStep(theirs, 'committing', name, deadlineMs)
  if (!(await stepPostgres(context, held, committing))) throw overtaken()
  await context.reach('flip:committing')
  const facts = (): FlipFacts => ({ drained, pauseMs: performance.now() - heldAt })
  const moved = movedStep(ours.epoch, 'sqlite', 'sqlite', name)
  if (!(await commitOnSqlite(context, ours, moved, { sequences, facts }))) {
    await recoverUntilSettled(context)
    throw overtaken()
  }
  const pauseMs = performance.now() - heldAt
  context.changed()
  await context.reach('flip:commit-point')
  const last = { ...theirs, ...committing }
  // Writes run already; what is left makes PostgreSQL ready to receive, and recovery does it if we cannot.
  await moveAwayFromPostgres(
    context,
    last,
    movedStep(ours.epoch, 'sqlite', 'postgres', name),
  ).catch(() => recoverUntilSettled(context))
  await context.reach('flip:moved')
  return { drained, pauseMs }
}

/**
 * Holds the writes of SQLite. While others have its write lock, new writers queue up behind them all the
 * same, so a flip gives up when it has waited for its whole budget, and takes no step any more.
 */
async function beginDraining(
  context: CutoverContext,
  ours: ControlRow,
  draining: () => Step,
  budgetMs: number,
): Promise<void> {
  let late = false
  const step = (): Step => {
    if (late) throw new Error('the flip has given up')
    return draining()
  }
  const taken = await within(budgetMs, stepSqlite(context, ours, step)).catch((error: unknown) => {
    late = true
    throw cancelled(error)
  })
  if (!taken) throw overtaken()
}

/** From `committing` on a flip that cannot write to SQLite could not be cancelled either: better look before. */
function lockSqliteOnce({ writer }: CutoverContext, deadlineMs: number): Promise<void> {
  const look = writer.write(() => writer.db.transaction(() => undefined).immediate())
  return within(Math.max(1, deadlineMs - Date.now()), look)
}

/** Every transaction that passed the fence holds the lock in shared mode until it ends. */
async function waitForWriters(session: pg.PoolClient, deadlineMs: number): Promise<void> {
  if (!(await lockWithin(session, lock.writers, deadlineMs - Date.now())))
    throw new Error('a transaction of PostgreSQL does not end: lock timeout')
  await unlock(session, lock.writers)
}

/** Position is read only now, after the fence: an earlier one would miss writes that were in flight. */
async function drainWithin(
  context: CutoverContext,
  from: PlaceName,
  deadlineMs: number,
  { objection, pauseBudgetMs }: Attempt,
): Promise<number> {
  const remainingMs = Math.max(1, deadlineMs - Date.now())
  // A server that answers nothing must not hold the writes longer than the budget: the batch under way
  // is left behind, and does no harm if it is applied after all.
  const drained = await within(
    remainingMs,
    context.shipper.drain(from, AbortSignal.timeout(remainingMs)),
    () => usedUp(pauseBudgetMs),
  )
  const reason = await objection()
  if (reason !== null) throw new LockstepError('GATE_REFUSED', reason)
  if (Date.now() >= deadlineMs) throw usedUp(pauseBudgetMs)
  return drained
}

async function recoverUntilSettled(context: CutoverContext): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      if (!(await recover(context, true)) && readSqlite(context).state !== 'committing') return
    } catch (error) {
      if (!isUnreachable(error) && !isLockstepError(error, 'POSTGRES_UNREACHABLE')) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
