import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import type { AssessReport } from '../../src/api.ts'
import { assess } from '../../src/steps/assess.ts'
import { openPair } from '../support/pair.ts'
import { createFile, noServer, type AssessedFile } from '../assess/shop.ts'

const manyRows = `CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, n INTEGER);
  CREATE TABLE log (id INTEGER PRIMARY KEY, at TEXT);
  WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 60000)
    INSERT INTO t SELECT i, 'some text of row ' || i, i FROM c;`

/** Another program writes whenever it can, and does not wait for a lock. */
async function whileWriting(
  file: AssessedFile,
  write: (db: Database.Database, number: number) => void,
): Promise<{ report: AssessReport; writes: number; refused: string[] }> {
  const db = new Database(file.path, { timeout: 0 })
  const refused: string[] = []
  let writes = 0
  let isOver = false
  const turn = (): void => {
    if (isOver) return
    try {
      write(db, (writes += 1))
    } catch (error) {
      refused.push(String(error))
    }
    setImmediate(turn)
  }
  setImmediate(turn)
  const report = await file.assess()
  isOver = true
  db.close()
  return { report, writes, refused }
}

describe('while other programs write', () => {
  test.each(['delete', 'wal'])(
    'no write is held up by the reading in journal mode %s',
    async (mode) => {
      using file = createFile(`PRAGMA journal_mode = ${mode}; ${manyRows}`)
      const { report, writes, refused } = await whileWriting(file, (db, number) => {
        db.prepare('INSERT INTO log (at) VALUES (?)').run(`write ${number}`)
      })
      expect(report.file.journalMode).toBe(mode)
      expect(refused).toEqual([])
      expect(writes).toBeGreaterThan(5)
      expect(report.tables[0]?.rows).toBe(60_000)
    },
  )

  test('the log of a file in WAL mode can begin anew in between', async () => {
    using file = createFile(`PRAGMA journal_mode = wal; ${manyRows}`)
    let checkpoints = 0
    await whileWriting(file, (db, number) => {
      db.prepare('INSERT INTO log (at) VALUES (?)').run(`write ${number}`)
      const [{ busy }] = db.pragma('wal_checkpoint(TRUNCATE)') as [{ busy: number }]
      if (busy === 0) checkpoints += 1
    })
    expect(checkpoints).toBeGreaterThan(3)
  })
})

describe('every row is read once', () => {
  test.each([
    ['a rowid', 'CREATE TABLE t (k TEXT, n INTEGER)'],
    ['an INTEGER PRIMARY KEY', 'CREATE TABLE t (k TEXT, n INTEGER, id INTEGER PRIMARY KEY)'],
    ['a declared key', 'CREATE TABLE t (k TEXT, n INTEGER, PRIMARY KEY (n, k))'],
    ['a WITHOUT ROWID key', 'CREATE TABLE t (k TEXT, n INTEGER, PRIMARY KEY (k, n)) WITHOUT ROWID'],
    [
      'a NOCASE key',
      'CREATE TABLE t (k TEXT COLLATE NOCASE, n INTEGER, PRIMARY KEY (k, n DESC)) WITHOUT ROWID',
    ],
  ])('of a table with %s, in many slices', async (_, create) => {
    using file =
      createFile(`${create}; WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 30000)
      INSERT INTO t (k, n) SELECT CASE i % 3 WHEN 0 THEN 'a' || i WHEN 1 THEN 'A' || i ELSE 'b' END, i - 15000 FROM c`)
    let pauses = 0
    const report = await assess(
      { sqlite: { path: file.path }, postgres: noServer },
      { onProgress: ({ phase, rows }) => void (phase === 'rows' && rows > 0 && (pauses += 1)) },
    )
    expect(pauses).toBeGreaterThan(2)
    expect(report.tables[0]).toMatchObject({ rows: 30_000 })
    expect(report.tables[0]?.columns.find(({ column }) => column === 'n')).toMatchObject({
      classes: { integer: 30_000 },
      integers: { min: -14_999n, max: 15_000n },
    })
  })

  test('of a key whose bytes are no text, which no slice can begin behind', async () => {
    using file = createFile(`CREATE TABLE t (k TEXT PRIMARY KEY) WITHOUT ROWID;
      WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 20000)
        INSERT INTO t SELECT CASE WHEN i % 2 THEN 'key ' || i ELSE CAST(x'ff' || i AS TEXT) END FROM c`)
    const report = await file.assess()
    expect(report.tables[0]?.rows).toBe(20_000)
    const invalid = report.findings.find(({ code }) => code === 'INVALID_UTF8')
    expect(invalid?.rows).toBe(10_000)
  })
})

test('the file is the same bytes afterwards, and a file that may not be written is read', async () => {
  using file = createFile(manyRows)
  const digest = (): string => createHash('sha256').update(readFileSync(file.path)).digest('hex')
  const before = digest()
  await file.assess()
  expect(digest()).toBe(before)
})

test('sizes are counted by dbstat, of tables and their indexes', async () => {
  using file = createFile(`${manyRows} CREATE INDEX by_v ON t (v);`)
  const { tables, file: facts } = await file.assess()
  const [big, small] = tables
  expect(big).toMatchObject({ table: 't', bytesFrom: 'dbstat' })
  expect(small).toMatchObject({ table: 'log', bytes: facts.pageSize, indexBytes: 0 })
  const all = tables.reduce((sum, { bytes, indexBytes }) => sum + bytes + indexBytes, 0)
  // The rest is the schema's own page.
  expect(facts.bytes - all).toBe(facts.pageSize)
})

test('memory does not grow with the rows, nor with what is in a blob', async () => {
  using file = createFile(`CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB, note TEXT);
    WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 40) INSERT INTO t SELECT i, zeroblob(5000000), 'x' FROM c`)
  const before = process.memoryUsage().rss
  const { tables } = await file.assess()
  expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000)
  expect(tables[0]?.columns[1]?.blobBytes).toEqual({ min: 5_000_000, max: 5_000_000 })
})

test('reading ends when it is told to', async () => {
  using file = createFile(manyRows)
  const stop = new AbortController()
  const reading = assess(
    { sqlite: { path: file.path }, postgres: noServer },
    { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) },
  )
  await expect(reading).rejects.toThrow('enough')
})

test('what an application holds open is not disturbed by its own assess', async () => {
  await using pair = await openPair({ schema: manyRows, stage: 'installed' })
  const assessing = pair.db.assess()
  let done = 0
  for (let number = 1; number <= 20; number += 1) {
    await pair.db.run('INSERT INTO log (at) VALUES (?)', [`write ${number}`])
    done += (await pair.db.all('SELECT id FROM t WHERE id = ?', [number])).length
  }
  expect(done).toBe(20)
  const report = await assessing
  expect(report.readiness.map(({ name, ok }) => `${name} ${ok}`)).toEqual([
    'journal_mode true',
    'file true',
    'postgres true',
    'encoding true',
    'rights true',
    'empty true',
  ])
})
