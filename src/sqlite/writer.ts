import { Mutex, queueFull, sleep, yieldToEventLoop } from '../core/wait.ts'
import type { Connection } from './connection.ts'
import { isBusy } from './errors.ts'
import { createGroupCommit, type GroupCommit } from './group-commit.ts'
import { longestPauseMs, restAfter, turnsOf } from './turns.ts'

const spinsBeforeSleep = 8

/** A caller whose statement shares a transaction with others'. */
interface Member {
  readonly work: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * A write connection. SQLite has one writer at a time: inside the process callers queue in order, and the
 * connections take turns; against other processes a busy answer is tried again without blocking the event loop,
 * until `busyTimeoutMs` is over and the caller gets SQLITE_BUSY.
 */
export class SqliteWriter {
  readonly db: Connection
  /** The callers of this connection. */
  readonly #queue: Mutex
  /** This connection and the others on the file. */
  readonly #turns: Mutex
  readonly #busyTimeoutMs: number
  readonly #maxWaiting: number
  /** What the application chose for its own connection, or 0 on one that Lockstep opened. */
  readonly #ownTimeoutMs: number
  readonly #commitTogether: GroupCommit
  #group: Member[] = []

  constructor(db: Connection, limits: { busyTimeoutMs: number; maxWaiting: number }) {
    this.db = db
    this.#busyTimeoutMs = limits.busyTimeoutMs
    this.#maxWaiting = limits.maxWaiting
    this.#ownTimeoutMs = db.pragma('busy_timeout', { simple: true }) as number
    this.#queue = new Mutex(limits.maxWaiting)
    this.#turns = turnsOf(db)
    this.#commitTogether = createGroupCommit(db)
  }

  /** Runs one statement or one synchronous transaction; at once where nobody else is writing. */
  write<T>(work: () => T): Promise<T> {
    if (this.#queue.free && this.#turns.free) {
      try {
        return Promise.resolve(this.#withoutWaiting(work))
      } catch (error) {
        if (!isBusy(error)) return Promise.reject(error)
      }
    }
    return this.#inTurn(() => this.retryBusy(work))
  }

  /**
   * Runs one statement that changes rows, in a transaction that it shares with all others that come in
   * the same turn of the event loop, or wait for the connection like it. `work` may run twice, the first
   * time undone.
   */
  writeTogether<T>(work: () => T): Promise<T> {
    if (this.#group.length >= this.#maxWaiting) return Promise.reject(queueFull(this.#maxWaiting))
    return new Promise<T>((resolve, reject) => {
      this.#group.push({ work, resolve: resolve as Member['resolve'], reject })
      // Behind every callback that is due, so that those who have just been answered join the group.
      if (this.#group.length === 1) process.nextTick(() => void this.#commitGroup())
    })
  }

  /** Holds the connection over several turns of the event loop: for the application's transactions. */
  hold<T>(work: (db: Connection) => Promise<T>): Promise<T> {
    return this.#inTurn(() => work(this.db))
  }

  /** The same, until `release` is called. */
  async keep(): Promise<{ db: Connection; release: () => void }> {
    return { db: this.db, release: await this.#turn() }
  }

  /** For holders: tries `work` again while another process has the write lock. */
  retryBusy<T>(work: () => T): Promise<T> {
    return retryBusy(() => this.#withoutWaiting(work), this.#busyTimeoutMs)
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.#turn()
    try {
      return await work()
    } finally {
      release()
    }
  }

  async #turn(): Promise<() => void> {
    const next = await this.#queue.hold()
    const end = await this.#turns.hold()
    const since = performance.now()
    const release = (): void => {
      end()
      next()
    }
    return () => {
      const wanted = this.#queue.wanted || this.#turns.wanted
      const restMs = wanted ? restAfter(performance.now() - since) : 0
      if (restMs === 0) release()
      else setTimeout(release, restMs)
    }
  }

  async #commitGroup(): Promise<void> {
    try {
      await this.#inTurn(() => this.#commitMembers(this.#group.splice(0)))
    } catch (error) {
      // The queue for the connection is full: none of them was begun.
      for (const { reject } of this.#group.splice(0)) reject(error)
    }
  }

  async #commitMembers(members: readonly Member[]): Promise<void> {
    let left = members
    while (left.length > 0) {
      const group = left.map(({ work }) => work)
      try {
        const outcomes = await this.retryBusy(() => this.#commitTogether(group))
        for (const [index, outcome] of outcomes.entries()) settle(left[index] as Member, outcome)
        left = left.slice(outcomes.length)
      } catch (error) {
        for (const { reject } of left) reject(error)
        return
      }
      if (left.length > 0) await yieldToEventLoop()
    }
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

function settle({ resolve, reject }: Member, outcome: ReturnType<GroupCommit>[number]): void {
  if ('error' in outcome) reject(outcome.error)
  else resolve(outcome.value)
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
    else await sleep(1 + Math.random() * Math.min(attempt - spinsBeforeSleep, longestPauseMs - 1))
  }
}
