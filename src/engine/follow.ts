import { validateOnPostgres } from '../cutover/steps.ts'
import type { Engine } from './engine.ts'
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

/** Whether the flag `primary` has been written since the flip to this epoch. Nothing has moved in the first one. */
export function isRecorded({ writer }: Engine, epoch: number): boolean {
  return epoch === 1 || hasAction(writer.db, 'flip-recorded', epoch)
}

async function followTo(engine: Engine, epoch: number): Promise<void> {
  const { options } = engine
  const { primary } = engine.control()
  // The flag is the operator's again once this is recorded: kept later, it would undo a change of it.
  if (!isRecorded(engine, epoch)) {
    await engine.keepPrimary(primary)
    await record(engine, 'flip-recorded', { epoch, primary })
    await options.testing.reach('flip:recorded')
  }
  if (epoch === 1 || primary !== 'postgres') return
  validateOnPostgres(engine.cutover()).catch((error: unknown) =>
    engine.events.emit('error', { error: error as Error }),
  )
}
