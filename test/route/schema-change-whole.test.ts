import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLockstep } from '../../src/index.ts'
import { flip, openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, age INTEGER);
  INSERT INTO users VALUES (1, 'a', 1), (2, 'a', 2)`

let pair: Pair
afterEach(() => pair.close())

const schemaOf = async (): Promise<unknown> => [
  await pair.db.all('SELECT name, sql FROM sqlite_master ORDER BY name'),
  await pair.pgRows(
    `SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2`,
  ),
  await pair.pgRows(`SELECT indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`),
  await pair.pgRows('SELECT version FROM lockstep.schema_log ORDER BY 1'),
]

describe.each(['mirrored', 'flipped'] as const)('in stage %s', (stage) => {
  beforeEach(async () => {
    pair = await openPair({ schema, stage })
  })

  test.each([
    ['CREATE TABLE users (x)', 'SQLITE_ERROR', 'table users already exists'],
    [
      'CREATE UNIQUE INDEX one ON users (email)',
      'SQLITE_CONSTRAINT_UNIQUE',
      'UNIQUE constraint failed: users.email',
    ],
    ['ALTER TABLE users DROP COLUMN missing', 'SQLITE_ERROR', 'no such column: "missing"'],
    ['DROP TABLE nowhere', 'SQLITE_ERROR', 'no such table: nowhere'],
    [`CREATE TABLE ${'x'.repeat(64)} (a)`, 'SCHEMA_UNSUPPORTED', 'at most 63 bytes'],
    ['CREATE TEMP TABLE t (a)', 'SQL_UNSUPPORTED', 'CREATE TEMP TABLE'],
    ['CREATE TABLE temp.t (a)', 'SQL_UNSUPPORTED', 'CREATE TEMP TABLE'],
    ['CREATE TABLE t AS SELECT missing FROM users', 'SQLITE_ERROR', 'no such column: missing'],
    ['CREATE VIRTUAL TABLE t USING fts5(a)', 'SQL_UNSUPPORTED', 'VIRTUAL'],
  ])('%s changes neither place, and a transaction goes on after it', async (sql, code, words) => {
    const before = await schemaOf()
    await expect(pair.db.run(sql)).rejects.toMatchObject({ code })
    await expect(pair.db.run(sql)).rejects.toThrow(words)
    await pair.db.transaction(async (tx) => {
      await tx.run('CREATE INDEX by_age ON users (age)')
      await expect(tx.run(sql)).rejects.toMatchObject({ code })
      await tx.run('INSERT INTO users VALUES (3, NULL, 3)')
      await tx.run('DROP INDEX by_age')
    })
    const [tables, columns, indexes] = (await schemaOf()) as unknown[][]
    expect([tables, columns, indexes]).toEqual((before as unknown[]).slice(0, 3))
    expect(await pair.differences()).toEqual([])
  })

  test('a transaction that rolls back leaves no trace of its changes on either place', async () => {
    const before = await schemaOf()
    const failed = pair.db.transaction(async (tx) => {
      await tx.run('ALTER TABLE users ADD COLUMN extra TEXT')
      await tx.run(`UPDATE users SET extra = 'x'`)
      await tx.run('CREATE TABLE more (id INTEGER PRIMARY KEY)')
      await tx.run('PRAGMA user_version = 12')
      expect(await tx.get('PRAGMA user_version')).toEqual({ user_version: 12 })
      expect(await tx.values('SELECT * FROM users WHERE id = 1')).toEqual([[1, 'a', 1, 'x']])
      throw new Error('no')
    })
    await expect(failed).rejects.toThrow('no')
    expect(await schemaOf()).toEqual(before)
    expect(await pair.db.get('PRAGMA user_version')).toEqual({ user_version: 0 })
    expect(await pair.db.values('SELECT * FROM users WHERE id = 1')).toEqual([[1, 'a', 1]])
    expect(await pair.differences()).toEqual([])
  })

  test('a table that is made of a query has its columns and its rows on both places', async () => {
    await pair.db.run(
      `CREATE TABLE IF NOT EXISTS copy AS SELECT *, age * 1.5 AS more, count(*) OVER () n FROM users ORDER BY id DESC`,
    )
    await pair.db.run('CREATE TABLE IF NOT EXISTS copy AS SELECT 1')
    await pair.db.transaction(async (tx) => {
      await tx.run('UPDATE users SET age = 5')
      await tx.run(
        `CREATE TABLE "of it" AS WITH w AS (SELECT n, 'x' || age AS t FROM copy) SELECT * FROM w WHERE n > 1`,
      )
      await tx.run('CREATE TABLE late AS SELECT age, email FROM users')
    })
    const read = (sql: string): Promise<unknown> => pair.db.values(sql)
    expect(await read('SELECT rowid, * FROM copy ORDER BY rowid')).toEqual([
      [1, 2, 'a', 2, 3, 2],
      [2, 1, 'a', 1, 1.5, 2],
    ])
    expect(await read('SELECT * FROM "of it" ORDER BY 2')).toEqual([
      [2, 'x1'],
      [2, 'x2'],
    ])
    expect(await read('SELECT * FROM late')).toEqual([
      [5, 'a'],
      [5, 'a'],
    ])
    expect(await read(`SELECT sql FROM sqlite_master WHERE name = 'late'`)).toEqual([
      [pair.sqlite.prepare(`SELECT sql FROM sqlite_schema WHERE name = 'late'`).pluck().get()],
    ])
    expect(await pair.differences()).toEqual([])
    expect((await pair.db.status()).quarantine).toBe(0)
    await pair.db.run('DROP TABLE copy')
    expect(await pair.differences()).toEqual([])
  })

  test('a savepoint that is gone back to takes its changes of the schema back on both places', async () => {
    const [tables] = (await schemaOf()) as unknown[][]
    await pair.db.transaction(async (tx) => {
      await tx.run('SAVEPOINT "Outer one"')
      await tx.run('SAVEPOINT inside')
      await tx.run('ALTER TABLE users ADD COLUMN kept TEXT')
      await tx.run('RELEASE inside')
      await tx.run(`UPDATE users SET kept = 'x'`)
      await tx.run('SAVEPOINT inside')
      await tx.run('ALTER TABLE users RENAME COLUMN kept TO gone')
      await tx.run('CREATE TABLE more (id INTEGER PRIMARY KEY)')
      await tx.run('INSERT INTO more VALUES (1)')
      await tx.run('ROLLBACK TO inside')
      await expect(tx.run('INSERT INTO more VALUES (1)')).rejects.toThrow('no such table: more')
      expect(await tx.values('SELECT kept FROM users')).toEqual([['x'], ['x']])
      await tx.run('RELEASE "outer ONE"')
      await tx.run('ALTER TABLE users RENAME COLUMN kept TO stays')
    })
    expect(await pair.db.values('SELECT stays FROM users')).toEqual([['x'], ['x']])
    expect(await pair.differences()).toEqual([])
    await pair.db.transaction(async (tx) => {
      await tx.run('SAVEPOINT s')
      await tx.run('ALTER TABLE users DROP COLUMN stays')
      await tx.run('ROLLBACK TO s')
      await tx.run(`INSERT INTO users (id, stays) VALUES (3, 'y')`)
    })
    await pair.db.run('ALTER TABLE users DROP COLUMN stays')
    expect(((await schemaOf()) as unknown[][])[0]).toEqual(tables)
    expect(await pair.differences()).toEqual([])
  })

  test('the application keeps its version number as it does on SQLite', async () => {
    await pair.db.exec('PRAGMA user_version = 5')
    await pair.db.transaction((tx) => tx.run('PRAGMA application_id = 77'))
    expect(await pair.db.get('PRAGMA user_version')).toEqual({ user_version: 5 })
    expect(await pair.db.get('PRAGMA application_id')).toEqual({ application_id: 77 })
  })

  test('another process works with the new schema from its next statement on', async () => {
    await using other = await createLockstep({
      sqlite: { path: pair.path },
      postgres: { connectionString: pair.url },
      applier: { enabled: false },
    })
    await pair.db.setFlags({ reads: { postgres: stage === 'flipped' ? 100 : 0 } })
    const insert = 'INSERT INTO users (id, email) VALUES (?, ?)'
    await other.run(insert, [10, 'other'])
    expect(await other.values('SELECT * FROM users WHERE id = 10')).toEqual([[10, 'other', null]])
    await pair.db.exec(`
      ALTER TABLE users RENAME COLUMN email TO mail;
      ALTER TABLE users ADD COLUMN note TEXT DEFAULT 'new';
      CREATE TABLE more (x TEXT UNIQUE)`)
    expect(await other.get('SELECT * FROM users WHERE id = 10')).toEqual({
      id: 10,
      mail: 'other',
      age: null,
      note: 'new',
    })
    await expect(other.run(insert, [11, 'x'])).rejects.toMatchObject({ code: 'SQLITE_ERROR' })
    await other.run(`INSERT INTO more VALUES ('y')`)
    await expect(other.run(`INSERT INTO more VALUES ('y')`)).rejects.toMatchObject({
      message: 'UNIQUE constraint failed: more.x',
    })
    expect(await pair.differences()).toEqual([])
    await other.run('ALTER TABLE users DROP COLUMN note')
    // Nothing but this asks the first process in between.
    expect((await pair.db.verify()).equal).toBe(true)
    await other.run('ALTER TABLE users ADD COLUMN last TEXT')
    expect((await pair.db.ready()).gates).toContainEqual(
      expect.objectContaining({ name: 'schema', ok: true }),
    )
  })

  test('what a connection remembers is what SQLite would say', async () => {
    await pair.db.run(`INSERT INTO users (email) VALUES ('x'), ('y')`)
    const asked = 'SELECT changes(), last_insert_rowid(), total_changes() > 1 AS more'
    const wanted = { 'changes()': 2, 'last_insert_rowid()': 4, more: 1 }
    expect(await pair.db.get(asked)).toEqual(wanted)
    await pair.db.transaction(async (tx) => {
      expect(await tx.get(asked)).toEqual(wanted)
      await tx.run(`INSERT INTO users (id, email) VALUES (50, 'z')`)
      await tx.run('UPDATE users SET age = last_insert_rowid() WHERE id = last_insert_rowid()')
      expect(await tx.get('SELECT age, changes() AS c FROM users WHERE id = 50')).toEqual({
        age: 50,
        c: 1,
      })
    })
    expect(await pair.db.run('DELETE FROM users WHERE 0')).toEqual({
      changes: 0,
      lastInsertRowid: 50,
    })
    expect(await pair.db.get('SELECT sqlite_version() AS v')).toEqual({
      v: pair.sqlite.prepare('SELECT sqlite_version()').pluck().get(),
    })
  })

  test('a view is read on both places, and follows its tables', async () => {
    await pair.db.setFlags({ reads: { postgres: stage === 'flipped' ? 100 : 0 } })
    await pair.db.exec(`
      CREATE VIEW old AS SELECT id, age * 2 AS double FROM users WHERE age > 1;
      CREATE VIEW older (n) AS SELECT count(*) FROM old`)
    expect(await pair.db.values('SELECT * FROM old')).toEqual([[2, 4]])
    expect(await pair.db.get('SELECT n FROM older')).toEqual({ n: 1 })
    await pair.db.exec(
      'ALTER TABLE users RENAME COLUMN age TO years; INSERT INTO users VALUES (3, NULL, 9)',
    )
    expect(await pair.db.get('SELECT n FROM older')).toEqual({ n: 2 })
    await pair.db.exec('DROP VIEW older')
    await expect(pair.db.all('SELECT * FROM older')).rejects.toThrow('no such table: older')
  })
})

test('foreign keys of PostgreSQL follow a table that is rebuilt while it is the primary', async () => {
  pair = await openPair({
    schema: `${schema};
      CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER REFERENCES users (id) ON DELETE CASCADE);
      INSERT INTO posts VALUES (1, 1), (2, 2)`,
  })
  await flip(pair.db)
  await pair.db.run('PRAGMA foreign_keys = OFF')
  await pair.db.exec(`
    CREATE TABLE users_new (id INTEGER PRIMARY KEY, email TEXT);
    INSERT INTO users_new SELECT id, email FROM users;
    DROP TABLE users;
    ALTER TABLE users_new RENAME TO users`)
  await pair.db.run('PRAGMA foreign_keys = ON')
  await expect(pair.db.run('INSERT INTO posts VALUES (3, 99)')).rejects.toMatchObject({
    code: 'SQLITE_CONSTRAINT_FOREIGNKEY',
  })
  await pair.db.run('DELETE FROM users WHERE id = 1')
  expect(await pair.db.values('SELECT id FROM posts')).toEqual([[2]])
  await pair.db.run('DROP TABLE users')
  expect(await pair.pgRows('SELECT count(*) FROM posts')).toEqual([['0']])
  expect(await pair.differences()).toEqual([])
})
