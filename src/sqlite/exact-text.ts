import { InvalidText } from '../values/invalid-text.ts'
import type { Row, Value } from '../values/value.ts'
import type { Connection } from './connection.ts'

/** What `CAST(... AS BLOB)` gives of the values of a row. */
export type StoredBytes = readonly (Buffer | null)[]

/** Whether a value of this connection needs a second look, as it may be read of bytes that are no text. */
export type Suspicion = (value: Value | undefined) => boolean

/**
 * better-sqlite3 puts U+FFFD where bytes are not UTF-8. Of a file in UTF-16 SQLite makes UTF-8 first, and one character beyond
 * 16 bits of half a pair and whatever stands behind it.
 */
export function suspicionOf(db: Connection): Suspicion {
  const isOdd = isUtf8(db)
    ? (text: string): boolean => text.includes('\uFFFD')
    : (text: string): boolean => /[\uD800-\uDFFF\uFFFD]/.test(text)
  return (value) => typeof value === 'string' && isOdd(value)
}

const encodings = new WeakMap<Connection, unknown>()

/** SQLite compares texts by the bytes that it stores. https://www.sqlite.org/datatype3.html#collation */
export function isUtf8(db: Connection): boolean {
  // Not by `pragma()`, which is refused while rows are read.
  if (!encodings.has(db)) encodings.set(db, db.prepare('PRAGMA encoding').pluck().get())
  return encodings.get(db) === 'UTF-8'
}

/** Whether these bytes are those of the text, in whichever encoding the file has. */
export function isStoredAs(text: string, bytes: Buffer): boolean {
  if (Buffer.from(text).equals(bytes)) return true
  const wide = Buffer.from(text, 'utf16le')
  return wide.equals(bytes) || (wide.length === bytes.length && wide.swap16().equals(bytes))
}

/** What gives the `StoredBytes` of these columns. */
export function asBlobs(columns: readonly string[]): string[] {
  return columns.map((column) => `CAST(${column} AS BLOB)`)
}

/** The value itself, or what stands for a text that is not UTF-8. */
export function exactValue(value: Value, stored: Buffer | null | undefined): Value {
  return typeof value !== 'string' || !stored || isStoredAs(value, stored)
    ? value
    : new InvalidText(stored)
}

/**
 * The rows of a selection, with `InvalidText` at those of `positions` whose text is not UTF-8: different bytes are read
 * as the same U+FFFD. Their bytes are read by a second statement, from the first row on that needs a second look.
 * @param bytesFrom gives the bytes of the values at `positions`, of the same selection from an offset on, in its order
 */
export function* exactRows(
  db: Connection,
  rows: Iterable<Row>,
  positions: readonly number[],
  bytesFrom: (offset: number) => IterableIterator<StoredBytes>,
): Generator<Row, void> {
  let bytes: IterableIterator<StoredBytes> | undefined
  let next = 0
  let at = 0
  const isSuspect = suspicionOf(db)
  try {
    for (const row of rows) {
      if (positions.some((position) => isSuspect(row[position]))) {
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
