import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRig, until, type Rig } from './rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await createRig()
})
afterEach(() => rig.close())

test('a flip that has moved the primary says so, though what follows it cannot be written', async () => {
  const blocker = new Database(rig.path)
  const errors: { error: unknown }[] = []
  const db = await rig.mirrored({
    sqlite: { path: rig.path, busyTimeoutMs: 100 },
    testing: {
      reach: async (point) => {
        if (point === 'flip:moved') blocker.exec('BEGIN IMMEDIATE')
      },
    },
  })
  db.on('error', (event) => errors.push(event))
  await db.caughtUp()
  try {
    expect(await db.flip('postgres')).toMatchObject({ from: 'sqlite', to: 'postgres', epoch: 2 })
    expect(errors).toMatchObject([{ error: { code: 'SQLITE_BUSY' } }])
    expect(await db.status()).toMatchObject({ primary: 'postgres', epoch: 2 })
  } finally {
    blocker.close()
  }
  await until(
    'the applier keeps the flag',
    async () => (await db.status()).flags.primary === 'postgres',
  )
})
