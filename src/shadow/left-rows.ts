import type pg from 'pg'
import type { Batch } from '../place/place.ts'
import { tableSql } from '../postgres/table-sql.ts'
import { keyCodec } from '../schema/key-codec.ts'
import { keyPositions, shippedColumns, type Table } from '../schema/model.ts'
import { foldName } from '../sql/quote.ts'
import { arrayText } from '../values/array-text.ts'
import { codecFor } from '../values/codec.ts'
import { keyText } from '../values/compare.ts'
import type { KeyValues, Row } from '../values/value.ts'
import { isSame, type ColumnRule } from './same.ts'
import type { RowPair } from './compare.ts'
import type { RuleSettings } from './rules.ts'

/** Names a row: its key, and the text of it on one line. */
export interface RowKey {
  readonly table: Table
  readonly key: KeyValues
  readonly text: string
}

/** A row that the statements of a batch have touched on either place, and how both have left it. */
export interface LeftRow extends RowKey, RowPair {}

/** How SQLite has left the rows of a batch; null for a row that is gone. */
export function rowsOfBatch({ changes }: Batch): (RowKey & { readonly sqlite: Row | null })[] {
  return changes.flatMap(({ table, upserts, deletes }) => {
    const positions = keyPositions(table)
    const there = upserts.map((sqlite) => ({
      table,
      ...keyed(positions.map((at) => sqlite[at] ?? null)),
      sqlite,
    }))
    return [...there, ...deletes.map((key) => ({ table, ...keyed(key), sqlite: null }))]
  })
}

function keyed(key: KeyValues): Pick<RowKey, 'key' | 'text'> {
  return { key, text: keyText(key) }
}

/** Finds the rows with these keys as PostgreSQL has them now. */
export async function readRows(
  client: pg.Client,
  schema: string,
  keys: readonly RowKey[],
): Promise<(one: RowKey) => Row | null> {
  const byTable = new Map<Table, string[][]>()
  for (const { table, key } of keys) {
    const texts = keyCodec(table).encode(key)
    if (texts === null) continue
    const known = byTable.get(table)
    if (known === undefined) byTable.set(table, [texts])
    else known.push(texts)
  }
  const found = new Map<Table, Map<string, Row>>()
  for (const [table, texts] of byTable)
    found.set(table, await readTable(client, schema, table, texts))
  return ({ table, text }) => found.get(table)?.get(text) ?? null
}

async function readTable(
  client: pg.Client,
  schema: string,
  table: Table,
  keys: readonly (readonly string[])[],
): Promise<Map<string, Row>> {
  const sql = tableSql(table, schema)
  const { rows } = await client.query<(string | null)[]>({
    text: sql.select,
    values: sql.keyColumns.map((_, at) => arrayText(keys.map((key) => key[at] as string))),
    rowMode: 'array',
  } as pg.QueryArrayConfig)
  const codecs = sql.columns.map(codecFor)
  const positions = keyPositions(table)
  return new Map(
    rows.map((texts) => {
      const row = texts.map((text, at) => (codecs[at] as (typeof codecs)[number]).decode(text))
      return [keyText(positions.map((at) => row[at] ?? null)), row]
    }),
  )
}

/** The columns of a row that differ, by their position; what comes by chance has only its class compared. */
export function unequalIn(
  { table, sqlite, postgres }: LeftRow,
  byChance: ReadonlySet<string>,
  settings: RuleSettings,
): number[] {
  if (sqlite === null || postgres === null) return []
  return shippedColumns(table).flatMap(({ name, postgresType, generated }, at) => {
    const a = sqlite[at] ?? null
    const b = postgres[at] ?? null
    const column = foldName(`${table.name}.${name}`)
    if (settings.ignoredColumns.has(column)) return []
    if (byChance.has(column) || (generated && byChance.size > 0))
      return (a === null) === (b === null) && typeof a === typeof b ? [] : at
    const rule: ColumnRule = postgresType === 'jsonb' ? 'json' : 'computed'
    return isSame(a, b, rule, settings) ? [] : at
  })
}
