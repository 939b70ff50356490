import type { Connection, Statement } from '../sqlite/connection.ts'
import type { PlaceName } from '../place/place.ts'
import { heartbeatMs } from './shipper.ts'

/**
 * How far the secondary is behind, as far as the SQLite file tells: a look costs some microseconds.
 * `ms` counts from the last time the secondary was equal, or from when this process saw the first entry
 * come in, whichever is later; behind a PostgreSQL primary, from the last heartbeat that is overdue.
 */
export class Lag {
  readonly #db: Connection
  readonly #installed: () => boolean
  #pendingSince: number | null = null
  #hasLooked = false
  #pending: Statement | undefined
  #count: Statement | undefined
  #newest: Statement | undefined

  constructor(db: Connection, installed: () => boolean) {
    this.#db = db
    this.#installed = installed
  }

  /** To be called now and then, so that `ms` is right when somebody asks. */
  look(primary: PlaceName, appliedAtMs: number): number {
    const now = Date.now()
    if (primary === 'postgres') return Math.max(0, now - appliedAtMs - 2 * heartbeatMs)
    if (!this.#hasEntries()) {
      this.#pendingSince = null
      this.#hasLooked = true
      return 0
    }
    // A process that has just begun cannot know how long they wait: the worst counts.
    this.#pendingSince ??= this.#hasLooked || appliedAtMs === 0 ? now : appliedAtMs
    this.#hasLooked = true
    return Math.max(0, now - Math.max(this.#pendingSince, appliedAtMs))
  }

  entries(): number {
    if (!this.#installed()) return 0
    this.#count ??= this.#db
      .prepare('SELECT count(*) FROM _lockstep_journal WHERE tbl <> 0')
      .pluck()
    return this.#count.get() as number
  }

  /** The newest entry of the journal: a write that has returned is covered by it. */
  newest(): bigint {
    this.#newest ??= this.#db
      .prepare('SELECT max(seq) FROM _lockstep_journal')
      .pluck()
      .safeIntegers()
    return (this.#newest.get() as bigint | null) ?? 0n
  }

  #hasEntries(): boolean {
    if (!this.#installed()) return false
    this.#pending ??= this.#db.prepare('SELECT 1 FROM _lockstep_journal WHERE tbl <> 0 LIMIT 1')
    return this.#pending.get() !== undefined
  }
}
