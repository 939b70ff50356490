import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { schemaReader } from '../../src/move/install.ts'
import { openRanges } from '../../src/move/sqlite-ranges.ts'
import { TextThread } from '../../src/move/text-thread.ts'
import { mapSchema } from '../../src/schema/map.ts'
import { numberTables } from '../../src/schema/mapped.ts'
import type { Table } from '../../src/schema/model.ts'
import { readSchema } from '../../src/schema/read.ts'
import { openSqlite, type SqliteFile } from '../../src/sqlite/connection.ts'
import { isTwin } from '../../src/sqlite/twin.ts'

const folder = mkdtempSync(join(tmpdir(), 'lockstep-text-thread-'))
const path = join(folder, 'app.db')
let file: SqliteFile
let table: Table
/** Another program. */
let other: Database.Database

beforeAll(() => {
  other = new Database(path)
  other.exec(`PRAGMA journal_mode = WAL; CREATE TABLE _lockstep_journal (seq INTEGER PRIMARY KEY, tbl INTEGER);
    CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT, r REAL, b BLOB);
    WITH RECURSIVE k (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM k WHERE id < 20000)
    INSERT INTO t SELECT id, printf('%0200d', id), id / 7.0, CAST(id AS BLOB) FROM k`)
  file = openSqlite({ path })
  const read = schemaReader(file.reader)
  table = numberTables(mapSchema(read, readSchema(read)).tables).tables.find(
    ({ name }) => name === 't',
  ) as Table
})
afterAll(() => {
  file.close()
  other.close()
  rmSync(folder, { recursive: true })
})

async function openThread(of: SqliteFile = file): Promise<TextThread> {
  const thread = await TextThread.open(of)
  if (thread === undefined) throw new Error('There is no thread')
  return thread
}

test('a small file, and one whose connections are set up, are read where they are', async () => {
  const small = join(folder, 'small.db')
  new Database(small).exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a)').close()
  for (const options of [{ path: small }, { path, setup: () => undefined }]) {
    const opened = openSqlite(options)
    expect(await TextThread.open(opened)).toBeUndefined()
    opened.close()
  }
})

test('the thread writes the ranges that are written here, from any key on', async () => {
  const thread = await openThread()
  thread.begin()
  for (const from of [
    { after: null, sample: 100 },
    { after: ['7000'], rows: 500, sample: 100 },
  ]) {
    const ranges = openRanges(file.reader, table, from)
    for (let sent = await thread.open(table, from); ; sent = await thread.next()) {
      const own = ranges.next()
      expect(sent?.upTo).toEqual(own?.upTo)
      expect(sent?.rows).toBe(own?.rows)
      if (own === undefined) break
      expect(own.text.equals(sent?.text as Uint8Array)).toBe(true)
    }
  }
  await thread.close()
})

describe('the snapshot of the thread', () => {
  test('is the one that was begun, until another is', async () => {
    const thread = await openThread()
    expect(isTwin(file.reader, thread.begin())).toBe(true)
    const before = await thread.open(table, { after: ['19999'], sample: 100 })
    other.exec(`UPDATE t SET s = 'other' WHERE id = 20000`)
    const same = await thread.open(table, { after: ['19999'], sample: 100 })
    expect(Buffer.from(same?.text ?? [])).toEqual(Buffer.from(before?.text ?? []))
    thread.begin()
    const after = await thread.open(table, { after: ['19999'], sample: 100 })
    expect(String(Buffer.from(after?.text ?? []))).toMatch(/^20000,"other",/)
    await thread.close()
  })

  test('is no twin where another program has written, or changed the schema, in between', async () => {
    const thread = await openThread()
    const reader = file.openReader()
    for (const change of [
      'INSERT INTO _lockstep_journal (tbl) VALUES (1)',
      'CREATE INDEX i ON t (s)',
    ]) {
      const state = thread.begin()
      expect(isTwin(reader, state)).toBe(true)
      other.exec(change)
      expect(isTwin(reader, state)).toBe(false)
    }
    reader.close()
    await thread.close()
  })

  test('is given up where it does not come soon, and the next one is asked for anew', async () => {
    const thread = await openThread()
    thread.begin()
    // It writes the texts of them all, and looks at nothing else meanwhile.
    const busy = Array.from({ length: 5 }, () =>
      thread.open(table, { after: null, rows: 20_000, sample: 100 }),
    )
    const begun = performance.now()
    expect(thread.begin()).toBeUndefined()
    expect(performance.now() - begun).toBeLessThan(1000)
    await Promise.all(busy)
    expect(isTwin(file.reader, thread.begin())).toBe(true)
    await thread.close()
  })
})

test('what fails in the thread is told to who waits, and its end to who asks later', async () => {
  const copy = join(folder, 'damaged.db')
  other.pragma('wal_checkpoint(TRUNCATE)')
  copyFileSync(path, copy)
  const damaged = openSqlite({ path: copy })
  const thread = await openThread(damaged)
  const disk = openSync(copy, 'r+')
  const size = statSync(copy).size
  writeSync(disk, Buffer.alloc(64 * 1024), 0, 64 * 1024, Math.floor(size / 2))
  closeSync(disk)
  thread.begin()
  const all = async (): Promise<void> => {
    let sent = await thread.open(table, { after: null, sample: 100 })
    while (sent !== undefined) sent = await thread.next()
  }
  await expect(all()).rejects.toMatchObject({ code: 'SQLITE_CORRUPT' })
  await thread.close()
  await expect(thread.next()).rejects.toThrow('the thread that reads SQLite has ended')
  damaged.close()
})
