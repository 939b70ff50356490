import { createBreaker, type Breaker } from '../mirror/breaker.ts'
import type { ReadRecord, ShadowRead } from './read.ts'
import { tryOnBoth, type BothPlaces } from './trial.ts'
import { judge, type Judging, type Verdict } from './verdict.ts'

export interface ShadowOptions {
  /** Why the secondary has nothing to compare at this moment, or null. */
  readonly unusable: () => string | null
  /** The places as they are now. */
  readonly live: BothPlaces
  readonly judging: (read: ShadowRead) => Judging
  /** The answers differ at this moment, which may be a race. */
  readonly onSuspicion: (read: ShadowRead) => void
  /** They are alike at this moment. */
  readonly onEqual: (read: ShadowRead) => void
  /** How many reads run at once, and how many wait for them; one more is dropped and counted. */
  readonly concurrency: number
  readonly maxQueued: number
}

export interface ShadowCounters {
  runs: number
  equal: number
  /** Differed at first and were equal at aligned snapshots: a race, no divergence. */
  transient: number
  divergent: number
  /** Left out because the queue was full, or while a place does not answer. */
  dropped: number
  /** Differed where the data do not decide the answer: a LIMIT among ties and the like. */
  undecided: number
  /** Could not be told: a timeout, an answer too large, a place that was away. */
  unknown: number
  /** PostgreSQL has no form of the statement. */
  untranslated: number
  /** Differed, and a rule or a hook says that it does not matter. */
  ignored: number
}

/** For how long reads are left out after one that got no answer; it doubles up to the second figure. */
const restMs = { retryMinMs: 1000, retryMaxMs: 60_000 }

/**
 * Runs a sample of the application's reads on both places and compares the answers, off the caller's path. A
 * difference is only a suspicion. A shadow's failure is data, never an error of the caller.
 *
 *   observed ──queue full, breaker open──> dropped
 *      └──> queued ──a slot is free──> run on both ──> equal | unknown | untranslated | suspicion
 */
export class Shadow {
  readonly counters: ShadowCounters = {
    runs: 0,
    equal: 0,
    transient: 0,
    divergent: 0,
    dropped: 0,
    undecided: 0,
    unknown: 0,
    untranslated: 0,
    ignored: 0,
  }
  readonly #options: ShadowOptions
  readonly #queue: ShadowRead[] = []
  readonly #breaker: Breaker = createBreaker({ ...restMs, onChange: () => undefined })
  readonly #running = new Set<Promise<void>>()
  /** Statements that got no answer once, and whether another one has since. */
  readonly #unanswered = new WeakSet<ReadRecord>()
  #hasAnswered = false
  #restUntil = 0
  #scheduled = false
  #stopped = false

  constructor(options: ShadowOptions) {
    this.#options = options
  }

  /** Costs a push to a list; everything else comes behind the caller's own work. */
  observe(read: ShadowRead): void {
    if (this.#stopped) return
    const { maxQueued, concurrency } = this.#options
    if (this.#queue.length >= maxQueued || performance.now() < this.#restUntil) {
      this.counters.dropped++
      return
    }
    this.#queue.push(read)
    if (this.#scheduled || this.#running.size >= concurrency) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#begin()
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#queue.length = 0
    await Promise.all(this.#running)
  }

  #begin(): void {
    while (!this.#stopped && this.#running.size < this.#options.concurrency) {
      const read = this.#queue.shift()
      if (read === undefined) return
      const run = this.#run(read).finally(() => {
        this.#running.delete(run)
        this.#begin()
      })
      this.#running.add(run)
    }
  }

  async #run(read: ShadowRead): Promise<void> {
    const run = (): Promise<Verdict | null> => this.#try(read)
    const verdict = await (read.around?.(run) ?? run())
    if (verdict === null || this.#stopped) return
    if (verdict.kind !== 'unknown') this.#answered()
    else if (verdict.away && !this.#isToBlame(read.record)) this.#rest(verdict.reason)
    else read.record.rest()
    if (verdict.kind === 'different') this.#options.onSuspicion(read)
    else this.#count(read, verdict)
    if (verdict.kind === 'equal') this.#options.onEqual(read)
  }

  /** Null where the secondary has nothing to compare. */
  async #try(read: ShadowRead): Promise<Verdict | null> {
    const { unusable, live, judging } = this.#options
    try {
      if (unusable() !== null) return null
      this.counters.runs++
      const trial = await tryOnBoth(live, read)
      if (trial.kind === 'answers') {
        read.record.took('sqlite', trial.sqlite.ms)
        read.record.took('postgres', trial.postgres.ms)
      }
      return judge(read.subject, trial, judging(read))
    } catch (error) {
      return { kind: 'unknown', reason: String(error), away: false }
    }
  }

  #answered(): void {
    this.#breaker.succeeded()
    this.#hasAnswered = true
  }

  /** Whether a statement gets no answer again, while others have got theirs since: then it is no matter of the place. */
  #isToBlame(record: ReadRecord): boolean {
    const isToBlame = this.#unanswered.has(record) && this.#hasAnswered
    this.#unanswered.add(record)
    return isToBlame
  }

  #count(read: ShadowRead, { kind, ...rest }: Exclude<Verdict, { kind: 'different' }>): void {
    this.counters[kind]++
    read.record.judged(kind, 'reason' in rest ? rest.reason : null)
  }

  #rest(reason: string): void {
    this.#restUntil = performance.now() + this.#breaker.failed(reason)
    this.counters.dropped += this.#queue.splice(0).length
    this.#hasAnswered = false
  }
}
