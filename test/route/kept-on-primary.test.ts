import { afterEach, expect, test } from 'vitest'
import type { Status } from '../../src/api.ts'
import { openPair, type Pair } from '../support/pair.ts'
import { until } from '../cutover/rig.ts'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
  INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace');`

let pair: Pair
afterEach(() => pair.close())

async function open(sample: number): Promise<Pair['db']> {
  const flags = { initial: { reads: { postgres: 100 }, shadow: { sample } } }
  pair = await openPair({ schema, options: { flags, autopilot: { back: false } } })
  await pair.db.caughtUp()
  return pair.db
}

const counters = async (): Promise<Status['counters']> => (await pair.db.status()).counters

test('a statement with an open divergence stays on the primary, and is counted, until it is resolved', async () => {
  const db = await open(100)
  const name = () => db.get('SELECT name FROM users WHERE id = 1')
  await pair.pg.query(`SET lockstep.applying = 'on'; UPDATE users SET name = 'Eve' WHERE id = 1`)
  await pair.pg.query('RESET lockstep.applying')
  // Nobody knows yet.
  expect(await name()).toEqual({ name: 'Eve' })
  await until('the divergence is open', async () => (await db.divergences()).length > 0)
  expect(await name()).toEqual({ name: 'Ada' })
  expect((await counters()).fallbackKinds).toMatchObject({ divergent: 1 })
  const before = (await counters()).reads.postgres
  await db.get('SELECT name FROM users WHERE id = 2')
  await db.get('SELECT id FROM users WHERE id = 2')
  // Literals are no part of what is known of a statement unless it is written with them.
  expect((await counters()).reads.postgres).toBeGreaterThan(before)
  const [{ id } = { id: '' }] = await db.divergences()
  expect((await db.repairDivergence({ id })).resolved).toBe(true)
  const { divergent } = (await counters()).fallbackKinds
  expect(await name()).toEqual({ name: 'Ada' })
  expect((await counters()).fallbackKinds.divergent).toBe(divergent)
})

test('a statement that has no form on PostgreSQL stays on the primary, and is counted', async () => {
  const db = await open(0)
  for (let time = 1; time <= 3; time++) {
    expect(await db.all('SELECT subtype(name) AS s FROM users WHERE id = 1')).toEqual([{ s: 0 }])
    expect((await counters()).fallbackKinds).toMatchObject({ untranslated: time, failed: 0 })
  }
  expect((await counters()).fallbacks).toBe(3)
})
