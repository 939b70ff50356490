import { truncateSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRig, until, type Rig } from './rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await createRig()
})
afterEach(() => rig.close())

test('a file that somebody empties while the application runs is told as an error, once, and ends no process', async () => {
  const db = await rig.open({ applier: { enabled: false } })
  await db.install()
  const errors: unknown[] = []
  db.on('error', ({ error }) => errors.push(error))
  const thrown: unknown[] = []
  const note = (error: unknown): unknown => thrown.push(error)
  process.on('uncaughtException', note)
  try {
    rig.sqlite((file) => file.pragma('wal_checkpoint(TRUNCATE)'))
    truncateSync(rig.path, 0)
    await until('the error', async () => errors.length > 0 || thrown.length > 0)
    await sleep(500)
  } finally {
    process.off('uncaughtException', note)
  }
  expect(thrown).toEqual([])
  expect(errors).toEqual([expect.objectContaining({ name: 'LockstepError' })])
})
