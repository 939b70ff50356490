import type { Table } from '../schema/model.ts'
import type { Connection } from '../sqlite/connection.ts'
import { findBound, readRows } from '../sqlite/copy-range.ts'
import { isTooBig } from '../sqlite/errors.ts'
import { createRangeText, type RangeText } from '../sqlite/range-text.ts'
import { SqliteStatements } from '../sqlite/statements.ts'
import type { KeyTexts, Range, SqliteRanges } from './sqlite-ranges.ts'

/** A range is to have so many bytes, and so many rows at the most: SQLite reads one without a pause. */
const bytesPerRange = 512 * 1024
const maxRows = 2000
/** Of which nothing is known yet; they may be photographs. */
const firstRows = 32

/** Ranges of a table whose key has the same order on both places. */
export class RangesByText implements SqliteRanges {
  readonly #statements: SqliteStatements
  readonly #table: Table
  readonly #textOf: (range: Pick<Range, 'after' | 'upTo'>) => RangeText
  #after: KeyTexts | null
  #rows: number
  #ended = false

  constructor(db: Connection, table: Table, after: KeyTexts | null, rows: number = firstRows) {
    this.#statements = new SqliteStatements(db, true)
    this.#table = table
    this.#textOf = createRangeText(this.#statements, table)
    this.#after = after
    this.#rows = rows
  }

  get rowsPerRange(): number {
    return this.#rows
  }

  next(): Range | undefined {
    if (this.#ended) return undefined
    const after = this.#after
    const { upTo, text, rows } = this.#read(after)
    this.#after = upTo
    this.#ended = upTo === null
    // From one range to the next it grows to the double at the most, as the rows behind may be longer.
    const fitting = Math.floor((rows * bytesPerRange) / Math.max(1, text.length))
    this.#rows = Math.max(1, Math.min(maxRows, 2 * this.#rows, fitting))
    return {
      rows,
      text,
      read: () => readRows(this.#statements, this.#table, { after, upTo }),
      after,
      upTo,
    }
  }

  /** Where rows become so much longer that SQLite has no room for the text of a range, it reads fewer of them. */
  #read(after: KeyTexts | null): RangeText & Pick<Range, 'upTo'> {
    for (;;) {
      const upTo = findBound(this.#statements, this.#table, after, this.#rows)
      try {
        return { ...this.#textOf({ after, upTo }), upTo }
      } catch (error) {
        if (!isTooBig(error) || this.#rows === 1) throw error
        this.#rows = Math.ceil(this.#rows / 8)
      }
    }
  }

  skip(): boolean {
    const upTo = findBound(this.#statements, this.#table, this.#after, this.#rows)
    this.#after = upTo
    this.#ended = upTo === null
    return !this.#ended
  }

  close(): void {
    // Nothing is open between two ranges.
  }
}
