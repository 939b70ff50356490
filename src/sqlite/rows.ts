import { keyPositions, shippedColumns, type Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { KeyValues, Row, Value } from '../values/value.ts'
import type { Connection, Statement } from './connection.ts'

/** Why a row stays behind that `invalidText` finds. */
export const invalidText = 'text that is not valid UTF-8'

/** Reads whole rows of one table by key, every value in its storage class. */
export interface RowReader {
  /** The row, or undefined where it is not there. No part of the key is NULL. */
  get(key: KeyValues): Row | undefined
  /** Whether some row has this key, which holds a NULL: a declared key may, in a rowid table. */
  hasNullKey(key: KeyValues): boolean
  /**
   * Whether some row has the key of an entry of the journal, byte by byte: a key that is not UTF-8 is not found by the
   * text that it is read as.
   */
  hasKeyOfEntry(seq: bigint): boolean
  /** The names of text columns of a row that hold bytes that are not UTF-8. */
  invalidText(row: Row): string[]
}

/**
 * Compares the key twice: once with the column's collation, for the index, and once as BINARY, so that
 * a NOCASE key finds the row of this very spelling.
 */
export function keyCondition(table: Table): string {
  const conditions = table.key.columns.map((column) =>
    table.key.kind === 'declared'
      ? `${quote(column)} = ? AND ${quote(column)} COLLATE BINARY = ?`
      : `${quote(column)} = ?`,
  )
  return conditions.join(' AND ')
}

/** The parameters of `keyCondition`. */
export function keyArguments(table: Table, key: KeyValues): readonly Value[] {
  return table.key.kind === 'declared' ? key.flatMap((value) => [value, value]) : key
}

export function createRowReader(db: Connection, table: Table): RowReader {
  const columns = shippedColumns(table)
  const names = columns.map((column) => quote(column.name))
  const positions = keyPositions(table)
  const from = `FROM ${quote(table.name)} WHERE ${keyCondition(table)}`
  let row: Statement | undefined
  let bytes: Statement | undefined
  return {
    get(key) {
      row ??= db
        .prepare(`SELECT ${names.join(', ')} ${from}`)
        .raw()
        .safeIntegers()
      return row.get(...keyArguments(table, key)) as Value[] | undefined
    },
    hasNullKey(key) {
      const same = table.key.columns.map((column) => `${quote(column)} IS ?`).join(' AND ')
      return (
        db.prepare(`SELECT 1 FROM ${quote(table.name)} WHERE ${same}`).get(...key) !== undefined
      )
    },
    hasKeyOfEntry(seq) {
      const same = table.key.columns.map(
        (column, index) => `t.${quote(column)} COLLATE BINARY = entry.k${index}`,
      )
      return (
        db
          .prepare(
            `SELECT 1 FROM _lockstep_journal AS entry, ${quote(table.name)} AS t
              WHERE entry.seq = ? AND ${same.join(' AND ')}`,
          )
          .get(seq) !== undefined
      )
    },
    invalidText(values) {
      if (!values.some(mayBeInvalid)) return []
      const key = positions.map((position) => values[position] as Value)
      bytes ??= db
        .prepare(`SELECT ${names.map((name) => `CAST(${name} AS BLOB)`).join(', ')} ${from}`)
        .raw()
      const stored = bytes.get(...keyArguments(table, key)) as (Buffer | null)[] | undefined
      if (stored === undefined) return invalidKey(table, key)
      return columns
        .filter((_, index) => {
          const value = values[index]
          return typeof value === 'string' && !Buffer.from(value).equals(stored[index] as Buffer)
        })
        .map((column) => column.name)
    },
  }
}

/** The columns of a key of which no row is found by the text that it was read as. */
export function invalidKey(table: Table, key: KeyValues): string[] {
  return table.key.columns.filter((_, index) => mayBeInvalid(key[index] ?? null))
}

/** better-sqlite3 puts U+FFFD where bytes are not UTF-8, so that only values with one need a second look. */
function mayBeInvalid(value: Value): boolean {
  return typeof value === 'string' && value.includes('\uFFFD')
}
