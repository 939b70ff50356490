import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { LockstepError, type LockstepCode } from '../../src/core/errors.ts'
import { createLedger, type Ledger } from '../../src/demo/ledger.ts'
import { createRandom } from '../../src/demo/random.ts'
import { startTraffic, type TrafficCounters } from '../../src/demo/traffic.ts'
import type { TrafficDatabase, Writer } from '../../src/demo/work.ts'

/** One write that fails with `code`, on a row that the ledger knows. */
async function failOnce(
  code: LockstepCode,
): Promise<{ ledger: Ledger; counters: Readonly<TrafficCounters> }> {
  const effect = { table: 't', key: { id: 1n }, row: { a: 'old' } }
  const ledger = createLedger()
  ledger.acknowledge(0, [effect])
  let left = 1
  const writer: Writer = {
    next: () =>
      left-- <= 0
        ? null
        : {
            name: 'update t',
            intended: [{ ...effect, row: { a: 'new' } }],
            run: async () => await Promise.reject(new LockstepError(code, 'no')),
            done: () => {},
            failed: () => {},
          },
  }
  const db = {
    session: async (_options: object, work: () => Promise<unknown>) => await work(),
  } as unknown as TrafficDatabase
  const random = createRandom(1)
  const traffic = startTraffic({ db, writers: [writer], readers: [], ledger, random, thinkMs: 0 })
  while (left >= 0) await pause(1)
  await traffic.stop()
  return { ledger, counters: traffic.counters }
}

test('a write that was refused as it has no form on PostgreSQL is an error, and its outcome is known', async () => {
  const { ledger, counters } = await failOnce('SQL_UNSUPPORTED')
  expect([...counters.errors]).toEqual([['update t: no', 1]])
  expect(ledger.unknown).toBe(0)
  expect(ledger.expectations()[0]?.others).toEqual([])
})

test('a write that ended for another reason may have been done', async () => {
  const { ledger } = await failOnce('POSTGRES_UNREACHABLE')
  expect(ledger.unknown).toBe(1)
  expect(ledger.expectations()[0]?.others).toEqual([{ a: 'new' }])
})
