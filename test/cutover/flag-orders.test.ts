import { EventEmitter, once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRig, until, type Rig } from './rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await createRig()
})
afterEach(() => rig.close())

test('what a flip has left in the flag is no order to go back, while the next flip is yet to write its own', async () => {
  const leader = await rig.mirrored()
  await leader.flip('postgres', { force: true })
  const moves: unknown[] = []
  leader.on('flip', (moved) => moves.push(moved))
  leader.on('flip-cancelled', (cancelled) => moves.push(cancelled))
  const other = await rig.open()
  const file = new Database(rig.path)
  // The leader looks at the flags now and then: between two of its looks the primary moves there and back.
  for (let round = 0; round < 3; round++) {
    await other.flip('sqlite', { force: true })
    const epoch = 4 + 2 * round
    const hold = (): void => void file.exec('BEGIN IMMEDIATE')
    const stop = other.on('flip', hold)
    const back = other.flip('postgres', { force: true })
    await sleep(1000)
    expect(file.inTransaction).toBe(true)
    file.exec('ROLLBACK')
    await back
    stop()
    await sleep(1000)
    expect(await other.status()).toMatchObject({
      primary: 'postgres',
      epoch,
      flags: { primary: 'postgres' },
      flagsUnmet: null,
    })
  }
  expect(moves).toEqual([])
  file.close()
})

test('a flip waits until the flag of the one before it is written, so that no flag is written late', async () => {
  const gate = new EventEmitter()
  const db = await rig.mirrored({
    testing: { reach: async (point) => (point === 'flip:recorded' ? hold() : undefined) },
  })
  const hold = async (): Promise<void> => {
    gate.emit('recorded')
    await once(gate, 'go on')
  }
  const other = await rig.open()
  const first = db.flip('postgres', { force: true })
  await once(gate, 'recorded')
  await expect(other.flip('sqlite', { force: true })).rejects.toMatchObject({
    code: 'FLIP_IN_PROGRESS',
  })
  const second = other.flip('sqlite', { force: true })
  gate.emit('go on')
  expect([await first, await second]).toMatchObject([{ epoch: 2 }, { epoch: 3 }])
})

test.each(['flip:drained', 'flip:moved'] as const)(
  'a flip that the flag has asked for is followed by the one back that it asks for at %s',
  async (point) => {
    const file = `${rig.folder}/flags.yaml`
    const ask = (primary: string): Promise<void> =>
      writeFile(file, `mirror: true\nprimary: ${primary}\n`)
    const gate = new EventEmitter()
    const begun = once(gate, 'begun')
    let isHeld = true
    await ask('sqlite')
    const db = await rig.mirrored({
      flags: { file },
      testing: {
        reach: async (reached) => {
          if (reached !== point || !isHeld) return
          isHeld = false
          gate.emit('begun')
          await once(gate, 'go on')
        },
      },
    })
    await until('it leads', async () => (await db.status()).applier.leader)
    await ask('postgres')
    await begun
    await ask('sqlite')
    await until('it is seen', async () => (await db.status()).flags.primary === 'sqlite')
    gate.emit('go on')
    await until('it is followed', async () => (await db.status()).epoch === 3)
    expect(await db.status()).toMatchObject({ primary: 'sqlite', flags: { primary: 'sqlite' } })
  },
)

test('a flip that the flag has asked for, and that is cancelled behind the gates, is told once', async () => {
  const file = `${rig.folder}/flags.yaml`
  await writeFile(file, 'mirror: true\nprimary: sqlite\n')
  const db = await rig.mirrored({
    flags: { file },
    testing: {
      reach: (point) => {
        if (point === 'flip:drained') throw new Error('a fault of the test')
      },
    },
  })
  await until('it leads', async () => (await db.status()).applier.leader)
  const told: unknown[] = []
  db.on('flip-cancelled', (cancelled) => told.push(cancelled))
  await writeFile(file, 'mirror: true\nprimary: postgres\n')
  await until('it is told', async () => told.length > 0)
  // Whoever would tell it again does so in the same turn.
  await sleep(100)
  expect(told).toEqual([
    { from: 'sqlite', to: 'postgres', reason: expect.stringContaining('a fault of the test') },
  ])
  expect(await db.status()).toMatchObject({ primary: 'sqlite', state: 'open' })
})
