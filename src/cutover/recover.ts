import { randomUUID } from 'node:crypto'
import { within } from '../core/wait.ts'
import type { Control } from '../place/place.ts'
import {
  findControl,
  lock,
  lockHolders,
  mendFence,
  type PostgresControl,
} from '../postgres/control.ts'
import { isShutOut } from '../postgres/errors.ts'
import type { ControlRow } from '../sqlite/control.ts'
import type { CutoverContext } from './context.ts'
import { auditCancelled, auditFlip, type FlipFacts } from './flip-audit.ts'
import { needsReconciliation, reconcile } from './loss.ts'
import {
  moveAwayFromPostgres,
  movedStep,
  nextStep,
  readSqlite,
  stepPostgres,
  stepSqlite,
} from './steps.ts'

/**
 * Finishes or cancels what a flip left behind, from any process, at any time.
 *
 * | SQLite                | PostgreSQL            | what happened                   | what is done      |
 * | --------------------- | --------------------- | ------------------------------- | ----------------- |
 * | e draining            | e moved               | before `committing`             | cancel            |
 * | e committing          | e moved               | the commit point was not reached| refuse it, cancel |
 * | e committing          | e+1 open              | past the commit point           | finish            |
 * | e moved               | e draining            | before `committing`             | cancel            |
 * | e moved               | e committing          | the commit point was not reached| refuse it, cancel |
 * | e+1 open              | e committing          | past the commit point           | finish            |
 * | primary, beyond e     | primary, e            | PostgreSQL was lost, or restored| make it secondary |
 *
 * "Refuse it" changes the attempt on the side of the commit point first: a flip that is only slow then
 * finds its compare-and-set failing, whenever it wakes. A flip that lives is left alone up to its deadline.
 *
 * @param holdsLock the caller has the flip's lock, so no other flip lives
 * @returns whether a step was taken; there may be more to do
 */
export async function recover(context: CutoverContext, holdsLock = false): Promise<boolean> {
  const ours = readSqlite(context)
  const theirs = await readPostgres(context)
  if (isSettled(ours, theirs)) return false
  if (!holdsLock && !(await mayRecover(context, ours, theirs))) return false
  const recovered = await settle(context, ours, theirs)
  context.changed()
  return recovered
}

/** True when neither side stands in the middle of a flip. */
export function isSettled(ours: Control, theirs: PostgresControl | undefined): boolean {
  if (ours.state === 'draining' || ours.state === 'committing') return false
  if (theirs === undefined) return true
  if (theirs.state === 'draining' || theirs.state === 'committing') return false
  const open = theirs.primary === 'postgres' && theirs.state === 'open'
  return theirs.fenceOpen === open && theirs.epoch === ours.epoch
}

async function settle(
  context: CutoverContext,
  ours: ControlRow,
  theirs: PostgresControl | undefined,
): Promise<boolean> {
  // Before anything that would open it: SQLite, one epoch or more ahead, is the primary.
  if (theirs !== undefined && needsReconciliation(ours, theirs))
    return reconcile(context, ours, theirs)
  if (ours.state === 'draining') return cancelOnSqlite(context, ours)
  // From here on only PostgreSQL knows, and nothing may be assumed while it is away.
  if (theirs === undefined) return false
  if (ours.state === 'committing') return settleTowardsPostgres(context, ours, theirs)
  if (theirs.state === 'draining') return cancelOnPostgres(context, theirs)
  if (theirs.state === 'committing') return settleTowardsSqlite(context, ours, theirs)
  await mendFence(context.server.control)
  return true
}

async function settleTowardsPostgres(
  context: CutoverContext,
  ours: ControlRow,
  theirs: PostgresControl,
): Promise<boolean> {
  if (theirs.epoch === ours.epoch + 1) return finishOnSqlite(context, ours)
  // Waits for a commit point under way, as it holds the row; then decides against it for good.
  if (!(await stepPostgres(context, theirs, nextStep(theirs, theirs.state, randomUUID()))))
    return false
  await context.reach('recover:refused')
  return cancelOnSqlite(context, ours)
}

async function settleTowardsSqlite(
  context: CutoverContext,
  ours: ControlRow,
  theirs: PostgresControl,
): Promise<boolean> {
  if (ours.epoch === theirs.epoch + 1) {
    return moveAwayFromPostgres(
      context,
      theirs,
      movedStep(theirs.epoch, 'sqlite', 'postgres', ours.attempt),
    )
  }
  if (!(await stepSqlite(context, ours, nextStep(ours, ours.state, randomUUID())))) return false
  await context.reach('recover:refused')
  return cancelOnPostgres(context, theirs)
}

/** PostgreSQL has committed: its fence opens, and SQLite learns that it is the secondary. */
export async function finishOnSqlite(
  context: CutoverContext,
  ours: Control,
  facts: () => FlipFacts = () => ({ recovered: true }),
): Promise<boolean> {
  await mendFence(context.server.control)
  await context.reach('flip:opened')
  const moved = movedStep(ours.epoch, 'postgres', 'sqlite', ours.attempt)
  return stepSqlite(context, ours, moved, () => auditFlip(context, moved, facts()))
}

/** Takes a flip from SQLite back; false where someone else has moved the record. */
export function cancelOnSqlite(
  context: CutoverContext,
  ours: Control,
  facts: Parameters<typeof auditCancelled>[2] = { recovered: true },
): Promise<boolean> {
  const open = nextStep(ours, 'open', '')
  return stepSqlite(context, ours, open, () => auditCancelled(context, ours, facts))
}

/** For how long a flip that is taken back waits for SQLite's write lock to put it down in the audit log. */
const auditWaitMs = 500

/** The same from PostgreSQL. The audit log is in SQLite, which may be what stood in the way. */
export async function cancelOnPostgres(
  context: CutoverContext,
  theirs: Control,
  facts: Parameters<typeof auditCancelled>[2] = { recovered: true },
): Promise<boolean> {
  const { writer, server, reach } = context
  const cancelled = await stepPostgres(context, theirs, nextStep(theirs, 'open', ''))
  await reach('flip:cancelled')
  await mendFence(server.control)
  if (cancelled) {
    const audited = writer.write(() => auditCancelled(context, theirs, facts))
    await within(auditWaitMs, audited).catch(() => undefined)
  }
  return cancelled
}

async function readPostgres({ server }: CutoverContext): Promise<PostgresControl | undefined> {
  try {
    return await findControl(server.control)
  } catch (error) {
    if (isShutOut(error)) return undefined
    throw error
  }
}

/** The flip's own session holds a lock while it lives; past its deadline it has no more say. */
async function mayRecover(
  { server }: CutoverContext,
  ours: Control,
  theirs: PostgresControl | undefined,
): Promise<boolean> {
  const deadlineMs = Math.max(ours.deadlineMs, theirs?.deadlineMs ?? 0)
  if (Date.now() > deadlineMs) return true
  if (theirs === undefined) return false
  return (await lockHolders(server.control, lock.flip)).length === 0
}
