import type { Lockstep } from '../api.ts'
import { isLockstepError } from '../core/errors.ts'
import { Autopilot } from '../cutover/autopilot.ts'
import { nextStep } from '../cutover/next-step.ts'
import type { Engine } from '../engine/engine.ts'
import { record } from '../engine/record.ts'
import type { Flags } from '../route/flags.ts'
import type { FlagsStore } from '../route/flags-store.ts'
import type { Routing } from '../traffic/routing.ts'

/** What the autopilot did. */
export interface AutopilotEvent {
  readonly action: 'back' | 'forward' | 'rollback'
  /** Why, or what it found in order. */
  readonly reason: string
  /** Percent of reads that PostgreSQL was to serve, and is now; a rollback leaves it. */
  readonly from: number
  readonly to: number
}

/** How often it looks. */
const lookMs = 1000

export function startAutopilot(
  engine: Engine,
  { sharedHealth, divergences, hold }: Routing,
  { flags, advance, rollback }: { flags: FlagsStore } & Pick<Lockstep, 'advance' | 'rollback'>,
): { stop(): void } {
  const settings = engine.options.autopilot
  const tell = async (event: AutopilotEvent): Promise<void> => {
    engine.events.emit('autopilot', event)
    await record(engine, 'autopilot', { ...event })
  }
  const pilot = new Autopilot({
    settings,
    now: () => performance.now(),
    spread: () => spreadOf(engine, hold.flags(), hold.isHeld()),
    health: (ms) => sharedHealth.here.over(ms),
    primaryHealth: (ms) => (isPostgresPrimary(engine) ? sharedHealth.primary.over(ms) : null),
    divergences: () => divergences.count(),
    async sendBack(reason) {
      const { reads } = engine.flags()
      const back = readsOnPrimary(engine, reads)
      // Flags of a provider, or in a file that cannot be written, stay as they are; the reads of this process do not.
      await flags.set({ reads: back }).catch(() => hold.hold(back))
      await tell({ action: 'back', reason, from: reads.postgres, to: back.postgres })
    },
    async rollBack(reason) {
      // A flip drains before it moves, so it loses nothing, or does not happen.
      await rollback()
      const { postgres } = engine.flags().reads
      await tell({ action: 'rollback', reason, from: postgres, to: postgres })
    },
    async stepForward() {
      if (!engine.session.leader || !isOnRamp(engine)) return
      const from = engine.flags().reads.postgres
      const to = await advance().then(({ flags: now }) => now.reads.postgres, whereGatesHold)
      if (to !== null) await tell({ action: 'forward', reason: 'the gates hold', from, to })
    },
  })
  return repeat(async () => {
    if (engine.installed) await pilot.look()
  }, engine)
}

/** A ramp that waits for its gates is no failure; null. */
function whereGatesHold(error: unknown): null {
  if (isLockstepError(error, 'GATE_REFUSED')) return null
  throw error
}

/** One look after the other; what fails is told, a rollback that its gates refuse as well. */
function repeat(look: () => Promise<void>, { events }: Engine): { stop(): void } {
  let looking = false
  const timer = setInterval(() => {
    if (looking) return
    looking = true
    look()
      .catch((error: unknown) => events.emit('error', { error: error as Error }))
      .finally(() => (looking = false))
  }, lookMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

function isPostgresPrimary(engine: Engine): boolean {
  const { primary, completed } = engine.control()
  return primary === 'postgres' && !completed
}

function spreadOf(engine: Engine, { reads }: Flags, isHeld: boolean): string | null {
  const control = engine.findControl()
  if (control === null || control.completed) return null
  const { primary } = control
  const home = primary === 'sqlite' ? 0 : 100
  const percents = [reads.postgres, ...Object.values(reads.tables)]
  // Of keys that have percentages of their own it is not known which go there.
  const isKeyed = engine.options.flags.kind === 'openfeature' && !isHeld
  if (!isKeyed && percents.every((percent) => percent === home)) return null
  return JSON.stringify([primary, reads.postgres, reads.tables])
}

function readsOnPrimary(engine: Engine, { tables }: Flags['reads']): Flags['reads'] {
  const home = engine.control().primary === 'sqlite' ? 0 : 100
  const names = Object.keys(tables).map((name): [string, number] => [name, home])
  return { postgres: home, tables: Object.fromEntries(names) }
}

/** From the first percentage to the last; the flip behind it is an operator's. */
function isOnRamp(engine: Engine): boolean {
  const { primary, completed } = engine.control()
  if (primary === 'postgres' || completed || !engine.flags().mirror) return false
  return nextStep('ramp', engine.flags(), engine.options.ramp.steps)?.to === 'ramp'
}
