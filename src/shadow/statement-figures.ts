import type { PlaceName } from '../place/place.ts'
import { Histogram } from './histogram.ts'
import type { Outcome } from './read.ts'

/** How the statement stands on PostgreSQL: nobody has asked yet, it has a form, it has none. */
export type TranslationState = 'unseen' | 'translated' | 'refused'

/** What is counted of one statement, as it is kept: of one process since it last wrote, or of all. */
export interface StatementFigures {
  readonly sql: string
  readonly calls: number
  /** The calls that were timed, and the rows that they gave. */
  readonly timed: number
  readonly rows: number
  readonly lastSeenMs: number
  readonly translation: TranslationState
  /** Why it has no form, or why its data do not decide its answer. */
  readonly reason: string | null
  readonly outcomes: Readonly<Record<Outcome, number>>
  /** Absent in what an older version has kept. */
  readonly rehearsals?: Readonly<Record<RehearsalOutcome, number>>
  /** Counts of a histogram's buckets. */
  readonly latency: Readonly<Partial<Record<PlaceName, readonly number[]>>>
  /** Sessions, or stretches of one, that called it ten times and more; how often in all, and at most. */
  readonly repeats: { readonly sessions: number; readonly calls: number; readonly most: number }
  /** Of which classes the arguments of its first calls were, as `classesOf` says it; absent in what an older version has kept. */
  readonly argumentClasses?: readonly string[]
}

/** So many combinations of them are kept. */
export const maxArgumentClasses = 4

/** How rehearsals of a write ended. */
export type RehearsalOutcome =
  | 'equal'
  | 'divergent'
  | 'undecided'
  | 'unknown'
  | 'untranslated'
  | 'ignored'

export const noRehearsals: Readonly<Record<RehearsalOutcome, number>> = {
  equal: 0,
  divergent: 0,
  undecided: 0,
  unknown: 0,
  untranslated: 0,
  ignored: 0,
}

export const noOutcomes: Readonly<Record<Outcome, number>> = {
  equal: 0,
  transient: 0,
  divergent: 0,
  undecided: 0,
  unknown: 0,
  untranslated: 0,
  ignored: 0,
}

/** Both together; what only one of them can say is what was seen last. */
export function addFigures(
  known: StatementFigures | undefined,
  more: StatementFigures,
): StatementFigures {
  if (known === undefined) return more
  return {
    sql: more.sql,
    calls: known.calls + more.calls,
    timed: known.timed + more.timed,
    rows: known.rows + more.rows,
    lastSeenMs: Math.max(known.lastSeenMs, more.lastSeenMs),
    translation: more.translation === 'unseen' ? known.translation : more.translation,
    reason: more.reason ?? known.reason,
    outcomes: sumOf(known.outcomes, more.outcomes),
    rehearsals: sumOf(known.rehearsals ?? noRehearsals, more.rehearsals ?? noRehearsals),
    latency: {
      ...latencyOf('sqlite', known, more),
      ...latencyOf('postgres', known, more),
    },
    repeats: {
      sessions: known.repeats.sessions + more.repeats.sessions,
      calls: known.repeats.calls + more.repeats.calls,
      most: Math.max(known.repeats.most, more.repeats.most),
    },
    argumentClasses: [
      ...new Set([...(more.argumentClasses ?? []), ...(known.argumentClasses ?? [])]),
    ].slice(0, maxArgumentClasses),
  }
}

function sumOf<K extends string>(
  a: Readonly<Record<K, number>>,
  b: Readonly<Record<K, number>>,
): Record<K, number> {
  const sums = Object.entries<number>(a).map(([name, count]) => [name, count + b[name as K]])
  return Object.fromEntries(sums) as Record<K, number>
}

function latencyOf(
  place: PlaceName,
  known: StatementFigures,
  more: StatementFigures,
): Partial<Record<PlaceName, readonly number[]>> {
  const [first, second] = [known.latency[place], more.latency[place]]
  if (first === undefined || second === undefined) {
    const only = first ?? second
    return only === undefined ? {} : { [place]: only }
  }
  const both = new Histogram(first)
  both.merge(new Histogram(second))
  return { [place]: both.counts() }
}
