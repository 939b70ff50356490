import { choiceOf, visibleRows, withoutChosen, type Choice, type Probed } from './choice.ts'
import { compareAnswers, nowhere, placesOf, rowText, type Rules } from './compare.ts'
import { probeOf, type Probe } from './probe.ts'
import type { Subject } from './subject.ts'
import { tryOnBoth, type BothPlaces, type Query } from './trial.ts'
import { judge, type BothAnswers, type Different, type Judging, type Verdict } from './verdict.ts'

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
  const { loose, isLooseInColumns } = subject
  const firm = loose !== null && isLooseInColumns ? withoutComputed(subject, verdict) : verdict
  if (firm === null) return { kind: 'undecided', reason: loose ?? '' }
  const found =
    firm.answers === null
      ? firm
      : await weigh(subject, query, firm, firm.answers, places.sqlite, judging)
  if (found.kind !== 'different') return found
  if (loose !== null && !isLooseInColumns) return { kind: 'undecided', reason: loose }
  return judging.ignore(found.difference) ? { kind: 'ignored' } : found
}

/** What differs in rows and in columns of tables, or null where only columns do that the query computes. */
function withoutComputed({ limit }: Subject, verdict: Different): Different | null {
  const { answers } = verdict
  if (answers === null) return verdict
  const columns = verdict.columns.map(({ table }, at) =>
    table === null ? 'ignored' : (verdict.rules.columns[at] ?? 'exact'),
  )
  // With a LIMIT only columns of tables sort.
  const order = limit === null ? 'free' : verdict.rules.order
  const rules: Rules = { ...verdict.rules, columns, order }
  const difference = compareAnswers(answers.sqlite, answers.postgres, rules)
  return difference === null ? null : { ...verdict, rules, difference, isHidden: false }
}

/** Asks SQLite for what the answers do not have: the rows that a LIMIT chose from, what sorts them, their keys. */
async function weigh(
  subject: Subject,
  { args }: Query,
  verdict: Different,
  answers: BothAnswers,
  sqlite: BothPlaces['sqlite'],
  judging: Judging,
): Promise<Verdict> {
  const { difference, rules, isHidden } = verdict
  if (difference.class === 'names') return verdict
  const isChosen = subject.limit !== null && rules.order !== 'total'
  const isFree = isChosen || isHidden
  const isShown = Array.isArray(rules.order) && rules.order.length === subject.terms.length
  const ask = async (around: number | null): Promise<Probed | null> => {
    const probe = probeOf(subject, verdict.columns, verdict.tables, {
      around,
      terms: isFree && !isShown,
    })
    const list = probe === null ? null : await listOf(probe, args, sqlite)
    return list === null ? null : cleaned(list, verdict, judging)
  }
  const own = await ask(null)
  if (!isFree) return own === null ? verdict : withKeys(verdict, answers, own)
  const list = isChosen ? await ask(answers.sqlite.rows.length) : own
  const choice = list === null ? null : choiceOf(answers, own, list, rules)
  if (list !== null && choice?.isRight === false) {
    const named = isChosen ? withoutChosen(verdict, answers, choice) : verdict
    return withKeys(named, answers, list, choice)
  }
  return isChosen ? { kind: 'undecided', reason: 'a LIMIT among ties' } : { kind: 'equal' }
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

/** The same, with what the application compares instead of its rows; null where these are not as many. */
function cleaned(list: Probed, { columns }: Different, { clean }: Judging): Probed | null {
  const names = columns.map(({ name }) => name)
  const { rows } = clean({ names, rows: visibleRows(list) })
  if (rows.length !== list.rows.length) return null
  const asked = list.probe.terms + list.probe.key
  const beside = list.rows.map((row) => row.slice(row.length - asked))
  return { ...list, rows: rows.map((row, at) => [...row, ...(beside[at] ?? [])]) }
}

/**
 * Finds the keys of SQLite's rows that differ, where no other row of the list looks like them.
 * @param choice what is known of ties, where rows may tie
 */
function withKeys(
  verdict: Different,
  { sqlite: { rows } }: BothAnswers,
  list: Probed,
  choice?: Choice,
): Different {
  const { key, keyTable } = list.probe
  if (key === 0) return verdict
  const visible = visibleRows(list)
  const places = choice?.own ?? placesOf(rows, visible, verdict.rules)
  const texts = visible.map((row, at) => rowText([...row, choice?.groups[at] ?? null]))
  const times = new Map<string, number>()
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1)
  const keys = verdict.difference.pairs.map(({ sqlite }) => {
    const place = sqlite === null ? nowhere : (places[rows.indexOf(sqlite)] ?? nowhere)
    return times.get(texts[place] ?? '') === 1 ? (list.rows[place]?.slice(-key) ?? null) : null
  })
  return { ...verdict, keys, keyTable }
}
