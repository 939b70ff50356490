import { keyPositions, shippedColumns, type Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { invalidUtf8 } from '../values/codec.ts'
import { InvalidText } from '../values/invalid-text.ts'
import type { KeyValues, Row, Value } from '../values/value.ts'
import type { Connection, Statement } from './connection.ts'
import { asBlobs, exactValue, suspicionOf, type StoredBytes } from './exact-text.ts'

/** Why a row stays behind that `invalidText` finds. */
export const invalidText: string = invalidUtf8

/** Reads whole rows of one table by exact keys, every value in its storage class. */
export interface RowReader {
  /** The row as the driver gives it, or undefined where it is not there. No part of the key is NULL. */
  get(key: KeyValues): Row | undefined
  /** Whether some row has this key, which holds a NULL: a declared key may, in a rowid table. */
  hasNullKey(key: KeyValues): boolean
  /** The row with `InvalidText` for each text that is not UTF-8; its key is exact as it is given. */
  exact(row: Row): Row
  /** The first column of a row with a text that is not UTF-8; those of its key, which is exact, come first. */
  invalidText(row: Row): string | undefined
}

/**
 * Compares the key twice: once with the column's collation, for the index, and once as BINARY, so that
 * a NOCASE key finds the row of this very spelling.
 * @param key whose texts that are not UTF-8 go in as bytes; without one, none is such a text
 */
export function keyCondition(table: Table, key: KeyValues = []): string {
  const conditions = table.key.columns.map((column, index) => {
    const mark = parameter(key[index])
    return table.key.kind === 'declared'
      ? `${quote(column)} = ${mark} AND ${quote(column)} COLLATE BINARY = ${mark}`
      : `${quote(column)} = ${mark}`
  })
  return conditions.join(' AND ')
}

/** The parameters of `keyCondition`. */
export function keyArguments(table: Table, key: KeyValues): readonly unknown[] {
  const values = boundValues(key)
  return table.key.kind === 'declared' ? values.flatMap((value) => [value, value]) : values
}

/** What stands for a value of an exact key in SQL, where `boundValues` are bound. */
export function parameter(value: Value | undefined): string {
  return value instanceof InvalidText ? 'CAST(? AS TEXT)' : '?'
}

export function boundValues(key: KeyValues): readonly unknown[] {
  return key.map((value) => (value instanceof InvalidText ? value.bytes : value))
}

/** Whether no text of an exact key is other than UTF-8. */
function isText(key: KeyValues): boolean {
  return !key.some((value) => value instanceof InvalidText)
}

export function createRowReader(db: Connection, table: Table): RowReader {
  const columns = shippedColumns(table)
  const names = columns.map((column) => quote(column.name))
  const positions = keyPositions(table)
  const isSuspect = suspicionOf(db)
  const select = (values: readonly string[], key: KeyValues): Statement =>
    db
      .prepare(
        `SELECT ${values.join(', ')} FROM ${quote(table.name)} WHERE ${keyCondition(table, key)}`,
      )
      .raw()
  let row: Statement | undefined
  let bytes: Statement | undefined
  const exact = (values: Row): Row => {
    if (!values.some(isSuspect)) return values
    const key = positions.map((position) => values[position] as Value)
    const statement = isText(key)
      ? (bytes ??= select(asBlobs(names), key))
      : select(asBlobs(names), key)
    const stored = statement.get(...keyArguments(table, key)) as StoredBytes
    return values.map((value, index) => exactValue(value, stored[index]))
  }
  return {
    get(key) {
      const statement = isText(key)
        ? (row ??= select(names, key).safeIntegers())
        : select(names, key).safeIntegers()
      return statement.get(...keyArguments(table, key)) as Value[] | undefined
    },
    hasNullKey(key) {
      const same = table.key.columns.map(
        (column, index) => `${quote(column)} IS ${parameter(key[index])}`,
      )
      return (
        db
          .prepare(`SELECT 1 FROM ${quote(table.name)} WHERE ${same.join(' AND ')}`)
          .get(...boundValues(key)) !== undefined
      )
    },
    exact,
    invalidText(values) {
      if (!values.some((value) => isSuspect(value) || value instanceof InvalidText))
        return undefined
      const key = positions.map((position) => values[position] as Value)
      const ofKey = invalidColumn(table, key)
      if (ofKey !== undefined) return ofKey
      const stored = exact(values)
      return columns.find((_, index) => stored[index] instanceof InvalidText)?.name
    },
  }
}

/** The first column of an exact key with a text that is not UTF-8. */
export function invalidColumn(table: Table, key: KeyValues): string | undefined {
  return table.key.columns.find((_, index) => key[index] instanceof InvalidText)
}
