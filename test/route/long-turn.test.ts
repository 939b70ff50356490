import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Queryable } from '../../src/api.ts'
import { openPair, type Pair } from '../support/pair.ts'

let pair: Pair
beforeAll(async () => {
  pair = await openPair({
    schema: `CREATE TABLE notes (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO notes VALUES (1, 0)`,
    stage: 'installed',
  })
})
afterAll(() => pair.close())

const enough = 20_000

/** How many calls in a row, each awaited, were made before a timer of 1 ms had its turn. */
async function callsBeforeTimer(call: () => Promise<unknown>): Promise<number> {
  let fired = false
  setTimeout(() => (fired = true), 1)
  let calls = 0
  for (; !fired && calls < enough; calls++) await call()
  return calls
}

const read = (on: Queryable) => () => on.get('SELECT n FROM notes WHERE id = ?', [1])
const write = (on: Queryable) => () => on.run('UPDATE notes SET n = n + 1 WHERE id = ?', [1])

describe('timers have their turn while an application awaits one call after the other, of', () => {
  test('reads', async () => {
    expect(await callsBeforeTimer(read(pair.db))).toBeLessThan(enough)
  })

  test('writes', async () => {
    expect(await callsBeforeTimer(write(pair.db))).toBeLessThan(enough)
  })

  test('transactions', async () => {
    const move = () => pair.db.transaction(async (tx) => write(tx)())
    expect(await callsBeforeTimer(move)).toBeLessThan(enough)
  })

  test('one transaction', async () => {
    const calls = pair.db.transaction(async (tx) => callsBeforeTimer(read(tx)))
    expect(await calls).toBeLessThan(enough)
  })

  test('many at once, that start again as soon as they are answered', async () => {
    const callers = Array.from({ length: 16 }, () => callsBeforeTimer(write(pair.db)))
    for (const calls of await Promise.all(callers)) expect(calls).toBeLessThan(enough)
  })
})
