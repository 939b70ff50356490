import Database from 'better-sqlite3'
import { Client } from 'pg'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { Value } from '../values/value.ts'
import type { ReadRows } from './ledger-check.ts'

/** A look at one place that goes past Lockstep, on a connection of its own. */
export interface DirectLook {
  readonly read: ReadRows
  close(): Promise<void>
}

export function lookAtSqlite(file: string): DirectLook {
  const db = new Database(file, { readonly: true })
  db.defaultSafeIntegers(true)
  return {
    read: (table, keyColumns, columns, keys) => {
      const select = [...keyColumns, ...columns].map(quote).join(', ')
      const where = keyColumns.map((name) => `${quote(name)} = ?`).join(' AND ')
      const statement = db
        .prepare<unknown[], Value[]>(`SELECT ${select} FROM ${quote(table)} WHERE ${where}`)
        .raw()
      return Promise.resolve(keys.flatMap((key) => statement.all(...key)))
    },
    close: async () => {
      db.close()
      await Promise.resolve()
    },
  }
}

/** https://www.postgresql.org/docs/current/datatype-oid.html, by number as pg hands them over. */
const int8 = 20
const float8 = 701
const numeric = 1700
const bytea = 17

export async function lookAtPostgres(url: string, schema = 'public'): Promise<DirectLook> {
  const client = new Client({ connectionString: url, types: { getTypeParser: parserOf } })
  await client.connect()
  return {
    read: async (table, keyColumns, columns, keys) => {
      const types = await columnTypes(client, schema, table)
      const name = `${quote(schema)}.${quote(table)}`
      const select = [...keyColumns, ...columns].map((column) => `t.${quote(column)}`).join(', ')
      const arrays = keyColumns.map((_, at) => `$${at + 1}::text[]`).join(', ')
      const on = keyColumns
        .map((column, at) => `t.${quote(column)} = k.c${at}::${types.get(column) ?? 'text'}`)
        .join(' AND ')
      const names = keyColumns.map((_, at) => `c${at}`).join(', ')
      const { rows } = await client.query<Value[]>({
        text: `SELECT ${select} FROM unnest(${arrays}) AS k (${names}) JOIN ${name} AS t ON ${on}`,
        values: keyColumns.map((_, at) => keys.map((key) => literal(key[at] ?? null))),
        rowMode: 'array',
      })
      return rows
    },
    close: async () => await client.end(),
  }
}

async function columnTypes(
  client: Client,
  schema: string,
  table: string,
): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
       FROM pg_attribute AS a
       JOIN pg_class AS c ON c.oid = a.attrelid
       JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0`,
    [schema, table],
  )
  return new Map(rows.map(({ name, type }) => [name, type]))
}

/** The text of a value that PostgreSQL's input function of its type reads back exactly. */
function literal(value: Value): string | null {
  if (value === null) return null
  return Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : String(value)
}

function parserOf(oid: number): (text: string) => Value {
  if (oid === int8) return BigInt
  if (oid === float8) return Number
  if (oid === numeric) return (text) => (/^-?\d+$/.test(text) ? BigInt(text) : Number(text))
  if (oid === bytea) return (text) => Buffer.from(text.slice(2), 'hex')
  return (text) => text
}
