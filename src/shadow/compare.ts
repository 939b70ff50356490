import type { Row, Value } from '../values/value.ts'
import { differsByClass, exactText, isSame, type ColumnRule, type ValueRules } from './same.ts'

/**
 * How two answers to one read differ: rows that one place has not, another value or class in them, only
 * another order, other names of columns, or an error on one place alone.
 */
export type DivergenceClass = 'missing' | 'extra' | 'value' | 'type' | 'order' | 'names' | 'error'

/** What one place answered; integers are bigints and reals numbers. */
export interface Answer {
  readonly names: readonly string[]
  readonly rows: readonly Row[]
}

export interface Rules extends ValueRules {
  readonly columns: readonly ColumnRule[]
  /** `total`: every row has its place; `free`: none has; else the columns that sort, whose ties are free. */
  readonly order: 'total' | 'free' | readonly number[]
  /** The columns that name a row, where the answer has them. */
  readonly key: readonly number[] | null
}

/** A row as each place has it; null where one has none that fits. */
export interface RowPair {
  readonly sqlite: Row | null
  readonly postgres: Row | null
}

export interface Difference {
  readonly class: DivergenceClass
  /** The rows that differ; empty where only the order or the names do. */
  readonly pairs: readonly RowPair[]
}

/** Compares two answers to one read. @returns null where they are equal by the rules */
export function compareAnswers(sqlite: Answer, postgres: Answer, rules: Rules): Difference | null {
  if (!sameNames(sqlite.names, postgres.names)) return { class: 'names', pairs: [] }
  const pairs = unmatched(sqlite.rows, postgres.rows, rules)
  if (pairs.length > 0) return { class: classOf(pairs, rules), pairs }
  return isInOrder(sqlite.rows, postgres.rows, rules) ? null : { class: 'order', pairs: [] }
}

/** The columns of a pair that differ. */
export function unequalColumns({ sqlite, postgres }: RowPair, rules: Rules): number[] {
  if (sqlite === null || postgres === null) return []
  return sqlite.flatMap((value, at) =>
    isSame(value, postgres[at] ?? null, rules.columns[at] ?? 'exact', rules) ? [] : at,
  )
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, at) => name === b[at])
}

/** The rows of each side that the other one has not, as often as it has them, in pairs by their key. */
function unmatched(ofSqlite: readonly Row[], ofPostgres: readonly Row[], rules: Rules): RowPair[] {
  const places = placesOf(ofSqlite, ofPostgres, rules)
  const taken = new Set(places)
  const missing = ofSqlite.filter((_, at) => places[at] === nowhere)
  const extra = ofPostgres.filter((_, at) => !taken.has(at))
  return missing.length + extra.length === 0 ? [] : pairUp(missing, extra, rules)
}

/** No row of the list is like it. */
export const nowhere = -1

/** For each of the rows where in a list one like it stands, by the rules; each of the list is taken once, the first one first. */
export function placesOf(rows: readonly Row[], list: readonly Row[], rules: Rules): number[] {
  const left = groupBy([...list.keys()], (at) => exactPart(list[at] as Row, rules))
  return rows.map((row) => {
    const alike = left.get(exactPart(row, rules))
    const index = alike?.findIndex((at) => sameRow(row, list[at] as Row, rules)) ?? nowhere
    return index === nowhere ? nowhere : (alike?.splice(index, 1)[0] ?? nowhere)
  })
}

function groupBy<T>(items: readonly T[], textOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const text = textOf(item)
    const group = groups.get(text)
    if (group === undefined) groups.set(text, [item])
    else group.push(item)
  }
  return groups
}

/** What must be equal to the bit, as one text. */
function exactPart(row: Row, rules: Rules): string {
  return textOf(row, (at) => (rules.columns[at] ?? 'exact') === 'exact', rules)
}

function textOf(row: Row, takes: (at: number) => boolean, rules: ValueRules): string {
  let text = ''
  for (const [at, value] of row.entries()) {
    if (!takes(at)) continue
    const part = exactText(value, rules)
    text += `${part.length}:${part}`
  }
  return text
}

function sameRow(a: Row, b: Row, rules: Rules): boolean {
  return a.every((value, at) => {
    const rule = rules.columns[at] ?? 'exact'
    return rule === 'exact' || isSame(value, b[at] ?? null, rule, rules)
  })
}

/** Rows with one key are one row that differs. Where nothing names them, one alone on each side is. */
function pairUp(missing: readonly Row[], extra: readonly Row[], rules: Rules): RowPair[] {
  const { key } = rules
  if (key === null) {
    const [sqlite = null] = missing
    const [postgres = null] = extra
    if (missing.length === 1 && extra.length === 1) return [{ sqlite, postgres }]
    return [...missing.map(onlySqlite), ...extra.map(onlyPostgres)]
  }
  const keyOf = (row: Row): string => textOf(row, (at) => key.includes(at), rules)
  const left = groupBy(extra, keyOf)
  const pairs = missing.map((sqlite): RowPair => {
    const postgres = left.get(keyOf(sqlite))?.shift() ?? null
    return { sqlite, postgres }
  })
  return [...pairs, ...[...left.values()].flat().map(onlyPostgres)]
}

const onlySqlite = (sqlite: Row): RowPair => ({ sqlite, postgres: null })
const onlyPostgres = (postgres: Row): RowPair => ({ sqlite: null, postgres })

function classOf(pairs: readonly RowPair[], rules: Rules): DivergenceClass {
  if (pairs.every(({ postgres }) => postgres === null)) return 'missing'
  if (pairs.every(({ sqlite }) => sqlite === null)) return 'extra'
  const isClassOnly = pairs.every((pair) => {
    const { sqlite, postgres } = pair
    if (sqlite === null || postgres === null) return false
    const columns = unequalColumns(pair, rules)
    return columns.every((at) => differsByClass(sqlite[at] ?? null, postgres[at] ?? null))
  })
  return isClassOnly ? 'type' : 'value'
}

function isInOrder(sqlite: readonly Row[], postgres: readonly Row[], rules: Rules): boolean {
  const { order } = rules
  if (order === 'free') return true
  const differs = (row: Row, at: number): boolean => {
    const other = postgres[at] as Row
    if (order === 'total') return unequalColumns({ sqlite: row, postgres: other }, rules).length > 0
    return order.some((term) => !sortsAlike(row[term] ?? null, other[term] ?? null, rules.ulps))
  }
  return !sqlite.some(differs)
}

/** A collation may take texts for equal that differ in the case of ASCII letters, or in spaces at the end. */
export function sortsAlike(a: Value, b: Value, ulps: number): boolean {
  return isSame(folded(a), folded(b), 'computed', { ulps, tellsClasses: false })
}

/** Equal where one place gives two rows that nothing tells apart. */
export function rowText(row: Row): string {
  return textOf(row, () => true, { ulps: 0, tellsClasses: true })
}

/** Equal where two rows may tie by these terms, which one place has given. */
export function sortText(terms: Row): string {
  return textOf(terms.map(folded), () => true, { ulps: 0, tellsClasses: false })
}

function folded(value: Value): Value {
  return typeof value === 'string' ? value.replace(/ +$/, '').toLowerCase() : value
}
