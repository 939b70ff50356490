import { afterEach, describe, expect, test } from 'vitest'
import { flip, openPair, rollback, type Pair } from '../support/pair.ts'

/** Of each kind, in each affinity, and of what generated columns are used for. */
const schema = `
  CREATE TABLE items (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    price REAL,
    count INTEGER,
    doc TEXT,
    day TEXT,
    total REAL GENERATED ALWAYS AS (price * count) STORED,
    half NUMERIC AS (count / 2),
    label TEXT AS (upper(substr(name, 1, 3)) || '-' || id) VIRTUAL,
    owner TEXT GENERATED ALWAYS AS (json_extract(doc, '$.owner')),
    tags INTEGER AS (json_array_length(doc, '$.tags')),
    big INTEGER AS (count > 10 AND name LIKE 'a%'),
    kind TEXT AS (CASE WHEN price IS NULL THEN 'free' WHEN price > 10 THEN 'dear' ELSE 'cheap' END) STORED,
    month TEXT AS (strftime('%Y-%m', day)),
    size INT AS (length(name))
  );
  CREATE INDEX by_owner ON items (owner, total DESC);
  INSERT INTO items (name, price, count, doc, day) VALUES
    ('apple', 1.5, 12, '{"owner":"ann","tags":[1,2]}', '2026-01-31'),
    ('pear', 20, 3, '{"owner":7}', NULL),
    ('', NULL, NULL, NULL, 'not a day')`

const writes = [
  `INSERT INTO items (name, price, count, doc) VALUES ('apricot', 0.1, 15, '{"tags":[]}')`,
  `INSERT INTO items VALUES (50, 'fig', 9.99, 7, NULL, '2026-03-01 10:00:00')`,
  `INSERT INTO items (id, name) VALUES (51, 'plum'), (52, 'kiwi')`,
  `UPDATE items SET count = count + 1, doc = json_set(coalesce(doc, '{}'), '$.owner', 'bob') WHERE price > 1`,
  `INSERT INTO items (id, name, price) VALUES (50, 'date', 3) ON CONFLICT (id) DO UPDATE SET name = excluded.name || excluded.size, price = total`,
  `INSERT OR REPLACE INTO items (id, name, count) VALUES (51, 'olive', 11)`,
  `INSERT OR IGNORE INTO items (id, name) VALUES (51, 'never')`,
  `UPDATE items SET price = total, name = label WHERE id = 1`,
  `INSERT INTO items (name, count) SELECT kind, size FROM items WHERE total IS NOT NULL ORDER BY id`,
  `DELETE FROM items WHERE half = 3`,
]
const read = 'SELECT * FROM items ORDER BY name, id'

let pair: Pair
afterEach(() => pair.close())

describe('a generated column', () => {
  test('is computed by PostgreSQL as SQLite computes it, whichever is the primary', async () => {
    pair = await openPair({ schema })
    expect(await pair.differences()).toEqual([])
    for (const sql of writes) await pair.db.run(sql)
    const wanted = await pair.db.all(read)
    expect(await pair.differences()).toEqual([])
    await pair.close()
    pair = await openPair({ schema })
    await flip(pair.db)
    for (const sql of writes) await pair.db.run(sql)
    expect(await pair.db.all(read)).toEqual(wanted)
    expect(await pair.differences()).toEqual([])
    await rollback(pair.db)
    await pair.db.run(writes[3] as string)
    expect(await pair.differences()).toEqual([])
    expect((await pair.db.status()).quarantine).toBe(0)
  })

  test.each(['mirrored', 'flipped'] as const)(
    'takes no value in stage %s, in the words of SQLite',
    async (stage) => {
      pair = await openPair({ schema, stage })
      await expect(pair.db.run(`UPDATE items SET total = 1`)).rejects.toMatchObject({
        code: 'SQLITE_ERROR',
        message: expect.stringMatching(/^cannot UPDATE generated column "total"/),
      })
      await expect(
        pair.db.run(`INSERT INTO items (name, kind) VALUES ('a', 'b')`),
      ).rejects.toMatchObject({
        code: 'SQLITE_ERROR',
        message: expect.stringMatching(/^cannot INSERT into generated column "kind"/),
      })
    },
  )

  test('that is NOT NULL refuses a row, and OR IGNORE says that it cannot leave it out', async () => {
    const strict =
      'CREATE TABLE s (id INTEGER PRIMARY KEY, a TEXT, n INTEGER AS (length(a)) NOT NULL)'
    pair = await openPair({ schema: strict, stage: 'flipped' })
    await pair.db.run(`INSERT INTO s (a) VALUES ('x')`)
    await expect(pair.db.run('INSERT INTO s (a) VALUES (NULL)')).rejects.toMatchObject({
      code: 'SQLITE_CONSTRAINT_NOTNULL',
      message: 'NOT NULL constraint failed: s.n',
    })
    await expect(pair.db.run('INSERT OR IGNORE INTO s (a) VALUES (NULL)')).rejects.toMatchObject({
      code: 'SQL_UNSUPPORTED',
    })
    expect(await pair.differences()).toEqual([])
  })

  test.each(['mirrored', 'flipped'] as const)(
    'comes, is renamed and goes with DDL in stage %s',
    async (stage) => {
      pair = await openPair({ schema, stage })
      await pair.db.exec(`
        ALTER TABLE items ADD COLUMN twice INTEGER AS (count * 2);
        INSERT INTO items (name, count) VALUES ('new', 21);
        ALTER TABLE items RENAME COLUMN count TO number;
        ALTER TABLE items RENAME COLUMN twice TO double;
        UPDATE items SET number = 30 WHERE name = 'new';
        CREATE TABLE made (a TEXT, b TEXT AS (trim(a)) STORED, c AS (a || 'x') STORED);
        INSERT INTO made (a) VALUES (' y ')`)
      expect(await pair.db.values(`SELECT double, half FROM items WHERE name = 'new'`)).toEqual([
        [60, 15],
      ])
      expect(await pair.db.values('SELECT * FROM made')).toEqual([[' y ', 'y', ' y x']])
      expect(await pair.differences()).toEqual([])
      await pair.db.install()
      await pair.db.exec(`ALTER TABLE items DROP COLUMN double; UPDATE items SET number = 5`)
      expect(await pair.differences()).toEqual([])
    },
  )

  test('that PostgreSQL cannot compute the same is a plain one, and holds up the flip', async () => {
    pair = await openPair({
      schema: `CREATE TABLE odd (id INTEGER PRIMARY KEY, a TEXT,
          b TEXT AS (upper(c)), c TEXT AS (trim(a)), u TEXT AS (lower(a)) UNIQUE);
        INSERT INTO odd (a) VALUES (' x ')`,
    })
    const { gates } = await pair.db.ready()
    expect(gates.find(({ name }) => name === 'generated')).toMatchObject({ value: 2, ok: false })
    expect(await pair.differences()).toEqual([])
    await flip(pair.db, { force: true })
    await expect(pair.db.run(`INSERT INTO odd (a) VALUES ('y')`)).rejects.toMatchObject({
      code: 'SQL_UNSUPPORTED',
    })
    expect(await pair.differences()).toEqual([])
  })

  test('of a row that PostgreSQL cannot compute puts the row into quarantine', async () => {
    pair = await openPair({
      schema: `CREATE TABLE wide (id INTEGER PRIMARY KEY, a INTEGER, n INTEGER AS (a * 2)); INSERT INTO wide (a) VALUES (1)`,
    })
    await pair.db.run('INSERT INTO wide (a) VALUES (5000000000000000000)')
    await pair.db.run('INSERT INTO wide (a) VALUES (2)')
    await pair.db.caughtUp()
    expect((await pair.db.status()).quarantine).toBe(1)
    expect(await pair.pgRows('SELECT n FROM wide ORDER BY 1')).toEqual([['2'], ['4']])
  })
})
