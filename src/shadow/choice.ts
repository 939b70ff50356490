import type { Row } from '../values/value.ts'
import { nowhere, placesOf, sortText, type Rules } from './compare.ts'
import type { Probe } from './probe.ts'
import type { BothAnswers, Different } from './verdict.ts'

/** Rows that SQLite gives, each with what sorts it and its key behind the application's columns. */
export interface Probed {
  readonly probe: Probe
  readonly rows: readonly Row[]
  /** Whether none comes behind them. */
  readonly isToEnd: boolean
}

/** What two answers have chosen of the rows that SQLite has to choose from. */
export interface Choice {
  /** Whether PostgreSQL's answer is one that SQLite may have given; null where that cannot be told. */
  readonly isRight: boolean | null
  /** For each row of an answer where it is in the list, or nowhere. */
  readonly own: readonly number[]
  readonly theirs: readonly number[]
  /** For each place in the answer the group of ties that it is of, and for each row of the list. */
  readonly ties: readonly string[]
  readonly groups: readonly string[]
}

/**
 * Rows that tie are of one group, and each place in the answer is of one, whichever of its rows stands there. So an
 * answer is right where each of its rows is one of the group of its place.
 * @param exact the rows of SQLite's answer with what sorts them; null where the answer has that itself
 * @param list those around them
 */
export function choiceOf(
  { sqlite, postgres }: BothAnswers,
  exact: Probed | null,
  list: Probed,
  rules: Rules,
): Choice {
  const groups = tiesOf(list, rules)
  const ties = exact === null ? tiesIn(sqlite.rows, rules) : tiesOf(exact, rules)
  const visible = withTies(visibleRows(list), groups)
  const own = placesOf(withTies(sqlite.rows, ties), visible, rules)
  const theirs = placesOf(withTies(postgres.rows, ties), visible, rules)
  return { isRight: isRight(), own, theirs, ties, groups }

  function isRight(): boolean | null {
    if (sqlite.rows.length !== postgres.rows.length) return false
    if (ties.length !== sqlite.rows.length || own.includes(nowhere)) return null
    const wrong = theirs.flatMap((place, at) => (place === nowhere ? (ties[at] ?? '') : []))
    // Of a group that goes on beyond the list the row may be one.
    const open = new Set([
      ...(list.probe.isFromStart ? [] : [groups[0]]),
      ...(list.isToEnd ? [] : [groups.at(-1)]),
    ])
    return wrong.length === 0 ? true : wrong.every((group) => open.has(group)) ? null : false
  }
}

/**
 * Leaves out the rows that PostgreSQL was free to choose, so that those are named that differ: what it has and SQLite has not,
 * and what it lacks of the groups that have all of their rows in the answer.
 */
export function withoutChosen(
  verdict: Different,
  { sqlite, postgres }: BothAnswers,
  { theirs, ties }: Choice,
): Different {
  const { difference } = verdict
  const edges = new Set([ties[0], ties.at(-1)])
  const pairs = difference.pairs.filter((pair) =>
    pair.postgres === null
      ? pair.sqlite !== null && !edges.has(ties[sqlite.rows.indexOf(pair.sqlite)])
      : theirs[postgres.rows.indexOf(pair.postgres)] === nowhere,
  )
  if (pairs.length === 0) return verdict
  const [one, other] = pairs
  const isOneRow = pairs.length === 2 && one?.postgres === null && other?.sqlite === null
  const named = isOneRow ? [{ sqlite: one.sqlite, postgres: other.postgres }] : pairs
  return { ...verdict, difference: { ...difference, pairs: named } }
}

/** The rows without what was asked for beside them. */
export function visibleRows({ probe, rows }: Probed): Row[] {
  return rows.map((row) => row.slice(0, row.length - probe.terms - probe.key))
}

function tiesOf({ probe, rows }: Probed, rules: Rules): string[] {
  if (probe.terms === 0) return tiesIn(rows, rules)
  return rows.map((row) => {
    const from = row.length - probe.terms - probe.key
    return sortText(row.slice(from, from + probe.terms))
  })
}

/** By the columns of the answer that sort it, as far as it has them. */
function tiesIn(rows: readonly Row[], { order }: Rules): string[] {
  const terms = Array.isArray(order) ? (order as readonly number[]) : []
  return rows.map((row) => sortText(terms.map((at) => row[at] ?? null)))
}

/** A row is like another one only where it is of the same group. */
function withTies(rows: readonly Row[], ties: readonly string[]): Row[] {
  return rows.map((row, at) => [...row, ties[at] ?? null])
}
