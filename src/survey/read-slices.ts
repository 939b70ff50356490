import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { SourceTable } from '../schema/source.ts'
import type { Connection, Statement } from '../sqlite/connection.ts'
import type { Value } from '../values/value.ts'
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
  /** `order` are the row's values of `rowOrder`, `key` those of its key; both are empty where there is no order. */
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
    const statement = (after === null ? first : next).raw().safeIntegers()
    let until = performance.now() + sliceMs
    let read = 0
    let isEnd = true
    for (const row of statement.iterate(...(after ?? [])) as IterableIterator<Value[]>) {
      const place = row.slice(0, order.length)
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

function statementsFor(
  { db, table, fields }: SliceReading,
  order: readonly string[],
  sliced: boolean,
): { first: Statement; next: Statement } {
  const names = [...order, ...table.key.columns].map((name) => `child.${quote(name)}`)
  const select = `SELECT ${[...names, ...fields].join(', ')} FROM main.${quote(table.name)} AS child`
  if (!sliced) {
    const only = db.prepare(select)
    return { first: only, next: only }
  }
  const by = names.slice(0, order.length).join(', ')
  const places = order.map(() => '?').join(', ')
  return {
    first: db.prepare(`${select} ORDER BY ${by}`),
    next: db.prepare(`${select} WHERE (${by}) > (${places}) ORDER BY ${by}`),
  }
}

/** A key that goes up by one column and down by another has no place behind which all others lie. */
function isMixed({ indexes, withoutRowid }: SourceTable): boolean {
  const parts = indexes.find(({ origin }) => origin === 'pk')?.parts ?? []
  return withoutRowid && new Set(parts.map(({ descending }) => descending)).size > 1
}

/**
 * Whether the next slice can begin behind this row. A text that holds bytes which are not UTF-8 comes as another one,
 * behind which the same row might stand again.
 */
function canGoOn(place: readonly Value[]): boolean {
  return place.every((value) => typeof value !== 'string' || !value.includes('\uFFFD'))
}
