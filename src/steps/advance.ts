import type { FlipReport, Lockstep } from '../api.ts'
import { LockstepError } from '../core/errors.ts'
import { nextStep } from '../cutover/next-step.ts'
import { refuseUnlessReady } from '../cutover/readiness.ts'
import type { Engine } from '../engine/engine.ts'
import type { Journey } from './journey.ts'
import { stageOf, type Flags, type Stage } from '../route/flags.ts'
import type { FlagsStore } from '../route/flags-store.ts'

export interface AdvanceReport {
  from: Stage
  to: Stage
  /** The flags in force behind the step. */
  flags: Flags
  /** Where the step was a flip. */
  flip: FlipReport | null
}

/**
 * Takes the next step of the journey where the gates that it needs hold.
 * @throws LockstepError NOT_INSTALLED; GATE_REFUSED with the gates that do not hold, or where no step is left that could be
 *   undone; and those of a flip
 */
export function createAdvance(
  engine: Engine,
  journey: Journey,
  flags: FlagsStore,
): Lockstep['advance'] {
  return async (options = {}) => {
    engine.requireInstalled()
    const from = stageNow(engine)
    const step = nextStep(from, engine.flags(), engine.options.ramp.steps)
    if (step === null) throw nothingLeft(from)
    const { gates } = await journey.gates()
    const needed = gates.filter(({ name }) => step.needs === 'all' || step.needs.includes(name))
    refuseUnlessReady({ gates: needed }, 'advance')
    const flip = step.to === 'flipped' ? await journey.steps.flip('postgres', options) : null
    if (step.flags !== null) await flags.set(step.flags)
    return { from, to: stageNow(engine), flags: engine.flags(), flip }
  }
}

function stageNow(engine: Engine): Stage {
  const { primary, completed } = engine.control()
  return stageOf(engine.flags(), { primary, complete: completed, installed: engine.installed })
}

function nothingLeft(stage: Stage): LockstepError {
  return new LockstepError(
    'GATE_REFUSED',
    stage === 'complete'
      ? 'The migration is complete: there is no stage behind it'
      : 'The stage behind flipped is complete, which cannot be undone: run `lockstep complete` (db.complete()) for it',
    { details: { stage } },
  )
}
