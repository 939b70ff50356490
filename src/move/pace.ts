import { sleep } from '../core/wait.ts'

/** How often to ask how fast to go. */
const lookMs = 500
/** The longest rest in one go, after which the percentage is looked at again. */
const maxRestMs = 1000

/** How fast a backfill may go now. */
export interface Allowance {
  /** The share of the time in which it works; 0 stops it. */
  readonly percent: number
  /** Why it has to wait, or null. */
  readonly reason: string | null
}

export interface PaceOptions {
  readonly look: () => Promise<Allowance>
  readonly signal: AbortSignal
  /** Why it waits now, or null; called at each change. */
  readonly onWaiting: (reason: string | null) => void
}

/** Lets lanes work for a share of the time, and not at all while there is a reason to wait. */
export class Pace {
  readonly #options: PaceOptions
  #allowance: Allowance = { percent: 100, reason: null }
  #lookedAt = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | undefined
  #waiting: string | null = null

  constructor(options: PaceOptions) {
    this.#options = options
  }

  /** Called before each piece of work. @param workedMs how long this lane has worked since it was last called */
  async rest(workedMs: number): Promise<void> {
    await this.#look()
    let rested = 0
    for (;;) {
      const { percent, reason } = this.#allowance
      const dueMs =
        percent === 0 ? Number.POSITIVE_INFINITY : (workedMs * (100 - percent)) / percent
      const why = reason ?? (percent === 0 ? 'it is throttled to 0 %' : null)
      this.#tell(why ?? (dueMs > maxRestMs ? `it is throttled to ${percent} %` : null))
      if (why === null && rested >= dueMs) return
      const restMs = why === null ? Math.min(dueMs - rested, maxRestMs) : lookMs
      await sleep(restMs, this.#options.signal)
      rested += restMs
      await this.#look()
    }
  }

  /** One question for all lanes. */
  async #look(): Promise<void> {
    if (performance.now() - this.#lookedAt < lookMs) return
    this.#looking ??= (async () => {
      try {
        this.#allowance = await this.#options.look()
        this.#lookedAt = performance.now()
      } finally {
        this.#looking = undefined
      }
    })()
    await this.#looking
  }

  #tell(reason: string | null): void {
    if (reason === this.#waiting) return
    this.#waiting = reason
    this.#options.onWaiting(reason)
  }
}
