import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SqliteWriter } from '../../src/sqlite/writer.ts'

const schema = `
  CREATE TABLE parent (id INTEGER PRIMARY KEY);
  CREATE TABLE t (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE,
    parent INTEGER REFERENCES parent
  );
  CREATE TRIGGER refuse BEFORE INSERT ON t WHEN NEW.name = 'undo everything'
    BEGIN SELECT RAISE(ROLLBACK, 'undone'); END;
`

let folder: string
let db: Database.Database
let writer: SqliteWriter

function open(name: string): Database.Database {
  const opened = new Database(join(folder, name), { timeout: 0 })
  opened.pragma('journal_mode = WAL')
  opened.pragma('foreign_keys = ON')
  return opened
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-group-'))
  db = open('app.db')
  db.exec(schema)
  writer = new SqliteWriter(db, { busyTimeoutMs: 2000, maxWaiting: 10_000 })
})

afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true })
})

const run = (sql: string): Promise<Database.RunResult> =>
  writer.writeTogether(() => db.prepare(sql).run())

const names = (): unknown[] => db.prepare('SELECT name FROM t ORDER BY id').pluck().all()

test('statements of one turn share a transaction, and a statement alone has none', async () => {
  const inTransaction = (): Promise<boolean> => writer.writeTogether(() => db.inTransaction)
  expect(await Promise.all([inTransaction(), inTransaction(), inTransaction()])).toEqual([
    true,
    true,
    true,
  ])
  expect(await inTransaction()).toBe(false)
})

test('those who are answered together are in the next group together', async () => {
  const second: boolean[] = []
  const twice = async (name: string): Promise<void> => {
    await run(`INSERT INTO t (name) VALUES ('${name}')`)
    await Promise.resolve()
    second.push(await writer.writeTogether(() => db.inTransaction))
  }
  await Promise.all(['a', 'b', 'c'].map(twice))
  expect(second).toEqual([true, true, true])
})

test('nobody is answered before the commit', async () => {
  const other = open('app.db')
  const seen = await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      run(`INSERT INTO t (name) VALUES ('${name}')`).then(() =>
        other.prepare('SELECT count(*) FROM t').pluck().get(),
      ),
    ),
  )
  expect(seen).toEqual([3, 3, 3])
  other.close()
})

test('a statement that fails takes back only itself', async () => {
  const results = await Promise.allSettled([
    run(`INSERT INTO t (name) VALUES ('a')`),
    run(`INSERT INTO t (name) VALUES ('b'), ('a')`),
    run(`INSERT INTO t (name) VALUES ('c')`),
  ])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(names()).toEqual(['a', 'c'])
})

test.each([
  ['OR ROLLBACK', `INSERT OR ROLLBACK INTO t (name) VALUES ('a')`, 'SQLITE_CONSTRAINT_UNIQUE'],
  [
    'RAISE(ROLLBACK)',
    `INSERT INTO t (name) VALUES ('undo everything')`,
    'SQLITE_CONSTRAINT_TRIGGER',
  ],
])('%s undoes only the statement that says it', async (_, guilty, code) => {
  const results = await Promise.allSettled([
    run(`INSERT INTO t (name) VALUES ('a')`),
    run(guilty),
    run(`INSERT INTO t (name) VALUES ('b')`),
  ])
  expect(results).toMatchObject([
    { status: 'fulfilled', value: { changes: 1, lastInsertRowid: 1 } },
    { status: 'rejected', reason: { code } },
    { status: 'fulfilled', value: { changes: 1 } },
  ])
  expect(names()).toEqual(['a', 'b'])
})

test('without the second run alone, one OR ROLLBACK would take what others had written before it', () => {
  db.exec('BEGIN IMMEDIATE')
  db.exec(`INSERT INTO t (name) VALUES ('a')`)
  expect(() => db.exec(`INSERT OR ROLLBACK INTO t (name) VALUES ('a')`)).toThrow('UNIQUE')
  expect(names()).toEqual([])
})

test('where a foreign key is deferred, a statement that breaks it fails although the next one would heal it', async () => {
  const breakAndHeal = [
    `INSERT INTO child VALUES (1, 99)`,
    `DELETE FROM child`,
    `INSERT INTO child VALUES (2, NULL)`,
  ]
  db.exec(`CREATE TABLE child (id INTEGER PRIMARY KEY,
    parent REFERENCES parent DEFERRABLE INITIALLY DEFERRED)`)
  const results = await Promise.allSettled(breakAndHeal.map(run))
  expect(results).toMatchObject([
    { reason: { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' } },
    { value: { changes: 0 } },
    { value: { changes: 1 } },
  ])
  // In one transaction nothing would be wrong.
  db.transaction(() => breakAndHeal.slice(0, 2).forEach((sql) => db.exec(sql)))()
})

test('a long group lets others run in between, and loses nothing', async () => {
  let turns = 0
  const tick = (): void => void (turns++, (ticking = setImmediate(tick)))
  let ticking = setImmediate(tick)
  await Promise.all(
    Array.from({ length: 5000 }, (_, n) => run(`INSERT INTO t (name) VALUES ('n${n}')`)),
  )
  clearImmediate(ticking)
  expect(turns).toBeGreaterThan(1)
  expect(names()).toHaveLength(5000)
})

test('one statement more than may wait is refused, and the others go on', async () => {
  writer = new SqliteWriter(db, { busyTimeoutMs: 2000, maxWaiting: 2 })
  const results = await Promise.allSettled(
    ['a', 'b', 'c'].map((name) => run(`INSERT INTO t (name) VALUES ('${name}')`)),
  )
  expect(results[2]).toMatchObject({ reason: { code: 'WRITE_QUEUE_FULL' } })
  expect(names()).toEqual(['a', 'b'])
})

test('a group waits for another connection without stopping the event loop, then gives up with SQLITE_BUSY', async () => {
  const other = open('app.db')
  other.exec('BEGIN IMMEDIATE')
  const waiting = Promise.all([
    run(`INSERT INTO t (name) VALUES ('a')`),
    run(`INSERT INTO t (name) VALUES ('b')`),
  ])
  await new Promise((resolve) => setTimeout(resolve, 30))
  other.exec('COMMIT')
  await waiting
  expect(names()).toEqual(['a', 'b'])

  writer = new SqliteWriter(db, { busyTimeoutMs: 30, maxWaiting: 10 })
  other.exec('BEGIN IMMEDIATE')
  const refused = await Promise.allSettled([
    run(`INSERT INTO t (name) VALUES ('c')`),
    run(`INSERT INTO t (name) VALUES ('d')`),
  ])
  other.exec('COMMIT')
  other.close()
  expect(refused).toMatchObject([
    { reason: { code: 'SQLITE_BUSY' } },
    { reason: { code: 'SQLITE_BUSY' } },
  ])
  expect(names()).toEqual(['a', 'b'])
})

test('a group gives what its statements give one after the other', async () => {
  const name = fc.constantFrom('a', 'b', 'c', 'undo everything')
  const conflict = fc.constantFrom('', 'OR REPLACE', 'OR IGNORE', 'OR ROLLBACK', 'OR FAIL')
  const statement = fc.oneof(
    fc
      .tuple(conflict, name, fc.constantFrom('NULL', '1', '99'))
      .map(
        ([or, text, parent]) => `INSERT ${or} INTO t (name, parent) VALUES ('${text}', ${parent})`,
      ),
    fc
      .tuple(conflict, name, name)
      .map(([or, x, y]) => `INSERT ${or} INTO t (name) VALUES ('${x}'), ('${y}')`),
    fc
      .tuple(conflict, name, name)
      .map(([or, x, y]) => `UPDATE ${or} t SET name = '${x}' WHERE name >= '${y}'`),
    name.map((text) => `DELETE FROM t WHERE name = '${text}'`),
    fc.constantFrom('INSERT OR IGNORE INTO parent VALUES (1)', 'DELETE FROM parent', 'nonsense'),
  )
  let round = 0
  await fc.assert(
    fc.asyncProperty(fc.array(statement, { minLength: 2, maxLength: 12 }), async (statements) => {
      db.exec('DELETE FROM t; DELETE FROM parent; DELETE FROM sqlite_sequence')
      const alone = open(`alone${round++}.db`)
      alone.exec(schema)
      const expected = statements.map((sql) => outcomeOf(() => alone.prepare(sql).run()))
      const settled = await Promise.allSettled(statements.map(run))
      const state = 'SELECT id, name, parent FROM t ORDER BY id'
      expect(settled.map(outcomeOfSettled)).toEqual(expected)
      expect(db.prepare(state).all()).toEqual(alone.prepare(state).all())
      alone.close()
    }),
    { numRuns: 150 },
  )
})

/** The rowid is of the last row that the connection inserted, so it says something only with an insert. */
function outcomeOf(work: () => Database.RunResult): unknown {
  try {
    return work().changes
  } catch (error) {
    return (error as { code?: string }).code
  }
}

function outcomeOfSettled(result: PromiseSettledResult<Database.RunResult>): unknown {
  return result.status === 'fulfilled'
    ? result.value.changes
    : (result.reason as { code?: string }).code
}
