import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLockstep } from '../../src/index.ts'
import { openPair, type Pair } from '../support/pair.ts'

let pair: Pair

/** Equal an hour ago, idle since, and one row was written this very moment. */
beforeEach(async () => {
  pair = await openPair({ schema: 'CREATE TABLE t (id INTEGER PRIMARY KEY)' })
  await pair.db.close()
  pair.sqlite.exec('UPDATE _lockstep_control SET applied_at_ms = applied_at_ms - 3600000')
  pair.sqlite.exec('INSERT INTO t VALUES (1)')
})

afterEach(() => pair.close())

test('a process that has just begun flips although it cannot know how fresh the waiting rows are', async () => {
  const fresh = await createLockstep({
    sqlite: { path: pair.path },
    postgres: { connectionString: pair.url },
    applier: { enabled: false },
  })
  // It says the worst.
  const { gates } = await fresh.ready()
  expect(gates.filter(({ ok }) => !ok)).toMatchObject([{ name: 'lag' }])
  expect((await fresh.flip('postgres')).to).toBe('postgres')
  expect(await pair.pgRows('SELECT id FROM t')).toEqual([['1']])
  await fresh.close()
})

test('a lag that shipping does not end refuses the flip', async () => {
  const fresh = await createLockstep({
    sqlite: { path: pair.path },
    postgres: { connectionString: pair.url },
    applier: { enabled: false },
  })
  await fresh.setFlags({ mirror: false })
  await expect(fresh.flip('postgres')).rejects.toMatchObject({ code: 'GATE_REFUSED' })
  expect(await pair.pgRows('SELECT id FROM t')).toEqual([])
  await fresh.close()
})
