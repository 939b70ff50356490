import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type pg from 'pg'
import { addIndexes, addKeys, type StepContext } from '../../src/move/backfill-steps.ts'
import { runSideBySide } from '../../src/move/side-by-side.ts'
import { openSqlite, type SqliteFile } from '../../src/sqlite/connection.ts'
import { installedTables } from '../../src/sqlite/install.ts'
import { openPair, type Pair } from '../support/pair.ts'

let pair: Pair
let file: SqliteFile
beforeEach(async () => {
  pair = await openPair({
    schema: `CREATE TABLE notes (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b INTEGER, c REAL);
      CREATE INDEX by_b ON notes (b); CREATE INDEX by_c ON notes (c)`,
    stage: 'installed',
  })
  await pair.db.applySchema()
  await pair.pg.query(`BEGIN; SET LOCAL lockstep.applying = 'on';
    INSERT INTO notes SELECT i, 'a' || i, i, i FROM generate_series(1, 20000) i; COMMIT`)
  file = openSqlite({ path: pair.path })
})
afterEach(async () => {
  file.close()
  await pair.close()
})

describe('tasks', () => {
  test('run at the same time, as many as is said', async () => {
    let begun = 0
    let goOn = (): void => undefined
    const both = new Promise<void>((resolve) => (goOn = resolve))
    const run = async (): Promise<void> => {
      begun += 1
      if (begun === 2) goOn()
      await both
    }
    const tasks = ['a', 'b', 'c'].map((name) => ({ name, run }))
    await runSideBySide(pair, pair.pg, 2, tasks)
    expect(begun).toBe(3)
  })

  test('leave nothing behind where one fails, which is told, and no other one begins', async () => {
    const begun: string[] = []
    const task = (
      name: string,
      sql: string,
    ): { name: string; run: (db: pg.Client) => Promise<void> } => ({
      name,
      async run(db) {
        begun.push(name)
        await db.query(sql)
      },
    })
    const tasks = [
      task('broken', 'CREATE TABLE half (a int); SELECT 1 / 0'),
      task('never', 'CREATE TABLE whole (a int)'),
    ]
    await expect(runSideBySide(pair, pair.pg, 1, tasks)).rejects.toThrow('division by zero')
    expect(begun).toEqual(['broken'])
    expect(await pair.pgRows(`SELECT to_regclass('half')`)).toEqual([[null]])
  })
})

test('keys and indexes that another session still makes are waited for, and made once', async () => {
  const findings: unknown[] = []
  const context = {
    server: { schema: 'public', connect: () => pair.connect() },
    settings: { concurrency: 2 },
    tables: installedTables(file.reader),
    reach: async () => undefined,
    onFindings: (found: readonly unknown[]) => void findings.push(...found),
    file,
  } as unknown as StepContext
  const other = await pair.connect()
  for (const step of [addKeys, addIndexes])
    await Promise.all([step(context, pair.pg), step(context, other)])
  expect(findings).toEqual([])
  const made = `SELECT count(*) FROM pg_index WHERE indrelid = 'notes'::regclass AND indisvalid`
  expect(await pair.pgRows(made)).toEqual([['4']])
})
