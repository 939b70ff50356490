import type pg from 'pg'
import { LockstepError } from '../core/errors.ts'
import { didYouMean } from '../core/suggest.ts'
import { yieldToEventLoop } from '../core/wait.ts'
import type { VerifyReport } from '../api.ts'
import { align, type AlignedSnapshots } from '../mirror/align.ts'
import type { Shipper } from '../mirror/shipper.ts'
import type { PlaceName } from '../place/place.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import type { PostgresSession } from '../postgres/session.ts'
import { keyPositions, shippedColumns, type ShippedColumn, type Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { Connection, SqliteFile } from '../sqlite/connection.ts'
import { codecFor, storageClass } from '../values/codec.ts'
import { compareValues, keyText, sameValue } from '../values/compare.ts'
import type { KeyValues, Row, Value } from '../values/value.ts'

export type DifferenceClass = 'missing' | 'extra' | 'value' | 'type'

export interface Difference {
  readonly table: string
  readonly key: string
  readonly column: string | null
  readonly class: DifferenceClass
}

export interface TableReport {
  readonly table: string
  readonly rows: number
  readonly equal: boolean
  /** Rows of SQLite that PostgreSQL has not, and the other way round, whichever is primary. */
  readonly missing: number
  readonly extra: number
  readonly different: number
}

export interface VerifyTableOptions {
  readonly schema: string
  readonly signal: AbortSignal | undefined
  readonly onRows: (rows: number) => void
  readonly onDifference: (difference: Difference) => void
}

/** So many rows are fetched and compared before others run. */
const rowsPerFetch = 500

/**
 * Compares one table row by row and value by value, class and bits included, at aligned snapshots: both
 * sides are read in the order of the key and merged. Memory does not grow with the table.
 */
export async function verifyTable(
  table: Table,
  snapshots: AlignedSnapshots,
  options: VerifyTableOptions,
): Promise<TableReport> {
  const columns = shippedColumns(table)
  const positions = keyPositions(table)
  const keyOf = (row: Row): KeyValues => positions.map((position) => row[position] as Value)
  const report = { table: table.name, rows: 0, missing: 0, extra: 0, different: 0 }
  const differ = (row: Row, kind: DifferenceClass, column: string | null): void =>
    options.onDifference({ table: table.name, key: keyText(keyOf(row)), column, class: kind })
  const left = sqliteRows(table, columns, snapshots.sqlite)
  const right = postgresRows(table, columns, snapshots.postgres, options.schema)
  try {
    let [a, b] = [await next(left), await next(right)]
    while (a !== undefined || b !== undefined) {
      const order = compareRows(a, b, keyOf)
      if (order < 0) {
        report.missing++
        differ(a as Row, 'missing', null)
      } else if (order > 0) {
        report.extra++
        differ(b as Row, 'extra', null)
      } else if (!reportUnequal(a as Row, b as Row, columns, differ)) report.different++
      if (order <= 0) {
        report.rows++
        if (report.rows % rowsPerFetch === 0) {
          options.signal?.throwIfAborted()
          options.onRows(report.rows)
        }
        a = await next(left)
      }
      if (order >= 0) b = await next(right)
    }
  } finally {
    await left.return(undefined)
    await right.return(undefined)
  }
  return { ...report, equal: report.missing + report.extra + report.different === 0 }
}

/** At most so many differences are listed; the counts are complete. */
const maxDifferences = 1000

export interface VerifyAllContext {
  readonly server: PostgresServer
  readonly file: SqliteFile
  createShipper(session: PostgresSession): Shipper
}

/** Compares whole tables at one pair of aligned snapshots, while writes go on. */
export async function verifyAll(
  context: VerifyAllContext,
  tables: readonly Table[],
  options: {
    primary: PlaceName
    signal: AbortSignal | undefined
    onProgress: (progress: { table: string; rows: number; total: number }) => void
  },
): Promise<VerifyReport> {
  const snapshots = await align(options.primary, {
    ...context,
    server: context.server,
    file: context.file,
    createShipper: (session) => context.createShipper(session),
  })
  const differences: Difference[] = []
  const reports: TableReport[] = []
  try {
    for (const table of tables) {
      const total = snapshots.sqlite
        .prepare(`SELECT count(*) FROM ${quote(table.name)}`)
        .pluck()
        .get() as number
      const report = await verifyTable(table, snapshots, {
        schema: context.server.schema,
        signal: options.signal,
        onRows: (rows) => options.onProgress({ table: table.name, rows, total }),
        onDifference: (difference) => {
          if (differences.length < maxDifferences) differences.push(difference)
        },
      })
      options.onProgress({ table: table.name, rows: report.rows, total })
      reports.push(report)
    }
  } finally {
    await snapshots.release()
  }
  return { equal: reports.every(({ equal }) => equal), tables: reports, differences }
}

export function tablesToVerify(
  tables: readonly Table[],
  names: readonly string[] | undefined,
): readonly Table[] {
  if (names === undefined) return tables
  return names.map((name) => {
    const table = tables.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase())
    if (table === undefined) {
      const known = tables.map((candidate) => candidate.name)
      throw new LockstepError(
        'TABLE_UNKNOWN',
        `There is no mirrored table ${name}; there are ${known.join(', ')}.${didYouMean(name, known)}`,
        { details: { table: name } },
      )
    }
    return table
  })
}

type Rows = AsyncGenerator<Row, undefined>

async function next(rows: Rows): Promise<Row | undefined> {
  const { value } = await rows.next()
  return value
}

function compareRows(
  a: Row | undefined,
  b: Row | undefined,
  keyOf: (row: Row) => KeyValues,
): number {
  if (a === undefined) return 1
  if (b === undefined) return -1
  const other = keyOf(b)
  for (const [index, value] of keyOf(a).entries()) {
    const order = compareValues(value, other[index] as Value)
    if (order !== 0) return order
  }
  return 0
}

function reportUnequal(
  a: Row,
  b: Row,
  columns: readonly ShippedColumn[],
  differ: (row: Row, kind: DifferenceClass, column: string) => void,
): boolean {
  let equal = true
  for (const [index, column] of columns.entries()) {
    const [left, right] = [a[index] as Value, b[index] as Value]
    if (sameValue(left, right)) continue
    equal = false
    differ(a, storageClass(left) === storageClass(right) ? 'value' : 'type', column.name)
  }
  return equal
}

async function* sqliteRows(table: Table, columns: readonly ShippedColumn[], db: Connection): Rows {
  const order = table.key.columns.map((column) => `${quote(column)} COLLATE BINARY`).join(', ')
  const iterator = db
    .prepare(
      `SELECT ${columns.map((column) => quote(column.name)).join(', ')} FROM ${quote(table.name)} ORDER BY ${table.key.kind === 'declared' ? order : quote(table.key.columns[0] as string)}`,
    )
    .raw()
    .safeIntegers()
    .iterate()
  let count = 0
  for (const row of iterator) {
    yield row as Value[]
    if (++count % rowsPerFetch === 0) await yieldToEventLoop()
  }
  return undefined
}

async function* postgresRows(
  table: Table,
  columns: readonly ShippedColumn[],
  client: pg.Client,
  schema: string,
): Rows {
  const codecs = columns.map(codecFor)
  const cursor = `lockstep_verify_${table.id}`
  const order = table.key.columns.map((column) => `t.${quote(column)}`).join(', ')
  await client.query(
    `DECLARE ${cursor} NO SCROLL CURSOR FOR
      SELECT ${columns.map((column) => `t.${quote(column.name)}::text`).join(', ')} FROM ${quote(schema)}.${quote(table.name)} AS t ORDER BY ${order}`,
  )
  try {
    for (;;) {
      const { rows } = await client.query<(string | null)[]>({
        text: `FETCH ${rowsPerFetch} FROM ${cursor}`,
        rowMode: 'array',
      } as pg.QueryArrayConfig)
      for (const row of rows)
        yield row.map((text, index) => (codecs[index] as (typeof codecs)[number]).decode(text))
      if (rows.length < rowsPerFetch) return undefined
    }
  } finally {
    await client.query(`CLOSE ${cursor}`).catch(() => undefined)
  }
}
