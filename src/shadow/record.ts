import type { PlaceName } from '../place/place.ts'
import type { StatementRecord } from '../route/statement-record.ts'
import { classesOf } from './argument-classes.ts'
import { Histogram } from './histogram.ts'
import type { Outcome, ReadRecord } from './read.ts'
import type { WriteRecord } from './rehearsal.ts'
import {
  noOutcomes,
  noRehearsals,
  type RehearsalOutcome,
  type StatementFigures,
  maxArgumentClasses,
  type TranslationState,
} from './statement-figures.ts'

/** So many calls of a statement are timed; of those behind them every eighth, as a clock costs more than a count. */
const timedCalls = 64
const timedMask = 7

/** So many calls in one session are a loop of statements, each of which is a round trip on PostgreSQL. */
export const manyCalls = 10

/** Suspicions of a statement that came to nothing, in a row, before only one of so many is confirmed. */
const patience = 5
const oneOf = 20

/** For how long a statement is left alone that takes too long, or answers too much to be compared. */
const restMs = 60_000

/** What is known of one statement in this process: figures since they were last taken, and how to treat it. */
export class Observed implements StatementRecord, ReadRecord, WriteRecord {
  readonly sql: string
  #calls = 0
  #taken = 0
  #timed = 0
  #rows = 0
  #lastSeenMs = 0
  #translation: TranslationState = 'unseen'
  #reason: string | null = null
  #outcomes: Record<Outcome, number> = { ...noOutcomes }
  #latency: Partial<Record<PlaceName, Histogram>> = {}
  #repeats = { sessions: 0, calls: 0, most: 0 }
  #isChanged = false
  #runs = 0
  #restUntil = 0
  #inVain = 0
  #rehearsed: Record<RehearsalOutcome, number> = { ...noRehearsals }
  #rehearsals = 0
  readonly #argumentClasses = new Set<string>()

  constructor(sql: string) {
    this.sql = sql
  }

  begin(args: readonly unknown[]): number {
    this.#calls++
    if (this.#calls <= timedCalls && this.#argumentClasses.size < maxArgumentClasses) {
      const classes = classesOf(args)
      if (classes !== null) this.#argumentClasses.add(classes)
    }
    return this.again()
  }

  again(): number {
    const isTimed = this.#calls <= timedCalls || (this.#calls & timedMask) === 0
    return isTimed ? performance.now() : 0
  }

  ended(place: PlaceName, begun: number, answer: unknown): void {
    if (begun === 0) return
    this.took(place, performance.now() - begun)
    this.#timed++
    if (Array.isArray(answer)) this.#rows += answer.length
    else if (answer !== undefined) this.#rows++
    this.#lastSeenMs = Date.now()
  }

  repeated(times: number): void {
    if (times < manyCalls) return
    const { sessions, calls, most } = this.#repeats
    this.#repeats = { sessions: sessions + 1, calls: calls + times, most: Math.max(most, times) }
  }

  took(place: PlaceName, ms: number): void {
    ;(this.#latency[place] ??= new Histogram()).add(ms)
  }

  judged(outcome: Outcome, reason: string | null): void {
    this.#outcomes[outcome]++
    this.#isChanged = true
    if (outcome === 'untranslated') this.#translation = 'refused'
    else if (outcome !== 'unknown') this.#translation = 'translated'
    if (outcome === 'untranslated' || outcome === 'undecided') this.#reason = reason
    if (outcome === 'undecided') this.#inVain++
    else if (outcome !== 'unknown') this.#inVain = 0
  }

  get rehearsals(): number {
    return this.#rehearsals
  }

  rehearsed(outcome: RehearsalOutcome, reason: string | null): void {
    this.#rehearsals++
    this.#rehearsed[outcome]++
    this.#isChanged = true
    if (outcome === 'untranslated') this.#translation = 'refused'
    else if (outcome !== 'unknown') this.#translation = 'translated'
    if (reason !== null) this.#reason = reason
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

  /** Whether there is something that has not been taken. */
  get isChanged(): boolean {
    return this.#isChanged || this.#calls > this.#taken
  }

  figures(): StatementFigures {
    const latency = Object.entries(this.#latency).map(([place, one]) => [place, one.counts()])
    return {
      sql: this.sql,
      calls: this.#calls - this.#taken,
      timed: this.#timed,
      rows: this.#rows,
      lastSeenMs: this.#lastSeenMs,
      translation: this.#translation,
      reason: this.#reason,
      outcomes: { ...this.#outcomes },
      rehearsals: { ...this.#rehearsed },
      latency: Object.fromEntries(latency) as StatementFigures['latency'],
      repeats: this.#repeats,
      argumentClasses: [...this.#argumentClasses],
    }
  }

  /** The same, and begins to count anew. */
  take(): StatementFigures {
    const figures = this.figures()
    this.#taken = this.#calls
    this.#timed = 0
    this.#rows = 0
    this.#outcomes = { ...noOutcomes }
    this.#rehearsed = { ...noRehearsals }
    this.#latency = {}
    this.#repeats = { sessions: 0, calls: 0, most: 0 }
    this.#isChanged = false
    return figures
  }
}
