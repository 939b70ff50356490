import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSqlite } from '../../src/sqlite/connection.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-connection-'))
  path = join(folder, 'app.db')
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.close()
})
afterEach(() => rmSync(folder, { recursive: true }))

/** https://www.sqlite.org/pragma.html#pragma_synchronous: FULL is 2; only then a commit outlives a power cut. */
const full = 2

describe('the connections to the SQLite file', () => {
  test('the applier waits for the disk; the application decides for itself', () => {
    const file = openSqlite({ path })
    const applier = file.openApplier()
    expect(applier.pragma('synchronous', { simple: true })).toBe(full)
    expect(file.writer.pragma('synchronous', { simple: true })).not.toBe(full)
    applier.close()
    file.close()
  })
})
