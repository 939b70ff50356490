import { InvalidText } from '../values/invalid-text.ts'
import type { Row, Value } from '../values/value.ts'
import type { Connection } from './connection.ts'

/** What `CAST(... AS BLOB)` gives of the values of a row. */
export type StoredBytes = readonly (Buffer | null)[]

/** better-sqlite3 puts U+FFFD where bytes are not UTF-8, so that only values with one need a second look. */
export function mayBeInvalid(value: Value | undefined): boolean {
  return typeof value === 'string' && value.includes('\uFFFD')
}

/** What gives the `StoredBytes` of these columns. */
export function asBlobs(columns: readonly string[]): string[] {
  return columns.map((column) => `CAST(${column} AS BLOB)`)
}

/** The value itself, or what stands for a text that is not UTF-8. */
export function exactValue(value: Value, stored: Buffer | null | undefined): Value {
  return typeof value !== 'string' || !stored || Buffer.from(value).equals(stored)
    ? value
    : new InvalidText(stored)
}

/**
 * The rows of a selection, with `InvalidText` at those of `positions` whose text is not UTF-8: different bytes are read
 * as the same U+FFFD. Their bytes are read by a second statement, from the first row on that needs a second look.
 * @param bytesFrom gives the bytes of the values at `positions`, of the same selection from an offset on, in its order
 */
export function* exactRows(
  rows: Iterable<Row>,
  positions: readonly number[],
  bytesFrom: (offset: number) => IterableIterator<StoredBytes>,
): Generator<Row, void> {
  let bytes: IterableIterator<StoredBytes> | undefined
  let next = 0
  let at = 0
  try {
    for (const row of rows) {
      if (positions.some((position) => mayBeInvalid(row[position]))) {
        if (bytes === undefined) {
          bytes = bytesFrom(at)
          next = at
        }
        for (; next < at; next += 1) bytes.next()
        next += 1
        yield withBytes(row, positions, bytes.next())
      } else yield row
      at += 1
    }
  } finally {
    bytes?.return?.()
  }
}

function withBytes(
  row: Row,
  positions: readonly number[],
  { value: stored, done }: IteratorResult<StoredBytes, unknown>,
): Row {
  if (done === true) throw new Error('The rows of one snapshot were not the same twice')
  const exact = [...row]
  for (const [index, position] of positions.entries())
    exact[position] = exactValue(row[position] ?? null, stored[index])
  return exact
}

/**
 * All rows at once, each of their texts looked at, whatever the order.
 * @param from what stands behind the columns in the SELECT
 */
export function readAllExactly(db: Connection, columns: readonly string[], from: string): Row[] {
  const rows = db
    .prepare(`SELECT ${[...columns, ...asBlobs(columns)].join(', ')} ${from}`)
    .raw()
    .safeIntegers()
    .all() as Row[]
  return rows.map((row) =>
    columns.map((_, at) => exactValue(row[at] ?? null, row[columns.length + at] as Buffer | null)),
  )
}
