import type pg from 'pg'
import { isTooLarge } from '../postgres/errors.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import { shippedColumns, type Table } from '../schema/model.ts'
import { quoteIdentifier as quote, quoteQualified } from '../schema/quote.ts'
import { durably } from '../sqlite/control.ts'
import { journalRows } from '../sqlite/journal.ts'
import type { SqliteWriter } from '../sqlite/writer.ts'

export interface LargeKeysContext {
  readonly server: Pick<PostgresServer, 'schema'>
  readonly writer: SqliteWriter
}

export interface KeyToMake {
  readonly table: Table
  readonly columns: readonly string[]
}

/**
 * Nothing that is shorter can fill an entry, which has 2,704 bytes at most, even with what PostgreSQL adds to each of 32
 * columns. https://www.postgresql.org/docs/current/btree.html
 */
const certainlyFits = 2000

/**
 * UTF-16, of which a file of SQLite's may be, takes two bytes for a character of up to three in UTF-8: what is longer
 * there than the bound is longer here than half of it.
 */
const certainlyFitsHere = certainlyFits / 2

/**
 * Makes a key or an index, in the transaction of the client. Where an entry is too large for it the rows that may be
 * the cause leave PostgreSQL and go into SQLite's journal, so that the applier brings them again, one by one where it
 * must, and finds those for quarantine: compression decides, which nobody else can foretell.
 */
export async function leavingLargeKeys(
  context: LargeKeysContext,
  client: pg.Client,
  key: KeyToMake,
  make: () => Promise<void>,
): Promise<void> {
  await client.query('SAVEPOINT large_keys')
  try {
    await make()
  } catch (error) {
    if (!isTooLarge(error)) throw error
    await client.query('ROLLBACK TO SAVEPOINT large_keys')
    await leaveLarge(context, client, key)
    await make()
  }
}

/**
 * The lock comes first: what an applier brings later meets the key, and what has come before is deleted here, and is in
 * the journal either way: as it is on SQLite now, or because it has changed there since.
 */
async function leaveLarge(
  { server: { schema }, writer }: LargeKeysContext,
  client: pg.Client,
  { table, columns }: KeyToMake,
): Promise<void> {
  const name = quoteQualified(schema, table.name)
  const shipped = shippedColumns(table).filter((column) => columns.includes(column.name))
  const long = shipped.filter(({ postgresType: type }) => type === 'text' || type === 'bytea')
  const sum = (length: (column: string) => string): string =>
    ['0', ...long.map((column) => `coalesce(${length(quote(column.name))}, 0)`)].join(' + ')
  await client.query(`LOCK TABLE ${name} IN SHARE ROW EXCLUSIVE MODE`)
  const here = `${sum((column) => `length(CAST(${column} AS BLOB))`)} > ${certainlyFitsHere}`
  await writer.write(() => durably(writer.db, () => journalRows(writer.db, table, here)))
  await client.query(`SET LOCAL lockstep.applying = 'on'`)
  const there = `${sum((column) => `octet_length(${column})`)} > ${certainlyFits}`
  await client.query(`DELETE FROM ${name} WHERE ${there}`)
  await rewrite(client, name)
}

/**
 * A key is made of deleted rows too, as long as any snapshot may show them. What copies the table takes those alone that
 * are there, and nothing but the change of its persistence copies one of which views, or other columns, read.
 */
async function rewrite(client: pg.Client, name: string): Promise<void> {
  const { rows } = await client.query<{ logged: boolean }>(
    `SELECT relpersistence = 'p' AS logged FROM pg_class WHERE oid = $1::regclass`,
    [name],
  )
  const ways = rows[0]?.logged === true ? ['UNLOGGED', 'LOGGED'] : ['LOGGED', 'UNLOGGED']
  for (const way of ways) await client.query(`ALTER TABLE ${name} SET ${way}`)
}
