import { spawn } from 'node:child_process'
import { once } from 'node:events'
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
  test('wait where another process has the whole file for a moment, and not at all later on', async () => {
    const other = `
      const db = new (require('better-sqlite3'))(${JSON.stringify(path)})
      db.pragma('locking_mode = EXCLUSIVE')
      db.exec('BEGIN IMMEDIATE')
      console.log('held')
      setTimeout(() => db.close(), 500)`
    const child = spawn(process.execPath, ['-e', other], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    const file = openSqlite({ path })
    for (const connection of [file.reader, file.writer])
      expect(connection.pragma('busy_timeout', { simple: true })).toBe(0)
    file.close()
    await once(child, 'close')
  })

  test('the applier waits for the disk; the application decides for itself', () => {
    const file = openSqlite({ path })
    const applier = file.openApplier()
    expect(applier.pragma('synchronous', { simple: true })).toBe(full)
    expect(file.writer.pragma('synchronous', { simple: true })).not.toBe(full)
    applier.close()
    file.close()
  })
})
