import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import { createDatabase, onServer, type TestDatabase } from '../support/postgres.ts'

let folder: string
let database: TestDatabase
let db: Lockstep

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-fence-'))
  const path = join(folder, 'app.db')
  const file = new Database(path)
  file.pragma('journal_mode = WAL')
  file.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, size INTEGER)')
  file.close()
  database = await createDatabase()
  db = await createLockstep({ sqlite: { path }, postgres: { connectionString: database.url } })
  await db.install()
  await db.applySchema()
  await db.backfill()
})
afterAll(async () => {
  await db.close()
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

/** Begins a transaction with a snapshot, lets `meanwhile` happen, then writes; the SQLSTATE or 'written'. */
async function sleeper(isolation: string, meanwhile: () => Promise<unknown>): Promise<string> {
  const client = new Client({ connectionString: database.url })
  await client.connect()
  try {
    await client.query(`BEGIN ISOLATION LEVEL ${isolation}`)
    await client.query('SELECT 1')
    await meanwhile()
    await client.query('INSERT INTO notes (id, size) VALUES ((random() * 1e9)::bigint, 1)')
    await client.query('ROLLBACK')
    return 'written'
  } catch (error) {
    return (error as { code: string }).code
  } finally {
    await client.end()
  }
}

const isolations = ['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE']

test('before the first flip PostgreSQL takes no write', async () => {
  expect(await sleeper('READ COMMITTED', async () => undefined)).toBe('LS001')
})

test.each(isolations)(
  'a %s transaction older than the fence is refused by it',
  async (isolation) => {
    await db.flip('postgres')
    expect(await sleeper(isolation, () => db.rollback())).toBe('LS001')
  },
)

test('one that slept from one reign into the next is refused, or sees the newest rows', async () => {
  await db.flip('postgres')
  const slept = async (isolation: string): Promise<string> =>
    sleeper(isolation, async () => {
      await db.rollback()
      await db.flip('postgres')
    })
  expect(await slept('READ COMMITTED')).toBe('written')
  expect(await slept('REPEATABLE READ')).toBe('40001')
  expect(await slept('SERIALIZABLE')).toBe('40001')
})

test('a fence that were read from the record would let an older snapshot write', async () => {
  expect((await db.status()).primary).toBe('postgres')
  await onServer(
    database.url,
    `CREATE OR REPLACE FUNCTION lockstep.enter() RETURNS void LANGUAGE plpgsql AS $$
     BEGIN
       IF (SELECT primary_place FROM lockstep.control) <> 'postgres' THEN
         RAISE EXCEPTION 'closed' USING ERRCODE = 'LS001';
       END IF;
     END $$`,
  )
  expect(await sleeper('REPEATABLE READ', () => db.rollback())).toBe('written')
})
