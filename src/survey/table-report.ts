import type { Table } from '../schema/model.ts'
import type { Affinity, PostgresType } from '../values/value.ts'
import type { Format } from './formats.ts'
import type { TableSize } from './sizes.ts'
import type { NotSuggested, Suggestion, Suggestions } from './suggest.ts'
import type { TableSurvey } from './survey-table.ts'
import type { ColumnTally, Range } from './tally.ts'

export interface TableReport {
  readonly table: string
  readonly rows: number
  /** In the SQLite file, without and of the indexes. */
  readonly bytes: number
  readonly indexBytes: number
  /** Pages that were counted by `dbstat`, or an estimate by the values that were read. */
  readonly bytesFrom: 'dbstat' | 'estimate'
  /** The columns that name a row. */
  readonly key: readonly string[]
  readonly columns: readonly ColumnReport[]
}

export interface ColumnReport {
  readonly column: string
  readonly declaredType: string
  readonly affinity: Affinity
  /** Rows by `typeof()`. */
  readonly classes: Readonly<Record<'null' | 'integer' | 'real' | 'text' | 'blob', number>>
  readonly integers: Range<bigint> | null
  readonly reals: Range<number> | null
  /** Lengths in bytes, texts in UTF-8. */
  readonly textBytes: Range<number> | null
  readonly blobBytes: Range<number> | null
  /** Rows by what their value looks like; one format for each value at most. */
  readonly formats: Readonly<Partial<Record<Format, number>>>
  /** What the column will be on PostgreSQL, as things stand. */
  readonly postgresType: PostgresType
  readonly suggestion: Suggestion | null
  /** A type that is close, or that something forbids. */
  readonly notSuggested: NotSuggested | null
}

/** @param sizes null where they have to be estimated */
export function tableReport(
  survey: TableSurvey,
  table: Table,
  { suggested, notSuggested }: Suggestions,
  size: TableSize | null,
): TableReport {
  const isHere = (each: { table: string; column: string }, column: string): boolean =>
    each.table === table.name && each.column === column
  return {
    table: table.name,
    rows: survey.rows,
    ...(size ?? estimatedSize(survey)),
    bytesFrom: size === null ? 'estimate' : 'dbstat',
    key: table.key.columns,
    columns: survey.columns.map((tally, index) => {
      const { name } = tally.column
      return {
        ...columnFacts(tally),
        postgresType: table.columns[index]?.postgresType ?? 'text',
        suggestion: suggested.find((each) => isHere(each, name)) ?? null,
        notSuggested: notSuggested.find((each) => isHere(each, name)) ?? null,
      }
    }),
  }
}

function columnFacts(
  tally: ColumnTally,
): Omit<ColumnReport, 'postgresType' | 'suggestion' | 'notSuggested'> {
  const { column, profile, integers, reals, textBytes, blobBytes } = tally
  return {
    column: column.name,
    declaredType: column.declaredType,
    affinity: column.affinity,
    classes: {
      null: profile.nulls,
      integer: profile.integers,
      real: profile.reals,
      text: profile.texts,
      blob: profile.blobs,
    },
    integers,
    reals,
    textBytes,
    blobBytes,
    formats: Object.fromEntries(tally.formats),
  }
}

/** As SQLite's record format has it: https://www.sqlite.org/fileformat2.html#record_format */
function estimatedSize({ table, rows, columns }: TableSurvey): TableSize {
  const payload = columns.map(({ profile, integers, bytes }) => {
    const width = integers === null ? 0 : integerBytes(integers)
    return bytes + profile.integers * width + profile.reals * 8
  })
  const cell = rows * (columns.length + 4)
  const bytes = payload.reduce((sum, each) => sum + each, cell)
  const indexed = table.indexes.map(({ parts }) =>
    parts.reduce((sum, { column }) => {
      const at = columns.findIndex((tally) => tally.column.name === column)
      return sum + (payload[at] ?? rows * 8)
    }, rows * 8),
  )
  return { bytes, indexBytes: indexed.reduce((sum, each) => sum + each, 0) }
}

function integerBytes({ min, max }: Range<bigint>): number {
  const widths = [1, 2, 3, 4, 6, 8]
  const fits = (bytes: number): boolean =>
    BigInt.asIntN(bytes * 8, min) === min && BigInt.asIntN(bytes * 8, max) === max
  return widths.find(fits) ?? 8
}
