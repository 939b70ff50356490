import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { SourceTable } from '../schema/source.ts'
import type { Connection, Statement } from '../sqlite/connection.ts'
import { keyInOrder } from '../sqlite/copy-range.ts'
import { asBlobs, exactRows, type StoredBytes } from '../sqlite/exact-text.ts'
import { InvalidText } from '../values/invalid-text.ts'
import type { Row, Value } from '../values/value.ts'
import { rowOrder } from '../schema/row-order.ts'

/**
 * For how long one read transaction lasts, about. The application writes in between: in WAL mode a checkpoint can go
 * past it, and in the other modes the writer gets its lock.
 */
const sliceMs = 4
const looksEvery = 16

export interface SliceReading {
  readonly db: Connection
  readonly table: SourceTable
  /** What is selected of each row, which is called `child`; at most `maxFields` expressions. */
  readonly fields: readonly string[]
  /** `order` are the row's values of `rowOrder`, `key` those of its key, both exact; `order` is empty where there is none. */
  readonly onRow: (values: readonly Value[], order: readonly Value[], key: readonly Value[]) => void
  /** Between two slices. */
  readonly pause: () => Promise<void>
}

/** SQLite's limit is 2,000 columns of a result by default, and the key comes besides. */
export const maxFields = 1000

/**
 * Reads a table once, in the order of its rowid or key, in slices of some milliseconds. Each slice is one statement
 * and so one read transaction; rows that are written meanwhile may be seen or not. One row is in memory at a time.
 * Where the next slice could not begin behind a row the statement stays open over the pause, which lets others run but
 * not, outside of WAL mode, write.
 */
export async function readSlices(reading: SliceReading): Promise<void> {
  const { table, onRow, pause } = reading
  const order = rowOrder(table) ?? []
  const sliced = order.length > 0 && !isMixed(table)
  const { first, next } = statementsFor(reading, order, sliced)
  const width = order.length + table.key.columns.length
  for (let after: readonly Value[] | null = null; ;) {
    const rows: Iterable<Row> = (after === null ? first : next)(after ?? [])
    let until = performance.now() + sliceMs
    let read = 0
    let isEnd = true
    for (const row of rows) {
      const place: readonly Value[] = row.slice(0, order.length)
      onRow(row.slice(width), place, row.slice(order.length, width))
      read += 1
      if (read % looksEvery !== 0 || performance.now() < until) continue
      if (sliced && canGoOn(place)) {
        after = place
        isEnd = false
        break
      }
      await pause()
      until = performance.now() + sliceMs
    }
    if (isEnd) return
    await pause()
  }
}

/** The rows behind a place, with what names them exact. */
type Slice = (after: readonly Value[]) => Iterable<Row>

function statementsFor(
  { db, table, fields }: SliceReading,
  order: readonly string[],
  sliced: boolean,
): { first: Slice; next: Slice } {
  const names = [...order, ...table.key.columns].map((name) => `child.${quote(name)}`)
  const source = `FROM main.${quote(table.name)} AS child`
  const slice = (condition: string): Slice => {
    const select = db.prepare(`SELECT ${[...names, ...fields].join(', ')} ${source} ${condition}`)
    const rows = select.raw().safeIntegers()
    let bytes: Statement | undefined
    return (after) =>
      exactRows(
        db,
        rows.iterate(...after) as IterableIterator<Row>,
        // Only a key that is declared may be a text.
        table.key.kind === 'declared' ? [...names.keys()] : [],
        (offset) => {
          const blobs = `SELECT ${asBlobs(names).join(', ')} ${source} ${condition} LIMIT -1 OFFSET ?`
          bytes ??= db.prepare(blobs).raw()
          return bytes.iterate(...after, offset) as IterableIterator<StoredBytes>
        },
      )
  }
  if (!sliced) {
    const only = slice('')
    return { first: only, next: only }
  }
  const by = (table.withoutRowid ? keyInOrder(table) : names.slice(0, order.length)).join(', ')
  const places = order.map(() => '?').join(', ')
  return {
    first: slice(`ORDER BY ${by}`),
    next: slice(`WHERE (${by}) > (${places}) ORDER BY ${by}`),
  }
}

/** A key that goes up by one column and down by another has no place behind which all others lie. */
function isMixed({ indexes, withoutRowid }: SourceTable): boolean {
  const parts = indexes.find(({ origin }) => origin === 'pk')?.parts ?? []
  return withoutRowid && new Set(parts.map(({ descending }) => descending)).size > 1
}

/** Whether the next slice can begin behind this row: a text that is not UTF-8 cannot be bound as one. */
function canGoOn(place: readonly Value[]): boolean {
  return !place.some((value) => value instanceof InvalidText)
}
