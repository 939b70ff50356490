import { LockstepError } from '../core/errors.ts'
import type { PlaceName } from '../place/place.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import { keyPositions, shippedColumns, type Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { SqliteWriter } from '../sqlite/writer.ts'
import { codecFor, Unencodable } from '../values/codec.ts'
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
export async function repair(context: RepairContext, table: Table, keys?: readonly KeyValues[]): Promise<{ rows: number }> {
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
  throw new LockstepError('CONFIG_INVALID', `A key of ${table.name} has ${table.key.columns.length} value(s): ${table.key.columns.join(', ')}`)
}

async function journalAll({ primary, server, writer }: RepairContext, table: Table): Promise<void> {
  const columns = table.key.columns.map(quote)
  if (primary === 'sqlite') {
    const into = columns.map((_, index) => `k${index}`).join(', ')
    await writer.write(() =>
      writer.db.prepare(`INSERT INTO _lockstep_journal (tbl, ${into}) SELECT ${table.id}, ${columns.join(', ')} FROM ${quote(table.name)}`).run(),
    )
    return
  }
  await server.control.query(
    `INSERT INTO lockstep.journal (tbl, key) SELECT ${table.id}, ARRAY[${columns.map((column) => `${column}::text`).join(', ')}]
       FROM ${quote(server.schema)}.${quote(table.name)}`,
  )
}

async function journal({ primary, server, writer }: RepairContext, table: Table, keys: readonly KeyValues[]): Promise<void> {
  if (keys.length === 0) return
  if (primary === 'sqlite') {
    const columns = table.key.columns.map((_, index) => `k${index}`)
    await writer.write(() => {
      const insert = writer.db.prepare(`INSERT INTO _lockstep_journal (tbl, ${columns.join(', ')}) VALUES (${table.id}, ${columns.map(() => '?').join(', ')})`)
      writer.db.transaction(() => keys.forEach((key) => insert.run(...key))).immediate()
    })
    return
  }
  const codecs = keyCodecs(table)
  for (const key of keys) {
    const texts = key.map((value, index) => (codecs[index] as (typeof codecs)[number]).encode(value))
    if (texts.some((text) => text === null || text instanceof Unencodable)) continue
    await server.control.query('INSERT INTO lockstep.journal (tbl, key) VALUES ($1, $2)', [table.id, texts])
  }
}

function keyCodecs(table: Table): ReturnType<typeof codecFor>[] {
  const columns = shippedColumns(table)
  return keyPositions(table).map((position) => codecFor(columns[position] as Parameters<typeof codecFor>[0]))
}

async function* keysOfSecondary({ primary, server, writer }: RepairContext, table: Table): AsyncGenerator<KeyValues[]> {
  const columns = table.key.columns.map(quote)
  if (primary === 'postgres') {
    const all = writer.db.prepare(`SELECT ${columns.join(', ')} FROM ${quote(table.name)}`).raw().safeIntegers().all() as Value[][]
    for (let from = 0; from < all.length; from += keysPerWrite) yield all.slice(from, from + keysPerWrite)
    return
  }
  const codecs = keyCodecs(table)
  const client = await server.connect()
  try {
    await client.query('BEGIN READ ONLY')
    await client.query(`DECLARE repair NO SCROLL CURSOR FOR SELECT ${columns.map((column) => `${column}::text`).join(', ')} FROM ${quote(server.schema)}.${quote(table.name)}`)
    for (;;) {
      const { rows } = await client.query<string[]>({ text: `FETCH ${keysPerWrite} FROM repair`, rowMode: 'array' } as never)
      if (rows.length === 0) return
      yield rows.map((row) => row.map((text, index) => (codecs[index] as (typeof codecs)[number]).decode(text)))
    }
  } finally {
    await client.end()
  }
}
