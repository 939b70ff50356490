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

  constructor(db: Connection, limits: { busyTimeoutMs: number; maxWaiting: number }) {
    this.db = db
    this.#busyTimeoutMs = limits.busyTimeoutMs
    this.#mutex = new Mutex(limits.maxWaiting)
  }

  /** Runs one statement or one synchronous transaction; at once where nobody else is writing. */
  write<T>(work: () => T): Promise<T> {
    if (this.#mutex.free) {
      try {
        return Promise.resolve(work())
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
    return retryBusy(work, this.#busyTimeoutMs)
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
