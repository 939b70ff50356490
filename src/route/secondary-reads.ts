import { isLockstepError } from '../core/errors.ts'
import type { PlaceName } from '../place/place.ts'
import type { Consistency } from './consistency.ts'
import { reasonOf } from './failures.ts'
import type { Plan } from './plans.ts'
import type { Session } from './session.ts'

/**
 * Why the primary answered a read that the other place was to serve: nothing is mirrored; the other place rests after a
 * failure, or is too far behind; it has not got the session's own writes yet; it failed this read; it has no form of
 * the statement; the statement is known to be answered otherwise there.
 */
export const fallbackKinds = [
  'off',
  'unwell',
  'behind',
  'failed',
  'untranslated',
  'divergent',
] as const
export type FallbackKind = (typeof fallbackKinds)[number]

/** Why the secondary must not serve a read. */
export interface Refusal {
  readonly kind: FallbackKind
  readonly reason: string
}

/** Sees how reads on the secondary end. */
export interface ReadHealth {
  served(ms: number): void
  /** The secondary failed what the primary could answer. */
  failed(): void
}

export interface SecondaryReadsOptions {
  readonly consistency: Consistency
  readonly health: ReadHealth
  /** A divergence of the statement is open. */
  readonly isDivergent: (plan: Plan) => boolean
  readonly onFallback: (place: PlaceName, reason: string) => void
}

export interface FallbackCounters {
  fallbacks: number
  readonly fallbackKinds: Record<FallbackKind, number>
}

export function noFallbacks(): FallbackCounters {
  const kinds = fallbackKinds.map((kind) => [kind, 0])
  return { fallbacks: 0, fallbackKinds: Object.fromEntries(kinds) as Record<FallbackKind, number> }
}

/** Reads that the flags send to the place which is not the primary. */
export interface SecondaryReads {
  /** On `place` where it may serve this session now; else, and where it fails there, on the primary, once, and counted. */
  serve(read: SecondaryRead): Promise<unknown>
}

export interface SecondaryRead {
  readonly place: PlaceName
  readonly plan: Plan
  readonly session: Session
  readonly there: () => Promise<unknown>
  readonly onPrimary: () => Promise<unknown>
}

/** For how long a statement that has no form stays on the primary before it is tried again. */
const untranslatedMs = 60_000

export function createSecondaryReads(
  { consistency, health, isDivergent, onFallback }: SecondaryReadsOptions,
  counters: FallbackCounters,
): SecondaryReads {
  const untranslatedUntil = new WeakMap<Plan, number>()

  async function refusalOf(plan: Plan, session: Session): Promise<Refusal | null> {
    if (isDivergent(plan)) return { kind: 'divergent', reason: 'a divergence of it is open' }
    if ((untranslatedUntil.get(plan) ?? 0) > performance.now())
      return { kind: 'untranslated', reason: 'SQL_UNSUPPORTED' }
    return consistency.refuses(session)
  }

  /** What is the other place's own failure is known once the primary has answered. */
  async function fallBack(
    { place, onPrimary }: SecondaryRead,
    { kind, reason }: Refusal,
  ): Promise<unknown> {
    counters.fallbacks++
    counters.fallbackKinds[kind]++
    onFallback(place, reason)
    const answer = await onPrimary()
    if (kind === 'failed') health.failed()
    return answer
  }

  return {
    async serve(read) {
      const refusal = await refusalOf(read.plan, read.session)
      if (refusal !== null) return fallBack(read, refusal)
      const begun = performance.now()
      try {
        const answer = await read.there()
        health.served(performance.now() - begun)
        return answer
      } catch (error) {
        if (error instanceof TypeError || error instanceof RangeError) throw error
        const isRefused = isLockstepError(error, 'SQL_UNSUPPORTED')
        if (isRefused) untranslatedUntil.set(read.plan, performance.now() + untranslatedMs)
        return fallBack(read, {
          kind: isRefused ? 'untranslated' : 'failed',
          reason: reasonOf(error),
        })
      }
    },
  }
}
