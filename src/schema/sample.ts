import { keyText } from '../values/compare.ts'
import type { Value } from '../values/value.ts'

/** How many keys are kept of the rows that have something in common; all of them are counted. */
export const maxKeys = 10

/** A key may be a text of any length. */
const maxKeyLength = 120

/** The row that is being looked at. */
export interface RowAtHand {
  /** Its key on one printable line. */
  key(): string
  /** Whether SQLite holds bytes under this text of the row that are not UTF-8. */
  isInvalid(column: string, text: string): boolean
}

/** @param order what the row is read by; NULLs name no row, so a rowid stands for it */
export function nameRow(key: readonly Value[], order: Value): string {
  const isNamed = key.every((value) => value !== null)
  return isNamed || typeof order !== 'bigint' ? keyText(key) : `rowid ${order}`
}

/** Counts rows, and keeps the keys of the first of them. */
export class Sample {
  rows = 0
  readonly keys: string[] = []

  add(row: Pick<RowAtHand, 'key'>): void {
    this.rows += 1
    if (this.keys.length >= maxKeys) return
    const key = row.key()
    this.keys.push(key.length > maxKeyLength ? `${key.slice(0, maxKeyLength)}...` : key)
  }
}
