import { LockstepError } from '../core/errors.ts'
import { wasByFlag } from '../cutover/flip-audit.ts'
import { validateOnPostgres } from '../cutover/steps.ts'
import type { Engine } from './engine.ts'
import { lock } from '../postgres/control.ts'
import { lockWithin, unlock } from '../postgres/session-lock.ts'
import { hasAction } from '../sqlite/audit.ts'
import { record } from './record.ts'

/** What follows a flip and holds nobody up. */
export interface Follower {
  /** Resolves when the flag `primary` is kept; the foreign keys are validated behind it. */
  follow(): Promise<void>
}

/**
 * The process that flipped does what follows. Where it died before, or where recovery settled the flip, the
 * one whose applier leads does it: so each step can be seen to be missing, and may be done twice.
 */
export function createFollower(engine: Engine): Follower {
  let latest: { readonly epoch: number; readonly done: Promise<void> } | undefined
  return {
    follow() {
      const { epoch } = engine.control()
      if (latest?.epoch !== epoch) {
        const done = followTo(engine, epoch)
        latest = { epoch, done }
        // Tried again when somebody next asks.
        done.catch(() => (latest = undefined))
      }
      return latest.done
    },
  }
}

/**
 * Resolves when the latest flip has written the flag `primary`: what the flag says from then on is an order.
 *
 * @throws LockstepError FLIP_IN_PROGRESS
 */
export async function recordFlip(engine: Engine): Promise<void> {
  if (!isRecorded(engine)) await betweenFlips(engine, () => recordPrimary(engine))
}

/** Nothing has moved in the first epoch. */
function isRecorded(engine: Engine): boolean {
  const { epoch } = engine.control()
  return epoch === 1 || hasAction(engine.writer.db, 'flip-recorded', epoch)
}

async function followTo(engine: Engine, epoch: number): Promise<void> {
  await recordFlip(engine)
  if (epoch === 1 || engine.control().primary !== 'postgres') return
  validateOnPostgres(engine.cutover()).catch((error: unknown) =>
    engine.events.emit('error', { error: error as Error }),
  )
}

/** The flag is the operator's again once this is recorded: kept later, it would undo a change of it. */
async function recordPrimary(engine: Engine): Promise<void> {
  if (isRecorded(engine)) return
  const { primary, epoch, attempt } = engine.control()
  if (!wasByFlag({ attempt })) await engine.keepPrimary(primary)
  await record(engine, 'flip-recorded', { epoch, primary })
  await engine.options.testing.reach('flip:recorded')
}

/** A flip under way writes the flag itself. Who leads is not to wait for it longer, as it may have to be recovered. */
const flipWaitMs = 1000

/**
 * Runs `work` while nobody moves the primary. Where PostgreSQL is away nobody can, save who accepts the loss of it.
 *
 * @throws LockstepError FLIP_IN_PROGRESS
 */
async function betweenFlips({ server }: Engine, work: () => Promise<void>): Promise<void> {
  const session = await server.control.connect().catch(() => null)
  if (session === null) return work()
  try {
    const isOurs = await lockWithin(session, lock.flag, flipWaitMs)
    if (!isOurs) throw new LockstepError('FLIP_IN_PROGRESS', 'Another process moves the primary')
    try {
      await work()
    } finally {
      await unlock(session, lock.flag)
    }
  } finally {
    session.release()
  }
}
