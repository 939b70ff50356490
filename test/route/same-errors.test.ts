import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, "odd name" TEXT UNIQUE COLLATE NOCASE);
  CREATE TABLE pairs (a TEXT, b TEXT, n INTEGER, PRIMARY KEY (b, a));
  CREATE TABLE tight (a TEXT PRIMARY KEY, b TEXT) WITHOUT ROWID;
  CREATE TABLE keyless (x TEXT);
  CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES users (id));
  CREATE UNIQUE INDEX two ON pairs (n, a DESC);
  CREATE UNIQUE INDEX lowered ON users (lower(email));
  CREATE UNIQUE INDEX partly ON children (parent) WHERE id > 5;
  INSERT INTO users VALUES (1, 'a', 'Name'), (2, 'b', NULL);
  INSERT INTO pairs VALUES ('x', 'y', 1);
  INSERT INTO tight VALUES ('k', NULL);
  INSERT INTO keyless (rowid, x) VALUES (3, 'three');
  INSERT INTO children VALUES (6, 1)`

const violations = [
  `INSERT INTO users (id, email) VALUES (1, 'c')`,
  `INSERT INTO users (id, email) VALUES (3, 'b')`,
  `INSERT INTO users (id, email) VALUES (3, 'B')`,
  `INSERT INTO users VALUES (3, 'c', 'nAmE')`,
  `INSERT INTO users (id, email) VALUES (3, NULL)`,
  `UPDATE users SET email = NULL WHERE id = 1`,
  `UPDATE users SET id = 2 WHERE id = 1`,
  `UPDATE users SET id = NULL WHERE id = 1`,
  `INSERT INTO pairs VALUES ('x', 'y', 2)`,
  `INSERT INTO pairs VALUES ('x', 'z', 1)`,
  `INSERT INTO tight VALUES ('k', 'again')`,
  `INSERT INTO tight VALUES (NULL, 'none')`,
  `INSERT INTO keyless (rowid, x) VALUES (3, 'again')`,
  `INSERT INTO children VALUES (7, 99)`,
  `INSERT INTO children VALUES (7, 1)`,
  `DELETE FROM users WHERE id = 1`,
  `SELECT * FROM nowhere`,
  `SELECT nothing FROM users`,
  `SELEC 1`,
]

/** What the translator itself says in SQLite's words; the plain text goes to PostgreSQL and comes back in its own. */
const inItsOwnWords = /^SELE/

describe.each(['mirrored', 'flipped'] as const)('in stage %s', (stage) => {
  let pair: Pair
  let plain: Database.Database
  beforeAll(async () => {
    pair = await openPair({ schema, stage })
    plain = new Database(':memory:')
    plain.exec(schema)
  })
  afterAll(async () => {
    plain.close()
    await pair.close()
  })

  test.each(violations)('%s fails as on SQLite, in a transaction and outside', async (sql) => {
    const wanted = errorOf(() => plain.prepare(sql).run())
    const expected = inItsOwnWords.test(sql)
      ? { code: wanted.code }
      : { code: wanted.code, message: wanted.message }
    await expect(pair.db.run(sql)).rejects.toMatchObject(expected)
    await pair.db.transaction(async (tx) => {
      await expect(tx.run(sql)).rejects.toMatchObject(expected)
      expect(await tx.get('SELECT count(*) AS n FROM users')).toEqual({ n: 2 })
    })
  })
})

function errorOf(work: () => unknown): { code: string; message: string } {
  try {
    work()
  } catch (error) {
    return error as { code: string; message: string }
  }
  throw new Error('SQLite takes it')
}
