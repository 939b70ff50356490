import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import type { Queryable } from '../../src/api.ts'
import { flip, openPair, type Pair } from '../support/pair.ts'

const schema = `CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
  INSERT INTO accounts VALUES (1, 100), (2, 100)`

let pair: Pair
afterEach(() => pair.close())

describe.each(['mirrored', 'flipped'] as const)('in stage %s', (stage) => {
  test('a transaction that stays idle for too long is rolled back, and those who wait go on', async () => {
    pair = await openPair({ schema, options: { writes: { maxTransactionIdleMs: 200 } } })
    if (stage === 'flipped') await flip(pair.db)
    let late: Promise<unknown> | undefined
    let kept: Queryable | undefined
    const forgotten = pair.db.transaction(async (tx) => {
      await tx.run('UPDATE accounts SET balance = 0')
      kept = tx
      await sleep(600)
      late = tx.run('UPDATE accounts SET balance = 1')
      await late.catch(() => undefined)
    })
    const others = pair.db.run('UPDATE accounts SET balance = balance + 1 WHERE id = 1')
    await expect(forgotten).rejects.toMatchObject({ code: 'TRANSACTION_TIMEOUT' })
    await others
    await expect(kept?.get('SELECT 1')).rejects.toThrow('has ended already')
    await sleep(600)
    await expect(late).rejects.toThrow('has ended already')
    expect(await pair.db.values('SELECT balance FROM accounts ORDER BY id')).toEqual([[101], [100]])
  })

  test('a transaction whose statements take longer than the bound is not idle', async () => {
    pair = await openPair({ schema, options: { writes: { maxTransactionIdleMs: 150 } } })
    if (stage === 'flipped') await flip(pair.db)
    await pair.db.transaction(async (tx) => {
      for (let turn = 0; turn < 6; turn++) {
        await sleep(60)
        await tx.run('UPDATE accounts SET balance = balance + 1 WHERE id = 2')
      }
    })
    expect(await pair.db.get('SELECT balance AS b FROM accounts WHERE id = 2')).toEqual({ b: 106 })
  })
})

test('a transaction runs again also where its function makes an error of its own of the failure', async () => {
  pair = await openPair({ schema, stage: 'flipped' })
  const { db } = pair
  let runs = 0
  let arrived = 0
  const meet = async (): Promise<void> => {
    arrived++
    while (arrived < 2) await sleep(1)
  }
  // Both have read the row before either writes it, so the statement of one of them fails.
  const add = (): Promise<void> =>
    db.transaction(async (tx) => {
      runs++
      try {
        const row = await tx.get<{ balance: number }>('SELECT balance FROM accounts WHERE id = 1')
        await meet()
        await tx.run('UPDATE accounts SET balance = ? WHERE id = 1', [(row?.balance ?? 0) + 1])
      } catch (error) {
        throw new Error('The order could not be placed', { cause: error })
      }
    })
  await Promise.all([add(), add()])
  expect(runs).toBeGreaterThan(2)
  expect(await db.get('SELECT balance FROM accounts WHERE id = 1')).toEqual({ balance: 102 })
})
