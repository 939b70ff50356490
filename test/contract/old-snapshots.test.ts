import type { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { flip, openPair, rollback, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
  CREATE TABLE ledger (id INTEGER PRIMARY KEY, seen INTEGER NOT NULL);
  INSERT INTO accounts VALUES (1, 100);
`

let pair: Pair
let sleeper: Client
beforeEach(async () => {
  pair = await openPair({ schema, stage: 'flipped' })
  sleeper = await pair.connect()
})
afterEach(() => pair.close())

const levels = ['SERIALIZABLE', 'REPEATABLE READ']

/** A transaction that has read, and with that has its snapshot, but has not written yet. */
async function begin(level: string): Promise<void> {
  await sleeper.query(`BEGIN ISOLATION LEVEL ${level}`)
  await sleeper.query('SELECT balance FROM accounts')
}

const write = 'INSERT INTO ledger SELECT id, balance FROM accounts'

/** The same fence, asked in another way than of the sequence. */
async function replaceFence(open: string): Promise<void> {
  await pair.pg.query(`
    CREATE OR REPLACE FUNCTION lockstep.enter() RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock_shared(4293, 1);
      IF NOT (${open}) THEN RAISE EXCEPTION 'fenced' USING ERRCODE = 'LS001'; END IF;
    END $$`)
}

const byControlRow = `EXISTS (SELECT FROM lockstep.control WHERE primary_place = 'postgres' AND state = 'open')`
const byEvenness = `(SELECT last_value % 2 = 1 FROM lockstep.fence)`

describe.each(levels)('a %s transaction whose snapshot is older than the fence', (level) => {
  test('is refused when it writes after a rollback', async () => {
    await begin(level)
    await rollback(pair.db)
    await expect(sleeper.query(write)).rejects.toMatchObject({ code: 'LS001' })
    await sleeper.query('ROLLBACK')
    expect(await pair.differences()).toEqual([])
  })

  test('would write unseen if the fence were read from the control row', async () => {
    await replaceFence(byControlRow)
    await begin(level)
    await rollback(pair.db)
    await sleeper.query(write)
    await sleeper.query('COMMIT')
    const { differences } = await pair.db.verify()
    expect(differences).toEqual([{ table: 'ledger', key: '1', column: null, class: 'extra' }])
  })

  test('sees the control row as it was, so nothing in its snapshot can tell', async () => {
    await begin(level)
    await rollback(pair.db)
    const { rows } = await sleeper.query('SELECT primary_place, state FROM lockstep.control')
    expect(rows).toEqual([{ primary_place: 'postgres', state: 'open' }])
    const now = await pair.pg.query('SELECT primary_place, state FROM lockstep.control')
    expect(now.rows).toEqual([{ primary_place: 'sqlite', state: 'moved' }])
  })

  test('is told to run again when it slept through a rollback and another flip', async () => {
    await begin(level)
    await sleepThroughAReignOfSqlite()
    await expect(sleeper.query(write)).rejects.toMatchObject({
      code: '40001',
      message: 'lockstep: this transaction began before the primary moved',
    })
    await sleeper.query('ROLLBACK')
    await begin(level)
    await sleeper.query(write)
    await sleeper.query('COMMIT')
    await pair.db.caughtUp()
    expect(pair.sqliteRows('SELECT * FROM ledger')).toEqual([[1n, 0n]])
    expect(await pair.differences()).toEqual([])
  })

  test('would write what was true before SQLite reigned if the fence had no epoch', async () => {
    await replaceFence(byEvenness)
    await begin(level)
    await sleepThroughAReignOfSqlite()
    await sleeper.query(write)
    await sleeper.query('COMMIT')
    expect(await pair.pgRows('SELECT balance, seen FROM accounts, ledger')).toEqual([['0', '100']])
  })
})

async function sleepThroughAReignOfSqlite(): Promise<void> {
  await rollback(pair.db)
  await pair.db.run('UPDATE accounts SET balance = 0')
  await flip(pair.db)
}

describe('a transaction that wrote before the fence went up', () => {
  test.each([...levels, 'READ COMMITTED'])(
    '%s: is waited for, and its rows go over',
    async (level) => {
      await begin(level)
      await sleeper.query(write)
      const moved = rollback(pair.db)
      await waitsForWriters()
      await sleeper.query('UPDATE accounts SET balance = 7')
      await sleeper.query('COMMIT')
      await moved
      expect(pair.sqliteRows('SELECT * FROM ledger')).toEqual([[1n, 100n]])
      expect(pair.sqliteRows('SELECT * FROM accounts')).toEqual([[1n, 7n]])
      expect(await pair.differences()).toEqual([])
    },
  )

  test('is not run twice by db.transaction', async () => {
    let runs = 0
    let moved: Promise<void> | undefined
    await pair.db.transaction(async (tx) => {
      runs++
      await tx.run('INSERT INTO ledger VALUES (1, 1)')
      moved ??= rollback(pair.db)
      await waitsForWriters()
      await tx.run('INSERT INTO ledger VALUES (2, 2)')
    })
    await moved
    expect(runs).toBe(1)
    expect(pair.sqliteRows('SELECT id FROM ledger')).toEqual([[1n], [2n]])
    expect(await pair.differences()).toEqual([])
  })

  test('passed the fence for itself alone, not for what its session does next', async () => {
    await begin('READ COMMITTED')
    await sleeper.query(write)
    await sleeper.query('COMMIT')
    await begin('READ COMMITTED')
    await sleeper.query('SAVEPOINT a')
    await sleeper.query('UPDATE accounts SET balance = 1')
    await sleeper.query('ROLLBACK TO a')
    await rollback(pair.db)
    await expect(sleeper.query('UPDATE accounts SET balance = 2')).rejects.toMatchObject({
      code: 'LS001',
    })
    await sleeper.query('ROLLBACK')
    expect(await pair.differences()).toEqual([])
  })

  test('would leave its rows behind if the flip did not wait for it', async () => {
    // A guard that takes no lock is one that nobody can wait for.
    await pair.pg.query(`
      CREATE OR REPLACE FUNCTION lockstep.enter() RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$`)
    await begin('READ COMMITTED')
    await sleeper.query(write)
    await rollback(pair.db)
    await sleeper.query('COMMIT')
    const { differences } = await pair.db.verify()
    expect(differences).toEqual([{ table: 'ledger', key: '1', column: null, class: 'extra' }])
  })

  test('cancels the flip when it outlives the pause budget, and writes go on', async () => {
    await begin('READ COMMITTED')
    await sleeper.query(write)
    await expect(pair.db.rollback({ pauseBudgetMs: 300 })).rejects.toMatchObject({
      code: 'FLIP_CANCELLED',
    })
    await sleeper.query('UPDATE accounts SET balance = 8')
    await sleeper.query('COMMIT')
    await pair.db.run('INSERT INTO accounts VALUES (2, 5)')
    await pair.db.caughtUp()
    expect(pair.sqliteRows('SELECT * FROM accounts')).toEqual([
      [1n, 8n],
      [2n, 5n],
    ])
  })
})

async function waitsForWriters(): Promise<void> {
  await expect
    .poll(
      () =>
        pair.pgRows(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = 4293
      AND objid = 1 AND mode = 'ExclusiveLock' AND NOT granted`),
      { timeout: 10_000, interval: 10 },
    )
    .toHaveLength(1)
}
