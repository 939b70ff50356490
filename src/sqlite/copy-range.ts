import { keyCodec } from '../schema/key-codec.ts'
import {
  keyPositions,
  shippedColumns,
  writtenPositions,
  type ShippedColumn,
  type Table,
} from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { SourceTable } from '../schema/source.ts'
import { CopyBytes } from '../values/copy-bytes.ts'
import { keyText } from '../values/compare.ts'
import { createRowEncoder, type Refusal } from '../values/row-encoder.ts'
import type { KeyValues, Row, Value } from '../values/value.ts'
import type { Connection } from './connection.ts'
import type { ChunkPool } from './chunk-pool.ts'
import { asBlobs, exactRows, isUtf8, type StoredBytes } from './exact-text.ts'
import { createRowReader, invalidText } from './rows.ts'
import type { SqliteStatements } from './statements.ts'

/** The rows behind one key and up to another, both in PostgreSQL's text forms; null stands for the table's end. */
export interface KeyRange {
  readonly after: readonly string[] | null
  readonly upTo: readonly string[] | null
}

/** A row that stays behind, named as quarantine names it. */
export interface RejectedRow extends Refusal {
  readonly key: string
}

export interface RangeEnd {
  readonly rows: number
  readonly bytes: number
  readonly rejected: readonly RejectedRow[]
}

/**
 * The key that ends a range of so many rows; null where the table ends before.
 * @param statements with safe integers; one for all ranges of a connection, as statements that are dropped live on
 */
export function findBound(
  statements: SqliteStatements,
  table: Table,
  after: KeyRange['after'],
  rows: number,
): KeyRange['upTo'] {
  const { encode } = keyCodec(table)
  // A key that PostgreSQL cannot hold is no bound, so the one behind it is tried.
  for (const key of selectExactly(
    statements,
    table,
    table.key.columns,
    { after, upTo: null },
    rows - 1,
  )) {
    const texts = encode(key)
    if (texts !== null) return texts
  }
  return null
}

/**
 * The rows of a range as COPY takes them, without the header and the end of a stream, in chunks of about `chunkBytes`.
 * The caller holds a read transaction open.
 * @param pool gives the memory of chunks of `chunkBytes`
 */
export function* encodeRange(
  statements: SqliteStatements,
  table: Table,
  range: KeyRange,
  chunkBytes: number,
  pool: ChunkPool,
): Generator<Uint8Array<ArrayBuffer>, RangeEnd> {
  const columns = shippedColumns(table)
  const written = writtenPositions(table)
  const isWhole = written.length === columns.length
  const encoder = createRowEncoder(written.map((index) => columns[index] as ShippedColumn))
  const reader = createRowReader(statements.db, table)
  const bytes = new CopyBytes(() => pool.take())
  const end = { rows: 0, bytes: 0, rejected: [] as RejectedRow[] }
  for (const row of selectRows(statements, table, range)) {
    const invalid = reader.invalidText(row)
    const values = isWhole ? row : written.map((index) => row[index] as Value)
    const refusal: Refusal | null =
      invalid === undefined ? encoder.add(values, bytes) : { column: invalid, reason: invalidText }
    if (refusal === null) end.rows += 1
    else end.rejected.push({ key: keyText(keyOf(table, row)), ...refusal })
    if (bytes.length < chunkBytes) continue
    end.bytes += bytes.length
    yield bytes.take()
  }
  end.bytes += bytes.length
  if (bytes.length > 0) yield bytes.take()
  return end
}

/** The rows of a range one by one, whatever their length is: all that is in memory is one of them. */
function selectRows(
  statements: SqliteStatements,
  table: Table,
  range: KeyRange,
): IterableIterator<Row> {
  const columns = shippedColumns(table).map(({ name }) => name)
  return selectExactly(statements, table, columns, range, 0)
}

/** Columns of the rows of a range from an offset on, the exact key among them. */
function selectExactly(
  statements: SqliteStatements,
  table: Table,
  columns: readonly string[],
  range: KeyRange,
  start: number,
): IterableIterator<Row> {
  const { sql, values } = from(table, range)
  const select = (some: readonly string[], offset: number): IterableIterator<unknown> =>
    statements
      .arraysOf(`SELECT ${some.join(', ')} ${sql} LIMIT -1 OFFSET ?`)
      .iterate(...values, offset)
  const rows = select(columns.map(quote), start) as IterableIterator<Row>
  // Only a key that is declared may be a text.
  if (table.key.kind !== 'declared') return rows
  const keys = asBlobs(table.key.columns.map(quote))
  return exactRows(
    statements.db,
    rows,
    table.key.columns.map((name) => columns.indexOf(name)),
    (offset) => select(keys, start + offset) as IterableIterator<StoredBytes>,
  )
}

/** The condition of a range, for statements of the caller's own. */
export function rangeCondition(
  table: Table,
  { after, upTo }: KeyRange,
): { sql: string; values: KeyValues } {
  const { decode } = keyCodec(table)
  const parts = keyInOrder(table)
  const conditions = table.key.kind === 'declared' ? parts.map((part) => `${part} IS NOT NULL`) : []
  const marks = parts.map(() => '?').join(', ')
  if (after !== null) conditions.push(`(${parts.join(', ')}) > (${marks})`)
  if (upTo !== null) conditions.push(`(${parts.join(', ')}) <= (${marks})`)
  const values = [after, upTo].flatMap((key) => (key === null ? [] : decode(key)))
  return { sql: conditions.join(' AND ') || 'TRUE', values }
}

function from(table: Table, range: KeyRange): { sql: string; values: KeyValues } {
  const { sql, values } = rangeCondition(table, range)
  return { sql: `FROM ${quote(table.name)} WHERE ${sql} ORDER BY ${rangeOrder(table)}`, values }
}

/** The order in which ranges follow each other, for statements of the caller's own. */
export function rangeOrder(table: Table): string {
  return keyInOrder(table).join(', ')
}

/** Whether that is the order of PostgreSQL, where keys compare byte by byte, and texts as UTF-8. */
export function isBinaryOrder(db: Connection, table: Table): boolean {
  const { key, indexes, columns } = table
  if (key.kind !== 'declared') return true
  if (!isUtf8(db)) return false
  const parts = indexes.find(({ origin }) => origin === 'pk')?.parts ?? []
  return key.columns.every(
    (name) =>
      isBinary(columns.find((column) => column.name === name)?.collation) &&
      isBinary(parts.find(({ column }) => column === name)?.collation),
  )
}

function isBinary(collation = 'BINARY'): boolean {
  return collation.toUpperCase() === 'BINARY'
}

/** The rows of a range, every value in its storage class, with `InvalidText` for each text that is not UTF-8. */
export function readRows(
  statements: SqliteStatements,
  table: Table,
  range: KeyRange,
): readonly Row[] {
  const reader = createRowReader(statements.db, table)
  return Array.from(selectRows(statements, table, range), (row) => reader.exact(row))
}

/**
 * In the order of the key's own index, which may have other collations than the columns: under these no two rows are
 * equal, so that none lies between two ranges, and SQLite need not sort.
 */
export function keyInOrder({
  key,
  indexes,
  columns,
}: Pick<SourceTable, 'key' | 'indexes' | 'columns'>): string[] {
  if (key.kind !== 'declared') return key.columns.map(quote)
  const parts = indexes.find(({ origin }) => origin === 'pk')?.parts
  return key.columns.map((name) => {
    const own = columns.find((column) => column.name === name)?.collation ?? 'BINARY'
    const collation = parts?.find(({ column }) => column === name)?.collation ?? 'BINARY'
    // Where the words say no more than the column does, SQLite would search no index for them.
    return collation.toUpperCase() === own
      ? quote(name)
      : `${quote(name)} COLLATE ${quote(collation)}`
  })
}

function keyOf(table: Table, row: Row): KeyValues {
  return keyPositions(table).map((position) => row[position] as Value)
}
