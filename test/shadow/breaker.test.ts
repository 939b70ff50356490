import { expect, test, vi } from 'vitest'
import { sleep } from '../../src/core/wait.ts'
import { openBehindProxy } from '../support/behind-proxy.ts'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
  INSERT INTO users SELECT i, 'name ' || i FROM n;`
const fast = 'SELECT name FROM users WHERE id = ?'
const slow = 'SELECT name AS slow FROM users WHERE id = 1'
const options = {
  flags: { initial: { shadow: { sample: 100 } } },
  overrides: [{ sqlite: slow, postgres: `${slow} AND pg_sleep(10) IS NOT NULL` }],
  shadow: { timeoutMs: 1000 },
} as const

test('a statement that takes too long on PostgreSQL is left alone, and the others are compared', async () => {
  await using pair = await openBehindProxy({ schema, options })
  const { db } = pair
  await db.caughtUp()
  const comparisons = async (sql: string) =>
    (await db.statements()).find(({ statement }) => statement === sql.replace('1', '?'))
      ?.comparisons
  // The first time it may be the server; the second time others have been answered in between.
  await db.get(slow)
  await vi.waitFor(async () => expect((await comparisons(slow))?.unknown).toBe(1), 15_000)
  await vi.waitFor(
    async () => {
      await db.get(fast, [1])
      expect((await comparisons(fast))?.equal).toBeGreaterThan(0)
    },
    { timeout: 15_000, interval: 50 },
  )
  await db.get(slow)
  await vi.waitFor(async () => expect((await comparisons(slow))?.unknown).toBe(2), 15_000)
  const before = (await comparisons(fast))?.equal ?? 0
  for (let n = 1; n <= 20; n++) {
    await db.get(slow)
    await db.get(fast, [n])
    await sleep(20)
  }
  await vi.waitFor(async () => expect((await comparisons(fast))?.equal).toBe(before + 20), 15_000)
  expect(await comparisons(slow)).toMatchObject({ unknown: 2, equal: 0, divergent: 0 })
  expect(await db.divergences()).toEqual([])
})

test('while PostgreSQL refuses, reads are dropped and counted, and compared again when it is back', async () => {
  await using pair = await openBehindProxy({ schema, options })
  const { db, proxy } = pair
  await db.caughtUp()
  const counters = async () => (await db.status()).counters.shadow
  proxy.refuse()
  for (let n = 1; n <= 200; n++) {
    expect(await db.get(fast, [(n % 100) + 1])).toEqual({ name: `name ${(n % 100) + 1}` })
    if (n % 10 === 0) await sleep(5)
  }
  await vi.waitFor(async () => expect((await counters()).dropped).toBeGreaterThan(100), 15_000)
  expect(await counters()).toMatchObject({ equal: 0, divergent: 0, transient: 0 })
  proxy.heal()
  await vi.waitFor(
    async () => {
      await db.get(fast, [1])
      expect((await counters()).equal).toBeGreaterThan(0)
    },
    { timeout: 20_000, interval: 100 },
  )
  expect(await db.divergences()).toEqual([])
})
