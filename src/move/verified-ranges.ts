import type { AlignedView } from '../mirror/aligned-view.ts'
import type { Table } from '../schema/model.ts'
import { isBinaryOrder, readRows } from '../sqlite/copy-range.ts'
import { SqliteStatements } from '../sqlite/statements.ts'
import { openRanges, sampleOf, type Range, type RangesFrom } from './sqlite-ranges.ts'
import type { SentRange, TextThread } from './text-thread.ts'

/** Ranges of one table, wherever they are read. */
export interface VerifiedRanges {
  /** Undefined behind the end of the table. */
  next(): Promise<Range | undefined>
  /** Lets the connection go. */
  close(): void
  /** Rows of the next range, at the most: where the ranges go on in another snapshot, they go on with it. */
  readonly rowsPerRange: number | undefined
}

/** Read by the thread where it has the snapshot of this view, and here where it has not. */
export function openVerifiedRanges(
  view: AlignedView,
  thread: TextThread | undefined,
  table: Table,
  from: RangesFrom,
): VerifiedRanges {
  // Ranges under another collation are rows of one pass, which are compared themselves where they differ.
  return thread !== undefined && view.hasTwin && isBinaryOrder(view.sqlite, table)
    ? new RangesOfThread(view, thread, table, from)
    : readHere(view, table, from)
}

function readHere(view: AlignedView, table: Table, from: RangesFrom): VerifiedRanges {
  const ranges = openRanges(view.sqlite, table, from)
  return {
    next: async () => sampleOf(ranges, from.sample),
    close: () => ranges.close(),
    get rowsPerRange() {
      return ranges.rowsPerRange
    },
  }
}

/** The thread is one range ahead. */
class RangesOfThread implements VerifiedRanges {
  readonly #thread: TextThread
  readonly #table: Table
  readonly #statements: SqliteStatements
  #ahead: Promise<SentRange | undefined>
  #rows: number | undefined

  constructor(view: AlignedView, thread: TextThread, table: Table, from: RangesFrom) {
    this.#thread = thread
    this.#table = table
    this.#statements = new SqliteStatements(view.sqlite, true)
    this.#rows = from.rows
    this.#ahead = noted(thread.open(table, from))
  }

  get rowsPerRange(): number | undefined {
    return this.#rows
  }

  async next(): Promise<Range | undefined> {
    const sent = await this.#ahead
    if (sent === undefined) return undefined
    this.#ahead = noted(this.#thread.next())
    const { text, rowsPerRange, ...range } = sent
    this.#rows = rowsPerRange
    return {
      ...range,
      text: Buffer.from(text.buffer),
      read: () => readRows(this.#statements, this.#table, range),
    }
  }

  close(): void {
    // What the thread is ahead is answered, and nobody looks.
  }
}

/** A failure is for who comes for the range. */
function noted<T>(answer: Promise<T>): Promise<T> {
  answer.catch(() => undefined)
  return answer
}
