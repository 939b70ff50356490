import { writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sleep } from '../../src/core/wait.ts'
import type { Lockstep } from '../../src/api.ts'
import { unmetAfterMs } from '../../src/steps/unmet-flags.ts'
import { createRig, until, type Rig } from './rig.ts'

let rig: Rig
let file: string
beforeEach(async () => {
  rig = await createRig()
  file = `${rig.folder}/flags.yaml`
  await ask('sqlite')
})
afterEach(() => rig.close())

/** What an operator writes into the file. */
function ask(primary: string): Promise<void> {
  return writeFile(file, `mirror: true\nprimary: ${primary}\n`)
}

/** The process that leads is gone when the flag changes, and another one begins. */
async function beginAfterChange(): Promise<Lockstep> {
  await (await rig.mirrored({ flags: { file } })).close()
  await ask('postgres')
  return rig.open({ flags: { file }, applier: { leaderPollMs: 10 } })
}

describe('a flag `primary` that asks for the place that does not rule', () => {
  test('moves nothing when a process begins, and status and an event say so', async () => {
    const db = await beginAfterChange()
    const told: string[] = []
    db.on('flags-unmet', ({ message }) => told.push(message))
    await until('it leads', async () => (await db.status()).applier.leader)
    const { primary, epoch, flags, flagsUnmet } = await db.status()
    expect([primary, epoch, flags.primary]).toEqual(['sqlite', 1, 'postgres'])
    expect(flagsUnmet).toMatch(/asks for postgres, and sqlite is the primary/)
    expect(flagsUnmet).toContain('`lockstep flip postgres`')
    expect(flagsUnmet).toContain('`lockstep flags set primary=sqlite`')
    await until('it is told', () => told.length > 0, 2 * unmetAfterMs)
    expect(told).toEqual([flagsUnmet])
    // Once, as long as it is so.
    await sleep(300)
    expect(told).toHaveLength(1)
    expect((await db.status()).epoch).toBe(1)
  })

  test.each(['sqlite', 'postgres'] as const)(
    'is settled by `flags set primary=%s`, one way or the other',
    async (place) => {
      const db = await beginAfterChange()
      await db.setFlags({ primary: place })
      const { primary, flags, flagsUnmet } = await db.status()
      expect([primary, flags.primary, flagsUnmet]).toEqual([place, place, null])
    },
  )

  test('is settled by a flip', async () => {
    const db = await beginAfterChange()
    await db.flip('postgres', { pauseBudgetMs: 10_000 })
    const { primary, flags, flagsUnmet } = await db.status()
    expect([primary, flags.primary, flagsUnmet]).toEqual(['postgres', 'postgres', null])
  })
})

test('a flag that is met, or a file that is not installed, is nothing to tell of', async () => {
  await ask('postgres')
  const db = await rig.open({ flags: { file } })
  expect((await db.status()).flagsUnmet).toBeNull()
  await ask('sqlite')
  await until('it follows', () => db.flags().primary === 'sqlite')
  await db.install()
  expect((await db.status()).flagsUnmet).toBeNull()
})

test('flags that are refused ask for nothing, whatever is in force in their place', async () => {
  const before = await rig.mirrored({ flags: { file } })
  await before.flip('postgres', { pauseBudgetMs: 10_000 })
  await before.close()
  await ask('nowhere')
  const db = await rig.open({ flags: { file, required: false } })
  const { primary, flags, flagsRefused, flagsUnmet } = await db.status()
  expect([primary, flags.primary, flagsUnmet]).toEqual(['postgres', 'sqlite', null])
  expect(flagsRefused).toContain('nowhere')
})
