import type pg from 'pg'
import { shippedColumns, type Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { codecFor } from '../values/codec.ts'
import type { Value } from '../values/value.ts'

const rowsPerFetch = 500

/**
 * All rows of one mirrored table as SQLite's values, in the order of the key, in chunks. The client has a transaction open
 * that keeps its snapshot. A rowid that Lockstep gave a column to is no value of the application's.
 */
export async function* postgresExportRows(
  client: pg.Client,
  schema: string,
  table: Table,
): AsyncGenerator<Value[][], void> {
  const own = new Set(table.columns.map(({ name }) => name))
  const columns = shippedColumns(table).filter(({ name }) => own.has(name))
  const codecs = columns.map(codecFor)
  const cursor = `lockstep_export_${table.id}`
  const order = table.key.columns.map((column) => `t.${quote(column)}`).join(', ')
  await client.query(
    `DECLARE ${cursor} NO SCROLL CURSOR FOR
      SELECT ${columns.map(({ name }) => `t.${quote(name)}::text`).join(', ')} FROM ${quote(schema)}.${quote(table.name)} AS t ORDER BY ${order}`,
  )
  for (;;) {
    const { rows } = await client.query<(string | null)[]>({
      text: `FETCH ${rowsPerFetch} FROM ${cursor}`,
      rowMode: 'array',
    } as pg.QueryArrayConfig)
    yield rows.map((row) =>
      row.map((text, index) => (codecs[index] as (typeof codecs)[number]).decode(text)),
    )
    if (rows.length < rowsPerFetch) break
  }
  await client.query(`CLOSE ${cursor}`)
}
