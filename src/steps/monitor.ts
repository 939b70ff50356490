import type { Engine } from '../engine/engine.ts'
import type { Follower } from '../engine/follow.ts'
import { regularly } from '../engine/regularly.ts'
import type { Routing } from '../traffic/routing.ts'
import { tellStandstill } from './standstill.ts'
import { createUnmetWatch } from './unmet-flags.ts'

/** How often a process looks at the control record while nothing makes it look. */
const tickMs = 100
/** How often it looks for a flip that nobody finishes. */
const recoverMs = 1000

/** Keeps a process's view fresh, and settles flips whose process is gone, with what follows them; tells others what it fails of. */
export function createMonitor(
  engine: Engine,
  routing: Routing,
  follower: Follower,
): { stop(): void } {
  const { watch } = routing
  const lookAtFlags = createUnmetWatch(engine)
  let recovering = false
  let nextRecovery = 0
  const tick = (): void => {
    if (engine.outdated) {
      engine.reload()
      routing.refresh()
    }
    if (!engine.installed) return
    const { primary, state } = watch.refresh()
    lookAtFlags()
    engine.lag.look(primary, engine.control().appliedAtMs)
    const flipping = state === 'draining' || state === 'committing'
    // A flip back to SQLite shows first on PostgreSQL, which is asked more rarely.
    if (
      recovering ||
      performance.now() < nextRecovery ||
      !(flipping || primary === 'postgres' || engine.session.leader)
    )
      return
    recovering = true
    engine
      .recover()
      .then(() => (engine.session.leader ? follower.follow() : undefined))
      .catch(() => undefined)
      .finally(() => {
        recovering = false
        nextRecovery = performance.now() + recoverMs
      })
  }
  const looking = regularly(tickMs, tick, engine)
  const telling = tellStandstill(engine)
  return { stop: () => (looking.stop(), telling.close()) }
}
