import { createHash } from 'node:crypto'
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
import { mapSchema } from '../../src/schema/map.ts'
import { numberTables } from '../../src/schema/mapped.ts'
import type { Table } from '../../src/schema/model.ts'
import { readSchema } from '../../src/schema/read.ts'
import { openSqlite, type SqliteFile } from '../../src/sqlite/connection.ts'
import { openRangeSource } from '../../src/sqlite/range-source.ts'

const folder = mkdtempSync(join(tmpdir(), 'lockstep-range-source-'))
let file: SqliteFile
let table: Table

beforeAll(() => {
  const path = join(folder, 'app.db')
  const db = new Database(path)
  db.exec(`PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT);
    WITH RECURSIVE k (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM k WHERE id < 20000)
    INSERT INTO t SELECT id, printf('%0200d', id) FROM k`)
  db.close()
  file = openSqlite({ path })
  const read = schemaReader(file.reader)
  table = numberTables(mapSchema(read, readSchema(read)).tables).tables[0] as Table
})
afterAll(() => {
  file.close()
  rmSync(folder, { recursive: true })
})

test('a thread reads, but for a small file, which is read before one has begun', async () => {
  let threads = 0
  const count = (): number => (threads += 1)
  process.on('worker', count)
  await openRangeSource(file).close()
  expect(threads).toBe(1)
  const path = join(folder, 'small.db')
  new Database(path).exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a)').close()
  const small = openSqlite({ path })
  await openRangeSource(small).close()
  small.close()
  process.off('worker', count)
  expect(threads).toBe(1)
})

/** The table's rows as they came, and what is left of their chunks in the end, given back or not. */
async function read(isFree: boolean): Promise<{ digest: string; kept: string; left: number[] }> {
  const source = openRangeSource(file)
  const hash = createHash('sha256')
  const taken: Uint8Array[] = []
  try {
    const { chunks } = await source.open({ table, after: null, until: { upTo: null } })
    for (
      let next = await chunks.next(false);
      next.done !== true;
      next = await chunks.next(isFree)
    ) {
      hash.update(next.value)
      taken.push(next.value)
    }
  } finally {
    await source.close()
  }
  const kept = createHash('sha256')
  for (const chunk of taken) kept.update(chunk)
  const left = taken.map((chunk) => chunk.byteLength)
  return { digest: hash.digest('hex'), kept: kept.digest('hex'), left }
}

describe('the memory of a chunk', () => {
  test('goes back to the thread where nobody reads it any more, so that a backfill does not grow', async () => {
    const { left } = await read(true)
    expect(left.length).toBeGreaterThan(10)
    expect(left.filter((bytes) => bytes > 0)).toEqual([])
  })

  test('stays as it is where somebody does, and the rows are the same', async () => {
    const { digest, kept, left } = await read(false)
    expect(kept).toBe(digest)
    expect(left.every((bytes) => bytes > 0)).toBe(true)
    expect((await read(true)).digest).toBe(digest)
  })
})

test('a range that fails while it is read says so, and what its thread has read of it is no reason to wait', async () => {
  const path = join(folder, 'damaged.db')
  copyFileSync(file.path, path)
  const size = statSync(path).size
  const damaged = openSqlite({ path })
  const source = openRangeSource(damaged)
  const disk = openSync(path, 'r+')
  // Behind the first page of its b-tree, and behind more chunks than a thread is ahead.
  writeSync(disk, Buffer.alloc(64 * 1024), 0, 64 * 1024, Math.floor(size / 2))
  closeSync(disk)
  const { chunks } = await source.open({ table, after: null, until: { upTo: null } })
  const all = async (): Promise<void> => {
    while ((await chunks.next(false)).done !== true);
  }
  await expect(all()).rejects.toMatchObject({ code: 'SQLITE_CORRUPT' })
  await source.close()
  damaged.close()
})
