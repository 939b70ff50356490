import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { flip, openPair, type Pair } from '../support/pair.ts'

/** Columns of a numeric affinity that are text or double precision on PostgreSQL, and some beside them. */
const schema = `
  CREATE TABLE readings (id INTEGER PRIMARY KEY, at DATETIME, n NUMERIC, age INTEGER, note TEXT, free);
  CREATE TABLE other (id INTEGER PRIMARY KEY, note TEXT);
  INSERT INTO readings VALUES (1, '2026-01-31', 1.5, 42, '7', '7');
  INSERT INTO readings VALUES (2, '2026-02-01', 2, 'unknown', '8', '8');
  INSERT INTO other VALUES (1, '5')`
const options = { columns: { 'readings.age': 'text' } } as const

const later = `INSERT INTO readings VALUES (3, 20260301, 3, '17', '9', '9'), (4, 0.25, -4, 1e3, NULL, NULL),
  (5, NULL, NULL, NULL, '', ''), (6, '0x10', 9007199254740993, ' 12 ', '1', '1')`

const queries = [
  'SELECT * FROM readings ORDER BY id',
  'SELECT at AS seen, age, note FROM readings ORDER BY id',
  'SELECT r.age, o.note FROM readings AS r JOIN other AS o ON o.id = r.id',
  'SELECT x.years FROM (SELECT age AS years, id FROM readings) AS x ORDER BY x.id',
  'WITH w AS (SELECT age, id FROM readings) SELECT age FROM w ORDER BY id',
  `SELECT id, age FROM readings UNION ALL SELECT -id, note FROM readings UNION ALL SELECT -10, '007' ORDER BY 1`,
  `SELECT v, typeof(v) FROM (SELECT '1e3' AS v UNION SELECT at FROM readings) ORDER BY 2, 1`,
  `WITH RECURSIVE r (x, n) AS (SELECT age, 1 FROM readings UNION ALL SELECT '00' || n, n + 1 FROM r WHERE n < 3)
     SELECT x, n, x = 1 FROM r ORDER BY n, typeof(x), x`,
]

describe.each([{ safeIntegers: false }, { safeIntegers: true }])('%o', ({ safeIntegers }) => {
  let pair: Pair
  const answers: Record<string, unknown[]> = {}
  const ask = async (sql: string): Promise<unknown[]> => [
    await pair.db.all(sql),
    await pair.db.values(sql),
    await pair.db.get(sql),
  ]

  beforeAll(async () => {
    pair = await openPair({ schema, options, safeIntegers })
    // Beyond 2^53 double precision is not exact, and such a row would go to quarantine.
    await pair.db.exec(later.replace('9007199254740993', '9007199254740992'))
    for (const sql of queries) answers[sql] = await ask(sql)
    await pair.db.setFlags({ reads: { postgres: 100 } })
    await pair.db.caughtUp()
    await flip(pair.db)
  })
  afterAll(() => pair.close())

  test.each(queries)('a number is a number, wherever it is read: %s', async (sql) => {
    expect(await ask(sql)).toEqual(answers[sql])
    expect((await pair.db.status()).counters).toMatchObject({ fallbacks: 0 })
  })

  test('what a write returns is a number too, and a number that is written there is kept as one', async () => {
    const sql = `UPDATE readings SET note = ? WHERE id = ? RETURNING age, note`
    const age = safeIntegers ? 42n : 42
    expect(await pair.db.get(sql, ['7', 1])).toEqual({ age, note: '7' })
    await pair.db.transaction(async (tx) => {
      expect(await tx.all('SELECT age FROM readings WHERE id = 1')).toEqual([{ age }])
    })
    const set = 'UPDATE readings SET age = ?, at = ? WHERE id = 1'
    for (const values of [
      ['8', '2026-03-01'],
      [9.25, 0.1 + 0.2],
      [10, '1e3'],
      [2 ** 60, ' 12'],
    ])
      await pair.db.run(set, values)
    expect(await pair.differences()).toEqual([])
    // Texts of numbers, however they come about: written down, computed, of any class.
    const write = `UPDATE readings SET age = ' 007 ', at = '00' || id, n = '2' || '.5' WHERE id = 2`
    const mixed = `UPDATE readings SET at = json_extract('{"a":"08"}', '$.a') WHERE id = 5`
    for (const sql of [write, mixed]) await pair.db.run(sql)
    const integer = safeIntegers ? BigInt : Number
    expect(await pair.db.values('SELECT age, at, n FROM readings WHERE id = 2')).toEqual([
      [integer(7), integer(2), 2.5],
    ])
    const found = `SELECT id FROM readings WHERE at = '8' OR length(at) = 1 ORDER BY id`
    expect(await pair.db.values(found)).toEqual([[integer(2)], [integer(5)]])
    await expect(
      pair.db.run(`UPDATE readings SET at = '1.5' || id WHERE id = 2`),
    ).rejects.toMatchObject({ code: 'SQL_UNSUPPORTED' })
    expect(await pair.differences()).toEqual([])
    await pair.db.run('UPDATE readings SET age = id + 7, at = 5 WHERE id = 3')
    await pair.db.run('UPDATE readings SET age = 0.1, at = 2.5e20 WHERE id = 4')
    const read = 'SELECT age, typeof(age), at, typeof(at) FROM readings WHERE id IN (3, 4)'
    const there = await pair.db.values(
      'SELECT age, at FROM readings WHERE id IN (3, 4) ORDER BY id',
    )
    expect(await pair.differences()).toEqual([])
    expect(pair.sqliteRows(`${read} ORDER BY id`)).toEqual([
      [10n, 'integer', 5n, 'integer'],
      [0.1, 'real', 2.5e20, 'real'],
    ])
    expect(there.map((row) => row.map(Number))).toEqual([
      [10, 5],
      [0.1, 2.5e20],
    ])
  })
})

test('a column whose name another one takes over is read as what it is then', async () => {
  await using pair = await openPair({ schema })
  await pair.db.exec('INSERT INTO readings (id, at, note) VALUES (3, 20260301, 9)')
  await pair.db.setFlags({ reads: { postgres: 100 } })
  await pair.db.caughtUp()
  const read = (): Promise<unknown> => pair.db.get('SELECT at, note FROM readings WHERE id = 3')
  expect(await read()).toEqual({ at: 20_260_301, note: '9' })
  const swap = ['note TO other', 'at TO note', 'other TO at']
  pair.sqlite.exec(swap.map((names) => `ALTER TABLE readings RENAME COLUMN ${names};`).join(''))
  await pair.pg.query(swap.map((names) => `ALTER TABLE readings RENAME COLUMN ${names};`).join(''))
  await pair.db.install()
  await pair.db.caughtUp()
  expect(await read()).toEqual({ note: 20_260_301, at: '9' })
  expect((await pair.db.status()).counters).toMatchObject({ fallbacks: 0 })
})
