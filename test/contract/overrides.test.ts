import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OverrideSettings } from '../../src/options/override-options.ts'
import { openPair, type Pair } from '../support/pair.ts'
import { createDatabase } from '../support/postgres.ts'

const schema = `
  CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, price REAL, n INTEGER, data BLOB, at TEXT);
  CREATE TABLE tags (name TEXT PRIMARY KEY, uses INTEGER) WITHOUT ROWID;
  INSERT INTO items VALUES (1, 'a', 1.5, 10, x'00ff', '2024-01-02 03:04:05'), (2, 'b', 2.0, 20, NULL, NULL);
`

const all = 'SELECT id, name AS "Na me", price, n, data, count(*) OVER () FROM items WHERE n > ?'
const byName = 'SELECT id FROM items WHERE name = :name OR n = :n'
const types = 'SELECT 1, 2, 3, 4, 5, 6, 7, 8, 9'
const insert = 'INSERT INTO items (name, n) VALUES (?, ?)'
const noRowid = 'INSERT INTO items (name, n) VALUES (?, 7)'
const update = 'UPDATE items SET n = n + 1 WHERE name = ?'
const returning = 'UPDATE items SET n = n + 100 WHERE name = ? RETURNING id, n'
const twoColumns = 'DELETE FROM items WHERE n > 0 RETURNING id, n'
const upsert = 'INSERT INTO tags VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET uses = uses + 1'
const wrong = 'SELECT name FROM items WHERE id = 1'
const array = 'SELECT n FROM items WHERE id = 1'
const fresh = 'INSERT INTO fresh (v) VALUES (?)'
const withGone = 'SELECT id FROM items WHERE id < 0'
const calling = 'SELECT count(*) FROM items WHERE id < 0'
const counting = 'SELECT 1 FROM items WHERE id < 0'
const kept = 'SELECT changes() AS c, name FROM items WHERE id = 2'

const overrides: OverrideSettings[] = [
  {
    sqlite: all,
    postgres: `SELECT id, name, price, n, data, count(*) OVER () FROM items WHERE n > $1::int4 AND name <> 'x'`,
  },
  {
    sqlite: byName,
    postgres: 'SELECT id FROM items WHERE n = :n::bigint OR name = :name::text ORDER BY id DESC',
  },
  {
    sqlite: types,
    postgres: `SELECT 7::int2, 1.5::float4, 12345678901234567890::numeric, 2.50::numeric, true,
      '\\x00ff'::bytea, '{"a": 1}'::jsonb, '2024-01-02 03:04:05+02'::timestamptz, NULL::uuid`,
  },
  {
    sqlite: insert,
    postgres: 'INSERT INTO items (name, n) VALUES (upper($1::text), $2::bigint) RETURNING id',
  },
  { sqlite: noRowid, postgres: 'INSERT INTO items (name, n) VALUES ($1::text, 7)' },
  { sqlite: update, postgres: 'UPDATE items SET n = n + 1 WHERE name = $1::text' },
  {
    sqlite: returning,
    postgres: 'UPDATE items SET n = n + 100 WHERE name = $1::text RETURNING id, n',
  },
  { sqlite: twoColumns, postgres: 'DELETE FROM items WHERE n > 0 RETURNING id' },
  {
    sqlite: upsert,
    postgres: `INSERT INTO tags VALUES ($1::text, 1) ON CONFLICT (name) DO UPDATE SET uses = tags.uses + 1`,
  },
  { sqlite: wrong, postgres: 'SELECT nonsense FROM items' },
  { sqlite: array, postgres: 'SELECT ARRAY[1]' },
  { sqlite: fresh, postgres: 'INSERT INTO fresh (v) VALUES ($1::text) RETURNING id' },
  {
    sqlite: withGone,
    postgres: 'WITH gone AS (DELETE FROM items RETURNING id) SELECT id FROM gone',
  },
  { sqlite: calling, postgres: 'SELECT sweep()' },
  { sqlite: counting, postgres: "SELECT nextval('counted')" },
  { sqlite: kept, postgres: 'SELECT 42::bigint, name FROM items WHERE id = 2' },
]

describe('an override on PostgreSQL', () => {
  let pair: Pair
  beforeAll(async () => {
    pair = await openPair({ schema, stage: 'flipped', options: { overrides } })
    await pair.db.setFlags({ reads: { postgres: 100 } })
  })
  afterAll(() => pair.close())

  test('gives its rows under the names that SQLite gives, as values of SQLite', async () => {
    expect(await pair.db.all(all.toLowerCase().replace('na me', 'Na me'), [15])).toEqual([
      { id: 2, 'Na me': 'b', price: 2, n: 20, data: null, 'count(*) over ()': 1 },
    ])
    expect(await pair.db.values(all, [0])).toEqual([
      [1, 'a', 1.5, 10, Buffer.from([0, 255]), 2],
      [2, 'b', 2, 20, null, 2],
    ])
  })

  test('is decoded by the types that the server announces', async () => {
    expect(await pair.db.values(types)).toEqual([
      [
        7,
        1.5,
        Number('12345678901234567890'),
        2.5,
        1,
        Buffer.from([0, 255]),
        '{"a": 1}',
        '2024-01-02 01:04:05',
        null,
      ],
    ])
  })

  test('takes its parameters as the application binds them', async () => {
    expect(await pair.db.values(byName, { name: 'a', n: 20 })).toEqual([[2], [1]])
    expect(await pair.db.values(byName, { name: null, n: '20' })).toEqual([[2]])
    expect(await pair.db.values(byName, { name: null, n: 20n })).toEqual([[2]])
    await expect(pair.db.values(byName, { name: 'a' })).rejects.toThrow(RangeError)
    await expect(pair.db.values(byName, { name: 'a', n: 1.5 })).rejects.toMatchObject({
      code: 'SQL_UNSUPPORTED',
    })
  })

  test('changes rows, and says how many and under which rowid', async () => {
    expect(await pair.db.run(insert, ['new', 30])).toEqual({ changes: 1, lastInsertRowid: 3 })
    expect(await pair.db.values('SELECT name, n FROM items WHERE id = 3')).toEqual([['NEW', 30]])
    expect(await pair.db.run(update, ['NEW'])).toMatchObject({ changes: 1 })
    expect(await pair.db.all(returning, ['NEW'])).toEqual([{ id: 3, n: 131 }])
    expect(await pair.db.run(upsert, ['t'])).toEqual({ changes: 1, lastInsertRowid: 3 })
    expect(await pair.db.run(upsert, ['t'])).toMatchObject({ changes: 1 })
    expect(await pair.db.values('SELECT name, uses FROM tags')).toEqual([['t', 2]])
  })

  test('takes the place of a call that only the driver can answer', async () => {
    expect(await pair.db.all(kept)).toEqual([{ c: 42, name: 'b' }])
  })

  test.each([
    [
      'an INSERT without its rowid',
      noRowid,
      ['x'],
      /these are wanted: "id"; the last one must be "id"/,
    ],
    ['a column too few', twoColumns, [], /returns 1 columns, and these are wanted: "id", "n"/],
    ['a name that is not there', wrong, [], /column "nonsense" does not exist at character 8/],
    ['a type that SQLite has no value for', array, [], /is of a type that SQLite has no value for/],
  ])('with %s is refused before anything has changed', async (_, sql, params, message) => {
    const before = await pair.pgRows('SELECT * FROM items ORDER BY id')
    const refused = { code: 'OVERRIDE_INVALID', message: expect.stringMatching(message) }
    const method = sql.startsWith('INSERT') ? 'run' : 'all'
    await expect(pair.db[method](sql, params)).rejects.toMatchObject(refused)
    const left = await pair.db.transaction(async (tx) => {
      await expect(tx[method](sql, params)).rejects.toMatchObject(refused)
      return tx.values(byName, { name: 'a', n: null })
    })
    expect(left).toEqual([[1]])
    expect(await pair.pgRows('SELECT * FROM items ORDER BY id')).toEqual(before)
  })

  test.each([
    ['a WITH', withGone],
    ['a function', calling],
    ['a sequence', counting],
  ])('of a SELECT changes nothing: what %s would change is refused', async (_, sql) => {
    await pair.pg.query(`CREATE SEQUENCE IF NOT EXISTS counted;
      CREATE OR REPLACE FUNCTION sweep() RETURNS bigint LANGUAGE sql AS 'DELETE FROM items RETURNING id'`)
    const before = await pair.pgRows('SELECT id FROM items ORDER BY id')
    const refused = {
      code: 'OVERRIDE_INVALID',
      message: expect.stringContaining('read-only transaction'),
      details: expect.objectContaining({ postgres: expect.any(String) }),
    }
    await expect(pair.db.values(sql)).rejects.toMatchObject(refused)
    const changes = await pair.db.transaction(async (tx) => {
      await expect(tx.values(sql)).rejects.toMatchObject(refused)
      expect(await tx.values(kept)).toHaveLength(1)
      return (await tx.run('UPDATE items SET n = n WHERE id = 1')).changes
    })
    expect(changes).toBe(1)
    expect(await pair.pgRows('SELECT id FROM items ORDER BY id')).toEqual(before)
  })

  test('holds inside a transaction from its first use on', async () => {
    await using fresh = await openPair({ schema, stage: 'flipped', options: { overrides } })
    const names = await fresh.db.transaction(async (tx) => {
      await tx.run(insert, ['one', 1])
      await tx.run(insert, ['two', 2])
      return tx.values('SELECT name FROM items WHERE id > 2 ORDER BY id')
    })
    expect(names).toEqual([['ONE'], ['TWO']])
  })

  test('sees the table that its transaction has made', async () => {
    await using pair = await openPair({ schema, stage: 'flipped', options: { overrides } })
    const { lastInsertRowid } = await pair.db.transaction(async (tx) => {
      await tx.run('CREATE TABLE fresh (id INTEGER PRIMARY KEY, v TEXT)')
      return tx.run(fresh, ['x'])
    })
    expect(lastInsertRowid).toBe(1)
    expect(await pair.db.run(fresh, ['y'])).toEqual({ changes: 1, lastInsertRowid: 2 })
  })

  test("works on a connection of the application's own pool, which sends one query at a time", async () => {
    const database = await createDatabase()
    const pool = new Pool({ connectionString: database.url })
    await using pair = await openPair({
      schema,
      stage: 'flipped',
      options: { overrides, postgres: { pool } },
    })
    const rows = await pair.db.transaction(async (tx) => {
      await expect(tx.run(noRowid, ['x'])).rejects.toMatchObject({ code: 'OVERRIDE_INVALID' })
      await expect(tx.all(withGone)).rejects.toMatchObject({ code: 'OVERRIDE_INVALID' })
      await tx.run(insert, ['own', 1])
      return tx.values(byName, { name: 'OWN', n: null })
    })
    expect(rows).toEqual([[3]])
    await pair.db.close()
    await pool.end()
    await database.drop()
  })

  test('is explained as it runs', async () => {
    const plan = await pair.db.values(`EXPLAIN QUERY PLAN ${all}`, [1])
    expect(plan.length).toBeGreaterThan(0)
  })
})

describe('an override while SQLite is the primary', () => {
  test('that is wrong is a fallback, which is counted', async () => {
    await using pair = await openPair({ schema, options: { overrides } })
    await pair.db.setFlags({ reads: { postgres: 100 } })
    expect(await pair.db.values(wrong)).toEqual([['a']])
    expect((await pair.db.status()).counters.fallbacks).toBe(1)
    expect(await pair.db.values(types)).toHaveLength(1)
    expect((await pair.db.status()).counters.fallbacks).toBe(1)
  })

  test('comes from a file, and a file that is wrong stops the start', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-overrides-'))
    const file = join(folder, 'overrides.yaml')
    const start = async (text: string): Promise<unknown[][]> => {
      writeFileSync(file, text)
      await using pair = await openPair({ schema, options: { overrides: { file } } })
      await pair.db.setFlags({ reads: { postgres: 100 } })
      return pair.db.values('SELECT name FROM items')
    }
    const entry = '- sqlite: select name from items\n    '
    expect(await start(`overrides:\n  ${entry}postgres: SELECT 'mine'::text`)).toEqual([['mine']])
    await expect(start(`overrides:\n  ${entry}postgresql: SELECT 1`)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('Did you mean "postgres"?'),
    })
    await expect(start(`overrides:\n  ${entry}postgres: SELECT $1::text`)).rejects.toMatchObject({
      code: 'OVERRIDE_INVALID',
    })
    await expect(start('overrides: [')).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    rmSync(folder, { recursive: true })
  })
})
