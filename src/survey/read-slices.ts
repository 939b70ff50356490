import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { SourceTable } from '../schema/source.ts'
import type { Connection } from '../sqlite/connection.ts'
import type { Value } from '../values/value.ts'
import { rowOrder } from './row-order.ts'

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
 */
export async function readSlices({ db, table, fields, onRow, pause }: SliceReading): Promise<void> {
  const order = rowOrder(table)
  const columns = [...(order ?? []), ...table.key.columns]
  const names = columns.map((name) => `child.${quote(name)}`)
  const select = `SELECT ${[...names, ...fields].join(', ')} FROM main.${quote(table.name)} AS child`
  const by = names.slice(0, order?.length ?? 0).join(', ')
  const sorted = order === null ? '' : `ORDER BY ${by}`
  const first = db.prepare(`${select} ${sorted}`)
  const places = order?.map(() => '?').join(', ') ?? ''
  const next = order === null ? null : db.prepare(`${select} WHERE (${by}) > (${places}) ${sorted}`)
  const width = order?.length ?? 0
  for (let after: readonly Value[] | null = null; ;) {
    const statement = (after === null ? first : (next ?? first)).raw().safeIntegers()
    const rows = statement.iterate(...(after ?? [])) as IterableIterator<Value[]>
    const until = performance.now() + sliceMs
    let read = 0
    let isEnd = true
    for (const row of rows) {
      const place = row.slice(0, width)
      onRow(row.slice(columns.length), place, row.slice(width, columns.length))
      read += 1
      if (read % looksEvery !== 0 || performance.now() < until || !canGoOn(place)) continue
      after = place
      isEnd = false
      break
    }
    if (isEnd) return
    await pause()
  }
}

/**
 * Whether the next slice can begin behind this row. A text that holds bytes which are not UTF-8 comes as another one,
 * behind which the same row might stand again.
 */
function canGoOn(place: readonly Value[]): boolean {
  if (place.length === 0) return false
  return place.every((value) => typeof value !== 'string' || !value.includes('\uFFFD'))
}
