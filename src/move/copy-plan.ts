import type { Queryer } from '../postgres/control.ts'
import {
  addRange,
  markTableCopied,
  type CopyRange,
  type TableProgress,
} from '../postgres/copied-ranges.ts'
import type { Table } from '../schema/model.ts'

/** Bytes that a range is to have: what a kill loses, and what one transaction of PostgreSQL holds. */
const bytesPerRange = 4 * 1024 * 1024
/** Rows of a table's first range, before the length of its rows is known. */
const firstRows = 1000

/** One range that a lane copies. */
export interface Task {
  readonly table: TableCopy
  readonly number: number
  readonly after: CopyRange['after']
  readonly until: { readonly upTo: CopyRange['upTo'] } | { readonly rows: number }
}

/** What is known of one table while it is copied. */
export interface TableCopy {
  readonly table: Table
  rows: number
  startedAt: number | undefined
  endedAt: number | undefined
  left: CopyRange[]
  last: CopyRange | null
  /** A lane looks for the end of the next range; nobody else can begin there. */
  isBounding: boolean
  inFlight: number
  copied: boolean
  rowsPerRange: number
}

/**
 * Deals out ranges, those of the first tables first, to lanes that copy them at the same time.
 *
 * The end of a range is found in the snapshot that it is read from, and the next one begins there: so ranges of one
 * table go out one after the other, and are copied side by side. No key lies in two of them, and none in between.
 */
export class CopyPlan {
  readonly #db: Queryer
  readonly #tables: readonly TableCopy[]
  readonly #maxRows: number
  readonly #waiting: (() => void)[] = []
  #closed = false

  constructor(
    db: Queryer,
    tables: readonly { readonly table: Table; readonly progress: TableProgress }[],
    maxRowsPerRange: number,
  ) {
    this.#db = db
    this.#maxRows = maxRowsPerRange
    this.#tables = tables.map(({ table, progress }) => ({
      table,
      rows: progress.rows,
      startedAt: undefined,
      endedAt: undefined,
      left: [...progress.left],
      last: progress.last,
      isBounding: false,
      inFlight: 0,
      copied: progress.copied,
      rowsPerRange: Math.min(firstRows, maxRowsPerRange),
    }))
  }

  get tables(): readonly TableCopy[] {
    return this.#tables
  }

  /** Tables whose last range was committed by a process that died before it could say so. */
  async settle(): Promise<void> {
    for (const table of this.#tables) await this.#markWhole(table)
  }

  /** Deals out nothing more: a lane has failed. */
  close(): void {
    this.#closed = true
    this.#wake()
  }

  /** The next range; undefined once there is none left. Waits where another lane is about to say where it begins. */
  async take(): Promise<Task | undefined> {
    while (!this.#closed) {
      const table = this.#tables.find((one) => one.left.length > 0 || isOpen(one))
      if (table !== undefined) return deal(table)
      if (!this.#tables.some(({ isBounding }) => isBounding)) return undefined
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    return undefined
  }

  /** The end of a range has been found: keeps it, and lets the next range begin there. */
  async bound({ table, number, after }: Task, upTo: CopyRange['upTo']): Promise<void> {
    const range = { number, after, upTo }
    await addRange(this.#db, table.table.id, range)
    table.last = range
    table.isBounding = false
    this.#wake()
  }

  /** A range has been committed. @returns whether it was the last one of its table */
  async done({ table }: Task, rows: number, bytes: number): Promise<boolean> {
    table.rows += rows
    table.inFlight -= 1
    if (rows > 0)
      table.rowsPerRange = Math.max(
        1,
        Math.min(this.#maxRows, Math.floor(bytesPerRange / (bytes / rows))),
      )
    return this.#markWhole(table)
  }

  async #markWhole(table: TableCopy): Promise<boolean> {
    const { copied, last, left, inFlight, isBounding } = table
    const isWhole = last?.upTo === null && left.length === 0 && inFlight === 0
    if (copied || isBounding || !isWhole) return false
    // Before the answer, so that of two lanes that end at once one says it.
    table.copied = true
    await markTableCopied(this.#db, table.table.id)
    table.endedAt = performance.now()
    return true
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

/** There is more of the table, and nobody looks where it begins. */
function isOpen({ copied, isBounding, last }: TableCopy): boolean {
  return !copied && !isBounding && last?.upTo !== null
}

function deal(table: TableCopy): Task {
  table.startedAt ??= performance.now()
  table.inFlight += 1
  const range = table.left.shift()
  if (range !== undefined)
    return { table, number: range.number, after: range.after, until: { upTo: range.upTo } }
  table.isBounding = true
  const { last } = table
  const number = last === null ? 0 : last.number + 1
  return { table, number, after: last?.upTo ?? null, until: { rows: table.rowsPerRange } }
}
