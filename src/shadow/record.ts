import type { PlaceName } from '../place/place.ts'
import type { StatementRecord } from '../route/statement-record.ts'
import { Histogram } from './histogram.ts'
import type { Outcome, ReadRecord } from './read.ts'

/** How the statement stands on PostgreSQL: nobody has asked yet, it has a form, it has none. */
export type TranslationState = 'unseen' | 'translated' | 'refused'

/** So many calls of a statement are timed; of those behind them every eighth, as a clock costs more than a count. */
const timedCalls = 64
const timedMask = 7

/** Suspicions of a statement that came to nothing, in a row, before only one of so many is confirmed. */
const patience = 5
const oneOf = 20

/** For how long a statement is left alone that takes too long, or answers too much to be compared. */
const restMs = 60_000

/** What is known of one statement: figures of its calls and of its comparisons. */
export class Observed implements StatementRecord, ReadRecord {
  readonly sql: string
  calls = 0
  errors = 0
  rows = 0
  /** How many of the calls were timed, and so told how many rows they gave. */
  sampled = 0
  lastSeenMs = 0
  translation: TranslationState = 'unseen'
  /** Why it has no form, or why its data do not decide its answer. */
  reason: string | null = null
  /** Something has changed since it was last kept. */
  isDirty = false
  readonly outcomes: Record<Outcome, number> = {
    equal: 0,
    transient: 0,
    divergent: 0,
    undecided: 0,
    unknown: 0,
    untranslated: 0,
    ignored: 0,
  }
  readonly #latency: Partial<Record<PlaceName, Histogram>> = {}
  #runs = 0
  #restUntil = 0
  #inVain = 0

  constructor(sql: string) {
    this.sql = sql
  }

  begin(): number {
    this.calls++
    const isTimed = this.calls <= timedCalls || (this.calls & timedMask) === 0
    return isTimed ? performance.now() : 0
  }

  ended(place: PlaceName, begun: number, answer: unknown): void {
    if (begun === 0) return
    this.took(place, performance.now() - begun)
    this.sampled++
    if (Array.isArray(answer)) this.rows += answer.length
    else if (answer !== undefined) this.rows++
    this.lastSeenMs = Date.now()
    this.isDirty = true
  }

  failed(): void {
    this.errors++
    this.lastSeenMs = Date.now()
    this.isDirty = true
  }

  took(place: PlaceName, ms: number): void {
    ;(this.#latency[place] ??= new Histogram()).add(ms)
  }

  judged(outcome: Outcome, reason: string | null): void {
    this.outcomes[outcome]++
    this.isDirty = true
    if (outcome === 'untranslated') this.translation = 'refused'
    else if (outcome !== 'unknown') this.translation = 'translated'
    if (outcome === 'untranslated' || outcome === 'undecided') this.reason = reason
    if (outcome === 'undecided') this.#inVain++
    else if (outcome !== 'unknown') this.#inVain = 0
  }

  /** The number of this run, from 1, or null where the statement is left alone now. */
  nextRun(): number | null {
    if (this.#restUntil > 0 && performance.now() < this.#restUntil) return null
    return ++this.#runs
  }

  rest(): void {
    this.#restUntil = performance.now() + restMs
  }

  /** Whether a suspicion is worth an alignment: not each one of a statement whose ties come out differently. */
  isWorthConfirming(): boolean {
    return this.#inVain < patience || this.#inVain++ % oneOf === 0
  }

  latency(place: PlaceName): Histogram | undefined {
    return this.#latency[place]
  }
}
