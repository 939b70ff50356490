import { sameValue } from '../values/compare.ts'
import type { Value } from '../values/value.ts'

/** How two answers to one read differ: other rows, other values in them, or only another order. */
export type DivergenceClass = 'missing' | 'extra' | 'value' | 'order'

/**
 * Compares two answers as arrays of rows, SQLite's first. Without ORDER BY rows may come in any order.
 * Integers and reals compare by their number here: which of both an expression gives is the translator's
 * matter, and what the tables hold is verify's.
 * @returns null where they are equal
 */
export function compareRows(
  sqlite: readonly (readonly unknown[])[],
  postgres: readonly (readonly unknown[])[],
  ordered: boolean,
): DivergenceClass | null {
  if (sqlite.length > postgres.length) return 'missing'
  if (sqlite.length < postgres.length) return 'extra'
  if (sqlite.every((row, index) => sameRow(row, postgres[index] ?? []))) return null
  const left = sqlite.map(rowText).toSorted()
  const right = postgres.map(rowText).toSorted()
  const sameSet = left.every((text, index) => text === right[index])
  if (!sameSet) return 'value'
  return ordered ? 'order' : null
}

function sameRow(left: readonly unknown[], right: readonly unknown[]): boolean {
  return (
    left.length === right.length &&
    left.every((value, index) => sameValue(comparable(value), comparable(right[index])))
  )
}

function comparable(value: unknown): Value {
  return typeof value === 'bigint' ? Number(value) : (value as Value)
}

function rowText(row: readonly unknown[]): string {
  return JSON.stringify(row.map((value) => textOf(value)))
}

function textOf(value: unknown): string | null {
  if (value === null) return null
  if (Buffer.isBuffer(value)) return `x${value.toString('hex')}`
  if (typeof value === 'string') return `s${value}`
  return `n${Object.is(value, -0) ? '-0' : Number(value)}`
}
