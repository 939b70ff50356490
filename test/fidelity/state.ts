import type Database from 'better-sqlite3'
import type pg from 'pg'
import { shippedColumns, type Table } from '../../src/schema/model.ts'
import { quoteIdentifier as quote } from '../../src/schema/quote.ts'
import { codecFor } from '../../src/values/codec.ts'
import type { Row } from '../../src/values/value.ts'
import { carriedSchema } from './carry.ts'
import { different } from './compare.ts'
import { rowText, sameRows } from './ordering.ts'
import { identical, type Outcome } from './outcome.ts'

const asText: pg.CustomTypesConfig = {
  getTypeParser: (() => (text: string) => text) as pg.CustomTypesConfig['getTypeParser'],
}

/** Whether the tables hold the same rows on both places, value by value. */
export async function compareState(
  sqlite: Database.Database,
  client: pg.Client,
  tables: readonly Table[],
): Promise<Outcome> {
  const theirs = await Promise.all(tables.map((table) => postgresRows(client, table)))
  for (const [index, table] of tables.entries()) {
    const ours = sqliteRows(sqlite, table)
    const rows = theirs[index] ?? []
    if (sameRows(ours, rows)) continue
    const detail = `${table.name}: ${firstOf(ours, rows)} <> ${firstOf(rows, ours)}`
    return different('following state', detail)
  }
  return identical
}

function sqliteRows(sqlite: Database.Database, table: Table): Row[] {
  const names = shippedColumns(table).map(({ name }) => quote(name))
  return sqlite
    .prepare(`SELECT ${names.join(', ')} FROM main.${quote(table.name)}`)
    .raw()
    .all() as Row[]
}

async function postgresRows(client: pg.Client, table: Table): Promise<Row[]> {
  const columns = shippedColumns(table)
  const codecs = columns.map(codecFor)
  const names = columns.map(({ name }) => quote(name))
  const { rows } = await client.query<(string | null)[]>({
    text: `SELECT ${names.join(', ')} FROM ${quote(carriedSchema)}.${quote(table.name)}`,
    rowMode: 'array',
    types: asText,
  })
  return rows.map((row) =>
    row.map((text, index) => (codecs[index] as (typeof codecs)[number]).decode(text)),
  )
}

/** The first rows that only one place has. */
function firstOf(rows: readonly Row[], others: readonly Row[]): string {
  const there = new Set(others.map(rowText))
  const only = rows.filter((row) => !there.has(rowText(row)))
  return only.length === 0 ? `${rows.length} rows` : only.slice(0, 3).map(rowText).join(' ')
}
