import Database from 'better-sqlite3'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Schema, Table } from '../../src/schema/model.ts'
import { indexCondition, indexExpression } from '../../src/schema/postgres-expression.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { carry, modelOf } from './carry.ts'

const db = new Database(':memory:')
let database: TestDatabase
let client: Client
let schema: Schema

beforeAll(async () => {
  database = await createDatabase()
  client = new Client({ connectionString: database.url })
  await client.connect()
  db.exec(`CREATE TABLE "T x" (id INTEGER PRIMARY KEY, n INT, r REAL, "Te xt" TEXT, b BLOB, u)`)
  const insert = db.prepare('INSERT INTO "T x" (n, r, "Te xt", b, u) VALUES (?, ?, ?, ?, ?)')
  const numbers = [null, 0n, 1n, -1n, 5n, 2n ** 62n]
  const texts = [null, '', 'a', 'A', ' é É ', 'abc', 'ß', '5', "O'Brien"]
  for (const n of numbers) {
    for (const text of texts) {
      insert.run(
        n,
        n === null ? null : Number(n) / 2,
        text,
        text === null ? null : Buffer.from(text),
        text,
      )
    }
  }
  schema = modelOf(db).schema
  await carry(client, db, schema)
}, 60_000)

afterAll(async () => {
  await client.end()
  await database.drop()
  db.close()
})

function idsOnSqlite(condition: string): number[] {
  const ids = db.prepare(`SELECT id FROM "T x" WHERE ${condition} ORDER BY id`).pluck().all()
  return ids.map(Number)
}

async function idsOnPostgres(condition: string): Promise<number[]> {
  const sql = `SELECT id FROM "T x" WHERE ${condition} ORDER BY id`
  const { rows } = await client.query<{ id: string }>(sql)
  return rows.map((row) => Number(row.id))
}

test.each([
  'n',
  'NOT n',
  'n AND NOT r OR id = 3',
  'n == 1 OR n <> 5',
  'N > -1',
  'n >= r',
  'n IS NULL',
  'n IS NOT NULL AND u NOTNULL',
  'r ISNULL',
  'n IN (1, 5, 0x0)',
  "[Te xt] NOT IN ('a', 'abc')",
  "`te XT` BETWEEN 'A' AND 'b'",
  '"T x"."Te xt" < \'b\' -- remark',
  'TRUE AND n = TRUE',
  'n = false',
  'lower("Te xt") = \' é É \'',
  "upper(u) = 'ABC'",
  'length("Te xt") > 1',
  "trim(u) || '!' = 'é É!'",
  "coalesce(u, 'none') = 'none'",
  'ifnull(n, 0) = 0',
  'abs(n) = 1',
  'r > 0.25',
  '(n) = (1)',
  'rowid > 10',
  "\"Te xt\" = 'O''Brien'",
])('a condition picks the same rows on both places: %s', async (condition) => {
  const translated = indexCondition(condition, schema.tables[0] as Table)
  if (translated === null) throw new Error('the condition was not translated')
  const ids = idsOnSqlite(condition)
  expect(ids.length).toBeGreaterThan(0)
  expect(await idsOnPostgres(translated)).toEqual(ids)
})

test.each([
  'n / 2',
  'n + 1',
  'n = u',
  'n IS 1',
  'r || u',
  'CAST(n AS TEXT)',
  'max(n, 1)',
  'n IN ()',
  'missing = 1',
  'n IN (SELECT 1)',
  'CASE WHEN n THEN 1 END',
  "u COLLATE NOCASE = 'a'",
  'substr(u, -1)',
  'replace(u, n, 1)',
  '?1 = n',
  'n; SELECT 1',
  'n, u',
])('what may mean something else on PostgreSQL is not translated: %s', (expression) => {
  expect(indexExpression(expression, schema.tables[0] as Table)).toBeNull()
})

test('a name in double quotes that no column has is text, as in schemas of the SQLite shell', () => {
  const table = schema.tables[0] as Table
  expect(indexCondition('"te xt" = "it\'s"', table)).toBe(`("Te xt" = 'it''s')`)
  expect(indexCondition('"te xt" = [missing]', table)).toBeNull()
})
