import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import {
  shippedColumns,
  writtenPositions,
  type ShippedColumn,
  type Table,
} from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { copyFormatOf } from '../values/row-encoder.ts'

/** https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS, "File Header": no flags, no extension. */
const binaryHeader = Buffer.from('PGCOPY\n\u00FF\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
const binaryTrailer = Buffer.from([0xff, 0xff])

/**
 * Streams rows that are encoded as COPY takes them, of the columns that PostgreSQL takes values for, into a table, as
 * fast as the connection takes them.
 * @param chunks is told, with each request but the first, whether the memory of the chunk before may be used again
 * @returns what the generator returned
 */
export async function copyInto<T>(
  client: pg.Client,
  table: Table,
  schema: string,
  chunks: AsyncGenerator<Uint8Array, T, boolean>,
): Promise<T> {
  const columns = shippedColumns(table)
  const written = writtenPositions(table).map((position) => columns[position] as ShippedColumn)
  const format = copyFormatOf(written)
  const names = written.map(({ name }) => quote(name)).join(', ')
  const stream = client.query(
    copyFrom(`COPY ${quote(schema)}.${quote(table.name)} (${names}) FROM STDIN (FORMAT ${format})`),
  )
  const { stream: socket } = client.connection
  let refusal: unknown
  const done = finished(stream)
  done.catch((error: unknown) => (refusal = error))
  try {
    if (format === 'binary') stream.write(binaryHeader)
    for (;;) {
      // Before the server is ready the stream holds what it gets, and the socket does until the system has taken it.
      const isGone = stream.writableLength === 0 && socket.writableLength === 0
      const next = await chunks.next(isGone)
      if (refusal !== undefined) throw refusal
      if (next.done === true) {
        stream.end(format === 'binary' ? binaryTrailer : undefined)
        await done
        return next.value
      }
      if (!stream.write(next.value)) await Promise.race([once(stream, 'drain'), done])
    }
  } catch (error) {
    // Where reading fails PostgreSQL would wait for the rest.
    if (refusal === undefined) stream.destroy()
    // A stream that was refused has no connection any more; once it was destroyed PostgreSQL says so.
    await done.catch(() => undefined)
    throw error
  } finally {
    await chunks.return(undefined as T)
  }
}
