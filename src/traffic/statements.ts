import type { Engine } from '../engine/engine.ts'
import type { PlaceName } from '../place/place.ts'
import { Histogram } from '../shadow/histogram.ts'
import type { Outcome } from '../shadow/read.ts'
import { createRegistry, maxStatements, type Registry } from '../shadow/registry.ts'
import {
  noRehearsals,
  type RehearsalOutcome,
  type StatementFigures,
  type TranslationState,
} from '../shadow/statement-figures.ts'
import { analyze, type StatementKind } from '../sql/statement.ts'
import { withoutLiterals } from '../sql/without-literals.ts'
import { createKeptRecords } from '../sqlite/kept-records.ts'

/** What is known of one statement of the application, from all of its processes. */
export interface StatementReport {
  readonly fingerprint: string
  /** The text, its literals as question marks. */
  readonly statement: string
  /** Null where SQLite's grammar does not read it. */
  readonly kind: StatementKind | null
  readonly tables: readonly string[]
  readonly calls: number
  /** Rows of one call, on average; null where none has been counted. */
  readonly rows: number | null
  readonly lastSeenAtMs: number
  /** Whether PostgreSQL has a form of it, as far as shadow reads and rehearsals know. */
  readonly translation: TranslationState
  /** Why it has none, why its data do not decide its answer, or what a rehearsal has found last. */
  readonly reason: string | null
  /** How its shadow reads ended. */
  readonly comparisons: Readonly<Record<Outcome, number>>
  /** How rehearsals of it ended, where it is a write. */
  readonly rehearsals: Readonly<Record<RehearsalOutcome, number>>
  /** How long it takes where it was timed, in milliseconds, within a tenth. */
  readonly latencyMs: Readonly<Record<PlaceName, Latency | null>>
  /** A loop of statements: ten times and more in one session, or in a row. Each is a round trip on PostgreSQL. */
  readonly repeated: Repeated | null
}

export interface Latency {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

export interface Repeated {
  readonly sessions: number
  /** Calls in one of them, on average and at most. */
  readonly average: number
  readonly most: number
  /** What PostgreSQL adds to one of them; null until both places have been timed. */
  readonly addedMs: number | null
}

export type StatementOrder = 'calls' | 'slowest' | 'recent' | 'repeated' | 'divergent'

export interface StatementsOptions {
  /** What comes first; `calls` unless given. `slowest` is by the 95th percentile on PostgreSQL, else on SQLite. */
  readonly sort?: StatementOrder
  readonly table?: string
  readonly translation?: TranslationState
  /** Only those that loops call. */
  readonly repeated?: boolean
  readonly limit?: number
}

export function openRegistry(engine: Engine): Registry {
  return createRegistry(
    createKeptRecords(engine.file, {
      table: 'statement_log',
      max: maxStatements,
      // Figures that wait for a file that another process holds are not worth a pause when the application closes.
      busyTimeoutMs: 500,
    }),
  )
}

export function listStatements(
  registry: Registry,
  { sort = 'calls', table, translation, repeated, limit = 100 }: StatementsOptions = {},
): StatementReport[] {
  const rank = ranks[sort]
  return [...registry.figures()]
    .map(([fingerprint, figures]) => reportOf(fingerprint, figures))
    .filter(
      (one) =>
        (table === undefined ||
          one.tables.some((name) => name.toLowerCase() === table.toLowerCase())) &&
        (translation === undefined || one.translation === translation) &&
        (repeated !== true || one.repeated !== null),
    )
    .toSorted((a, b) => rank(b) - rank(a))
    .slice(0, limit)
}

const ranks: Readonly<Record<StatementOrder, (one: StatementReport) => number>> = {
  calls: ({ calls }) => calls,
  slowest: ({ latencyMs }) => (latencyMs.postgres ?? latencyMs.sqlite)?.p95 ?? 0,
  recent: ({ lastSeenAtMs }) => lastSeenAtMs,
  repeated: ({ repeated }) => repeated?.addedMs ?? repeated?.most ?? 0,
  divergent: ({ comparisons, rehearsals }) => comparisons.divergent + rehearsals.divergent,
}

function reportOf(fingerprint: string, figures: StatementFigures): StatementReport {
  const { sql, calls, timed, rows, lastSeenMs, translation, reason, outcomes, rehearsals } = figures
  const latencyMs = {
    sqlite: latencyOf(figures, 'sqlite'),
    postgres: latencyOf(figures, 'postgres'),
  }
  return {
    fingerprint,
    ...readText(sql),
    calls,
    rows: timed === 0 ? null : rows / timed,
    lastSeenAtMs: lastSeenMs,
    translation,
    reason,
    comparisons: outcomes,
    rehearsals: rehearsals ?? noRehearsals,
    latencyMs,
    repeated: repeatedOf(figures, latencyMs),
  }
}

function readText(sql: string): Pick<StatementReport, 'statement' | 'kind' | 'tables'> {
  try {
    const { kind, tables } = analyze(sql)
    return { statement: withoutLiterals(sql), kind, tables }
  } catch {
    // Nothing is known of what is in it, so nothing of it is shown.
    return { statement: 'a text that is no statement of SQLite', kind: null, tables: [] }
  }
}

function latencyOf({ latency }: StatementFigures, place: PlaceName): Latency | null {
  const histogram = new Histogram(latency[place])
  const at = (percent: number): number => histogram.percentile(percent) ?? 0
  return histogram.total === 0 ? null : { p50: at(50), p95: at(95), p99: at(99) }
}

function repeatedOf(
  { repeats: { sessions, calls, most } }: StatementFigures,
  { sqlite, postgres }: StatementReport['latencyMs'],
): Repeated | null {
  if (sessions === 0) return null
  const average = calls / sessions
  const addedMs =
    sqlite === null || postgres === null ? null : Math.max(0, postgres.p50 - sqlite.p50) * average
  return { sessions, average, most, addedMs }
}
