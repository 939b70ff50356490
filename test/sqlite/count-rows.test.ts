import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSqlite, type SqliteFile } from '../../src/sqlite/connection.ts'
import { countRows } from '../../src/sqlite/count-rows.ts'

const folder = mkdtempSync(join(tmpdir(), 'lockstep-count-'))
const path = join(folder, 'app.db')
beforeAll(() => {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.exec(`CREATE TABLE many (id INTEGER PRIMARY KEY, n INTEGER);
    WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100000)
    INSERT INTO many SELECT i, i FROM c;
    CREATE TABLE "no ""rows" (k TEXT PRIMARY KEY) WITHOUT ROWID`)
  db.close()
})
afterAll(() => rmSync(folder, { recursive: true }))

const tables = ['many', 'no "rows']

/** How often the event loop turned while `work` was under way. */
async function countTurns(work: Promise<unknown>): Promise<number> {
  let turns = 0
  const turn = (): void => {
    turns += 1
    next = setImmediate(turn)
  }
  let next = setImmediate(turn)
  await work
  clearImmediate(next)
  return turns
}

describe.each([
  ['plain', undefined],
  ['that the application sets up', () => undefined],
])('the rows of a file, %s,', (_, setup) => {
  async function withFile<T>(work: (file: SqliteFile) => Promise<T>): Promise<T> {
    const file = openSqlite(setup === undefined ? { path } : { path, setup })
    try {
      return await work(file)
    } finally {
      file.close()
    }
  }

  test('are counted table by table, in the order given', async () => {
    expect(await withFile((file) => countRows(file, tables))).toEqual([100_000, 0])
    expect(await withFile((file) => countRows(file, tables.toReversed()))).toEqual([0, 100_000])
  })

  test('are counted while the event loop turns', async () => {
    const turns = await withFile((file) => countTurns(countRows(file, tables)))
    expect(turns).toBeGreaterThanOrEqual(10)
  })

  test('are counted no further once it is called off', async () => {
    const signal = AbortSignal.abort(new Error('called off'))
    await expect(withFile((file) => countRows(file, tables, signal))).rejects.toThrow('called off')
  })
})

test('a plain file is not read on the thread of the application', async () => {
  const openReader = (): never => {
    throw new Error('the main thread reads')
  }
  expect(await countRows({ path, isSetUp: false, openReader }, tables)).toEqual([100_000, 0])
})
