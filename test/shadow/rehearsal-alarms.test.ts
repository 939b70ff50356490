import { afterEach, expect, test, vi } from 'vitest'
import type { Divergence, Status } from '../../src/api.ts'
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
  CREATE INDEX accounts_balance ON accounts (balance);
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

/** As an operator makes a trigger before the flip: it waits for its turn. */
const makeTrigger = (table: string, body: string): string => `
  CREATE FUNCTION own() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} RETURN NEW; END $$;
  CREATE TRIGGER own BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION own();
  ALTER TABLE ${table} DISABLE TRIGGER own;
  INSERT INTO lockstep.disabled_triggers VALUES ('${table}', 'own')`

/** Writes until something is found to differ: behind each rehearsal the applier is left alone for a while. */
async function foundBy(sql: string): Promise<Divergence[]> {
  const { db } = pair
  const once = async (): Promise<Divergence[]> => {
    await db.run("DELETE FROM words WHERE word <> 'a'")
    await settled(db)
    await db.run(sql)
    await settled(db)
    const found = await db.divergences()
    expect(found).not.toEqual([])
    return found
  }
  return vi.waitFor(once, { timeout: 20_000, interval: 100 })
}

test('what PostgreSQL does once, and not again at the same state, is no divergence', async () => {
  const { db, pg } = await open()
  // What is drawn from a sequence stays drawn, so that the first rehearsal fails and the second does not.
  const body = "IF nextval('turns') = 1 THEN RAISE EXCEPTION 'only once'; END IF;"
  await pg.query(`CREATE SEQUENCE turns; ${makeTrigger('tokens', body)}`)
  const counters = await inOneBatch(() => db.run('UPDATE tokens SET hits = 2'))
  expect(counters).toMatchObject({ batches: 2, divergent: 0, undecided: 1 })
  const [known] = (await db.statements({ table: 'tokens' })).filter(({ kind }) => kind === 'update')
  expect(known?.reason).toContain('not when it was rehearsed again')
})

const takeFirst = `INSERT OR IGNORE INTO words SELECT 'word of ' || (name < 'Z'), balance FROM accounts WHERE balance > 0`

test('rows of a query that stand in the way of each other may come in any order, and be refused in none', async () => {
  const { db, pg } = await open()
  // SQLite reads them by the index of what they are searched by, and PostgreSQL by their keys.
  await db.run("UPDATE accounts SET name = 'Ada!', balance = 99 WHERE id = 1")
  const counters = await inOneBatch(() => db.run(takeFirst))
  expect(counters).toMatchObject({ divergent: 0, undecided: 1 })
  const few = "IF NEW.hits > 1 THEN RAISE EXCEPTION 'too many' USING ERRCODE = '23514'; END IF;"
  await pg.query(makeTrigger('words', few))
  expect(await foundBy(takeFirst)).toMatchObject([{ class: 'error', rehearsed: true }])
})

test('rows of a query that says their order are compared', async () => {
  const { pg } = await open()
  await pg.query(makeTrigger('words', 'NEW.hits = NEW.hits + 1;'))
  const found = await foundBy(`${takeFirst} ORDER BY id`)
  expect(found).toMatchObject([{ class: 'value', rehearsed: true }])
})
