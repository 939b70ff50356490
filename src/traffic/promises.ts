import { oncePerTurn } from '../core/wait.ts'
import type { Engine } from '../engine/engine.ts'
import type { PlaceName } from '../place/place.ts'
import { createAcknowledge, type Acknowledge } from '../route/acknowledge.ts'
import { createConsistency, type Consistency } from '../route/consistency.ts'
import type { PrimaryWatch } from '../route/primary.ts'
import type { Refusal } from '../route/secondary-reads.ts'
import type { ControlRow } from '../sqlite/control.ts'

/** What a write and a read are promised: that both places have it, that a session sees its own writes. */
export function createPromises(
  engine: Engine,
  watch: PrimaryWatch,
): { consistency: Consistency; acknowledge: Acknowledge; quarantined: () => bigint } {
  const { options, events } = engine
  // While nobody waits the applier looks now and then: few larger batches cost less than many small ones.
  const reached = (primary: PlaceName, token: bigint, waitMs: number): Promise<boolean> => {
    const progress = engine.progress[primary]
    if (!progress.has(token)) engine.applier.wake()
    return progress.wait(token, waitMs)
  }
  // Nobody needs the count but who waits for both places.
  const quarantined = (): bigint =>
    engine.flags().ack === 'both' ? (engine.findControl()?.quarantined ?? 0n) : 0n
  return {
    quarantined: oncePerTurn(quarantined),
    consistency: createConsistency({
      unusable: () => unusable(engine, watch),
      primary: () => watch.place,
      token: (primary) => engine.newestToken(primary),
      reached,
      waitMs: options.reads.waitMs,
    }),
    acknowledge: createAcknowledge({
      mode: () => engine.flags().ack,
      unconfirmable: () => {
        const mirroring = mirroringOf(engine)
        return typeof mirroring === 'string' ? mirroring : resting(engine)
      },
      token: (primary) => engine.newestToken(primary),
      reached,
      quarantined,
      timeoutMs: options.ackTimeoutMs,
      onUnconfirmed: options.onUnconfirmed,
      onDegraded: (reason) => events.emit('degraded', { reason }),
    }),
  }
}

/** What the file says of the mirroring, or why the secondary holds nothing that could be compared or read. */
function mirroringOf(engine: Engine): ControlRow | string {
  if (!engine.installed) return 'Lockstep is not installed'
  const control = engine.control()
  if (control.completed) return 'the migration is complete'
  if (!control.backfilled) return 'the backfill is not complete'
  return engine.flags().mirror ? control : 'the flag mirror is off'
}

function breakerReason({ breaker }: Engine): string | null {
  return breaker.state === 'open' ? (breaker.reason ?? 'the secondary does not answer') : null
}

/** Either place may have failed it, and be back: a write has just been committed on the primary. */
function resting(engine: Engine): string | null {
  const reason = breakerReason(engine)
  return reason === null ? null : `the mirror rests after a failure (${reason})`
}

/** Why reads must not go to the secondary, or null. */
export function unusable(engine: Engine, watch: PrimaryWatch): Refusal | null {
  const mirroring = mirroringOf(engine)
  if (typeof mirroring === 'string') return { kind: 'off', reason: mirroring }
  const away = breakerReason(engine)
  if (away !== null) return { kind: 'unwell', reason: away }
  const lagMs = engine.lag.look(watch.place, mirroring.appliedAtMs)
  if (lagMs <= engine.options.reads.maxLagMs) return null
  const reason = `the secondary is ${Math.round(lagMs)} ms behind, more than reads.maxLagMs`
  return { kind: 'unwell', reason }
}
