import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { shippedColumns, type Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { copyLine } from '../values/copy-text.ts'

/** Streams encoded rows, of the columns that PostgreSQL takes values for, into a table by COPY, with the backpressure of the connection. */
export async function copyRows(
  client: pg.Client,
  table: Table,
  schema: string,
  rows: readonly (readonly (string | null)[])[],
): Promise<void> {
  const columns = shippedColumns(table).flatMap(({ name, computed }) =>
    computed ? [] : quote(name),
  )
  const stream = client.query(
    copyFrom(`COPY ${quote(schema)}.${quote(table.name)} (${columns.join(', ')}) FROM STDIN`),
  )
  const done = finished(stream)
  let buffer = ''
  for (const row of rows) {
    buffer += copyLine(row)
    if (buffer.length < 65_536) continue
    if (!stream.write(buffer)) await Promise.race([once(stream, 'drain'), done])
    buffer = ''
  }
  stream.end(buffer)
  await done
}
