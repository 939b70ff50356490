import type { Row } from '../values/value.ts'
import { nowhere, placesOf, sortsAlike, type Rules } from './compare.ts'
import { probeOf, type Probe } from './probe.ts'
import type { Subject } from './subject.ts'
import { tryOnBoth, type Answers, type BothPlaces, type Query } from './trial.ts'
import { judge, type Different, type Judging, type Verdict } from './verdict.ts'

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
    trial.kind === 'answers' ? await weigh(subject, query, trial, verdict, places.sqlite) : verdict
  if (found.kind !== 'different') return found
  if (subject.loose !== null) return { kind: 'undecided', reason: subject.loose }
  return judging.ignore(found.difference) ? { kind: 'ignored' } : found
}

/** Asks SQLite for what the answers do not have: the rows that a LIMIT chose from, what sorts them, their keys. */
async function weigh(
  subject: Subject,
  { args }: Query,
  trial: Answers,
  verdict: Different,
  sqlite: BothPlaces['sqlite'],
): Promise<Verdict> {
  if (verdict.difference.class === 'names') return verdict
  const isChosen = subject.limit !== null && verdict.rules.order !== 'total'
  const probe = probeOf(subject, verdict.columns, verdict.tables, {
    around: isChosen ? trial.sqlite.rows.length : null,
    terms: isChosen || verdict.isHidden,
  })
  const list = probe === null ? null : await listOf(probe, args, sqlite)
  if (!isChosen && !verdict.isHidden) return list === null ? verdict : withKeys(verdict, list)
  const isRight = list === null ? null : isOneOf(list, trial, verdict.rules)
  if (list !== null && isRight === false)
    return withKeys(isChosen ? withoutTies(verdict, list, trial) : verdict, list)
  return isChosen ? { kind: 'undecided', reason: 'a LIMIT among ties' } : { kind: 'equal' }
}

/** Rows that SQLite gives, each with what sorts it and its key behind the application's columns. */
interface Probed {
  readonly probe: Probe
  readonly rows: readonly Row[]
  /** Whether none comes behind them. */
  readonly isToEnd: boolean
}

async function listOf(
  probe: Probe,
  args: readonly unknown[],
  sqlite: BothPlaces['sqlite'],
): Promise<Probed | null> {
  const { sql, rows: maxRows } = probe
  try {
    const { rows, isCut } = await sqlite({ sql, args, ...(maxRows !== null && { maxRows }) })
    return { probe, rows, isToEnd: !isCut && rows.length !== maxRows }
  } catch {
    return null
  }
}

/**
 * Whether PostgreSQL's answer is one that SQLite may have given: as many rows, each of them among SQLite's, and
 * sorted as SQLite's own answer is. Null where that cannot be told.
 */
function isOneOf(list: Probed, { sqlite, postgres }: Answers, rules: Rules): boolean | null {
  if (sqlite.rows.length !== postgres.rows.length) return false
  const visible = visibleRows(list)
  const own = placesOf(sqlite.rows, visible, rules)
  const theirs = placesOf(postgres.rows, visible, rules)
  if (own.includes(nowhere)) return null
  if (theirs.includes(nowhere)) return holdsTies(list, own, rules) ? false : null
  return own.every((place, at) => tie(list, place, theirs[at] ?? nowhere, rules))
}

/** Whether every row is in the list that ties with the first or the last of the answer, so that none else may be in it. */
function holdsTies(list: Probed, own: readonly number[], rules: Rules): boolean {
  const [first = nowhere] = own
  const last = own.at(-1) ?? nowhere
  return (
    (list.probe.isFromStart || !tie(list, 0, first, rules)) &&
    (list.isToEnd || !tie(list, list.rows.length - 1, last, rules))
  )
}

/**
 * Leaves out the rows that a place was free to choose, so that those are named that differ: what PostgreSQL has and SQLite
 * has not, and what it lacks of the rows that do not tie with the last or the first.
 */
function withoutTies(verdict: Different, list: Probed, { sqlite }: Answers): Different {
  const { rules, difference } = verdict
  const visible = visibleRows(list)
  const own = placesOf(sqlite.rows, visible, rules)
  const edges = [own[0] ?? nowhere, own.at(-1) ?? nowhere]
  const isFree = (row: Row): boolean => {
    const [place = nowhere] = placesOf([row], visible, rules)
    return edges.some((edge) => tie(list, place, edge, rules))
  }
  const pairs = difference.pairs.filter((pair) =>
    pair.postgres === null
      ? pair.sqlite !== null && !isFree(pair.sqlite)
      : placesOf([pair.postgres], visible, rules).includes(nowhere),
  )
  if (pairs.length === 0) return verdict
  const [one, other] = pairs
  const isOneRow = pairs.length === 2 && one?.postgres === null && other?.sqlite === null
  const named = isOneRow ? [{ sqlite: one.sqlite, postgres: other.postgres }] : pairs
  return { ...verdict, difference: { ...difference, pairs: named } }
}

/** Whether two rows of the list sort alike, as far as is known of them. */
function tie(list: Probed, one: number, other: number, rules: Rules): boolean {
  const terms = termsAt(list, other, rules)
  return termsAt(list, one, rules).every((value, term) =>
    sortsAlike(value, terms[term] ?? null, rules.ulps),
  )
}

function visibleRows({ probe, rows }: Probed): Row[] {
  return rows.map((row) => row.slice(0, row.length - probe.terms - probe.key))
}

function termsAt({ probe, rows }: Probed, place: number, { order }: Rules): Row {
  const row = rows[place] ?? []
  const from = row.length - probe.terms - probe.key
  if (probe.terms > 0) return row.slice(from, from + probe.terms)
  return Array.isArray(order) ? order.map((at: number) => row[at] ?? null) : []
}

/** Finds the keys of SQLite's rows that differ. */
function withKeys(verdict: Different, list: Probed): Different {
  const { key, keyTable } = list.probe
  if (key === 0) return verdict
  const visible = visibleRows(list)
  const keys = verdict.difference.pairs.map(({ sqlite }) => {
    if (sqlite === null) return null
    const [place = nowhere] = placesOf([sqlite], visible, verdict.rules)
    return list.rows[place]?.slice(-key) ?? null
  })
  return { ...verdict, keys, keyTable }
}
