import { p99Of, type HealthFigures } from './health.ts'

export interface AutopilotSettings {
  /** Send reads back to the primary when the other place does badly. */
  readonly back: boolean
  /** Walk through the ramp, one percentage after the other; never flips. */
  readonly forward: boolean
  /** How long each percentage of the ramp must have stood; after each return it is twice as long as before. */
  readonly stepMs: number
  /** Over which time reads are judged, and how many of them it takes. */
  readonly windowMs: number
  readonly minReads: number
  /** Percent of the reads that failed on the other place, and not on the primary. */
  readonly maxErrorPercent: number
  /** 99 of 100 reads take at most so long; 0 does not ask. */
  readonly maxP99Ms: number
  /** Rows that differ by open divergences. */
  readonly maxDivergences: number
}

export interface AutopilotContext {
  readonly settings: AutopilotSettings
  /** In milliseconds, of a clock that never goes back. */
  readonly now: () => number
  /** Which place serves how many reads, as a text that changes with it; null while the primary serves all of them. */
  readonly spread: () => string | null
  readonly health: (ms: number) => HealthFigures
  readonly divergences: () => number
  readonly sendBack: (reason: string) => Promise<void>
  /** Takes the next step of the ramp if there is one and its gates hold. */
  readonly stepForward: () => Promise<void>
}

/** After so many returns the wait grows no more. */
const maxDoublings = 6

/**
 * Moves reads by itself: back when the other place does badly, and forward only where it was told to.
 *
 *             a bound is passed, by reads of this spread alone
 *   spread ────────────────────────────────────────────────────> all on the primary
 *    │  ^                                                              │
 *    │  └── forward: stepMs x 2^returns, and the gates hold ───────────┘
 *    └── forward: stepMs, and the gates hold ──> the next percentage
 *
 * It does not flap: once back nothing but an operator, or a wait that doubles with each return, brings reads there
 * again, and what they did before a change of the spread counts no more.
 */
export class Autopilot {
  readonly #context: AutopilotContext
  #spread: string | null
  #sinceMs: number
  #returns = 0

  constructor(context: AutopilotContext) {
    this.#context = context
    this.#spread = context.spread()
    this.#sinceMs = context.now()
  }

  /** To be called each second or so, one call after the other. */
  async look(): Promise<void> {
    const { settings, now, spread, sendBack, stepForward } = this.#context
    const current = spread()
    if (current !== this.#spread) [this.#spread, this.#sinceMs] = [current, now()]
    const reason = settings.back && current !== null ? this.#complaint() : null
    if (reason !== null) {
      this.#returns++
      await sendBack(reason)
    } else if (settings.forward && now() - this.#sinceMs >= this.#waitMs()) {
      this.#sinceMs = now()
      await stepForward()
    }
  }

  #waitMs(): number {
    return this.#context.settings.stepMs * 2 ** Math.min(this.#returns, maxDoublings)
  }

  #complaint(): string | null {
    const { settings, now, health, divergences } = this.#context
    const { windowMs, minReads, maxErrorPercent, maxP99Ms, maxDivergences } = settings
    const differing = divergences()
    if (differing > maxDivergences) return `${differing} rows differ by open divergences`
    const figures = health(Math.min(windowMs, now() - this.#sinceMs))
    if (figures.reads < minReads) return null
    const percent = (100 * figures.errors) / figures.reads
    if (percent > maxErrorPercent)
      return `${Math.round(percent)} % of ${figures.reads} reads failed`
    const p99 = p99Of(figures)
    return maxP99Ms > 0 && p99 > maxP99Ms
      ? `one of a hundred reads takes ${Math.round(p99)} ms`
      : null
  }
}
