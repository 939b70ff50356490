import Database from 'better-sqlite3'
import { afterEach, describe, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import { flip, openPair, rollback, type Pair } from '../support/pair.ts'
import { shopSchema, steps, user, type Shop } from './shop.ts'

export interface Adapter {
  /** The application over Lockstep. */
  readonly lockstep: (db: Lockstep) => Shop
  /** The same application over the driver that it has without Lockstep. */
  readonly plain: (file: Database.Database) => Shop
  /** The stages in which it can serve at all. Default: every stage. */
  readonly stages?: readonly Stage[]
  /** What a query after `close` says. */
  readonly closed?: string
  /** Whether it asks for integers as bigint. */
  readonly safeIntegers?: boolean
}

const allStages = ['off', 'mirror', 'shadow', 'ramp', 'postgres', 'rolled back'] as const
type Stage = (typeof allStages)[number]

/** One suite for every adapter: what an application does gives what it gives with the plain driver. */
export function testAdapter(name: string, adapter: Adapter): void {
  const { stages = allStages, safeIntegers = false } = adapter
  const open = (stage: 'plain' | 'mirrored'): Promise<Pair> =>
    openPair({ schema: shopSchema, stage, safeIntegers })
  describe(`the adapter for ${name}`, () => {
    let pair: Pair
    afterEach(() => pair.close())

    test.each(stages)(
      'gives in stage %s what the plain driver gives, errors included',
      async (stage) => {
        pair = await open(stage === 'off' ? 'plain' : 'mirrored')
        await enter(pair.db, stage)
        const shop = adapter.lockstep(pair.db)
        const expected = await runPlain(adapter)
        for (const [index, [title, run]] of steps.entries())
          expect([title, await outcome(run(shop))]).toEqual([title, expected[index]])
        if (stage === 'off') return
        await pair.db.caughtUp({ timeoutMs: 20_000 })
        expect(await pair.differences()).toEqual([])
        const { divergences, quarantine } = await pair.db.status()
        expect({ divergences, quarantine }).toEqual({ divergences: 0, quarantine: 0 })
      },
    )

    test.runIf(stages.includes('postgres'))(
      'loses, doubles and fails nothing while the primary moves there and back',
      async () => {
        pair = await open('mirrored')
        await pair.db.setFlags({ reads: { postgres: 50 }, shadow: { sample: 50 } })
        const shop = adapter.lockstep(pair.db)
        const traffic = startTraffic(shop)
        await traffic.reach(10)
        await flip(pair.db)
        await traffic.reach(10)
        await rollback(pair.db)
        await traffic.reach(10)
        const { acknowledged, errors } = await traffic.stop()
        expect(errors).toEqual([])
        const rows = await shop.users()
        expect(rows.map((row) => row.name).toSorted()).toEqual(acknowledged.toSorted())
        await pair.db.caughtUp({ timeoutMs: 20_000 })
        expect(await pair.differences()).toEqual([])
      },
    )

    test('refuses a query after the database was closed, and says what to do', async () => {
      pair = await open('plain')
      const shop = adapter.lockstep(pair.db)
      await pair.db.close()
      const { closed = 'This database is closed: call createLockstep() again' } = adapter
      const message: unknown = expect.stringContaining(closed)
      expect(await outcome(shop.users())).toMatchObject({ error: { message } })
    })
  })
}

async function enter(db: Lockstep, stage: Stage): Promise<void> {
  if (stage === 'shadow') await db.setFlags({ shadow: { sample: 100 } })
  if (stage === 'ramp') await db.setFlags({ reads: { postgres: 100 } })
  if (stage !== 'postgres' && stage !== 'rolled back') return
  await flip(db)
  if (stage === 'rolled back') await rollback(db)
  else await db.setFlags({ reads: { postgres: 100 } })
}

async function runPlain(adapter: Adapter): Promise<unknown[]> {
  const file = new Database(':memory:')
  file.exec(shopSchema)
  const shop = adapter.plain(file)
  const outcomes: unknown[] = []
  for (const [, run] of steps) outcomes.push(await outcome(run(shop)))
  file.close()
  return outcomes
}

/** An answer, or what an application can tell of an error: SQLite's code and words, however it was wrapped. */
export async function outcome(running: Promise<unknown>): Promise<unknown> {
  try {
    return { value: await running }
  } catch (error) {
    let inner = error as Error & { code?: string }
    while (inner.code === undefined && inner.cause instanceof Error) inner = inner.cause
    return { error: { code: inner.code, message: inner.message } }
  }
}

interface Traffic {
  /** Resolves when so many more writes have been acknowledged. */
  reach(count: number): Promise<void>
  stop(): Promise<{ acknowledged: string[]; errors: unknown[] }>
}

/** Writers and readers that go on until they are stopped. */
function startTraffic(shop: Shop): Traffic {
  const acknowledged: string[] = []
  const errors: unknown[] = []
  let stopped = false
  const write = async (name: string, turn: number): Promise<void> => {
    const one = user(`${name}-${turn}`)
    if (turn % 3 === 0) await shop.addUserBlindly(one)
    else if (turn % 3 === 1) await shop.together([one])
    else {
      const id = await shop.addUser(one)
      const found = await shop.user(id)
      if (found?.name !== one.name)
        throw new Error(`${one.name} cannot be read after it was written`)
    }
    acknowledged.push(one.name)
  }
  const worker = async (name: string): Promise<void> => {
    for (let turn = 0; !stopped; turn++) {
      await write(name, turn).catch((error: unknown) => errors.push(error))
      await shop.countUsers().catch((error: unknown) => errors.push(error))
      // A synchronous adapter would leave no turn to the flip.
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  const workers = ['a', 'b', 'c'].map(worker)
  return {
    async reach(count) {
      const goal = acknowledged.length + count
      while (acknowledged.length < goal && errors.length === 0)
        await new Promise((resolve) => setTimeout(resolve, 5))
    },
    async stop() {
      stopped = true
      await Promise.all(workers)
      return { acknowledged, errors }
    },
  }
}
