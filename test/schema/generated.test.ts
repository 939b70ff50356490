import Database from 'better-sqlite3'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCompatDatabase, type ConnectedDatabase } from '../support/connected.ts'
import { carry, modelOf } from './carry.ts'

let database: ConnectedDatabase
let client: Client
beforeAll(async () => {
  database = await openCompatDatabase()
  client = database.client
})
afterAll(() => database[Symbol.asyncDispose]())

const base =
  'id INTEGER PRIMARY KEY, i INTEGER, r REAL, t TEXT, n NUMERIC, b BLOB, j TEXT, c TEXT COLLATE NOCASE'
const rows = `INSERT INTO x (i, r, t, n, b, j, c) VALUES
  (1, 0.1, 'Abc', 1.5, x'00ff', '{"a":{"b":[1,2.5,"x"]},"c":null}', 'Yes'),
  (-7, 2.5, '  12.5e1 tail ', 3, x'', '[]', 'yes'),
  (0, -1e300, '2026-01-31 10:20:30', 9007199254740992, x'414243', '{"a":7}', 'no'),
  (123456789012, 1e15, 'ünï', -2, NULL, '"text"', ''),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL)`

/** By the type that the column has. Where it is not computed, the test says so. */
const computed: Readonly<Record<string, readonly string[]>> = {
  INTEGER: [
    'i + 1',
    'i * 2 - id',
    'i / 2',
    'i % 3',
    '-i',
    '~i',
    'i << 2',
    'i >> 1',
    'i & 6',
    'i | 8',
    'abs(i)',
    'sign(i)',
    'i = 1',
    'i IS NULL',
    'i IS NOT 1',
    'i BETWEEN 0 AND 5',
    'i IN (1, 2, 3)',
    'NOT i',
    'i AND r',
    'i OR t IS NULL',
    'length(t)',
    'length(b)',
    'unicode(t)',
    `instr(t, 'b')`,
    'octet_length(t)',
    `t LIKE 'a%'`,
    `t GLOB 'A*'`,
    `c = 'YES'`,
    `t < 'B'`,
    `json_extract(j, '$.a.b[0]')`,
    `json_array_length(j)`,
    `json_valid(j)`,
    `CAST(t AS INTEGER)`,
    'CAST(r AS INTEGER)',
    'coalesce(i, 5)',
    'ifnull(i, id)',
    'nullif(i, 1)',
    'max(i, id)',
    'min(i, 0)',
    'iif(i > 0, 1, 0)',
    'round(i)',
    `unixepoch(t)`,
    `CASE i WHEN 1 THEN 10 WHEN 0 THEN 20 END`,
    'i IS TRUE',
    `t = 'Abc' COLLATE NOCASE`,
  ],
  REAL: [
    'r',
    'r + i',
    'r * 2',
    'r / 3',
    'i / 2.0',
    'abs(r)',
    'round(r, 1)',
    'CAST(t AS REAL)',
    `julianday(t)`,
    'sqrt(abs(i))',
    'floor(r)',
    'coalesce(r, i, 0)',
    'max(r, 0.5)',
    `json_extract(j, '$.a.b[1]')`,
    'CASE WHEN r > 0 THEN r ELSE 0 END',
    'n * 2',
  ],
  TEXT: [
    't',
    'upper(t)',
    'lower(t)',
    'trim(t)',
    `ltrim(t, ' 1')`,
    'rtrim(t)',
    'substr(t, 2)',
    'substr(t, -2, 1)',
    `replace(t, 'b', 'x')`,
    `t || '-' || i`,
    `coalesce(t, 'none')`,
    'hex(b)',
    'quote(t)',
    'typeof(i)',
    'CAST(i AS TEXT)',
    'CAST(r AS TEXT)',
    `printf('%05d', i)`,
    `format('%s/%.2f', t, r)`,
    `json_extract(j, '$.a.b[2]')`,
    `j -> '$.a'`,
    `json_type(j)`,
    `date(t)`,
    `time(t)`,
    `datetime(t, '+1 day')`,
    `strftime('%Y', t)`,
    'char(65, id)',
    `concat(t, i)`,
    `concat_ws(',', t, i)`,
    'c',
    'i',
    'r',
    'n',
    `CASE WHEN i > 0 THEN 'plus' ELSE t END`,
    `iif(t IS NULL, 'a', 'b')`,
    'nullif(t, c)',
    `json_set(j, '$.z', i)`,
    `unistr(t)`,
    `t COLLATE NOCASE`,
  ],
  NUMERIC: ['n', 'i + n', 'n * 1.5', 't', 'r', 'i = 1'],
  BLOB: ['b', `x'00'`],
}
const cases = Object.entries(computed).flatMap(([type, texts]) => texts.map((text) => [type, text]))

describe('what is decided to be computed by PostgreSQL is taken by it, and gives what SQLite has', () => {
  test.each(cases)('%s AS (%s)', async (type, text) => {
    const db = new Database(':memory:')
    await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
    db.exec(`CREATE TABLE x (${base}, g ${type} AS (${text})); ${rows}`)
    const { schema } = modelOf(db)
    const { unencodable } = await carry(client, db, schema)
    const [table] = schema.tables
    const column = table?.columns.find(({ name }) => name === 'g')
    db.close()
    expect([unencodable, column?.computed]).toEqual([[], true])
  })
})

test.each([
  ['TEXT', `json_object('t', t)`],
  ['BLOB', 'CAST(t AS BLOB)'],
  ['TEXT', `t || upper('x')`],
  ['TEXT', `CASE WHEN 'a' < 'b' THEN t END`],
])('%s AS (%s) is decided to be a plain column on PostgreSQL', (type, text) => {
  const db = new Database(':memory:')
  db.exec(`CREATE TABLE x (${base}, g ${type} AS (${text}))`)
  const { schema } = modelOf(db)
  db.close()
  expect(schema.tables[0]?.columns.find(({ name }) => name === 'g')).not.toHaveProperty('computed')
})
