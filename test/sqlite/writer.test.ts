import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SqliteWriter } from '../../src/sqlite/writer.ts'

let folder: string
let other: Database.Database

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-writer-'))
  other = new Database(join(folder, 'app.db'))
  other.pragma('journal_mode = WAL')
  other.exec('CREATE TABLE t (id INTEGER PRIMARY KEY)')
})

afterEach(() => {
  other.close()
  rmSync(folder, { recursive: true })
})

describe.each([
  ['a connection of Lockstep’s', 0],
  ['a connection of the application’s, which waits five seconds', 5000],
])('%s', (_, timeout) => {
  test('a write waits for another connection’s transaction without stopping the event loop', async () => {
    const db = new Database(join(folder, 'app.db'), { timeout })
    const writer = new SqliteWriter(db, { busyTimeoutMs: 4000, maxWaiting: 10 })
    other.exec('BEGIN IMMEDIATE')
    let turns = 0
    const ticking = setInterval(() => turns++, 1)
    const written = writer.write(() => db.prepare('INSERT INTO t VALUES (1)').run())
    await new Promise((resolve) => setTimeout(resolve, 100))
    other.exec('COMMIT')
    expect((await written).changes).toBe(1)
    clearInterval(ticking)
    expect(turns).toBeGreaterThan(10)
    expect(db.pragma('busy_timeout', { simple: true })).toBe(timeout)
    db.close()
  })
})

test('a write that waits longer than the bound fails with SQLITE_BUSY and has done nothing', async () => {
  const db = new Database(join(folder, 'app.db'), { timeout: 0 })
  const writer = new SqliteWriter(db, { busyTimeoutMs: 50, maxWaiting: 10 })
  other.exec('BEGIN IMMEDIATE')
  await expect(
    writer.write(() => db.prepare('INSERT INTO t VALUES (1)').run()),
  ).rejects.toMatchObject({
    code: 'SQLITE_BUSY',
  })
  other.exec('COMMIT')
  expect(db.prepare('SELECT count(*) FROM t').pluck().get()).toBe(0)
  db.close()
})

test('one write more than may wait is refused', async () => {
  const db = new Database(join(folder, 'app.db'), { timeout: 0 })
  const writer = new SqliteWriter(db, { busyTimeoutMs: 50, maxWaiting: 1 })
  let release: () => void = () => undefined
  const held = writer.hold(() => new Promise<void>((resolve) => (release = resolve)))
  const waiting = writer.write(() => 'waited')
  await expect(writer.write(() => 'too many')).rejects.toMatchObject({ code: 'WRITE_QUEUE_FULL' })
  release()
  await held
  expect(await waiting).toBe('waited')
  db.close()
})
