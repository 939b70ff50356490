import Database from 'better-sqlite3'
import type { Client, QueryConfig } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTable } from '../../src/schema/postgres-tables.ts'
import type { Table } from '../../src/schema/model.ts'
import { codecFor } from '../../src/values/codec.ts'
import { keyText } from '../../src/values/compare.ts'
import type { Value } from '../../src/values/value.ts'
import { openDatabase, type ConnectedDatabase } from '../support/connected.ts'
import { modelOf, run } from './carry.ts'

let database: ConnectedDatabase
let client: Client

beforeAll(async () => {
  database = await openDatabase()
  client = database.client
}, 60_000)

afterAll(() => database[Symbol.asyncDispose]())

/** A column's value after an INSERT that leaves it out, on both places, and the findings. */
async function defaults(
  column: string,
): Promise<{ sqlite: string; postgres: string; codes: string[] }> {
  const db = new Database(':memory:')
  db.defaultSafeIntegers(true)
  db.exec(`CREATE TABLE t (k INTEGER PRIMARY KEY, v ${column})`)
  const table = modelOf(db).schema.tables[0] as Table
  const plan = createTable(table, 'public')
  await run(client, plan)
  db.exec('INSERT INTO t (k) VALUES (1)')
  await client.query('INSERT INTO t (k) VALUES (1)')
  const held = db.prepare<[], Value>('SELECT v FROM t').pluck().get() ?? null
  const { rows } = await client.query<{ v: string | null }>({
    text: 'SELECT v FROM t',
    types: { getTypeParser: () => (raw: string) => raw },
  } as QueryConfig)
  await client.query('DROP TABLE t')
  db.close()
  const carried = table.columns[1]
  if (carried === undefined) throw new Error('no column was read')
  const decoded = codecFor(carried).decode(rows[0]?.v ?? null)
  const codes = plan.findings.map((finding) => finding.code)
  return { sqlite: keyText([held]), postgres: keyText([decoded]), codes }
}

test.each([
  'INTEGER DEFAULT 5',
  'INTEGER DEFAULT -9223372036854775808',
  'INTEGER DEFAULT 0xff',
  `INTEGER DEFAULT '7'`,
  'INTEGER DEFAULT (5)',
  'INTEGER DEFAULT +5',
  'INTEGER DEFAULT NULL',
  'BOOLEAN DEFAULT TRUE',
  'BOOLEAN DEFAULT false NOT NULL',
  'REAL DEFAULT 1',
  'REAL DEFAULT -0.5e-10',
  'DECIMAL(10,2) DEFAULT 9.99',
  'DECIMAL(10,2) DEFAULT 10.0',
  'TEXT DEFAULT 5',
  'TEXT DEFAULT 5.0',
  'TEXT DEFAULT -0.25',
  `TEXT DEFAULT 'O''Brien \\ %s'`,
  'TEXT DEFAULT ""',
  'TEXT DEFAULT "a ""b"""',
  'TEXT DEFAULT word',
  `TEXT DEFAULT ('[]')`,
  `TEXT DEFAULT '[]' NOT NULL`,
  `BLOB DEFAULT x'00ff'`,
  `DEFAULT 'undeclared'`,
])('a literal default gives the same value on both places: %s', async (column) => {
  const { sqlite, postgres, codes } = await defaults(column)
  expect(codes).toEqual([])
  expect(postgres).toBe(sqlite)
})

test.each([
  'TEXT DEFAULT CURRENT_TIMESTAMP',
  'DATETIME DEFAULT CURRENT_TIMESTAMP',
  'DATE DEFAULT CURRENT_DATE',
  'TEXT DEFAULT CURRENT_TIME',
  `DATETIME DEFAULT (datetime('now'))`,
  `TEXT DEFAULT (DATE('NOW'))`,
  'TEXT DEFAULT (time())',
  `TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`,
  `TEXT DEFAULT (strftime('%Y at %H', 'now'))`,
  `TEXT DEFAULT (strftime('%s', 'now'))`,
  `INTEGER DEFAULT (strftime('%s', 'now'))`,
  `INTEGER DEFAULT (unixepoch())`,
  `REAL DEFAULT (unixepoch('now'))`,
  `DEFAULT (strftime('%s', 'now'))`,
])('a default of the current time has the same form and the same time: %s', async (column) => {
  const { sqlite, postgres, codes } = await defaults(column)
  expect(codes).toEqual([])
  // The two clocks are read one after the other, so the last digits may differ.
  expect(postgres.replaceAll(/\d/g, '0')).toBe(sqlite.replaceAll(/\d/g, '0'))
  const [a, b] = [sqlite, postgres].map((text) => (text.match(/\d+/g) ?? []).map(Number))
  expect(Math.abs((a?.[0] ?? 0) - (b?.[0] ?? 0))).toBeLessThanOrEqual(5)
})

test.each([
  'TEXT DEFAULT (lower(hex(randomblob(16))))',
  'INTEGER DEFAULT (abs(random()))',
  `TEXT DEFAULT (datetime('now', 'localtime'))`,
  'REAL DEFAULT (julianday())',
  `INTEGER DEFAULT ''`,
  `TEXT DEFAULT x'00'`,
  'INTEGER DEFAULT CURRENT_TIMESTAMP',
  'DEFAULT (unixepoch())',
  'TEXT DEFAULT 0.30000000000000004',
])('a default without a faithful form is named: %s', async (column) => {
  const { postgres, codes } = await defaults(column)
  expect(codes).toEqual(['DEFAULT_NOT_CARRIED'])
  expect(postgres).toBe('NULL')
})
