import { keyCodec, type KeyCodec } from '../schema/key-codec.ts'
import { keyPositions, shippedColumns, type Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { Connection, Statement } from '../sqlite/connection.ts'
import { isBinaryOrder } from '../sqlite/copy-range.ts'
import {
  asBlobs,
  exactRows,
  isUtf8,
  readAllExactly,
  type StoredBytes,
} from '../sqlite/exact-text.ts'
import { createRowReader, type RowReader } from '../sqlite/rows.ts'
import { fieldWriter } from '../values/csv-text.ts'
import type { Row, Value } from '../values/value.ts'
import { RangesByText } from './ranges-by-text.ts'

/** A key in PostgreSQL's text forms, one for each of its columns. */
export type KeyTexts = readonly string[]

/** All rows behind one key and up to another, both of them keys that PostgreSQL can hold. */
export interface Range {
  readonly rows: number
  /** What PostgreSQL's COPY writes of these very rows as CSV; it writes no such text where it cannot hold one of them. */
  readonly text: Buffer
  /** The rows themselves, while the snapshot is open. */
  readonly read: () => readonly Row[]
  /** Null at the beginning of the table. */
  readonly after: KeyTexts | null
  /** The key of the last row; null at the end of the table. */
  readonly upTo: KeyTexts | null
}

/** A range ends with the row that reaches one of these. */
const rowsPerRange = 2000
const charactersPerRange = 1024 * 1024

/** One table of a snapshot, in ranges by key, in the order of PostgreSQL. */
export interface SqliteRanges {
  /** Undefined behind the end of the table. */
  next(): Range | undefined
  /** Passes over as many rows as a range has; false where the table ends before. */
  skip(): boolean
  /** Lets the connection go. */
  close(): void
  /** Rows of the next range, at the most: where the ranges go on in another snapshot, they go on with it. */
  readonly rowsPerRange: number
}

/** What to read of a table. */
export interface RangesFrom {
  /** Where an earlier run has come to. */
  readonly after: KeyTexts | null
  /** Rows of the first range, where that is known. */
  readonly rows?: number | undefined
  /** Percent of the ranges. */
  readonly sample: number
}

export function openRanges(
  db: Connection,
  table: Table,
  { after, rows }: Omit<RangesFrom, 'sample'>,
): SqliteRanges {
  return isBinaryOrder(db, table)
    ? new RangesByText(db, table, after, rows)
    : new OnePass(db, table, after)
}

/** The next range that chance takes, where so many percent of them are wanted. */
export function sampleOf(ranges: SqliteRanges, sample: number): Range | undefined {
  while (Math.random() * 100 >= sample) if (!ranges.skip()) return undefined
  return ranges.next()
}

/**
 * One statement for all rows: under a collation other than BINARY, and in a file in UTF-16, no index has this order, and
 * each statement would sort the whole table.
 */
class OnePass implements SqliteRanges {
  readonly rowsPerRange: number = rowsPerRange
  readonly #db: Connection
  readonly #table: Table
  readonly #fields: readonly ((value: Value) => string)[]
  readonly #key: KeyCodec
  readonly #positions: readonly number[]
  readonly #reader: RowReader
  readonly #inOrder: (value: string) => string
  #pass: Iterator<Row> | undefined
  #after: KeyTexts | null
  #ended = false

  constructor(db: Connection, table: Table, after: KeyTexts | null) {
    this.#db = db
    this.#table = table
    this.#fields = shippedColumns(table).map(fieldWriter)
    this.#key = keyCodec(table)
    this.#positions = keyPositions(table)
    this.#reader = createRowReader(db, table)
    this.#after = after
    this.#inOrder = keyInOrder(db, table)
  }

  next(): Range | undefined {
    if (this.#ended) return undefined
    this.#pass ??= this.#exactly(columnNames(this.#table), 0)
    const rows: Row[] = []
    let text = ''
    let upTo: KeyTexts | null = null
    while (upTo === null) {
      const { done = false, value } = this.#pass.next()
      if (done) {
        this.#ended = true
        break
      }
      const row = this.#reader.exact(value as Row)
      rows.push(row)
      text += this.#line(row)
      if (rows.length >= rowsPerRange || text.length >= charactersPerRange)
        upTo = this.#key.encode(this.#positions.map((position) => row[position] as Value))
    }
    const range = {
      rows: rows.length,
      text: Buffer.from(text),
      read: () => rows,
      after: this.#after,
      upTo,
    }
    this.#after = upTo
    return range
  }

  skip(): boolean {
    this.close()
    const names = this.#table.key.columns.map(quote)
    // A key that PostgreSQL cannot hold is no bound, so the one behind it is tried.
    for (const key of this.#exactly(names, rowsPerRange - 1)) {
      const texts = this.#key.encode(key)
      if (texts === null) continue
      this.#after = texts
      return true
    }
    this.#ended = true
    return false
  }

  /** What comes next is read by a new pass. */
  close(): void {
    this.#pass?.return?.()
    this.#pass = undefined
  }

  #line(row: Row): string {
    return `${this.#fields.map((write, index) => write(row[index] as Value)).join(',')}\n`
  }

  /** The rows from an offset on, the exact key among these columns. */
  #exactly(columns: readonly string[], start: number): IterableIterator<Row> {
    // Where the pass has come to later must not matter.
    const after = this.#after
    const bound = after === null ? [] : this.#key.decode(after)
    const keys = this.#table.key.columns.map(quote)
    const select = (some: readonly string[], offset: number): IterableIterator<unknown> =>
      this.#select(some, after).iterate(...bound, offset)
    return exactRows(
      this.#db,
      select(columns, start) as IterableIterator<Row>,
      keys.map((name) => columns.indexOf(name)),
      (offset) => select(asBlobs(keys), start + offset) as IterableIterator<StoredBytes>,
    )
  }

  #select(columns: readonly string[], after: KeyTexts | null): Statement {
    const { name, key } = this.#table
    const parts = key.columns.map((column) => this.#inOrder(quote(column)))
    const conditions = key.kind === 'declared' ? parts.map((part) => `${part} IS NOT NULL`) : []
    if (after !== null)
      conditions.push(`(${parts.join(', ')}) > (${parts.map(() => this.#inOrder('?')).join(', ')})`)
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
    // In UTF-16 other bytes may be read as the same text, and must come in one order whatever is selected.
    const order = isUtf8(this.#db) ? parts : [...parts, ...key.columns.map(quote)]
    return this.#db
      .prepare(
        `SELECT ${columns.join(', ')} FROM ${quote(name)} ${where} ORDER BY ${order.join(', ')} LIMIT -1 OFFSET ?`,
      )
      .raw()
      .safeIntegers()
  }
}

/** The rows whose key holds a NULL, which SQLite allows: PostgreSQL can have none of them. */
export function rowsWithoutKey(db: Connection, table: Table): readonly Row[] {
  if (table.key.kind !== 'declared') return []
  const isNull = table.key.columns.map((column) => `${quote(column)} IS NULL`).join(' OR ')
  return readAllExactly(db, columnNames(table), `FROM ${quote(table.name)} WHERE ${isNull}`)
}

function columnNames(table: Table): string[] {
  return shippedColumns(table).map(({ name }) => quote(name))
}

/** What a column of the key, or a value for it, is compared by. */
function keyInOrder(db: Connection, { key }: Table): (value: string) => string {
  if (key.kind !== 'declared') return (value) => value
  if (isUtf8(db)) return (value) => `${value} COLLATE BINARY`
  db.function('lockstep_utf8', { deterministic: true, safeIntegers: true }, (value: unknown) =>
    typeof value === 'string' ? Buffer.from(value) : value,
  )
  return (value) => `lockstep_utf8(${value})`
}
