import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { projectRoot } from '../support/built.ts'
import { flip, openPair, rollback, type Pair } from '../support/pair.ts'
import { hasSqliteShell } from '../support/shell.ts'

const run = promisify(execFile)
const schema = `
  CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
  INSERT INTO notes VALUES (1, 'first');
`

let pair: Pair
beforeEach(async () => {
  pair = await openPair({ schema })
})
afterEach(() => pair.close())

/** Another process that writes through a driver of its own. */
function otherProcess(sql: string): Promise<unknown> {
  const program = `
    import Database from 'better-sqlite3'
    const db = new Database(process.argv[1], { timeout: 5000 })
    db.exec(process.argv[2])
    db.close()`
  return run(process.execPath, ['--input-type=module', '-e', program, pair.path, sql], {
    cwd: projectRoot,
  })
}

const shell = (sql: string): Promise<unknown> =>
  run('sqlite3', ['-bail', '-cmd', '.timeout 5000', pair.path, sql])

const writers = [
  ...(hasSqliteShell() ? [{ name: 'the sqlite3 shell', write: shell }] : []),
  { name: 'another process', write: otherProcess },
]

async function bodies(): Promise<unknown> {
  await pair.db.caughtUp()
  return pair.pgRows('SELECT id, body FROM notes ORDER BY id')
}

const changes = `
  INSERT INTO notes VALUES (2, 'second'), (3, 'third');
  UPDATE notes SET body = 'changed' WHERE id = 1;
  DELETE FROM notes WHERE id = 2;`

describe.each(writers)('$name', ({ write }) => {
  test('is captured while SQLite is the primary, and its rows arrive', async () => {
    await write(changes)
    expect(await bodies()).toEqual([
      ['1', 'changed'],
      ['3', 'third'],
    ])
    expect(await pair.differences()).toEqual([])
  })

  test('is refused after the flip with words that say where writes go, and changes nothing', async () => {
    await flip(pair.db)
    const before = pair.sqliteRows('SELECT * FROM notes')
    for (const sql of [
      `INSERT INTO notes VALUES (9, 'lost')`,
      `INSERT OR REPLACE INTO notes VALUES (1, 'lost')`,
      `INSERT OR IGNORE INTO notes VALUES (9, 'lost')`,
      `UPDATE notes SET body = 'lost'`,
      `UPDATE OR IGNORE notes SET body = 'lost'`,
      'DELETE FROM notes',
    ]) {
      await expect(write(sql)).rejects.toThrow(
        'lockstep: this SQLite file is not the primary, writes go to PostgreSQL now',
      )
    }
    expect(pair.sqliteRows('SELECT * FROM notes')).toEqual(before)
  })

  test('writes again, and is captured again, after a rollback', async () => {
    await flip(pair.db)
    await rollback(pair.db)
    await write(changes)
    expect(await bodies()).toEqual([
      ['1', 'changed'],
      ['3', 'third'],
    ])
  })
})

test('a write that no trigger saw does not arrive, and a verify says which row', async () => {
  // A dropped trigger would be noticed as drift; a gate that is opened by hand is not.
  await otherProcess(`BEGIN IMMEDIATE; UPDATE _lockstep_control SET gate = 1;
    INSERT INTO notes VALUES (2, 'unseen'); UPDATE _lockstep_control SET gate = 0; COMMIT`)
  expect(await bodies()).toEqual([['1', 'first']])
  const { equal, differences } = await pair.db.verify()
  expect({ equal, differences }).toEqual({
    equal: false,
    differences: [{ table: 'notes', key: '2', column: null, class: 'missing' }],
  })
})

describe('a client of PostgreSQL that does not go through Lockstep', () => {
  const statements = [
    `INSERT INTO notes VALUES (9, 'lost')`,
    `UPDATE notes SET body = 'lost'`,
    'DELETE FROM notes',
    'TRUNCATE notes',
    `INSERT INTO notes VALUES (1, 'lost') ON CONFLICT DO NOTHING`,
    `WITH gone AS (DELETE FROM notes RETURNING *) SELECT * FROM gone`,
    // A statement that finds no row is refused as well: it could have found one a moment later.
    `UPDATE notes SET body = 'lost' WHERE id = 404`,
  ]

  test('is refused by the fence while SQLite is the primary, and changes nothing', async () => {
    for (const sql of statements) {
      await expect(pair.pg.query(sql)).rejects.toMatchObject({
        code: 'LS001',
        message: 'lockstep: PostgreSQL does not take writes now',
      })
    }
    expect(await pair.differences()).toEqual([])
  })

  test('is captured after the flip, and its rows arrive in SQLite', async () => {
    await flip(pair.db)
    await pair.pg.query(changes)
    await pair.db.caughtUp()
    expect(pair.sqliteRows('SELECT * FROM notes')).toEqual([
      [1n, 'changed'],
      [3n, 'third'],
    ])
    expect(await pair.differences()).toEqual([])
  })

  test('is refused again after a rollback', async () => {
    await flip(pair.db)
    await rollback(pair.db)
    for (const sql of statements)
      await expect(pair.pg.query(sql)).rejects.toMatchObject({ code: 'LS001' })
    expect(await pair.differences()).toEqual([])
  })

  test('gets past a fence that is not there, and a verify says which row', async () => {
    await pair.pg.query('DROP TRIGGER lockstep_guard ON notes')
    await pair.pg.query(`INSERT INTO notes VALUES (9, 'astray')`)
    const { differences } = await pair.db.verify()
    expect(differences).toEqual([{ table: 'notes', key: '9', column: null, class: 'extra' }])
  })
})
