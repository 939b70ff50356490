import Database from 'better-sqlite3'
import { Client } from 'pg'
import type { Beginning, Rows } from './history/verdict.ts'

export const keys = 12
export const accounts = 20
const balance = 1000

/** No constraint keeps a row from being there twice, so that the verdict can see it. */
export const schema: string = `
  CREATE TABLE inserts (token TEXT NOT NULL);
  CREATE TABLE lefts (id INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL);
  CREATE TABLE rights (token TEXT NOT NULL);
  CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
  CREATE TABLE registers (key INTEGER PRIMARY KEY, value TEXT NOT NULL);
  WITH RECURSIVE ids (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids WHERE id < ${accounts})
  INSERT INTO accounts SELECT id, ${balance} FROM ids;
  INSERT INTO registers SELECT id, 'first ' || id FROM accounts WHERE id <= ${keys};`

export const beginning: Beginning = {
  total: accounts * balance,
  register: (key) => `first ${key}`,
}

const tokens = (table: string): string => `SELECT token FROM ${table}`
const totalOf = 'SELECT CAST(sum(balance) AS TEXT) FROM accounts'
const registersOf = 'SELECT CAST(key AS TEXT), value FROM registers'

export function rowsOfSqlite(path: string): Rows {
  const db = new Database(path, { readonly: true })
  const query = (sql: string): string[][] => db.prepare(sql).raw().all() as string[][]
  try {
    return rowsFrom(query(tokens('inserts')), query(tokens('lefts')), query(tokens('rights')), {
      total: query(totalOf),
      registers: query(registersOf),
    })
  } finally {
    db.close()
  }
}

export async function rowsOfPostgres(url: string): Promise<Rows> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const query = async (sql: string): Promise<string[][]> =>
    (await client.query<string[]>({ text: sql, rowMode: 'array' })).rows
  try {
    return rowsFrom(
      await query(tokens('inserts')),
      await query(tokens('lefts')),
      await query(tokens('rights')),
      { total: await query(totalOf), registers: await query(registersOf) },
    )
  } finally {
    await client.end()
  }
}

function rowsFrom(
  inserts: string[][],
  left: string[][],
  right: string[][],
  { total, registers }: { total: string[][]; registers: string[][] },
): Rows {
  return {
    inserts: inserts.flat(),
    left: left.flat(),
    right: right.flat(),
    total: Number(total[0]?.[0]),
    registers: new Map(registers.map(([key, value]) => [Number(key), value as string])),
  }
}
