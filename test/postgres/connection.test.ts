import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { createLockstep } from '../../src/index.ts'
import { startPostgres } from '../support/postgres.ts'

/** An event that nobody listens to ends the process, and vitest fails the run for it. */
test('a server that dies under an open transaction fails that transaction, not the process', async () => {
  const server = await startPostgres({ settings: { fsync: 'off' } })
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-connection-'))
  const path = join(folder, 'app.db')
  const file = new Database(path)
  file.pragma('journal_mode = WAL')
  file.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)')
  file.close()
  const db = await createLockstep({
    sqlite: { path },
    postgres: { connectionString: server.url },
    writes: { maxHeldMs: 500 },
  })
  try {
    await db.install()
    await db.applySchema()
    await db.backfill()
    await db.flip('postgres', { pauseBudgetMs: 10_000 })
    const work = db.transaction(async (tx) => {
      await tx.run('INSERT INTO notes (body) VALUES (?)', ['one'])
      await server.kill()
      await new Promise((resolve) => setTimeout(resolve, 100))
      await tx.run('INSERT INTO notes (body) VALUES (?)', ['two'])
    })
    await expect(work).rejects.toMatchObject({ code: 'WRITE_TIMEOUT' })
  } finally {
    await db.close()
    await server.stop()
    rmSync(folder, { recursive: true })
  }
})
