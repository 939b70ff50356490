import { shippedColumns, type Table } from '../schema/model.ts'
import type { PostgresType } from '../values/value.ts'
import type { TableSurvey } from './survey-table.ts'
import type { ColumnTally } from './tally.ts'

/** What the copy will take; figures to plan with, not promises. */
export interface CopyEstimate {
  readonly rows: number
  /** Tables and indexes on PostgreSQL, once the copy is there. */
  readonly tableBytes: number
  readonly indexBytes: number
  /** For the backfill, with keys and indexes. */
  readonly seconds: number
  /** What the figures are made of, in words. */
  readonly basis: string
}

/** docs/benchmarks.md has the measure: 2 cores, with PostgreSQL on the same machine. */
const rowsPerSecond = 60_000
const bytesPerSecond = 20_000_000

/** https://www.postgresql.org/docs/current/storage-page-layout.html: a line pointer, and a header that is aligned. */
const rowOverheadBytes = 4 + 24
const indexOverheadBytes = 4 + 8
/** How full a B-tree is that was built in one go. */
const indexFill = 0.9
const pageFill = 0.98

/** @param tables in the order of the surveys */
export function estimateCopy(
  surveys: readonly TableSurvey[],
  tables: readonly Table[],
): CopyEstimate {
  let [rows, tableBytes, indexBytes, payload] = [0, 0, 0, 0]
  for (const [position, survey] of surveys.entries()) {
    const table = tables[position]
    if (table === undefined) continue
    const widths = new Map(
      survey.columns.map((tally, index) => {
        const type = table.columns[index]?.postgresType ?? 'text'
        return [tally.column.name, bytesIn(tally, type)] as const
      }),
    )
    const hidden = (shippedColumns(table).length - table.columns.length) * 8 * survey.rows
    const data = [...widths.values()].reduce((sum, each) => sum + each, hidden)
    rows += survey.rows
    payload += data
    tableBytes += (data + survey.rows * rowOverheadBytes) / pageFill
    indexBytes += bytesOfIndexes(table, survey.rows, widths)
  }
  return {
    rows,
    tableBytes: Math.round(tableBytes),
    indexBytes: Math.round(indexBytes),
    seconds: Math.ceil(rows / rowsPerSecond + payload / bytesPerSecond),
    basis:
      `time: ${rowsPerSecond.toLocaleString('en')} rows a second, as measured on 2 cores with PostgreSQL beside it, and ${bytesPerSecond / 1_000_000} MB of values a second, which is a guess; ` +
      "disk: the values that were read, in PostgreSQL's layout without compression; the write-ahead log comes besides, up to max_wal_size",
  }
}

function bytesOfIndexes(table: Table, rows: number, widths: ReadonlyMap<string, number>): number {
  const indexes = table.indexes.filter(({ origin }) => origin !== 'pk')
  const keys = [table.key.columns, ...indexes.map(({ parts }) => parts.map(({ column }) => column))]
  const bytes = keys.flatMap((columns) =>
    columns.map((column) => widths.get(column ?? '') ?? rows * 8),
  )
  const entries = keys.length * rows * indexOverheadBytes
  return bytes.reduce((sum, each) => sum + each, entries) / indexFill
}

/** Of all values of a column, with the header that those of no fixed length have. */
function bytesIn({ profile, bytes }: ColumnTally, type: PostgresType): number {
  const { integers, reals, texts, blobs } = profile
  const values = integers + reals + texts + blobs
  switch (type) {
    case 'boolean':
      return values
    case 'date':
      return values * 4
    case 'uuid':
      return values * 16
    case 'text':
    case 'bytea':
    case 'json':
    case 'jsonb':
      return bytes + values * 4 + (integers + reals) * 8
    default:
      return values * (type.startsWith('numeric') ? 12 : 8)
  }
}
