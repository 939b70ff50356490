import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import type { PostgresServer } from '../../src/demo/postgres-server.ts'
import { startPostgres } from '../support/postgres.ts'
import { flip, travel } from '../support/pair.ts'

let server: PostgresServer
let folder: string
let db: Lockstep
beforeAll(async () => {
  server = await startPostgres()
  folder = mkdtempSync(join(tmpdir(), 'lockstep-away-'))
  const path = join(folder, 'app.db')
  const file = new Database(path)
  file.pragma('journal_mode = WAL')
  file.exec(
    `CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'a')`,
  )
  file.close()
  db = await createLockstep({
    sqlite: { path },
    postgres: { connectionString: server.url, connectTimeoutMs: 1000 },
    applier: { leaderPollMs: 10, retryMinMs: 20, retryMaxMs: 100 },
  })
  await travel(db, 'mirrored')
})
afterAll(async () => {
  await db.close()
  await server.stop()
  rmSync(folder, { recursive: true })
})

test('while PostgreSQL is away the schema of SQLite changes, and PostgreSQL follows before any row does', async () => {
  await server.kill()
  await db.transaction(async (tx) => {
    await tx.run('CREATE TABLE more (id INTEGER PRIMARY KEY, t INTEGER REFERENCES t (id), x TEXT)')
    await tx.run(`INSERT INTO more VALUES (1, 1, 'one')`)
    await tx.run(`ALTER TABLE t ADD COLUMN note TEXT NOT NULL DEFAULT 'new'`)
    await tx.run(`UPDATE t SET n = 'b', note = 'other' WHERE id = 2`)
  })
  // The duplicates have left SQLite, and PostgreSQL does not know of it yet.
  await db.exec('CREATE UNIQUE INDEX one_n ON t (n); ALTER TABLE t RENAME TO things')
  await db.run(`INSERT INTO things (n) VALUES ('c')`)
  await server.restart()
  await db.caughtUp()
  expect((await db.verify()).differences).toEqual([])
  await flip(db)
  await expect(db.run(`INSERT INTO things (n) VALUES ('c')`)).rejects.toMatchObject({
    message: 'UNIQUE constraint failed: things.n',
  })
  expect(await db.values('SELECT id, n, note FROM things ORDER BY id')).toEqual([
    [1, 'a', 'new'],
    [2, 'b', 'other'],
    [3, 'c', 'new'],
  ])
})
