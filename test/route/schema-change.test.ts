import Database from 'better-sqlite3'
import { afterEach, describe, expect, test } from 'vitest'
import { openPair, rollback, travel, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, note TEXT);
  CREATE TABLE posts (id INTEGER PRIMARY KEY AUTOINCREMENT, author INTEGER REFERENCES users (id) ON DELETE CASCADE, title TEXT);
  CREATE INDEX posts_by_title ON posts (title);
  CREATE TABLE log (line TEXT);
  INSERT INTO users VALUES (1, 'a@b', 'x'), (2, 'c@d', NULL);
  INSERT INTO posts VALUES (1, 1, 'first'), (2, 2, 'second');
  INSERT INTO log VALUES ('begun')`

/** What migrations do, with writes in between, one transaction each. */
const migrations: readonly (readonly string[])[] = [
  [
    'CREATE TABLE tags (name TEXT PRIMARY KEY, weight REAL DEFAULT 1.5) WITHOUT ROWID',
    `INSERT INTO tags VALUES ('a', 2.0)`,
  ],
  [
    `ALTER TABLE users ADD COLUMN age INTEGER NOT NULL DEFAULT 7`,
    `UPDATE users SET age = 8 WHERE id = 2`,
  ],
  ['ALTER TABLE users RENAME COLUMN note TO remark', `UPDATE users SET remark = 'y' WHERE id = 1`],
  ['CREATE UNIQUE INDEX one_title ON posts (author, title DESC)'],
  ['CREATE INDEX short ON users (lower(email)) WHERE age > 5'],
  ['DROP INDEX posts_by_title'],
  ['ALTER TABLE posts DROP COLUMN title', `INSERT INTO posts (author) VALUES (1)`],
  ['ALTER TABLE log RENAME TO "log book"', `INSERT INTO "log book" (line) VALUES ('renamed')`],
  ['CREATE TABLE IF NOT EXISTS tags (other TEXT)'],
  [
    // As drizzle-kit rebuilds a table.
    `CREATE TABLE __new_users (id INTEGER PRIMARY KEY NOT NULL, email TEXT NOT NULL, age INTEGER)`,
    `INSERT INTO __new_users (id, email, age) SELECT id, email, age FROM users`,
    'DROP TABLE users',
    'ALTER TABLE __new_users RENAME TO users',
    'CREATE UNIQUE INDEX users_email ON users (email)',
    `INSERT INTO users VALUES (9, 'e@f', 1)`,
  ],
  ['DROP TABLE tags'],
  [
    'CREATE TABLE tags (name TEXT, weight BLOB)',
    `INSERT INTO tags (name, weight) VALUES ('again', NULL)`,
  ],
]

/** Without the statement that would drop posts' index first: SQLite refuses to drop an indexed column. */
function isOrdinary(sql: string): boolean {
  return !sql.includes('DROP COLUMN title')
}

const plan = migrations.map((statements) => statements.filter(isOrdinary))

let pair: Pair
afterEach(() => pair.close())

async function schemaOf(): Promise<unknown> {
  return pair.db.all(`SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name`)
}

describe.each(['plain', 'installed', 'mirrored', 'flipped'] as const)('in stage %s', (stage) => {
  test('migrations give the schema and the rows that SQLite alone would have', async () => {
    const plain = new Database(':memory:')
    plain.exec(schema)
    plain.pragma('foreign_keys = OFF')
    pair = await openPair({ schema, stage })
    await pair.db.exec('PRAGMA foreign_keys = OFF')
    for (const statements of plan) {
      plain.exec(statements.join(';'))
      await pair.db.transaction(async (tx) => {
        for (const sql of statements) await tx.run(sql)
      })
    }
    const wanted = plain
      .prepare('SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name')
      .all()
    expect(await schemaOf()).toEqual(wanted)
    for (const table of ['users', 'posts', '"log book"', 'tags'])
      expect(
        await pair.db.values(
          table === '"log book"'
            ? `SELECT line FROM ${table} ORDER BY 1`
            : `SELECT * FROM ${table} ORDER BY 1`,
        ),
      ).toEqual(
        plain
          .prepare(
            table === '"log book"'
              ? `SELECT line FROM ${table} ORDER BY 1`
              : `SELECT * FROM ${table} ORDER BY 1`,
          )
          .raw()
          .all(),
      )
    plain.close()
    await travel(pair.db, stage === 'plain' || stage === 'installed' ? 'mirrored' : 'plain')
    expect(await pair.differences()).toEqual([])
    expect((await pair.db.status()).quarantine).toBe(0)
    if (stage === 'flipped') await rollback(pair.db)
    // A statement of a table that was dropped fits the one that has its name now on SQLite alone, which a gate says.
    else await pair.db.flip('postgres', { force: true })
    await pair.db.run(`INSERT INTO users VALUES (20, 'after', 2)`)
    expect(await pair.differences()).toEqual([])
  })
})
