import { messageOf } from '../core/errors.ts'
import type { Batch } from '../place/place.ts'
import { fingerprintOf } from '../sql/overrides/fingerprint.ts'
import type { Effect } from './effect.ts'
import type { RehearsalSubject } from './rehearsal-run.ts'
import type { WriteVerdict } from './rehearsal-verdict.ts'
import { isSampled } from './sampling.ts'
import type { LoggedWrite, NotKnown, WriteLog } from './write-log.ts'

/** What became of the batches that were to be rehearsed. */
export interface RehearsalCounters {
  /** Batches whose statements ran on PostgreSQL, and the statements among them by how they came out. */
  batches: number
  equal: number
  divergent: number
  /** Came out differently where chance or the time had a say. */
  undecided: number
  unknown: number
  /** PostgreSQL has no form of the statement. */
  untranslated: number
  /** A rule or a hook says that the difference does not matter. */
  ignored: number
  /** Batches with writes that Lockstep did not see: of another process, or of another program. */
  foreign: number
  /** Batches that were left out for other reasons: too large, a change of the schema, or too soon after the last. */
  skipped: number
}

/** What is kept of a statement's rehearsals. */
export interface WriteRecord {
  /** How often it has been rehearsed. */
  readonly rehearsals: number
  rehearsed(verdict: WriteVerdict['kind'] | 'ignored', reason: string | null): void
}

export interface RehearsalOptions {
  readonly log: WriteLog
  /** Percent of the batches; 0 while nothing is to be rehearsed. */
  readonly percent: () => number
  readonly firstRuns: number
  readonly maxRows: number
  readonly recordOf: (sql: string) => WriteRecord
  readonly effectOf: (write: LoggedWrite) => Effect
  /** Runs on PostgreSQL within the budget, however the server behaves. */
  readonly run: (subject: RehearsalSubject) => Promise<readonly WriteVerdict[]>
  readonly onError: (error: unknown) => void
  /** @returns whether a rule says that it does not matter */
  readonly onVerdict: (write: LoggedWrite, verdict: WriteVerdict) => boolean
}

/** A state of SQLite that PostgreSQL has been made equal to. */
interface State {
  readonly position: bigint
  readonly through: bigint
  readonly counters: ReadonlyMap<string, bigint>
}

/**
 * After one the applier is left alone for so many times its length, so that it has at least half of its time for
 * itself; where all statements have had their first runs, nine tenths of it. A statement that has never been rehearsed
 * does not wait for that: it may be a rare one.
 */
const restOfFirst = 1
const restOfOther = 9
/** So many statements are known by their fingerprints; one more waits as all do. */
const maxKnown = 10_000
/** The same after one that came to nothing, as a server that is too slow for it will be so for a while. */
const restOfEndedMs = 5000

/**
 * Decides which batches are rehearsed. For a batch to be one, PostgreSQL must be at a state of SQLite that this process
 * knows, and all that was written since must have gone through this process.
 *
 *   shipped ──> state known ──batch, all of its statements known, sampled──> rehearsed ──> applied as always
 */
export class Rehearsal {
  readonly counters: RehearsalCounters = {
    batches: 0,
    equal: 0,
    divergent: 0,
    undecided: 0,
    unknown: 0,
    untranslated: 0,
    ignored: 0,
    foreign: 0,
    skipped: 0,
  }
  readonly #options: RehearsalOptions
  #state: State | undefined
  #nth = 0
  #restUntil = 0
  readonly #known = new Set<string>()

  constructor(options: RehearsalOptions) {
    this.#options = options
  }

  /** Before a batch is applied at a position. Never throws; the batch waits for it. */
  async before(batch: Batch, position: bigint): Promise<void> {
    try {
      await this.#before(batch, position)
    } catch (error) {
      this.#options.onError(error)
    }
  }

  async #before(batch: Batch, position: bigint): Promise<void> {
    const state = this.#state
    this.#state = undefined
    const percent = this.#options.percent()
    if (percent === 0 || state === undefined || state.position !== position) return
    const known = batch.complete
      ? this.#options.log.take(state.through, batch.token)
      : ('tooLarge' satisfies NotKnown)
    if (known === 'foreign') {
      this.counters.foreign++
      return
    }
    if (typeof known === 'string' || batch.entries > this.#options.maxRows) {
      this.counters.skipped++
      return
    }
    const writes = known.flat()
    if (writes.length > 0 && this.#isDue(writes, percent))
      await this.#rehearse({ transactions: known, batch, position, counters: state.counters })
  }

  /** A batch has been applied, and PostgreSQL is at this position now. */
  shipped(batch: Batch, position: bigint): void {
    if (!batch.complete) {
      this.#state = undefined
      return
    }
    const { token, counters } = batch
    this.#options.log.cut(token)
    this.#state = { position, through: token, counters }
  }

  #isDue(writes: readonly LoggedWrite[], percent: number): boolean {
    const isFirst = this.#haveFirst(writes)
    if (!isFirst && !isSampled(++this.#nth, percent, 0)) return false
    if (performance.now() >= this.#restUntil || writes.some((write) => this.#isNew(write)))
      return true
    this.counters.skipped++
    return false
  }

  #haveFirst(writes: readonly LoggedWrite[]): boolean {
    const { recordOf, firstRuns } = this.#options
    return writes.some(
      ({ sql, kind }) => kind !== 'transaction' && recordOf(sql).rehearsals < firstRuns,
    )
  }

  #isNew({ sql, kind }: LoggedWrite): boolean {
    const { recordOf } = this.#options
    if (kind === 'transaction' || recordOf(sql).rehearsals > 0) return false
    return this.#known.size < maxKnown && !this.#known.has(fingerprintOf(sql))
  }

  async #rehearse(subject: Omit<RehearsalSubject, 'effects'>): Promise<void> {
    const { run, recordOf, effectOf, onVerdict } = this.#options
    const writes = subject.transactions.flat()
    const begun = performance.now()
    const isFirst = this.#haveFirst(writes)
    let verdicts: readonly WriteVerdict[]
    try {
      verdicts = await run({ ...subject, effects: writes.map(effectOf) })
      const tookMs = performance.now() - begun
      this.#restUntil = performance.now() + tookMs * (isFirst ? restOfFirst : restOfOther)
    } catch (error) {
      const reason = messageOf(error)
      verdicts = writes.map(() => ({ kind: 'unknown', reason }))
      this.#restUntil = performance.now() + restOfEndedMs
    }
    this.counters.batches++
    for (const [at, write] of writes.entries()) {
      const verdict = verdicts[at]
      if (verdict === undefined || write.kind === 'transaction') continue
      if (this.#isNew(write)) this.#known.add(fingerprintOf(write.sql))
      const kind = onVerdict(write, verdict) ? 'ignored' : verdict.kind
      this.counters[kind]++
      recordOf(write.sql).rehearsed(kind, 'reason' in verdict ? verdict.reason : null)
    }
  }
}
