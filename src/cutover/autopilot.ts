import { p99Of, type HealthFigures } from './health.ts'

export interface AutopilotSettings {
  /** Send reads back to the primary when the other place does badly. */
  readonly back: boolean
  /** Move the primary from PostgreSQL to SQLite when statements go badly there; as every flip it loses nothing. */
  readonly rollback: boolean
  /** For so long without a break they must go badly, and so long it waits after an attempt. */
  readonly rollbackAfterMs: number
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
  /** Of statements on PostgreSQL as the primary; null while it is not. */
  readonly primaryHealth: (ms: number) => HealthFigures | null
  readonly divergences: () => number
  readonly sendBack: (reason: string) => Promise<void>
  /** Moves the primary to SQLite if its gates hold. */
  readonly rollBack: (reason: string) => Promise<void>
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
 *   postgres is the primary ──where it is told to: a bound is passed at each look of rollbackAfterMs──> sqlite is
 *
 * It does not flap: once back nothing but an operator, or a wait that doubles with each return, brings reads there
 * again, and what they did before a change of the spread counts no more. From a rollback only an operator leads back.
 */
export class Autopilot {
  readonly #context: AutopilotContext
  #spread: string | null
  #sinceMs: number
  #returns = 0
  #illSinceMs: number | null = null

  constructor(context: AutopilotContext) {
    this.#context = context
    this.#spread = context.spread()
    this.#sinceMs = context.now()
  }

  /** To be called each second or so, one call after the other. */
  async look(): Promise<void> {
    const { settings, now, spread, sendBack, stepForward } = this.#context
    if (settings.rollback) await this.#lookAtPrimary()
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

  /** One look at which all is well begins the time anew, so health that alternates moves nothing. */
  async #lookAtPrimary(): Promise<void> {
    const { settings, now, primaryHealth, rollBack } = this.#context
    const figures = primaryHealth(settings.windowMs)
    const reason = figures === null ? null : judged(figures, 'statements', settings)
    if (reason === null) {
      this.#illSinceMs = null
      return
    }
    this.#illSinceMs ??= now()
    if (now() - this.#illSinceMs < settings.rollbackAfterMs) return
    this.#illSinceMs = null
    await rollBack(reason)
  }

  #waitMs(): number {
    return this.#context.settings.stepMs * 2 ** Math.min(this.#returns, maxDoublings)
  }

  #complaint(): string | null {
    const { settings, now, health, divergences } = this.#context
    const { windowMs, maxDivergences } = settings
    const differing = divergences()
    if (differing > maxDivergences) return `${differing} rows differ by open divergences`
    return judged(health(Math.min(windowMs, now() - this.#sinceMs)), 'reads', settings)
  }
}

function judged(
  figures: HealthFigures,
  what: string,
  { minReads, maxErrorPercent, maxP99Ms }: AutopilotSettings,
): string | null {
  if (figures.reads < minReads) return null
  const percent = (100 * figures.errors) / figures.reads
  if (percent > maxErrorPercent)
    return `${Math.round(percent)} % of ${figures.reads} ${what} failed`
  const p99 = p99Of(figures)
  return maxP99Ms > 0 && p99 > maxP99Ms
    ? `one of a hundred ${what} takes ${Math.round(p99)} ms`
    : null
}
