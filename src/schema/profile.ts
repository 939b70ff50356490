import { quoteIdentifier } from './quote.ts'
import { numberOf, type SchemaReader } from './reader.ts'
import type { SourceTable } from './source.ts'

/** How many rows hold what, for one column; counted by SQLite, so no value leaves it. */
export interface ColumnProfile {
  readonly name: string
  readonly nulls: number
  readonly integers: number
  /** Integers outside -2^53..2^53, which a double may round. */
  readonly wideIntegers: number
  readonly reals: number
  readonly texts: number
  /** Texts with a NUL character, which PostgreSQL's text refuses. */
  readonly nulTexts: number
  readonly blobs: number
}

export interface TableProfile {
  readonly table: string
  readonly rows: number
  readonly columns: readonly ColumnProfile[]
}

/** SQLite takes 2,000 result columns at most by default; each column here takes eight. */
const columnsPerScan = 200

/** One scan of the table (one for every 200 columns), with aggregates only. */
export function profileTable(db: SchemaReader, table: SourceTable): TableProfile {
  const columns: ColumnProfile[] = []
  let rows = 0
  for (let start = 0; start < table.columns.length; start += columnsPerScan) {
    const names = table.columns.slice(start, start + columnsPerScan).map((column) => column.name)
    const counts = names.flatMap((name, index) => countsOf(quoteIdentifier(name), index))
    const source = `main.${quoteIdentifier(table.name)}`
    const row = db.all(`SELECT count(*) AS total, ${counts.join(', ')} FROM ${source}`)[0] ?? {}
    rows = numberOf(row, 'total')
    columns.push(...names.map((name, index) => readProfile(name, index, row)))
  }
  return { table: table.name, rows, columns }
}

type Count = Exclude<keyof ColumnProfile, 'name'>

const conditions: Record<Count, (column: string) => string> = {
  nulls: (column) => `${column} IS NULL`,
  integers: (column) => `typeof(${column}) = 'integer'`,
  wideIntegers: (column) =>
    `typeof(${column}) = 'integer' AND ${column} NOT BETWEEN -9007199254740992 AND 9007199254740992`,
  reals: (column) => `typeof(${column}) = 'real'`,
  texts: (column) => `typeof(${column}) = 'text'`,
  nulTexts: (column) => `typeof(${column}) = 'text' AND instr(${column}, char(0)) > 0`,
  blobs: (column) => `typeof(${column}) = 'blob'`,
}

const counts = Object.keys(conditions) as Count[]

function countsOf(column: string, index: number): string[] {
  return counts.map(
    (count) => `count(*) FILTER (WHERE ${conditions[count](column)}) AS ${count}_${index}`,
  )
}

function readProfile(name: string, index: number, row: Record<string, unknown>): ColumnProfile {
  const figure = (count: Count): number => numberOf(row, `${count}_${index}`)
  return {
    name,
    nulls: figure('nulls'),
    integers: figure('integers'),
    wideIntegers: figure('wideIntegers'),
    reals: figure('reals'),
    texts: figure('texts'),
    nulTexts: figure('nulTexts'),
    blobs: figure('blobs'),
  }
}
