import { LockstepError } from '../core/errors.ts'
import { sleep } from '../core/wait.ts'
import type { Control, PlaceName } from '../place/place.ts'

export interface PrimaryWatchOptions {
  /** The control record in the SQLite file: a few microseconds. */
  readonly readSqlite: () => Control
  /** The control record on PostgreSQL, after mending its fence where a crash left it closed. */
  readonly readPostgres: () => Promise<Control>
  /** Finishes or cancels a flip whose process is gone. */
  readonly recover: () => Promise<void>
  readonly maxHeld: number
  readonly maxHeldMs: number
}

/** While writes are held: how often the SQLite record is looked at, PostgreSQL's, and recovery tried. */
const lookMs = 2
const askPostgresMs = 10
const recoverMs = 250

/**
 * Where writes go, as this process knows it. The view may be stale: the fence in the database is what
 * decides, and a write that it refuses waits here until one place is open, then tries again there.
 */
export class PrimaryWatch {
  readonly #options: PrimaryWatchOptions
  #control: Control
  /** Reads that wait take no place of the writes. */
  readonly #waits = { write: 0, read: 0 }
  #waiting: Promise<void> | undefined
  #heldTotal = 0

  constructor(options: PrimaryWatchOptions) {
    this.#options = options
    this.#control = options.readSqlite()
  }

  get place(): PlaceName {
    return this.#control.primary
  }

  get control(): Control {
    return this.#control
  }

  /** How many writes wait at this moment, and how many have waited since the start. */
  get held(): { readonly now: number; readonly total: number } {
    return { now: this.#waits.write, total: this.#heldTotal }
  }

  /** Whether someone here waits for a place to open: the fence was closed, and nobody has seen it open again. */
  get holds(): boolean {
    return this.#waiting !== undefined
  }

  /** For writes on their way to the fence, which would refuse them. */
  refuseHeld(): void {
    if (this.holds)
      throw new LockstepError('POSTGRES_ERROR', 'Writes are held while the primary moves', {
        details: { outcome: 'none' },
      })
  }

  refresh(): Control {
    this.#control = this.#options.readSqlite()
    return this.#control
  }

  /**
   * Resolves when one place is open to writes. The number of those that wait and their time are bounded.
   * @throws LockstepError WRITE_QUEUE_FULL, WRITE_TIMEOUT: the write has not taken effect.
   */
  async untilOpen(who: 'write' | 'read' = 'write'): Promise<void> {
    const { maxHeld, maxHeldMs } = this.#options
    if (this.#waits[who] >= maxHeld) {
      throw new LockstepError(
        'WRITE_QUEUE_FULL',
        `${maxHeld} writes are held already while the primary moves; this one was not begun. Try again, or raise writes.maxHeld`,
      )
    }
    this.#waits[who]++
    if (who === 'write') this.#heldTotal++
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(heldTooLong(maxHeldMs)), maxHeldMs)
    try {
      this.#waiting ??= this.#look().finally(() => (this.#waiting = undefined))
      await Promise.race([this.#waiting, rejection(late.signal)])
    } finally {
      clearTimeout(timer)
      this.#waits[who]--
    }
  }

  /** One look for all that wait. Ends when a place is open, or when nobody waits any more. */
  async #look(): Promise<void> {
    let nextAsk = 0
    let nextRecovery = performance.now() + recoverMs
    while (this.#waits.write + this.#waits.read > 0) {
      const control = this.refresh()
      const now = performance.now()
      if (control.primary === 'sqlite' && control.state === 'open') return
      if (control.primary === 'postgres' && now >= nextAsk) {
        if (await this.#postgresIsOpen()) return
        nextAsk = performance.now() + askPostgresMs
      }
      if (now >= nextRecovery) {
        await this.#options.recover().catch(() => undefined)
        nextRecovery = performance.now() + recoverMs
      }
      await sleep(lookMs)
    }
  }

  async #postgresIsOpen(): Promise<boolean> {
    try {
      const control = await this.#options.readPostgres()
      return control.primary === 'postgres' && control.state === 'open'
    } catch {
      // The server is away: those who wait go on waiting, up to their bound.
      return false
    }
  }
}

function heldTooLong(maxHeldMs: number): LockstepError {
  return new LockstepError(
    'WRITE_TIMEOUT',
    `No place has taken writes for ${maxHeldMs} ms: a flip is stuck or the primary is away. ` +
      'This write was not begun. `lockstep status` says which; see docs/errors.md',
  )
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}
