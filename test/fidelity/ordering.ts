import { parseStatements } from '../../src/sql/parser.ts'
import { compareValues, keyText } from '../../src/values/compare.ts'
import type { Value } from '../../src/values/value.ts'

type Row = readonly Value[]

/** What a text says of the order of its rows. */
export interface Ordering {
  /** The result's columns that the rows are sorted by, as far as they can be told from the text. */
  readonly keys: readonly number[]
  /** The text of the keys says all: rows that are equal there may come in any order. */
  readonly isKnown: boolean
  /** A LIMIT takes some rows, and which of those that tie is up to the database. */
  readonly isLimited: boolean
}

/** Null where the text has no ORDER BY of its own, so that rows may come in any order. */
export function orderingOf(sql: string, names: readonly string[]): Ordering | null {
  const [statement] = parseStatements(sql)
  if (statement?.type !== 'SelectStmt') return null
  const terms = statement.body.orderBy ?? []
  if (terms.length === 0) return null
  const isLimited = statement.body.limit !== undefined
  const folded = names.map((name) => name.toLowerCase())
  const keys: number[] = []
  for (const { expr } of terms) {
    const text = sql.slice(expr.span.offset, expr.span.offset + expr.span.length).trim()
    const index = /^\d+$/.test(text) ? Number(text) - 1 : folded.indexOf(nameIn(text).toLowerCase())
    if (index < 0 || index >= names.length) return { keys, isKnown: false, isLimited }
    keys.push(index)
  }
  return { keys, isKnown: true, isLimited }
}

/** The text without its own LIMIT, or null where it is no query with one. */
export function withoutLimit(sql: string): string | null {
  const [statement] = parseStatements(sql)
  if (statement?.type !== 'SelectStmt' || statement.body.limit === undefined) return null
  const { offset } = statement.body.limit.span
  const before = sql.slice(0, offset)
  return /^limit\b/i.test(sql.slice(offset)) ? before : before.replace(/\blimit\s*$/i, '')
}

/** The column of `t."c"`; any other text stands for itself, as an expression's text is its column's name. */
function nameIn(text: string): string {
  const bare =
    /^(?:(?:\w+|"[^"]+"|`[^`]+`|\[[^\]]+\])\s*\.\s*)?(\w+|"[^"]+"|`[^`]+`|\[[^\]]+\])$/.exec(text)
  return bare?.[1]?.replaceAll(/^["`[]|["`\]]$/g, '') ?? text
}

/** True where both give the same rows and neither breaks the order that the text asks for. */
export function inSameOrder(a: readonly Row[], b: readonly Row[], { keys }: Ordering): boolean {
  return a.every((row, position) =>
    keys.every((key) => isTie(row[key] ?? null, b[position]?.[key] ?? null)),
  )
}

/** Rows with such keys may change places: equal numbers of two classes, letters under NOCASE. */
function isTie(a: Value, b: Value): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a.toLowerCase() === b.toLowerCase()
  return compareValues(a, b) === 0
}

/** The same rows as often, in whatever order. */
export function sameRows(a: readonly Row[], b: readonly Row[]): boolean {
  if (a.length !== b.length) return false
  const counts = new Map<string, number>()
  for (const row of a) {
    const text = rowText(row)
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  for (const row of b) {
    const text = rowText(row)
    const count = counts.get(text) ?? 0
    if (count === 0) return false
    counts.set(text, count - 1)
  }
  return true
}

/** One row on one line; 5 and 5.0 differ, and so do text and blobs. */
export function rowText(row: Row): string {
  return `(${row.map((value) => keyText([value])).join(', ')})`
}
