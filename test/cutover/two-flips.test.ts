import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import { movePrimary } from '../../src/cutover/flip.ts'
import { assemble } from './assemble.ts'
import { createRig, until, type Rig } from './rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await createRig()
})
afterEach(() => rig.close())

describe('of two flips at the same time', () => {
  test('the second is refused with FLIP_IN_PROGRESS, in this process and in another', async () => {
    const refusals: unknown[] = []
    let other: Lockstep | undefined
    const db = await rig.mirrored({
      testing: {
        reach: async (point) => {
          if (point !== 'flip:drained') return
          for (const flipper of [db, other as Lockstep])
            await flipper.flip('postgres').catch((error: unknown) => refusals.push(error))
        },
      },
    })
    other = await rig.open()
    await db.caughtUp()
    await db.flip('postgres', { pauseBudgetMs: 5000 })
    expect(refusals).toMatchObject([{ code: 'FLIP_IN_PROGRESS' }, { code: 'FLIP_IN_PROGRESS' }])
    expect(await db.status()).toMatchObject({ primary: 'postgres', epoch: 2 })
  })

  test('one that comes when the other has ended moves nothing, and is no error', async () => {
    const db = await rig.mirrored()
    await db.caughtUp()
    const flips: unknown[] = []
    db.on('flip', (flip) => flips.push(flip))
    const cancelled: unknown[] = []
    db.on('flip-cancelled', (one) => cancelled.push(one))
    const gatekeeper = await rig.connect()
    // The late one stands before a gate; it has seen that SQLite is the primary.
    await gatekeeper.query('BEGIN; LOCK TABLE lockstep.quarantine')
    const late = db.flip('postgres')
    await until('it stands', async () => {
      const sql = `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'lockstep.quarantine'::regclass`
      return (await rig.postgres(sql)).length > 0
    })
    await using other = await assemble(rig, () => ({}))
    const move = {
      to: 'postgres',
      pauseBudgetMs: 5000,
      catchUpTimeoutMs: 5000,
      forced: false,
    } as const
    await movePrimary(other.engine.cutover(), { ...move, objection: async () => null })
    await gatekeeper.end()
    expect(await late).toEqual({
      from: 'postgres',
      to: 'postgres',
      epoch: 2,
      pauseMs: 0,
      drained: 0,
    })
    expect([flips, cancelled]).toEqual([[], []])
    expect(await db.status()).toMatchObject({ primary: 'postgres', epoch: 2 })
  })

  test('time and again, each moves the primary, says that one is under way, or moves nothing', async () => {
    const db = await rig.mirrored()
    const other = await rig.open()
    for (let round = 0; round < 10; round++) {
      const to = round % 2 === 0 ? 'postgres' : 'sqlite'
      await db.caughtUp()
      const outcomes = await Promise.allSettled(
        [db, other].map((flipper) => flipper.flip(to, { pauseBudgetMs: 10_000 })),
      )
      const refusals = outcomes.filter(({ status }) => status === 'rejected')
      for (const { reason } of refusals as PromiseRejectedResult[])
        expect(reason).toMatchObject({ code: 'FLIP_IN_PROGRESS' })
      expect((await db.status()).epoch).toBe(round + 2)
    }
  })
})
