import { defaultFlags, type Flags, type FlagsPatch, type Stage } from '../route/flags.ts'

/** One step of the journey: what it changes, and the gates that it needs. */
export interface NextStep {
  readonly to: Stage
  /** Null for a flip, which keeps its flag by itself. */
  readonly flags: FlagsPatch | null
  readonly needs: 'all' | readonly string[]
}

const toMirror = ['postgres', 'schema', 'backfill']
const toShadow = [...toMirror, 'mirror']
/** All but those of writes on PostgreSQL: orphans, triggers, unique indexes, foreign keys and generated columns. */
const toRead = [
  ...toShadow,
  'lag',
  'quarantine',
  'verify',
  'backup',
  'divergences',
  'statements',
  'comparisons',
  'errors',
  'p99',
]

/**
 * What comes next; null where nothing does that could be undone.
 *
 *   off ──> mirror ──> shadow ──> ramp: each percentage in turn ──> flipped
 *
 * @param ramp percentages of `reads.postgres`, ascending up to 100
 */
export function nextStep(stage: Stage, { reads }: Flags, ramp: readonly number[]): NextStep | null {
  if (stage === 'flipped' || stage === 'complete') return null
  if (stage === 'off') return { to: 'mirror', flags: { mirror: true }, needs: toMirror }
  if (stage === 'mirror') {
    const { sample } = defaultFlags.shadow
    return { to: 'shadow', flags: { shadow: { sample } }, needs: toShadow }
  }
  const percent = ramp.find((step) => step > reads.postgres)
  return percent === undefined
    ? { to: 'flipped', flags: null, needs: 'all' }
    : { to: 'ramp', flags: { reads: { postgres: percent } }, needs: toRead }
}
