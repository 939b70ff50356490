import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import { openPair, type Pair } from '../support/pair.ts'

let pair: Pair
afterEach(() => pair.close())

/** Equal an hour ago, and no process has run since. */
async function idle(stage: 'mirrored' | 'flipped'): Promise<void> {
  pair = await openPair({ schema: 'CREATE TABLE t (id INTEGER PRIMARY KEY)', stage })
  await pair.db.caughtUp()
  await pair.db.close()
  pair.sqlite.exec('UPDATE _lockstep_control SET applied_at_ms = applied_at_ms - 3600000')
}

/** A process that has just begun and ships nothing by itself. */
function begin(): Promise<Lockstep> {
  return createLockstep({
    sqlite: { path: pair.path },
    postgres: { connectionString: pair.url },
    applier: { enabled: false },
  })
}

describe('a row that was written this very moment, behind an idle hour', () => {
  beforeEach(async () => {
    await idle('mirrored')
    pair.sqlite.exec('INSERT INTO t VALUES (1)')
  })

  test('holds up no flip, although a process that has just begun cannot know how fresh it is', async () => {
    const fresh = await begin()
    // It says the worst.
    const { gates } = await fresh.ready()
    expect(gates.filter(({ ok }) => !ok)).toMatchObject([{ name: 'lag' }])
    expect((await fresh.flip('postgres')).to).toBe('postgres')
    expect(await pair.pgRows('SELECT id FROM t')).toEqual([['1']])
    await fresh.close()
  })

  test('refuses the flip where shipping does not end the lag', async () => {
    const fresh = await begin()
    await fresh.setFlags({ mirror: false })
    await expect(fresh.flip('postgres')).rejects.toMatchObject({ code: 'GATE_REFUSED' })
    expect(await pair.pgRows('SELECT id FROM t')).toEqual([])
    await fresh.close()
  })
})

test.each(['mirrored', 'flipped'] as const)(
  'an idle hour is no lag where nothing waits: %s',
  async (stage) => {
    await idle(stage)
    const fresh = await begin()
    expect((await fresh.status()).lag).toEqual({ entries: 0, ms: 0 })
    const { ready, gates } = await fresh.ready()
    expect(gates.find(({ name }) => name === 'lag')).toMatchObject({ ok: true, value: 0 })
    expect(ready).toBe(true)
    await fresh.close()
  },
)

test('what another program wrote on a PostgreSQL primary waits, and holds up no rollback', async () => {
  await idle('flipped')
  await pair.pg.query('INSERT INTO t VALUES (1)')
  const fresh = await begin()
  const { lag } = await fresh.status()
  expect(lag.entries).toBe(1)
  expect(lag.ms).toBeGreaterThan(3_000_000)
  expect((await fresh.rollback()).to).toBe('sqlite')
  expect(pair.sqliteRows('SELECT id FROM t')).toEqual([[1n]])
  await fresh.close()
})
