import type { QuarantineEntry } from '../place/place.ts'
import type { Queryer } from './control.ts'
import { quarantineKey } from './quarantine.ts'

/** A part of a table: the rows behind `after` and up to `upTo`, keys in PostgreSQL's text; null is the table's end. */
export interface CopyRange {
  readonly number: number
  readonly after: readonly string[] | null
  readonly upTo: readonly string[] | null
}

/** How far the copy of one table has come. */
export interface TableProgress {
  readonly copied: boolean
  readonly rows: number
  /** Ranges that are known and not copied. */
  readonly left: readonly CopyRange[]
  /** The one that is furthest on, or null before the first. */
  readonly last: CopyRange | null
}

interface RawRange {
  number: number
  after: string[] | null
  upTo: string[] | null
  copied: boolean
  rows: string
}

export async function readProgress(db: Queryer, tableId: number): Promise<TableProgress> {
  const { rows: tables } = await db.query<{ copied: boolean; rows: string }>(
    'SELECT copied, copied_rows AS rows FROM lockstep.tables WHERE id = $1',
    [tableId],
  )
  const table = tables[0] as { copied: boolean; rows: string }
  const { rows: ranges } = await db.query<RawRange>(
    'SELECT number, after, up_to AS "upTo", copied, rows FROM lockstep.ranges WHERE tbl = $1 ORDER BY number',
    [tableId],
  )
  const rows = ranges.reduce((sum, range) => sum + Number(range.rows), Number(table.rows))
  const left = ranges.filter(({ copied }) => !copied)
  return { copied: table.copied, rows, left, last: ranges.at(-1) ?? null }
}

/** Before any row of it is copied, so that no range is ever forgotten; in the order of their numbers. */
export async function addRange(db: Queryer, tableId: number, range: CopyRange): Promise<void> {
  await db.query(
    'INSERT INTO lockstep.ranges (tbl, number, after, up_to) VALUES ($1, $2, $3, $4)',
    [tableId, range.number, range.after, range.upTo],
  )
}

/**
 * Claims a range for the transaction that is to copy it; false where it has been copied. A process that was killed may
 * have left a COMMIT on its way to the server: this waits for it.
 */
export async function claimRange(db: Queryer, tableId: number, number: number): Promise<boolean> {
  const { rowCount } = await db.query(
    'SELECT 1 FROM lockstep.ranges WHERE tbl = $1 AND number = $2 AND NOT copied FOR UPDATE',
    [tableId, number],
  )
  return rowCount === 1
}

/** In the transaction that copied its rows. */
export async function markCopied(
  db: Queryer,
  tableId: number,
  number: number,
  rows: number,
): Promise<void> {
  await db.query(
    'UPDATE lockstep.ranges SET copied = true, rows = $3 WHERE tbl = $1 AND number = $2',
    [tableId, number, rows],
  )
}

/** Every range has been copied, so that the table needs them no longer. */
export async function markTableCopied(db: Queryer, tableId: number): Promise<void> {
  await db.query(
    /* sql */ `
    WITH gone AS (DELETE FROM lockstep.ranges WHERE tbl = $1 RETURNING rows)
    UPDATE lockstep.tables SET copied = true, copied_rows = (SELECT coalesce(sum(rows), 0) FROM gone)
     WHERE id = $1`,
    [tableId],
  )
}

/** In the transaction that leaves these rows behind. */
export async function quarantineRows(
  db: Queryer,
  entries: readonly QuarantineEntry[],
): Promise<void> {
  if (entries.length === 0) return
  for (const { table, key, column, reason } of entries) {
    await db.query(
      `INSERT INTO lockstep.quarantine (tbl, key, col, reason) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tbl, key) DO UPDATE SET col = excluded.col, reason = excluded.reason`,
      [table, quarantineKey(key), column, reason],
    )
  }
  // An applier that has seen quarantine empty at this position must look again.
  await db.query('UPDATE lockstep.control SET batch = batch + 1')
}
