import { Mutex, sleep, yieldToEventLoop } from '../core/wait.ts'
import type { Connection } from './connection.ts'
import { isBusy } from './errors.ts'

const spinsBeforeSleep = 8

/**
 * The write connection of a process. SQLite has one writer at a time: inside the process callers queue
 * in order; against other processes a busy answer is tried again without blocking the event loop, until
 * `busyTimeoutMs` is over and the caller gets SQLITE_BUSY.
 */
export class SqliteWriter {
  readonly db: Connection
  readonly #mutex: Mutex
  readonly #busyTimeoutMs: number
  /** What the application chose for its own connection, or 0 on one that Lockstep opened. */
  readonly #ownTimeoutMs: number

  constructor(db: Connection, limits: { busyTimeoutMs: number; maxWaiting: number }) {
    this.db = db
    this.#busyTimeoutMs = limits.busyTimeoutMs
    this.#ownTimeoutMs = db.pragma('busy_timeout', { simple: true }) as number
    this.#mutex = new Mutex(limits.maxWaiting)
  }

  /** Runs one statement or one synchronous transaction; at once where nobody else is writing. */
  write<T>(work: () => T): Promise<T> {
    if (this.#mutex.free) {
      try {
        return Promise.resolve(this.#withoutWaiting(work))
      } catch (error) {
        if (!isBusy(error)) return Promise.reject(error)
      }
    }
    return this.#mutex.run(() => this.retryBusy(work))
  }

  /** Holds the connection over several turns of the event loop: for the application's transactions. */
  hold<T>(work: (db: Connection) => Promise<T>): Promise<T> {
    return this.#mutex.run(() => work(this.db))
  }

  /** For holders: tries `work` again while another process has the write lock. */
  retryBusy<T>(work: () => T): Promise<T> {
    return retryBusy(() => this.#withoutWaiting(work), this.#busyTimeoutMs)
  }

  /**
   * SQLite's own wait for a lock would stop the event loop, and with it whoever holds the lock in this
   * very process. On a connection of the application's it is put back afterwards.
   */
  #withoutWaiting<T>(work: () => T): T {
    if (this.#ownTimeoutMs === 0) return work()
    this.db.pragma('busy_timeout = 0')
    try {
      return work()
    } finally {
      this.db.pragma(`busy_timeout = ${this.#ownTimeoutMs}`)
    }
  }
}

/** Tries synchronous work again while SQLite answers busy: first each turn, then every few milliseconds. */
export async function retryBusy<T>(work: () => T, timeoutMs: number): Promise<T> {
  const until = performance.now() + timeoutMs
  for (let attempt = 0; ; attempt++) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || performance.now() >= until) throw error
    }
    if (attempt < spinsBeforeSleep) await yieldToEventLoop()
    else await sleep(1 + Math.random() * Math.min(attempt - spinsBeforeSleep, 10))
  }
}
