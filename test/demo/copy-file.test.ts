import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFileScenario } from '../../src/demo/file-scenario.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-test-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

describe('the copy of a file', () => {
  test('refuses a damaged file with a way out', async () => {
    const file = join(folder, 'damaged.db')
    const db = new Database(file)
    db.exec(
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
       WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 2000)
         INSERT INTO t SELECT i, 'some text ' || i FROM c;`,
    )
    db.close()
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0xa5, 8192, 24_576))
    const work = mkdtempSync(join(folder, 'work-'))
    await expect(createFileScenario(work, file, 1)).rejects.toThrow(/is damaged: .*\.recover/)
  })

  test.each([
    ['text', 'this is no database, it is a letter'],
    ['nothing', ''],
  ])('refuses a file of %s with a clear message', async (name, text) => {
    const file = join(folder, `${name}.txt`)
    writeFileSync(file, text)
    await expect(createFileScenario(folder, file, 1)).rejects.toThrow('is not an SQLite database')
    await expect(createFileScenario(folder, folder, 1)).rejects.toThrow('is not a file')
    await expect(createFileScenario(folder, `${file}.gone`, 1)).rejects.toThrow('does not exist')
  })
})
