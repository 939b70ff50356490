import { execFileSync } from 'node:child_process'
import { expect, test, vi } from 'vitest'
import type { LockstepOptions } from '../../src/index.ts'
import { built } from '../support/built.ts'
import { openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);
  INSERT INTO users VALUES (1, 'a');
  INSERT INTO notes VALUES (1, 'b');`

/** Runs `work` while the first difference is looked at, on snapshots that are open. */
function whileConfirmed(work: () => void): Partial<LockstepOptions> & { isDone: () => boolean } {
  let isDone = false
  const ignore = (): boolean => {
    if (!isDone) work()
    isDone = true
    return false
  }
  const flags = { initial: { shadow: { sample: 100 } } }
  return { flags, shadow: { ignore, concurrency: 1 }, isDone: () => isDone }
}

async function tamper({ db, pg }: Pair): Promise<void> {
  await db.caughtUp()
  await pg.query(
    `SET lockstep.applying = 'on'; UPDATE users SET name = 'x'; RESET lockstep.applying`,
  )
}

test('who changes a table waits for no shadow read that waits for SQLite', async () => {
  const { isDone, ...options } = whileConfirmed(() => pair.sqlite.exec('BEGIN IMMEDIATE'))
  await using pair = await openPair({ schema, options })
  const { db, pg, sqlite } = pair
  await tamper(pair)
  await db.all('SELECT * FROM users')
  await vi.waitFor(() => expect(isDone()).toBe(true), 20_000)
  await pg.query(`BEGIN; SET LOCAL lock_timeout = '3s'; LOCK TABLE users IN ACCESS EXCLUSIVE MODE`)
  await pg.query('COMMIT')
  sqlite.exec('ROLLBACK')
  await vi.waitFor(async () => expect((await db.status()).divergences).toBe(1), 20_000)
})

test('a change of the schema between two snapshots and a read is no divergence', async () => {
  const change = `
    const { createLockstep } = await import(process.argv[1])
    const db = await createLockstep({ sqlite: { path: process.argv[2] }, postgres: { connectionString: process.argv[3] } })
    await db.run('ALTER TABLE notes RENAME COLUMN body TO text')
    await db.close()`
  const { isDone, ...options } = whileConfirmed(() =>
    execFileSync(process.execPath, [
      '--input-type=module',
      '--eval',
      change,
      built('bundle/index.js'),
      pair.path,
      pair.url,
    ]),
  )
  await using pair = await openPair({ schema, options })
  const { db, pg } = pair
  await tamper(pair)
  await pg.query(
    `SET lockstep.applying = 'on'; UPDATE notes SET body = 'y'; RESET lockstep.applying`,
  )
  await Promise.all([db.all('SELECT * FROM users'), db.all('SELECT * FROM notes')])
  await vi.waitFor(() => expect(isDone()).toBe(true), 30_000)
  await vi.waitFor(
    async () => expect((await db.status()).counters.shadow.unknown).toBeGreaterThan(0),
    30_000,
  )
  expect(await db.divergences()).toEqual([])
  // Read again, what differs in a value is one.
  await db.all('SELECT * FROM notes')
  await vi.waitFor(async () => expect((await db.divergences()).length).toBeGreaterThan(0), 30_000)
  expect((await db.divergences()).map((one) => one.class)).toEqual(['value'])
})
