import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Status } from '../../src/api.ts'
import { until } from '../cutover/rig.ts'
import { createScene, mirror } from './scene.ts'

test('an operator moves the primary there, back and there again by the flags file alone, under traffic', async () => {
  await using scene = await createScene()
  await mirror(scene)
  const status = (): Promise<Status> => scene.application.status()
  /** Saves the file as an editor does; resolves when the running application has followed. */
  const edit = async (from: string, to: string, follows: (status: Status) => boolean) => {
    const text = readFileSync(scene.flagsFile, 'utf8')
    expect(text).toContain(from)
    writeFileSync(scene.flagsFile, text.replace(from, to))
    await until(`${to} is followed`, async () => follows(await status()), 30_000)
    await scene.writeMore()
  }
  await until('the application leads', async () => (await status()).applier.leader, 30_000)

  await edit('sample: 5', 'sample: 50', ({ flags }) => flags.shadow.sample === 50)
  await edit('postgres: 0', 'postgres: 50', ({ stage }) => stage === 'ramp')
  await edit('postgres: 50', 'postgres: 100', ({ flags }) => flags.reads.postgres === 100)
  await edit('primary: sqlite', 'primary: postgres', ({ epoch }) => epoch === 2)
  // A slip of the keyboard changes nothing.
  await edit('primary: postgres', 'primary: postgre', ({ flagsRefused }) => flagsRefused !== null)
  expect(await status()).toMatchObject({ primary: 'postgres', flags: { primary: 'postgres' } })
  await edit('primary: postgre', 'primary: sqlite', ({ epoch }) => epoch === 3)
  await edit('primary: sqlite', 'primary: postgres', ({ epoch }) => epoch === 4)

  expect(await status()).toMatchObject({
    stage: 'flipped',
    primary: 'postgres',
    divergences: 0,
    quarantine: 0,
    flagsUnmet: null,
  })
  expect((await status()).counters.reads.postgres).toBeGreaterThan(0)
  await edit('mirror: true', 'mirror: false', ({ flags }) => !flags.mirror)
  const { writes } = await scene.expectNothingLost('postgres')
  expect(writes).toBeGreaterThan(100)
}, 600_000)
