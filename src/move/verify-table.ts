import type { VerifiedTable } from '../api.ts'
import { yieldToEventLoop } from '../core/wait.ts'
import type { AlignedView } from '../mirror/aligned-view.ts'
import { isRangeEqual, readRange } from '../postgres/read-range.ts'
import type { Table } from '../schema/model.ts'
import { compareRows, type Comparison } from './compare-rows.ts'
import { rowsWithoutKey, type KeyTexts, type Range } from './sqlite-ranges.ts'
import type { TextThread } from './text-thread.ts'
import { openVerifiedRanges, type VerifiedRanges } from './verified-ranges.ts'

export interface VerifyTableOptions {
  readonly schema: string
  readonly signal: AbortSignal | undefined
  /** The twin of the view. */
  readonly thread: TextThread | undefined
  /** Percent of the ranges that are compared. */
  readonly sample: number
  /** What an earlier run has compared of the table. */
  readonly from: { readonly report: VerifiedTable; readonly after: KeyTexts } | undefined
  readonly comparison: Omit<Comparison, 'counts'>
  /** Everything up to this key has been compared. */
  readonly onRange: (report: VerifiedTable, upTo: KeyTexts) => void
}

/**
 * Compares one table exactly: value by value, class and bits included.
 *
 * Both sides write the rows of a range as one text, and equal texts are equal rows: a codec gives each
 * value that a column can hold a text of its own. Only where the texts differ the rows are compared one by
 * one. While PostgreSQL writes a range, the next one is read from SQLite.
 */
export async function verifyTable(
  table: Table,
  view: AlignedView,
  options: VerifyTableOptions,
): Promise<VerifiedTable> {
  const { signal, thread, sample, from, schema } = options
  const open = (after: KeyTexts | null, rows?: number): VerifiedRanges =>
    openVerifiedRanges(view, thread, table, { after, rows, sample })
  const report = { ...(from?.report ?? emptyReport(table.name)) }
  const comparison = { ...options.comparison, counts: report }
  if (from === undefined)
    await compareRows(table, rowsWithoutKey(view.sqlite, table), undefined, comparison)
  let ranges = open(from?.after ?? null)
  try {
    let range = await ranges.next()
    while (range !== undefined) {
      signal?.throwIfAborted()
      const equal = isEqual(table, range, view, schema)
      await yieldToEventLoop()
      const isLastOfView = view.isOld
      const following = isLastOfView ? undefined : await ranges.next()
      if (!(await equal))
        await compareRows(
          table,
          range.read(),
          readRange(view.postgres, table, schema, range),
          comparison,
        )
      report.rows += range.rows
      report.equal = report.missing + report.extra + report.different === 0
      if (range.upTo === null) break
      options.onRange(report, range.upTo)
      if (isLastOfView) {
        ranges.close()
        await view.renew()
        ranges = open(range.upTo, ranges.rowsPerRange)
      }
      range = isLastOfView ? await ranges.next() : following
    }
  } finally {
    ranges.close()
  }
  report.equal = report.missing + report.extra + report.different === 0
  return report
}

/** Begins at once; its error, if any, is for who awaits it. */
function isEqual(
  table: Table,
  range: Range,
  { postgres }: AlignedView,
  schema: string,
): Promise<boolean> {
  const equal = isRangeEqual(postgres, table, schema, range)
  equal.catch(() => undefined)
  return equal
}

/** Nothing has been compared yet. */
export function emptyReport(table: string): VerifiedTable {
  return { table, rows: 0, equal: true, missing: 0, extra: 0, different: 0 }
}
