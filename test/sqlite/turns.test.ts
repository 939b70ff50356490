import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { retryBusy, SqliteWriter } from '../../src/sqlite/writer.ts'

let folder: string
let connections: Database.Database[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-turns-'))
  connections = []
  open().exec('PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY)')
})

afterEach(() => {
  for (const db of connections) db.close()
  rmSync(folder, { recursive: true })
})

function countRows(): unknown {
  return open().prepare('SELECT count(*) FROM t').pluck().get()
}

function open(): Database.Database {
  const db = new Database(join(folder, 'app.db'), { timeout: 0 })
  connections.push(db)
  return db
}

function openWriter(busyTimeoutMs: number): SqliteWriter {
  return new SqliteWriter(open(), { busyTimeoutMs, maxWaiting: 10 })
}

/** Transactions of 50 ms, one behind the other, that leave no gap between them until `signal` aborts. */
async function withoutGap(writer: SqliteWriter, signal: AbortSignal): Promise<void> {
  const one = (): Promise<void> =>
    writer.hold(async (db) => {
      await writer.retryBusy(() => db.exec('BEGIN IMMEDIATE'))
      await pause(50)
      db.exec('COMMIT')
    })
  const all = [1, 2, 3].map(async () => {
    while (!signal.aborted) await one()
  })
  await Promise.all(all)
}

test('two instances on one file take turns, however busy one of them is', async () => {
  const busy = openWriter(2000)
  const other = openWriter(100)
  const end = new AbortController()
  const traffic = withoutGap(busy, end.signal)
  try {
    for (let id = 0; id < 5; id++)
      await other.write(() => other.db.prepare('INSERT INTO t VALUES (?)').run(id))
  } finally {
    end.abort()
    await traffic
  }
  expect(countRows()).toBe(5)
})

test('a process whose transactions are long and follow one another lets others in between', async () => {
  const busy = openWriter(2000)
  // Another process shares nothing with the writer but the file.
  const other = open()
  const end = new AbortController()
  const traffic = withoutGap(busy, end.signal)
  try {
    for (let id = 0; id < 5; id++)
      await retryBusy(() => other.prepare('INSERT INTO t VALUES (?)').run(id), 2000)
  } finally {
    end.abort()
    await traffic
  }
  expect(countRows()).toBe(5)
})
