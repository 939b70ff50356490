import { keyPositions, shippedColumns, type Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { KeyValues, Row, Value } from '../values/value.ts'
import type { Connection, Statement } from './connection.ts'

/** Reads whole rows of one table by key, every value in its storage class. */
export interface RowReader {
  /** The row, or undefined where it is not there. No part of the key is NULL. */
  get(key: KeyValues): Row | undefined
  /** Whether some row has this key, which holds a NULL: a declared key may, in a rowid table. */
  hasNullKey(key: KeyValues): boolean
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
    invalidText(values) {
      // better-sqlite3 puts U+FFFD where bytes are not UTF-8, so only rows with one need a second look.
      if (!values.some((value) => typeof value === 'string' && value.includes('\uFFFD'))) return []
      bytes ??= db
        .prepare(`SELECT ${names.map((name) => `CAST(${name} AS BLOB)`).join(', ')} ${from}`)
        .raw()
      const stored = bytes.get(
        ...keyArguments(
          table,
          positions.map((position) => values[position] as Value),
        ),
      ) as (Buffer | null)[]
      return columns
        .filter((_, index) => {
          const value = values[index]
          return typeof value === 'string' && !Buffer.from(value).equals(stored[index] as Buffer)
        })
        .map((column) => column.name)
    },
  }
}
