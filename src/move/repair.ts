import { LockstepError } from '../core/errors.ts'
import type { PlaceName } from '../place/place.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import { keyCodec } from '../schema/key-codec.ts'
import type { Table } from '../schema/model.ts'
import { journalKeys, journalRows } from '../sqlite/journal.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { SqliteWriter } from '../sqlite/writer.ts'
import type { KeyValues, Value } from '../values/value.ts'

export interface RepairContext {
  readonly server: PostgresServer
  readonly writer: SqliteWriter
  readonly primary: PlaceName
}

/** Keys that go into the journal in one transaction. */
const keysPerWrite = 1000

/**
 * Ships rows again by putting their keys into the primary's journal: the applier then makes the
 * secondary equal there, whatever it held. Without keys it takes every row of both sides, so that rows
 * which only the secondary has go as well.
 */
export async function repair(
  context: RepairContext,
  table: Table,
  keys?: readonly KeyValues[],
): Promise<{ rows: number }> {
  if (keys !== undefined) {
    for (const key of keys) checkKey(table, key)
    await journal(context, table, keys)
    return { rows: keys.length }
  }
  let rows = 0
  for await (const chunk of keysOfSecondary(context, table)) {
    rows += chunk.length
    await journal(context, table, chunk)
  }
  await journalAll(context, table)
  return { rows }
}

function checkKey(table: Table, key: KeyValues): void {
  if (key.length === table.key.columns.length) return
  throw new LockstepError(
    'CONFIG_INVALID',
    `A key of ${table.name} has ${table.key.columns.length} value(s): ${table.key.columns.join(', ')}`,
  )
}

async function journalAll({ primary, server, writer }: RepairContext, table: Table): Promise<void> {
  if (primary === 'sqlite') {
    await writer.write(() => journalRows(writer.db, table, 'TRUE'))
    return
  }
  const key = table.key.columns.map((column) => `${quote(column)}::text`).join(', ')
  await server.control.query(
    `INSERT INTO lockstep.journal (tbl, key) SELECT ${table.id}, ARRAY[${key}]
       FROM ${quote(server.schema)}.${quote(table.name)}`,
  )
}

async function journal(
  { primary, server, writer }: RepairContext,
  table: Table,
  keys: readonly KeyValues[],
): Promise<void> {
  if (primary === 'sqlite') {
    await writer.write(() => journalKeys(writer.db, table, keys))
    return
  }
  const { encode } = keyCodec(table)
  for (const key of keys) {
    const texts = encode(key)
    if (texts === null) continue
    await server.control.query('INSERT INTO lockstep.journal (tbl, key) VALUES ($1, $2)', [
      table.id,
      texts,
    ])
  }
}

async function* keysOfSecondary(
  { primary, server, writer }: RepairContext,
  table: Table,
): AsyncGenerator<KeyValues[]> {
  const columns = table.key.columns.map(quote)
  if (primary === 'postgres') {
    const all = writer.db
      .prepare(`SELECT ${columns.join(', ')} FROM ${quote(table.name)}`)
      .raw()
      .safeIntegers()
      .all() as Value[][]
    for (let from = 0; from < all.length; from += keysPerWrite)
      yield all.slice(from, from + keysPerWrite)
    return
  }
  const { decode } = keyCodec(table)
  const client = await server.connect()
  try {
    await client.query('BEGIN READ ONLY')
    await client.query(
      `DECLARE repair NO SCROLL CURSOR FOR SELECT ${columns.map((column) => `${column}::text`).join(', ')} FROM ${quote(server.schema)}.${quote(table.name)}`,
    )
    for (;;) {
      const { rows } = await client.query<string[]>({
        text: `FETCH ${keysPerWrite} FROM repair`,
        rowMode: 'array',
      } as never)
      if (rows.length === 0) return
      yield rows.map((row) => decode(row))
    }
  } finally {
    await client.end()
  }
}
