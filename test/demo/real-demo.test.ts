import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import { runDemo, type CreateLockstep } from '../../src/demo/run-demo.ts'
import type { DemoVerdict } from '../../src/demo/verdict.ts'
import { createLockstep } from '../../src/lockstep.ts'
import { describeWithData } from '../support/data.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createDatabase()
})
afterAll(async () => {
  await database.drop()
})

async function demo(
  options: { db?: string; createLockstep?: CreateLockstep } = {},
): Promise<DemoVerdict> {
  return await runDemo({
    createLockstep,
    databaseUrl: database.url,
    rows: 3_000,
    seconds: 3,
    writers: 4,
    readers: 3,
    output: new PassThrough().resume(),
    ...options,
  })
}

/** What a run that held comes to, in the same form as one that did not. */
function summary({ ok, claims, figures }: DemoVerdict): unknown {
  return {
    ok,
    failing: claims.filter(({ holds }) => !holds),
    enoughWrites: figures.acknowledged > 200,
    flips: figures.flips.map(({ to, pauseMs }) => `${to} ${pauseMs > 0}`),
  }
}

const allHeld = {
  ok: true,
  failing: [],
  enoughWrites: true,
  flips: ['postgres true', 'sqlite true', 'postgres true'],
}

/** Lockstep with somebody who does something to PostgreSQL right after a call of the demo. */
function meddled(
  name: 'flip' | 'caughtUp',
  when: (calls: { flips: number }) => boolean,
  meddle: (client: Client) => Promise<void>,
): CreateLockstep {
  return async (options) => {
    const db = await createLockstep(options)
    const calls = { flips: 0 }
    const flip: Lockstep['flip'] = async (...args) => {
      const report = await db.flip(...args)
      calls.flips++
      if (name === 'flip' && when(calls))
        await onPostgres(options.postgres.connectionString, meddle)
      return report
    }
    const caughtUp: Lockstep['caughtUp'] = async (...args) => {
      await db.caughtUp(...args)
      if (name === 'caughtUp' && when(calls)) {
        await onPostgres(options.postgres.connectionString, meddle)
      }
    }
    return { ...db, flip, caughtUp }
  }
}

/** DDL under traffic runs into deadlocks, which PostgreSQL breaks by refusing one side. */
async function insist(client: Client, statement: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query(statement)
      return
    } catch (error) {
      if (attempt === 10) throw error
    }
  }
}

async function onPostgres(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

test('everything holds on the shop', async () => {
  const verdict = await demo()
  expect(summary(verdict)).toEqual(allHeld)
  expect(verdict.figures.quarantined).toBe(0)
})

describeWithData('chinook.sqlite', (db) => {
  test('everything holds on a copy of chinook', async () => {
    expect(summary(await demo({ db }))).toEqual(allHeld)
  })
})

describeWithData('northwind.sqlite', (db) => {
  test('everything holds on a copy of northwind', async () => {
    expect(summary(await demo({ db }))).toEqual(allHeld)
  })
})

test('everything holds on what is left of a file that cannot be carried whole', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-test-'))
  const file = join(folder, 'mixed.db')
  const db = new Database(file)
  db.exec(`CREATE TABLE fine (id INTEGER PRIMARY KEY, a TEXT);
    CREATE TABLE made (id INTEGER PRIMARY KEY, a INTEGER, twice INTEGER AS (a * 2));
    CREATE TABLE systems (id INTEGER PRIMARY KEY, xmin TEXT);
    CREATE TABLE choosy (id INTEGER PRIMARY KEY, a TEXT UNIQUE ON CONFLICT REPLACE);
    CREATE TABLE pairs (a INTEGER, b INTEGER, note TEXT, PRIMARY KEY (a, b));
    CREATE VIEW seen AS SELECT * FROM made;
    INSERT INTO fine (a) VALUES ('x'), ('y'); INSERT INTO made (a) VALUES (1);
    INSERT INTO pairs VALUES (1, 2, 'p'), (2, 3, 'q');`)
  db.close()
  const verdict = await demo({ db: file })
  rmSync(folder, { recursive: true })
  expect(summary(verdict)).toEqual(allHeld)
  expect(verdict.figures.leftOut).toHaveLength(2)
})

test('an acknowledged row that is taken from PostgreSQL behind Lockstep fails the verdict', async () => {
  const sabotaged = meddled(
    'caughtUp',
    ({ flips }) => flips === 2,
    async (client) => {
      // No trigger of Lockstep's sees this.
      await client.query(`SET lockstep.applying = 'on'`)
      const { rowCount } = await client.query(
        'DELETE FROM "page views" WHERE marker = (SELECT max(marker) FROM "page views")',
      )
      expect(rowCount).toBe(1)
    },
  )
  const { ok, claims, figures } = await demo({ createLockstep: sabotaged })
  expect(ok).toBe(false)
  expect(claims.filter(({ holds }) => !holds).map(({ claim }) => claim)).toEqual([
    'every acknowledged write is present exactly once on postgres',
    'all tables are equal row by row',
    'PostgreSQL goes on alone after complete',
  ])
  expect(figures.ledger.postgres).toMatchObject({ lost: 1, doubled: 0, stale: 0, undead: 0 })
  expect(figures.differing).toEqual(['page views (missing)'])
})

test('without its foreign keys PostgreSQL keeps rows that a cascade had to delete, and the verdict says so', async () => {
  const unchained = meddled(
    'flip',
    // The gate that looks for orphans would stop an earlier run before its next flip.
    ({ flips }) => flips === 2,
    async (client) => {
      const { rows } = await client.query<{ statement: string }>(
        `SELECT format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I', conrelid::regclass, conname) AS statement
           FROM pg_constraint WHERE contype = 'f'`,
      )
      expect(rows.length).toBeGreaterThan(5)
      for (const { statement } of rows) await insist(client, statement)
    },
  )
  const { ok, figures } = await demo({ createLockstep: unchained })
  expect(ok).toBe(false)
  expect(figures.failure).toBeNull()
  expect(figures.ledger.postgres?.undead).toBeGreaterThan(0)
  expect(figures.ledger.sqlite?.undead).toBeGreaterThan(0)
})
