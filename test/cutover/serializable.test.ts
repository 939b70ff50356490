import { expect, test } from 'vitest'
import { Pool } from 'pg'
import type { Lockstep } from '../../src/api.ts'
import { createRig, type Rig } from './rig.ts'

/** How many of some transactions at once on different rows of one small table fail without being tried again. */
async function conflicts(db: Lockstep): Promise<number> {
  let failed = 0
  const writer = async (id: number): Promise<void> => {
    for (let turn = 0; turn < 25; turn++) {
      await db
        .transaction(async (tx) => {
          const row = await tx.get<{ balance: number }>(
            'SELECT balance FROM accounts WHERE id = ?',
            [id],
          )
          await tx.run('UPDATE accounts SET balance = ? WHERE id = ?', [
            (row?.balance ?? 0) + 1,
            id,
          ])
        })
        .catch(() => failed++)
    }
  }
  await Promise.all(Array.from({ length: 8 }, (_, index) => writer(1 + index * 20)))
  return failed
}

async function flipped(rig: Rig, pool?: Pool): Promise<Lockstep> {
  const db = await rig.mirrored({
    writes: { maxRetries: 0 },
    ...(pool === undefined ? {} : { postgres: { pool } }),
  })
  await rig.postgres('ANALYZE accounts')
  await db.flip('postgres', { force: true })
  return db
}

test('transactions on different rows of a small table seldom conflict; with the default costs they nearly always do', async () => {
  const ours = await createRig()
  const few = await conflicts(await flipped(ours))
  await ours.close()
  const theirs = await createRig()
  const pool = new Pool({ connectionString: theirs.url, max: 10 })
  const db = await flipped(theirs, pool)
  const many = await conflicts(db)
  await db.close()
  await pool.end()
  await theirs.close()
  process.stderr.write(`of 200 transactions ${few} conflicted; with the default costs ${many}\n`)
  expect(many).toBeGreaterThan(60)
  expect(few).toBeLessThan(many / 2)
})
