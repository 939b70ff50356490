import { messageOf } from '../core/errors.ts'
import { compareRows, type DivergenceClass } from './compare.ts'

/** One read that an application's read is a sample of. */
export interface ShadowRead {
  readonly sql: string
  readonly args: readonly unknown[]
  readonly tables: readonly string[]
  readonly ordered: boolean
}

type Rows = readonly (readonly unknown[])[]

/** Runs a read on each place. */
export interface BothPlaces {
  readonly sqlite: (read: ShadowRead) => Promise<Rows>
  readonly postgres: (read: ShadowRead) => Promise<Rows>
}

export interface ShadowOptions {
  /** Why PostgreSQL has nothing to compare at this moment, or null. */
  readonly unusable: () => string | null
  /** The places as they are now. */
  readonly live: BothPlaces
  /** Gives `work` the places at aligned snapshots. */
  readonly aligned: <T>(work: (places: BothPlaces) => Promise<T>) => Promise<T>
  readonly onDivergence: (read: ShadowRead, kind: DivergenceClass | 'error') => void
}

export interface ShadowCounters {
  runs: number
  equal: number
  /** Differed at first and were equal at aligned snapshots: a race, no divergence. */
  transient: number
  divergent: number
  /** Left out because the queue was full. */
  dropped: number
}

/** Reads that wait for their shadow; one more is dropped and counted. */
const maxQueued = 100

/**
 * Runs a sample of the application's reads on both places and compares the answers, one at a time and
 * off the caller's path. A difference is only a suspicion: it counts when it is there again at aligned
 * snapshots, where no write can come in between. A shadow's failure is data, never an error of the caller.
 */
export class Shadow {
  readonly counters: ShadowCounters = { runs: 0, equal: 0, transient: 0, divergent: 0, dropped: 0 }
  readonly #options: ShadowOptions
  readonly #queue: ShadowRead[] = []
  #running: Promise<void> | undefined
  #stopped = false

  constructor(options: ShadowOptions) {
    this.#options = options
  }

  observe(read: ShadowRead): void {
    if (this.#stopped) return
    if (this.#queue.length >= maxQueued) {
      this.counters.dropped++
      return
    }
    this.#queue.push(read)
    this.#running ??= this.#drain().finally(() => (this.#running = undefined))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#queue.length = 0
    await this.#running
  }

  async #drain(): Promise<void> {
    // The caller's own work goes first.
    await new Promise((resolve) => setImmediate(resolve))
    for (let read = this.#queue.shift(); read !== undefined; read = this.#queue.shift()) {
      await this.#compare(read)
    }
  }

  async #compare(read: ShadowRead): Promise<void> {
    const reason = await settle(Promise.resolve().then(this.#options.unusable))
    if ('error' in reason || reason.value !== null) return
    this.counters.runs++
    if ((await difference(this.#options.live, read)) === null) this.counters.equal++
    else await this.#confirm(read)
  }

  async #confirm(read: ShadowRead): Promise<void> {
    const found = await settle(this.#options.aligned((places) => difference(places, read)))
    // No aligned snapshots now (a flip, an outage): nothing is known, so nothing is said.
    if ('error' in found || this.#stopped) return
    if (found.value === null) {
      this.counters.transient++
      return
    }
    this.counters.divergent++
    this.#options.onDivergence(read, found.value)
  }
}

type Settled<T> = { readonly value: T } | { readonly error: string }

async function settle<T>(promise: Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await promise }
  } catch (error) {
    return { error: messageOf(error) }
  }
}

/** A read that only one place can answer is a difference too; one that neither can is not. */
async function difference(
  places: BothPlaces,
  read: ShadowRead,
): Promise<DivergenceClass | 'error' | null> {
  const [sqlite, postgres] = await Promise.all([
    settle(places.sqlite(read)),
    settle(places.postgres(read)),
  ])
  if ('error' in sqlite) return 'error' in postgres ? null : 'error'
  if ('error' in postgres) return 'error'
  return compareRows(sqlite.value, postgres.value, read.ordered)
}
