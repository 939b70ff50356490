import { expect, test } from 'vitest'
import { createScene, giveTime } from './scene.ts'

test('an operator goes from init to complete by the command line alone, and back in the middle, under traffic', async () => {
  await using scene = await createScene()
  const { done, lockstep } = scene
  const status = async (): Promise<unknown> => JSON.parse(await done('status', '--json'))

  await done('init')
  giveTime(scene)
  // It runs before anything is installed, as applications do.
  await scene.startApplication()
  await done('doctor')
  expect(await lockstep('assess')).toMatchObject({ exitCode: 0 })
  expect(await lockstep('ready')).toMatchObject({ exitCode: 1 })
  await done('backup', 'before.db')
  await done('install')
  expect(await done('schema')).toContain('CREATE TABLE')
  await done('schema', '--apply')
  expect(await lockstep('ready')).toMatchObject({ exitCode: 3 })
  await done('backfill')
  await scene.writeMore()
  expect(await done('verify')).toContain('both places are equal')

  await done('flags', 'set', 'shadow.sample=50')
  expect(await status()).toMatchObject({ stage: 'shadow' })
  await done('flags', 'set', 'reads.postgres=50')
  await scene.writeMore()
  await done('flags', 'set', 'reads.postgres=100', '--reason', 'ticket 4711')
  expect(await status()).toMatchObject({ stage: 'ramp', divergences: 0 })

  // Two operators at the same moment.
  await done('ready')
  const flips = await Promise.all([lockstep('flip', 'postgres'), lockstep('flip', 'postgres')])
  const told = flips.map(({ stdout, stderr }) => stdout + stderr)
  expect(told.filter((text) => text.includes('moved from sqlite to postgres'))).toHaveLength(1)
  expect(told.filter((text) => /FLIP_IN_PROGRESS|is the primary already/.test(text))).toHaveLength(
    1,
  )
  expect(await status()).toMatchObject({ stage: 'flipped', primary: 'postgres', epoch: 2 })
  await scene.writeMore()
  expect(await done('verify')).toContain('both places are equal')

  expect(await done('rollback', '--reason', 'practice')).toContain('moved from postgres to sqlite')
  await scene.writeMore()
  expect(await status()).toMatchObject({ primary: 'sqlite', epoch: 3 })
  await done('flip', 'postgres')
  await scene.writeMore()
  expect(await done('audit')).toContain('ticket 4711')
  await done('complete', '--yes')
  await scene.writeMore()
  expect(await status()).toMatchObject({ stage: 'complete', primary: 'postgres', epoch: 4 })
  const { writes } = await scene.expectNothingLost('postgres')
  expect(writes).toBeGreaterThan(100)
}, 600_000)
