import type pg from 'pg'
import { LockstepError } from '../core/errors.ts'
import type { BackfillReport } from '../api.ts'
import { yieldToEventLoop } from '../core/wait.ts'
import { copyRows } from '../postgres/copy.ts'
import { keyCodec } from '../schema/key-codec.ts'
import {
  keyPositions,
  shippedColumns,
  writtenPositions,
  type ShippedColumn,
  type Table,
} from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { journalRows } from '../sqlite/journal.ts'
import { createRowReader } from '../sqlite/rows.ts'
import type { Connection } from '../sqlite/connection.ts'
import { codecFor, Unencodable } from '../values/codec.ts'
import { keyText } from '../values/compare.ts'
import type { KeyValues, Row, Value } from '../values/value.ts'
import type { BackfillContext } from './backfill.ts'

/** Rows in one range: one read snapshot, one COPY, one commit with its progress. */
const rowsPerRange = 5000
/** Rows read and encoded before the application's own work has its turn. */
const rowsPerSlice = 250

interface Progress {
  copied_key: string[] | null
  copied_rows: string
  copied: boolean
}

/** Copies what is not copied yet. Rows that PostgreSQL cannot take go to quarantine in the same transaction. */
export async function copyTable(
  context: BackfillContext,
  client: pg.Client,
  table: Table,
  onRows: (rows: number) => void,
): Promise<BackfillReport['tables'][number]> {
  const started = performance.now()
  const { decode } = keyCodec(table)
  const { rows: found } = await client.query<Progress>(
    'SELECT copied_key, copied_rows, copied FROM lockstep.tables WHERE id = $1',
    [table.id],
  )
  const progress = found[0] as Progress
  let rows = Number(progress.copied_rows)
  let quarantined = 0
  if (!progress.copied && progress.copied_key === null)
    await checkEmpty(client, context.server.schema, table)
  let after = progress.copied_key === null ? undefined : decode(progress.copied_key)
  while (!progress.copied) {
    context.signal?.throwIfAborted()
    const range = await readRange(context, table, after)
    await commitRange(context, client, table, range, rows + range.rows.length)
    rows += range.rows.length
    quarantined += range.rejected.length
    after = range.last ?? after
    onRows(rows)
    if (range.ended) break
    await context.reach('backfill:range-copied')
  }
  await context.reach('backfill:table-copied')
  return { table: table.name, rows, quarantined, ms: performance.now() - started }
}

/** Ranges go by key and cannot name a NULL in it; the applier finds those rows by the journal. */
export async function journalNullKeys({ writer, tables }: BackfillContext): Promise<void> {
  await writer.write(() => {
    for (const table of tables) {
      if (table.key.kind !== 'declared') continue
      const isNull = table.key.columns.map((column) => `${quote(column)} IS NULL`)
      journalRows(writer.db, table, isNull.join(' OR '))
    }
  })
}

interface Range {
  readonly rows: (string | null)[][]
  readonly rejected: { key: string; column: string; reason: string }[]
  readonly last: KeyValues | undefined
  readonly ended: boolean
}

async function readRange(
  { file }: BackfillContext,
  table: Table,
  after: KeyValues | undefined,
): Promise<Range> {
  const db = file.openReader()
  try {
    db.exec('BEGIN')
    const columns = shippedColumns(table)
    const written = writtenPositions(table)
    const positions = keyPositions(table)
    const reader = createRowReader(db, table)
    const range = { rows: [] as (string | null)[][], rejected: [] as Range['rejected'] }
    let last = after
    let read = 0
    while (read < rowsPerRange) {
      const slice = readSlice(db, table, last)
      for (const row of slice) {
        const key = positions.map((position) => row[position] as Value)
        const refused = refusalOf(row, columns, written, reader.invalidText(row), range.rows)
        if (refused !== null) range.rejected.push({ key: keyText(key), ...refused })
        last = key
      }
      read += slice.length
      if (slice.length < rowsPerSlice) return { ...range, last, ended: true }
      await yieldToEventLoop()
    }
    return { ...range, last, ended: false }
  } finally {
    db.close()
  }
}

function readSlice(db: Connection, table: Table, after: KeyValues | undefined): Row[] {
  const columns = shippedColumns(table).map((column) => quote(column.name))
  const key = table.key.columns.map(quote)
  const conditions =
    table.key.kind === 'declared' ? key.map((column) => `${column} IS NOT NULL`) : []
  if (after !== undefined)
    conditions.push(`(${key.join(', ')}) > (${key.map(() => '?').join(', ')})`)
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  return db
    .prepare(
      `SELECT ${columns.join(', ')} FROM ${quote(table.name)} ${where} ORDER BY ${key.join(', ')} LIMIT ${rowsPerSlice}`,
    )
    .raw()
    .safeIntegers()
    .all(...(after ?? [])) as Row[]
}

/** Adds the encoded row, or says why it cannot go. */
function refusalOf(
  row: Row,
  columns: readonly ShippedColumn[],
  written: readonly number[],
  invalid: readonly string[],
  into: (string | null)[][],
): { column: string; reason: string } | null {
  if (invalid[0] !== undefined)
    return { column: invalid[0], reason: 'text that is not valid UTF-8' }
  const encoded: (string | null)[] = []
  for (const index of written) {
    const column = columns[index] as ShippedColumn
    const text = codecFor(column).encode(row[index] as Value)
    if (text instanceof Unencodable) return { column: column.name, reason: text.reason }
    encoded.push(text)
  }
  into.push(encoded)
  return null
}

async function commitRange(
  { server }: BackfillContext,
  client: pg.Client,
  table: Table,
  range: Range,
  rows: number,
): Promise<void> {
  const last = range.last === undefined ? null : keyCodec(table).encode(range.last)
  if (range.last !== undefined && last === null) {
    throw new LockstepError(
      'SCHEMA_UNSUPPORTED',
      `Table ${table.name} has keys that its PostgreSQL type cannot hold; give the key column another type in \`columns\``,
    )
  }
  await client.query('BEGIN')
  try {
    await client.query(`SET LOCAL lockstep.applying = 'on'`)
    await copyRows(client, table, server.schema, range.rows)
    for (const { key, column, reason } of range.rejected) {
      await client.query(
        `INSERT INTO lockstep.quarantine (tbl, key, col, reason) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tbl, key) DO UPDATE SET col = excluded.col, reason = excluded.reason`,
        [table.name, key, column, reason],
      )
    }
    // An applier that has seen quarantine empty at this position must look again.
    if (range.rejected.length > 0)
      await client.query('UPDATE lockstep.control SET batch = batch + 1')
    await client.query(
      'UPDATE lockstep.tables SET copied_key = coalesce($2, copied_key), copied_rows = $3, copied = $4 WHERE id = $1',
      [table.id, last, rows, range.ended],
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** @throws LockstepError TARGET_NOT_EMPTY */
export async function checkEmpty(client: pg.Client, schema: string, table: Table): Promise<void> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM ${quote(schema)}.${quote(table.name)} LIMIT 1`,
  )
  if (rowCount === 0) return
  throw new LockstepError(
    'TARGET_NOT_EMPTY',
    `The PostgreSQL table ${schema}.${table.name} holds rows that Lockstep did not copy. Nothing was changed: ` +
      'empty it, or choose another database or schema (postgres.schema)',
    { details: { table: table.name } },
  )
}
