import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { flip, openPair, type Pair } from '../support/pair.ts'

/** On PostgreSQL the first column of a table without a key is its rowid. */
const schema = `
  CREATE TABLE log (message TEXT, "user id" INTEGER, size INTEGER AS (length(message)));
  CREATE TABLE odd (rowid TEXT, note TEXT);
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
  INSERT INTO log VALUES ('in', 1), ('out', 1), ('in', 2);
  INSERT INTO odd VALUES ('x', 'y');
  INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace')`

const reads = [
  'SELECT * FROM log ORDER BY message, "user id"',
  'SELECT *, 1 AS one, "user id" FROM log ORDER BY 1, 2',
  'select log.* from log order by 1, 2',
  'SELECT l.*, u.name FROM log AS l JOIN users u ON u.id = l."user id" ORDER BY 1, 2',
  'SELECT * FROM users u LEFT JOIN log ON log."user id" = u.id ORDER BY 1, 3',
  'SELECT * FROM users, (SELECT * FROM log) AS l WHERE id = l."user id" ORDER BY 1, 3',
  'SELECT * FROM (SELECT * FROM log) AS l ORDER BY 1, 2',
  'WITH w AS (SELECT * FROM log) SELECT * FROM w ORDER BY 1, 2',
  'WITH log AS (SELECT id AS only FROM users) SELECT * FROM log ORDER BY 1',
  `SELECT message, "user id" FROM log WHERE EXISTS (SELECT * FROM log) UNION SELECT 'x', 3 ORDER BY 1, 2`,
  'SELECT * FROM odd',
  'SELECT count(*) AS n FROM log',
  'SELECT * FROM users ORDER BY id',
  'SELECT rowid AS r, * FROM log ORDER BY 1',
  'SELECT * FROM log NATURAL JOIN users ORDER BY 1, 2, 4',
  'SELECT * FROM log JOIN log AS other USING (message) ORDER BY 1, 2, 4',
]

describe.each(['sqlite', 'postgres'] as const)('with %s as the primary', (primary) => {
  let pair: Pair
  const answers: Record<string, unknown> = {}
  beforeAll(async () => {
    pair = await openPair({ schema })
    for (const sql of reads) answers[sql] = [await pair.db.all(sql), await pair.db.values(sql)]
    await pair.db.setFlags({ reads: { postgres: 100 } })
    await pair.db.caughtUp()
    if (primary === 'postgres') await flip(pair.db)
  })
  afterAll(() => pair.close())

  test.each(reads)('PostgreSQL answers with the columns that SQLite has: %s', async (sql) => {
    expect([await pair.db.all(sql), await pair.db.values(sql)]).toEqual(answers[sql])
    expect((await pair.db.status()).counters).toMatchObject({ fallbacks: 0 })
  })
})

describe('a key that is declared SERIAL, which SQLite leaves NULL', () => {
  const serial = `CREATE TABLE done (id SERIAL PRIMARY KEY, hash TEXT NOT NULL, at NUMERIC);
    INSERT INTO done (hash, at) VALUES ('a', 1), ('b', 2); INSERT INTO done VALUES (7, 'c', 3)`
  const writes = [
    `INSERT INTO done (hash, at) VALUES ('d', '1730000000000')`,
    `INSERT INTO done VALUES (8, 'e', 4)`,
    `INSERT OR REPLACE INTO done VALUES (7, 'f', 6)`,
    `INSERT INTO done VALUES (8, 'g', 7) ON CONFLICT (id) DO UPDATE SET hash = excluded.hash`,
    `UPDATE done SET at = at + 1 WHERE id IS NULL`,
    `DELETE FROM done WHERE hash = 'b'`,
  ]

  test.each(['mirrored', 'flipped'] as const)(
    'names no row: its rows travel all the same in stage %s',
    async (stage) => {
      await using pair = await openPair({ schema: serial, stage })
      for (const sql of writes) await pair.db.run(sql)
      await expect(pair.db.run(`INSERT INTO done VALUES (8, 'h', 8)`)).rejects.toMatchObject({
        code: 'SQLITE_CONSTRAINT_PRIMARYKEY',
        message: 'UNIQUE constraint failed: done.id',
      })
      expect(await pair.differences()).toEqual([])
      expect((await pair.db.status()).quarantine).toBe(0)
      expect(await pair.db.values('SELECT * FROM done ORDER BY hash')).toEqual([
        [null, 'a', 2],
        [null, 'd', 1_730_000_000_001],
        [7, 'f', 6],
        [8, 'g', 4],
      ])
    },
  )
})

describe('writes on a PostgreSQL primary', () => {
  test('INSERT without column names, and RETURNING *, mean the columns that SQLite has', async () => {
    await using pair = await openPair({ schema, stage: 'mirrored' })
    await flip(pair.db, { force: true })
    expect(await pair.db.all(`INSERT INTO odd VALUES ('a', 'b') RETURNING *`)).toEqual([
      { rowid: 'a', note: 'b' },
    ])
    await pair.db.run('INSERT INTO odd AS o SELECT * FROM odd WHERE note = ?', ['b'])
    await pair.db.exec(`INSERT INTO odd VALUES ('c', 'd'); INSERT INTO odd DEFAULT VALUES`)
    expect(
      await pair.db.all(`UPDATE odd AS o SET note = 'e' WHERE rowid = 'c' RETURNING *`),
    ).toEqual([{ rowid: 'c', note: 'e' }])
    expect(await pair.db.all('DELETE FROM odd WHERE rowid IS NULL RETURNING *')).toEqual([
      { rowid: null, note: null },
    ])
    expect(await pair.db.all(`INSERT INTO log VALUES ('new', 9) RETURNING *`)).toEqual([
      { message: 'new', 'user id': 9, size: 3 },
    ])
    await pair.db.caughtUp()
    expect(pair.sqliteRows('SELECT * FROM odd ORDER BY 1, 2')).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['c', 'e'],
      ['x', 'y'],
    ])
  })
})
