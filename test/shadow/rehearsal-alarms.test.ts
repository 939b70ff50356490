import { afterEach, expect, test, vi } from 'vitest'
import type { Status } from '../../src/api.ts'
import type { LockstepOptions } from '../../src/options/options.ts'
import { openPair, type Pair } from '../support/pair.ts'
import { settled } from './settled.ts'

const schema = `
  CREATE TABLE accounts (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, balance INTEGER);
  CREATE TABLE log (id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT);
  CREATE TABLE notes (id INTEGER PRIMARY KEY, account INTEGER, text TEXT UNIQUE);
  CREATE TABLE words (word TEXT PRIMARY KEY, hits INTEGER) WITHOUT ROWID;
  CREATE TABLE tokens (token TEXT PRIMARY KEY, hits INTEGER);
  CREATE TRIGGER told AFTER UPDATE OF balance ON accounts BEGIN
    INSERT INTO notes (account, text) VALUES (NEW.id, NEW.name || NEW.balance);
    INSERT INTO log (what) VALUES (NEW.name || NEW.balance);
  END;
  INSERT INTO accounts (name, balance) VALUES ('Ada', 10), ('Grace', 20), ('Edsger', 30);
  INSERT INTO notes (text) VALUES ('one'), ('two');
  INSERT INTO words VALUES ('a', 1);
  INSERT INTO tokens VALUES ('t', 1);`

let pair: Pair
afterEach(async () => pair.close())

async function open(shadow: LockstepOptions['shadow'] = {}): Promise<Pair> {
  pair = await openPair({
    schema,
    options: {
      flags: { initial: { shadow: { sample: 0, rehearse: 100 } } },
      shadow: { rehearseMaxMs: 10_000, ...shadow },
    },
  })
  await settled(pair.db)
  return pair
}

type Counters = Status['counters']['rehearsals']

/** What the rehearsals have come to. PostgreSQL takes no batch while the work runs, so that all of it is in one. */
async function inOneBatch(work: () => Promise<unknown>): Promise<Counters> {
  const { db, pg } = pair
  await pg.query('BEGIN; SELECT FROM lockstep.control FOR UPDATE')
  await db.run("INSERT INTO words VALUES ('what waits', 1)")
  await vi.waitFor(async () =>
    expect(await pair.pgRows('SELECT FROM pg_locks WHERE NOT granted')).not.toEqual([]),
  )
  await work()
  await pg.query('COMMIT')
  await settled(pair.db)
  expect(await db.divergences()).toEqual([])
  return (await db.status()).counters.rehearsals
}

const undone = async (sql: string): Promise<void> =>
  pair.db.transaction(async (tx) => {
    await tx.run(sql)
    throw new Error('undone')
  })

test('the last rowid of a connection says nothing of a statement that has inserted no row', async () => {
  const { db } = await open()
  const upserts = [
    "INSERT INTO accounts (name) VALUES ('Ada') ON CONFLICT (name) DO UPDATE SET name = 'Ada'",
    "INSERT INTO words VALUES ('a', 1) ON CONFLICT (word) DO UPDATE SET hits = hits + 1",
    "INSERT INTO tokens VALUES ('t', 1) ON CONFLICT (token) DO UPDATE SET hits = hits + 1",
  ]
  const counters = await inOneBatch(async () => {
    await db.run("INSERT INTO accounts (name) VALUES ('Barbara')")
    await undone('INSERT INTO notes (id) VALUES (77)').catch(() => undefined)
    for (const sql of upserts) await db.run(sql)
  })
  expect(counters).toMatchObject({ batches: 2, equal: 5, foreign: 0 })
})

test('keys that triggers give are those of SQLite, whatever the sequences have drawn before', async () => {
  const { db } = await open()
  const change = async (balance: number): Promise<unknown> =>
    db.run("UPDATE accounts SET balance = ? WHERE name = 'Ada'", [balance])
  const counters = await inOneBatch(async () => {
    await db.run('INSERT INTO tokens VALUES (50, 1)')
    await db.run("INSERT INTO notes (text) VALUES ('one') ON CONFLICT DO UPDATE SET account = 1")
    await change(1)
    await db.run("DELETE FROM notes WHERE text = 'Ada1'")
    await change(2)
    await db.run('DELETE FROM log')
    await db.run("INSERT INTO accounts (name) VALUES ('Ada') ON CONFLICT DO NOTHING")
    await db.run("INSERT INTO accounts (name) VALUES ('Alan')")
    await db.transaction(async (tx) => {
      await tx.exec('SAVEPOINT part')
      for (const balance of [3, 4]) {
        await tx.run("UPDATE accounts SET balance = ? WHERE name = 'Ada'", [balance])
        await tx.exec('ROLLBACK TO part')
      }
      await tx.run("UPDATE accounts SET balance = 2 WHERE name = 'Ada'").catch(() => undefined)
    })
    await change(6)
  })
  expect(counters).toMatchObject({ batches: 2, equal: 13, foreign: 0 })
})

test('rows of a trigger that are numbered in no certain order are no divergence', async () => {
  const { db } = await open()
  const counters = await inOneBatch(async () => {
    await db.run("UPDATE accounts SET name = 'Ada!' WHERE id = 1")
    await db.run('UPDATE accounts SET balance = 1')
  })
  expect(counters).toMatchObject({ batches: 2, divergent: 0, unknown: 0, foreign: 0 })
})

test('writes that are too many to be kept are not taken for those of another program', async () => {
  const { db } = await open({ rehearseMaxStatements: 4 })
  const counters = await inOneBatch(async () => {
    for (let nth = 0; nth < 9; nth++) await db.run('UPDATE tokens SET hits = hits + 1')
  })
  expect(counters).toMatchObject({ batches: 1, skipped: 1, foreign: 0 })
})
