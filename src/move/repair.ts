import type { PlaceName } from '../place/place.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import { quarantineKey } from '../postgres/quarantine.ts'
import { keyCodec } from '../schema/key-codec.ts'
import { keyPositions, shippedColumns, type ShippedColumn, type Table } from '../schema/model.ts'
import { journalKeys, journalRows } from '../sqlite/journal.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { readAllExactly } from '../sqlite/exact-text.ts'
import { createRowReader } from '../sqlite/rows.ts'
import type { SqliteWriter } from '../sqlite/writer.ts'
import { applyNumericAffinity } from '../values/affinity.ts'
import { keyText } from '../values/compare.ts'
import { serverType } from '../values/postgres-type.ts'
import type { KeyValues } from '../values/value.ts'

export interface RepairContext {
  readonly server: PostgresServer
  readonly writer: SqliteWriter
  readonly primary: PlaceName
  /** Takes rows as well that the secondary alone has: they are deleted there. */
  readonly discard?: boolean
}

/** Keys that go into the journal in one transaction. */
const keysPerWrite = 1000

export interface Repaired {
  /** How many rows go over again, or go away on the secondary. */
  readonly rows: number
  /** The keys that were given and that no row has, on either place. */
  readonly unknown: string[]
  /** Keys of rows that a flip by force left behind on the secondary, which stay as they are: nobody else has them. */
  readonly kept?: string[]
}

/**
 * Ships rows again by putting their keys into the primary's journal: the applier then makes the
 * secondary equal there, whatever it held. Without keys it takes every row of both sides, so that rows
 * which only the secondary has go as well.
 */
export async function repair(
  context: RepairContext,
  table: Table,
  keys?: readonly KeyValues[],
): Promise<Repaired> {
  const isLeft = await leftBehind(context, table)
  const kept: string[] = []
  const ofBoth = (some: readonly KeyValues[]): readonly KeyValues[] => {
    kept.push(...some.map(keyText).filter(isLeft))
    return some.filter((key) => !isLeft(keyText(key)))
  }
  if (keys !== undefined) {
    for (const key of keys) checkKey(table, key)
    const stored = ofBoth(keys.map((key) => asStored(table, key)))
    const unknown = await keysOfNeither(context, table, stored)
    await journal(context, table, stored)
    const rows = stored.length - unknown.length
    return { rows, unknown: unknown.map(keyText), ...(kept.length === 0 ? {} : { kept }) }
  }
  let rows = 0
  for await (const chunk of keysOfSecondary(context, table)) {
    const shipped = ofBoth(chunk)
    rows += shipped.length
    await journal(context, table, shipped)
  }
  await journalAll(context, table)
  return { rows, unknown: [], ...(kept.length === 0 ? {} : { kept }) }
}

/**
 * Tells the keys of rows that the primary could not hold when a flip by force made it that: the secondary has them still, and
 * shipping what the primary has not got would delete the last copy.
 */
async function leftBehind(
  { primary, server, writer, discard = false }: RepairContext,
  { name }: Table,
): Promise<(key: string) => boolean> {
  if (discard) return () => false
  if (primary === 'sqlite') {
    const listed = writer.db.prepare('SELECT 1 FROM _lockstep_quarantine WHERE tbl = ? AND key = ?')
    return (key) => listed.get(name, key) !== undefined
  }
  const { rows } = await server.control.query<{ key: string }>(
    'SELECT key FROM lockstep.quarantine WHERE tbl = $1',
    [name],
  )
  const left = new Set(rows.map(({ key }) => key))
  return (key) => left.has(quarantineKey(key))
}

/** What the key's columns make of the values: SQLite would find '7' by 7 in either, PostgreSQL would not. */
function asStored(table: Table, key: KeyValues): KeyValues {
  const columns = shippedColumns(table)
  return keyPositions(table).map((position, index) => {
    const value = key[index] ?? null
    const { affinity } = columns[position] as ShippedColumn
    const isNumber = typeof value === 'bigint' || typeof value === 'number'
    return affinity === 'text' && isNumber
      ? keyText([value])
      : applyNumericAffinity(value, affinity)
  })
}

async function keysOfNeither(
  { server, writer }: RepairContext,
  table: Table,
  keys: readonly KeyValues[],
): Promise<KeyValues[]> {
  const reader = createRowReader(writer.db, table)
  const { encode } = keyCodec(table)
  const columns = keyPositions(table).map((at) => shippedColumns(table)[at] as ShippedColumn)
  const matched = columns.map(
    (one, index) => `${quote(one.name)} = $${index + 1}::${serverType(one.postgresType)}`,
  )
  const onPostgres = `SELECT 1 FROM ${quote(server.schema)}.${quote(table.name)} WHERE ${matched.join(' AND ')}`
  const unknown: KeyValues[] = []
  for (const key of keys) {
    const isHere = key.includes(null) ? reader.hasNullKey(key) : reader.get(key) !== undefined
    const texts = isHere ? null : encode(key)
    const { rowCount } =
      texts === null ? { rowCount: 0 } : await server.control.query(onPostgres, texts)
    if (!isHere && rowCount === 0) unknown.push(key)
  }
  return unknown
}

/** @throws TypeError */
function checkKey(table: Table, key: KeyValues): void {
  if (key.length === table.key.columns.length) return
  const { length } = table.key.columns
  throw new TypeError(
    `A key of ${table.name} has ${length} ${length === 1 ? 'value' : 'values'} (${table.key.columns.join(', ')}), not ${key.length}`,
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

/** Puts keys into the primary's journal. */
export async function journal(
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
    const all = readAllExactly(writer.db, columns, `FROM ${quote(table.name)}`)
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
