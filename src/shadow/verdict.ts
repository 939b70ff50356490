import type { Table } from '../schema/model.ts'
import type { OriginColumn } from '../sqlite/capped-read.mjs'
import type { KeyValues, Row } from '../values/value.ts'
import { compareAnswers, nowhere, placesOf, sortsAlike } from './compare.ts'
import type { Answer, Difference, Rules } from './compare.ts'
import { probeOf, type Probe } from './probe.ts'
import { rulesOf, type RuleSettings } from './rules.ts'
import type { Subject } from './subject.ts'
import { tryOnBoth, type Answers, type BothPlaces, type Query, type Trial } from './trial.ts'

/** What a read has come to. */
export type Verdict =
  | { readonly kind: 'equal' }
  | { readonly kind: 'unknown'; readonly reason: string; readonly away: boolean }
  | { readonly kind: 'untranslated'; readonly reason: string }
  /** A rule of the application's says that the difference does not matter. */
  | { readonly kind: 'ignored' }
  /** The answers differ, and the data do not decide which is right. */
  | { readonly kind: 'undecided'; readonly reason: string }
  | Different

export interface Different {
  readonly kind: 'different'
  readonly difference: Difference
  /** Only the order differs, and what sorts the rows is not in the answer: it may be ties. */
  readonly isHidden: boolean
  readonly rules: Rules
  readonly columns: readonly OriginColumn[]
  readonly tables: readonly Table[]
  /** The keys of the pairs' rows where the answer has none, as far as SQLite tells them. */
  readonly keys: readonly (KeyValues | null)[]
  readonly keyTable: string | null
  /** What each place said, where one of them failed. */
  readonly failures: { readonly sqlite: string | null; readonly postgres: string | null } | null
}

export interface Judging {
  readonly tables: readonly Table[]
  readonly settings: RuleSettings
  /** Decides in the place of the rules: true for equal, undefined where it leaves it to them. */
  readonly compare: (sqlite: Answer, postgres: Answer) => boolean | undefined
  /** What is compared instead of an answer. */
  readonly clean: (answer: Answer) => Answer
  /** Whether a difference that is one does not matter. */
  readonly ignore: (difference: Difference) => boolean
}

/** Compares what both places answered at one moment. */
export function judge(subject: Subject, trial: Trial, judging: Judging): Verdict {
  if (trial.kind === 'same-failure') return { kind: 'equal' }
  if (trial.kind === 'failed') {
    const { sqlite, postgres } = trial
    const difference: Difference = { class: 'error', pairs: [] }
    const rules = rulesOf(subject, [], [], false, judging.settings)
    const { tables } = judging
    const failures = { sqlite, postgres }
    return {
      kind: 'different',
      keys: [],
      keyTable: null,
      difference,
      isHidden: false,
      rules,
      columns: [],
      tables,
      failures,
    }
  }
  if (trial.kind !== 'answers') return trial
  const { columns } = trial.sqlite
  const isTotal = trial.postgres.order === 'total'
  const rules = rulesOf(subject, columns, judging.tables, isTotal, judging.settings)
  const sqlite = judging.clean(trial.sqlite)
  const postgres = judging.clean(trial.postgres)
  const decided = judging.compare(sqlite, postgres)
  if (decided === true) return { kind: 'equal' }
  const differs = (difference: Difference, isHidden = false): Different => {
    const { tables } = judging
    const common = { rules, columns, tables, keys: [], keyTable: null, failures: null }
    return { kind: 'different', difference, isHidden, ...common }
  }
  const difference = compareAnswers(sqlite, postgres, rules)
  if (difference !== null) return differs(difference)
  if (decided === false) return differs({ class: 'value', pairs: [] })
  if (!rules.sortsHidden) return { kind: 'equal' }
  const inTurn = compareAnswers(sqlite, postgres, { ...rules, order: 'total' })
  return inTurn === null ? { kind: 'equal' } : differs(inTurn, true)
}

/**
 * Compares at aligned snapshots, where a difference is one, unless LIMIT or ties let each place choose: then SQLite
 * says which answers are right.
 */
export async function confirm(
  subject: Subject,
  query: Query,
  places: BothPlaces,
  judging: Judging,
): Promise<Verdict> {
  const trial = await tryOnBoth(places, query)
  const verdict = judge(subject, trial, judging)
  if (verdict.kind !== 'different') return verdict
  const found =
    trial.kind === 'answers' ? await weigh(subject, query, trial, verdict, places) : verdict
  if (found.kind !== 'different') return found
  if (subject.loose !== null) return { kind: 'undecided', reason: subject.loose }
  return judging.ignore(found.difference) ? { kind: 'ignored' } : found
}

/** Asks SQLite for what the answers do not have: all rows that a LIMIT chose from, what sorts them, their keys. */
async function weigh(
  subject: Subject,
  { args }: Query,
  trial: Answers,
  verdict: Different,
  { sqlite }: BothPlaces,
): Promise<Verdict> {
  if (verdict.difference.class === 'names') return verdict
  const isChosen = subject.limit !== null && verdict.rules.order !== 'total'
  const probe = probeOf(subject, verdict.columns, verdict.tables, {
    all: isChosen,
    terms: isChosen || verdict.isHidden,
  })
  const probed = probe === null ? null : await sqlite({ sql: probe.sql, args }).catch(() => null)
  const list = probe === null || probed?.isCut !== false ? null : { probe, rows: probed.rows }
  if (!isChosen && !verdict.isHidden) return list === null ? verdict : withKeys(verdict, list)
  const isRight = list === null ? null : isOneOf(list, trial, verdict.rules)
  if (isRight === false) return list === null ? verdict : withKeys(verdict, list)
  return isChosen ? { kind: 'undecided', reason: 'a LIMIT among ties' } : { kind: 'equal' }
}

/** The rows that SQLite gives, each with what sorts it and its key behind the application's columns. */
interface Probed {
  readonly probe: Probe
  readonly rows: readonly Row[]
}

/**
 * Whether PostgreSQL's answer is one that SQLite may have given: as many rows, each of them among SQLite's, and
 * sorted as SQLite's own answer is. Null where that cannot be told.
 */
function isOneOf(list: Probed, { sqlite, postgres }: Answers, rules: Rules): boolean | null {
  if (sqlite.rows.length !== postgres.rows.length) return false
  const own = placesOf(
    sqlite.rows,
    list.rows.map((row) => row.slice(0, widthOf(list))),
    rules,
  )
  const theirs = placesOf(
    postgres.rows,
    list.rows.map((row) => row.slice(0, widthOf(list))),
    rules,
  )
  if (own.includes(nowhere)) return null
  if (theirs.includes(nowhere)) return false
  return own.every((place, at) => {
    const [mine, other] = [termsAt(list, place, rules), termsAt(list, theirs[at] ?? nowhere, rules)]
    return mine.every((value, term) => sortsAlike(value, other[term] ?? null, rules.ulps))
  })
}

function widthOf({ probe, rows }: Probed): number {
  return (rows[0]?.length ?? 0) - probe.terms - probe.key
}

function termsAt(list: Probed, place: number, { order }: Rules): Row {
  const row = list.rows[place] ?? []
  const from = widthOf(list)
  if (list.probe.terms > 0) return row.slice(from, from + list.probe.terms)
  return Array.isArray(order) ? order.map((at: number) => row[at] ?? null) : []
}

/** Finds the keys of SQLite's rows that differ. */
function withKeys(verdict: Different, list: Probed): Different {
  if (list.probe.key === 0) return verdict
  const width = widthOf(list)
  const keys = verdict.difference.pairs.map(({ sqlite }) => {
    if (sqlite === null) return null
    const [place = nowhere] = placesOf(
      [sqlite],
      list.rows.map((row) => row.slice(0, width)),
      verdict.rules,
    )
    return list.rows[place]?.slice(-list.probe.key) ?? null
  })
  return { ...verdict, keys, keyTable: list.probe.keyTable }
}
