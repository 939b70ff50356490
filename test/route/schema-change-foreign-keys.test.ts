import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Queryable } from '../../src/api.ts'
import type { LockstepError } from '../../src/core/errors.ts'
import { flip, openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY);
  CREATE TABLE notes (author INTEGER REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED);
  CREATE TABLE idle (id INTEGER PRIMARY KEY);
  CREATE TABLE kept (id INTEGER PRIMARY KEY);
  CREATE TABLE shops (id INTEGER PRIMARY KEY);
  CREATE TABLE goods (shop INTEGER REFERENCES shops (id) ON DELETE CASCADE);
  CREATE TABLE log (what TEXT);
  CREATE TRIGGER shop_gone AFTER DELETE ON shops BEGIN INSERT INTO log VALUES ('shop'); END;
  CREATE TRIGGER goods_gone AFTER DELETE ON goods BEGIN INSERT INTO log VALUES ('goods'); END;
  INSERT INTO users VALUES (1);
  INSERT INTO notes VALUES (1);
  INSERT INTO shops VALUES (1);
  INSERT INTO goods VALUES (1);`

let pair: Pair
let plain: Database.Database
beforeAll(async () => {
  const setup = (db: Database.Database): unknown => db.pragma('foreign_keys = ON')
  pair = await openPair({ schema, setup })
  await flip(pair.db)
  plain = new Database(':memory:')
  plain.exec(schema)
})
afterAll(async () => {
  plain.close()
  await pair.close()
})

function onSqlite(sql: string): { code: string; message: string } | undefined {
  try {
    plain.exec(sql)
  } catch (error) {
    const { code, message } = error as Error & { code: string }
    return { code, message }
  }
  return undefined
}

test('a table that rows of a deferred foreign key hold is dropped on neither place, in the words of SQLite', async () => {
  const failed = onSqlite('DROP TABLE users')
  expect(failed?.code).toBe('SQLITE_CONSTRAINT_FOREIGNKEY')
  await expect(pair.db.run('DROP TABLE users')).rejects.toMatchObject(failed ?? {})
  expect(await pair.db.values('SELECT id FROM users')).toEqual([[1]])
  expect(await pair.differences()).toEqual([])
})

test('DROP TABLE deletes what refers to its rows, and fires the triggers of those tables but not its own', async () => {
  const sql = 'DROP TABLE shops'
  expect(onSqlite(sql)).toBeUndefined()
  await pair.db.run(sql)
  const rows = 'SELECT what FROM log'
  expect(await pair.db.values(rows)).toEqual(plain.prepare(rows).raw().all())
  expect(await pair.db.values('SELECT * FROM goods')).toEqual([])
})

test('rows of a deferred foreign key that are written in the transaction do not keep its table from being changed', async () => {
  const fill = async (tx: Queryable): Promise<void> => {
    await tx.run('INSERT INTO notes VALUES (1)')
    await tx.run('ALTER TABLE notes ADD COLUMN text TEXT')
    await tx.run('CREATE INDEX by_author ON notes (author)')
    // The key waits for the end of the transaction as before.
    await tx.run('INSERT INTO notes VALUES (2, NULL)')
    await tx.run('INSERT INTO users VALUES (2)')
  }
  await pair.db.transaction(fill)
  expect(await pair.db.values('SELECT author FROM notes')).toEqual([[1], [1], [2]])
  expect(await pair.differences()).toEqual([])
})

test('a table whose rows break a deferred foreign key cannot change until they do not, and others can', async () => {
  const alter = (name: string): string => `ALTER TABLE ${name} ADD COLUMN more TEXT`
  await pair.db.transaction(async (tx) => {
    await tx.run('INSERT INTO notes (author) VALUES (3)')
    await tx.run(alter('idle'))
    await expect(tx.run(alter('notes'))).rejects.toMatchObject({
      code: 'SQL_UNSUPPORTED',
      message: expect.stringContaining('break a deferred foreign key') as string,
    })
    await tx.run('INSERT INTO users VALUES (3)')
    await tx.run(alter('notes'))
  })
  expect(await pair.db.values('SELECT author, more FROM notes WHERE author = 3')).toEqual([
    [3, null],
  ])
  await expect(pair.db.run('INSERT INTO notes (author) VALUES (4)')).rejects.toMatchObject({
    message: 'FOREIGN KEY constraint failed',
  })
  expect(await pair.differences()).toEqual([])
})

test('a table whose foreign key leads to no table takes no row until the parent is made, in the words of SQLite', async () => {
  const waiting =
    'CREATE TABLE waiting (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES Later (id), n INTEGER)'
  plain.exec(waiting)
  await pair.db.run(waiting)
  for (const sql of [
    'INSERT INTO waiting (n) VALUES (1)',
    'INSERT OR IGNORE INTO waiting SELECT 1, NULL, 2',
    'UPDATE waiting SET n = 1, parent = 5',
    'UPDATE waiting SET n = 1',
    'DELETE FROM waiting',
    'CREATE TABLE later (id INTEGER PRIMARY KEY)',
    'INSERT INTO waiting VALUES (1, 5, 1)',
    'INSERT INTO waiting VALUES (1, NULL, 1)',
    'DELETE FROM waiting',
    'DROP TABLE later',
    'INSERT INTO waiting VALUES (1, NULL, 1)',
  ]) {
    const failed = onSqlite(sql)
    const { code, message } = await pair.db.run(sql).then(
      () => ({ code: undefined, message: undefined }),
      (error: { code: string; message: string }) => error,
    )
    expect([sql, code, message]).toEqual([sql, failed?.code, failed?.message])
  }
  expect(await pair.differences()).toEqual([])
})

test('PRAGMA foreign_keys says behind the DDL of a transaction what it said before', async () => {
  await pair.db.transaction(async (tx) => {
    await tx.run('CREATE TABLE later (id INTEGER PRIMARY KEY)')
    expect(await tx.all('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }])
    await tx.run('PRAGMA foreign_keys = OFF')
    expect(await tx.get('PRAGMA main.foreign_keys')).toEqual({ foreign_keys: 1 })
  })
  expect(await pair.db.get('PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 })
})

test.each([
  ['rows that have a default', `INSERT INTO kept DEFAULT VALUES`, 'REFERENCES kept (id) DEFAULT 1'],
  ['a default of NULL', `INSERT INTO kept DEFAULT VALUES`, 'DEFAULT (NULL) REFERENCES kept (id)'],
  ['no rows', `DELETE FROM kept`, 'DEFAULT 1 REFERENCES kept (id)'],
])('ADD COLUMN REFERENCES to a table with %s is taken as on SQLite', async (name, fill, column) => {
  const sql = `ALTER TABLE kept ADD COLUMN "${name}" INTEGER ${column}`
  plain.exec(fill)
  // The rows are on PostgreSQL alone when the file is changed.
  const changed = pair.db.transaction(async (tx) => {
    await tx.run(fill)
    await tx.run(sql)
  })
  const failed = await changed.then(
    () => undefined,
    ({ code, message }: LockstepError) => ({ code, message }),
  )
  expect(failed).toEqual(onSqlite(sql))
  expect(await pair.differences()).toEqual([])
  plain.exec('DELETE FROM kept')
  await pair.db.run('DELETE FROM kept')
})
