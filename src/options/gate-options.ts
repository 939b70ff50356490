import type { Settings } from '../core/settings.ts'
import type { GateBounds } from '../cutover/evidence-gates.ts'

const dayMs = 86_400_000

/** @param maxLagMs of the reads, which a flip asks for as well unless it is told otherwise */
export function gatesFrom(gates: Settings, maxLagMs: number): GateBounds {
  const count = (key: keyof GateBounds, fallback: number): number =>
    gates.integer(key, { fallback, min: 0 })
  return {
    maxLagMs: count('maxLagMs', maxLagMs),
    maxQuarantined: count('maxQuarantined', 0),
    maxDivergences: count('maxDivergences', 0),
    maxDivergentWrites: count('maxDivergentWrites', 0),
    verifyMaxAgeMs: count('verifyMaxAgeMs', dayMs),
    backupMaxAgeMs: count('backupMaxAgeMs', 0),
    statementWindowMs: count('statementWindowMs', 7 * dayMs),
    maxUntranslated: count('maxUntranslated', 0),
    minComparisons: count('minComparisons', 0),
    minRehearsals: count('minRehearsals', 0),
    maxErrorPercent: gates.integer('maxErrorPercent', { fallback: 1, min: 0, max: 100 }),
    maxP99Ms: count('maxP99Ms', 1000),
  }
}

export interface RampSettings {
  /** Percentages of reads, ascending up to 100, which `advance` goes through one by one. */
  readonly steps: readonly number[]
}

export function rampFrom(ramp: Settings): RampSettings {
  const steps = ramp.value('steps') ?? [1, 5, 25, 50, 100]
  const isRamp =
    Array.isArray(steps) &&
    steps.every((step, at) => typeof step === 'number' && step > (at === 0 ? 0 : steps[at - 1])) &&
    steps.at(-1) === 100
  if (isRamp) return { steps: Object.freeze([...(steps as number[])]) }
  throw ramp.refuse('steps', 'must be percentages that ascend to 100, such as [5, 25, 100]')
}
