import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import { createDatabase, onServer, type TestDatabase } from '../support/postgres.ts'

let folder: string
let database: TestDatabase
let db: Lockstep

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-quarantine-'))
  const path = join(folder, 'app.db')
  const file = new Database(path)
  file.pragma('journal_mode = WAL')
  file.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, size INTEGER)')
  file.exec('INSERT INTO notes VALUES (1, 1), (2, 2)')
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

async function write(size: string | number): Promise<number> {
  await db.run('UPDATE notes SET size = ? WHERE id = 1', [size])
  await db.caughtUp()
  return (await db.status()).quarantine
}

test('a row leaves quarantine when it is mended, also after many batches that found quarantine empty', async () => {
  expect([await write(2), await write(3), await write(4)]).toEqual([0, 0, 0])
  expect(await write('not a number')).toBe(1)
  expect(await write('not one either')).toBe(1)
  expect(await write(5)).toBe(0)
  expect(await write('again no number')).toBe(1)
  expect(await write(6)).toBe(0)
  expect((await db.verify()).equal).toBe(true)
})

const quarantine = `INSERT INTO lockstep.quarantine (tbl, key, reason)
  SELECT 'notes', '1', 'put there by a copy' `

test('a row that a copy quarantines meanwhile, which moves the position, leaves it too', async () => {
  expect([await write(7), await write(8)]).toEqual([0, 0])
  const moved = 'UPDATE lockstep.control SET batch = batch + 1'
  await onServer(database.url, `BEGIN; ${quarantine}; ${moved}; COMMIT`)
  expect((await db.status()).quarantine).toBe(1)
  expect(await write(9)).toBe(0)
})

test('without moving the position it would stay: that is why a copy moves it', async () => {
  expect([await write(10), await write(11)]).toEqual([0, 0])
  await onServer(database.url, quarantine)
  expect(await write(12)).toBe(1)
})
