import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'

let folder: string
let database: Awaited<ReturnType<typeof createDatabase>>
let path: string

beforeAll(async () => {
  database = await createDatabase()
  folder = mkdtempSync(join(tmpdir(), 'lockstep-contention-'))
  path = join(folder, 'app.db')
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.exec(`CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
    CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)`)
  for (let id = 1; id <= 8; id++) db.prepare('INSERT INTO accounts VALUES (?, 1000)').run(id)
  db.close()
  await using flipped = await open()
  await flipped.install()
  await flipped.applySchema()
  await flipped.backfill()
  await flipped.flip('postgres')
})

afterAll(async () => {
  await database.drop()
  rmSync(folder, { recursive: true })
})

function open(writes: { maxRetries?: number } = {}): Promise<Lockstep> {
  return createLockstep({
    sqlite: { path },
    postgres: { connectionString: database.url, max: 16 },
    writes,
  })
}

/** Every transfer reads all balances, so any two that overlap conflict. */
async function transfer(db: Lockstep, from: number, to: number): Promise<void> {
  await db.transaction(async (tx) => {
    const rows = await tx.all<{ id: number; balance: number }>('SELECT id, balance FROM accounts')
    const total = rows.reduce((sum, { balance }) => sum + balance, 0)
    if (total !== 8000) throw new Error(`a transaction saw ${total}`)
    await tx.run('UPDATE accounts SET balance = balance - 1 WHERE id = ?', [from])
    await tx.run('UPDATE accounts SET balance = balance + 1 WHERE id = ?', [to])
  })
}

async function storm(db: Lockstep): Promise<unknown[]> {
  const errors: unknown[] = []
  const writers = Array.from({ length: 24 }, async (_, writer) => {
    for (let round = 0; round < 8; round++) {
      await transfer(db, 1 + ((writer + round) % 8), 1 + ((writer * 3 + 1) % 8)).catch(
        (error: unknown) => errors.push(error),
      )
    }
  })
  await Promise.all(writers)
  return errors
}

test('transactions that all conflict with each other all get through', async () => {
  await using db = await open()
  expect(await storm(db)).toEqual([])
  expect(await db.get('SELECT sum(balance) AS total FROM accounts')).toMatchObject({ total: 8000 })
})

test('the same storm without running alone loses transactions, which is what the storm is to show', async () => {
  await using db = await open({ maxRetries: 4 })
  const errors = await storm(db)
  expect(errors.length).toBeGreaterThan(0)
  for (const error of errors) expect(error).toMatchObject({ code: 'SERIALIZATION_FAILED' })
  expect(await db.get('SELECT sum(balance) AS total FROM accounts')).toMatchObject({ total: 8000 })
})

test('a transaction that someone leaves open stops nobody who does not conflict with it', async () => {
  await using db = await open()
  const client = new Client({ connectionString: database.url })
  await client.connect()
  await client.query('BEGIN; INSERT INTO accounts VALUES (99, 0)')
  try {
    const started = performance.now()
    const storming = storm(db)
    // Beside transactions that keep losing to each other, and would like to run alone.
    for (let round = 0; round < 20; round++) {
      await db.run('INSERT INTO notes (body) VALUES (?)', [`note ${round}`])
    }
    expect(performance.now() - started).toBeLessThan(25_000)
    await client.query('ROLLBACK')
    await storming
  } finally {
    await client.end()
  }
  expect(await db.get('SELECT count(*) AS n FROM notes')).toMatchObject({ n: 20 })
})
