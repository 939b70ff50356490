import { lossPrefix, type PlaceName } from '../place/place.ts'
import type { ControlRow } from '../sqlite/control.ts'

interface Waiter {
  readonly token: bigint
  readonly resolve: (reached: boolean) => void
  readonly timer: NodeJS.Timeout
}

/** How often a process that does not apply itself looks whether the one that does has come far enough. */
const pollMs = 2

/** What a progress reads of the control record. */
export interface ProgressSource {
  /** The newest token that the secondary is known to have. */
  readonly reached: () => bigint
  /**
   * Null while the place is the primary. Once it is no more, nothing of it is ever published again, so nobody needs to
   * wait: a flip has drained everything; a loss that was accepted has not.
   */
  readonly ended: () => 'drained' | 'lost' | null
}

/**
 * How far the secondary has come, and who waits for it. The process that applies is told directly; the
 * others read the control record, which stands in the SQLite file that all of them share.
 */
export class Progress {
  readonly #source: ProgressSource
  #waiters: Waiter[] = []
  #reached = 0n
  #timer: NodeJS.Timeout | undefined

  constructor(source: ProgressSource) {
    this.#source = source
  }

  get waiting(): number {
    return this.#waiters.length
  }

  /** Whether the secondary holds everything up to the token. */
  has(token: bigint): boolean {
    if (this.#reached >= token) return true
    this.advance(this.#source.reached())
    return this.#reached >= token
  }

  /** True once the secondary holds everything up to the token; false when `timeoutMs` was over before. */
  wait(token: bigint, timeoutMs: number): Promise<boolean> {
    if (this.has(token)) return Promise.resolve(true)
    const ended = this.#source.ended()
    if (ended !== null) return Promise.resolve(ended === 'drained')
    return new Promise((resolve) => {
      const waiter: Waiter = {
        token,
        resolve,
        timer: setTimeout(() => this.#giveUp(waiter), timeoutMs),
      }
      this.#waiters.push(waiter)
      this.#timer ??= setInterval(() => this.#look(), pollMs)
    })
  }

  advance(reached: bigint): void {
    if (reached > this.#reached) this.#reached = reached
    if (this.#waiters.length === 0) return
    const done = this.#waiters.filter((waiter) => waiter.token <= this.#reached)
    if (done.length === 0) return
    this.#waiters = this.#waiters.filter((waiter) => waiter.token > this.#reached)
    for (const waiter of done) {
      clearTimeout(waiter.timer)
      waiter.resolve(true)
    }
    this.#rest()
  }

  /** Everyone who waits gives up now: the secondary is away, and waiting longer would not help. */
  abandon(): void {
    this.#settleAll(false)
  }

  #look(): void {
    const ended = this.#source.ended()
    if (ended === null) this.advance(this.#source.reached())
    else this.#settleAll(ended === 'drained')
  }

  #settleAll(reached: boolean): void {
    for (const waiter of this.#waiters) {
      clearTimeout(waiter.timer)
      waiter.resolve(reached)
    }
    this.#waiters = []
    this.#rest()
  }

  #giveUp(waiter: Waiter): void {
    this.#waiters = this.#waiters.filter((other) => other !== waiter)
    waiter.resolve(false)
    this.#rest()
  }

  #rest(): void {
    if (this.#waiters.length > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

/** How far each place's secondary has come, by primary; nothing has come anywhere before install. */
export function createProgress(control: () => ControlRow | null): Record<PlaceName, Progress> {
  const of = (place: PlaceName, applied: (row: ControlRow) => bigint): Progress =>
    new Progress({
      reached: () => {
        const row = control()
        return row === null ? 0n : applied(row)
      },
      ended: () => {
        const row = control()
        if (row === null || row.primary === place) return null
        return row.attempt.startsWith(lossPrefix) ? 'lost' : 'drained'
      },
    })
  return {
    sqlite: of('sqlite', ({ appliedSeq }) => appliedSeq),
    postgres: of('postgres', ({ appliedTicket }) => appliedTicket),
  }
}
