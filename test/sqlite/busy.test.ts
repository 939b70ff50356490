import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import { createRig, type Rig } from '../cutover/rig.ts'

let rig: Rig
let db: Lockstep
let other: Database.Database

beforeAll(async () => {
  rig = await createRig()
  db = await rig.open({ sqlite: { path: rig.path, busyTimeoutMs: 2000 } })
  other = new Database(rig.path)
})

afterAll(async () => {
  other.close()
  await rig.close()
})

test('a write waits for the transaction of another connection, and fails once its time is over', async () => {
  other.exec('BEGIN IMMEDIATE')
  let done = false
  const write = db.run(`INSERT INTO items (token, n) VALUES ('waits', 0)`).then(() => (done = true))
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(done).toBe(false)
  other.exec('COMMIT')
  await write
  other.exec('BEGIN IMMEDIATE')
  const started = performance.now()
  await expect(db.run('DELETE FROM items')).rejects.toMatchObject({ code: 'SQLITE_BUSY' })
  expect(performance.now() - started).toBeGreaterThan(1900)
  other.exec('COMMIT')
})
