import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import { Engine } from '../../src/engine/engine.ts'
import { resolveOptions, type LockstepOptions } from '../../src/options/options.ts'
import { createRig, until, type Rig } from './rig.ts'

const catchUpTimeoutMs = 300
const maxEntries = 20
const insert = `INSERT INTO items (token, n) VALUES ('x', 0)`

let rig: Rig
let points: string[]
/** While it is true, more rows come in during each batch than the batch carries away. */
let storming: boolean
/** A batch that meets it stands until it resolves. */
let held: Promise<void> | undefined

beforeEach(async () => {
  points = []
  storming = false
  held = undefined
  rig = await createRig()
})
afterEach(async () => {
  storming = false
  await rig.close()
})

/** Rows of another program, which knows nothing of a flip. */
function pour(): void {
  rig.sqlite((file) => {
    const row = file.prepare(insert)
    file.transaction(() => {
      for (let i = 0; i < 2 * maxEntries; i++) row.run()
    })()
  })
}

function reach(point: string): void | Promise<void> {
  points.push(point)
  if (point === 'ship:snapshot-open' && storming) pour()
  return point === 'ship:before-apply' ? held : undefined
}

/** Nobody ships but the flip itself. */
const options: Partial<LockstepOptions> = {
  applier: { enabled: false, maxEntries },
  flip: { catchUpTimeoutMs },
  testing: { reach },
}

async function expectGivenUp(db: Lockstep): Promise<void> {
  const started = performance.now()
  const flip = db.flip('postgres')
  await expect(flip).rejects.toMatchObject({
    code: 'CAUGHT_UP_TIMEOUT',
    details: { timeoutMs: catchUpTimeoutMs },
  })
  await expect(flip).rejects.toThrow(/no write was held.*flip\.catchUpTimeoutMs/)
  const took = performance.now() - started
  expect(took).toBeGreaterThan(catchUpTimeoutMs * 0.9)
  expect(took).toBeLessThan(catchUpTimeoutMs + 2000)
  expect(points.filter((point) => point.startsWith('flip:'))).toEqual([])
  expect(await db.status()).toMatchObject({ primary: 'sqlite', epoch: 1, state: 'open' })
  await db.run(insert)
  expect((await db.status()).counters.held).toBe(0)
}

test('a flip under writes that come faster than they are shipped gives up in its time, before it holds one', async () => {
  const db = await rig.mirrored(options)
  storming = true
  pour()
  await expectGivenUp(db)
  storming = false
  await db.flip('postgres')
  await db.run(insert)
  await db.rollback()
  expect(await rig.differences()).toEqual([])
})

test('a flip whose batch is not answered gives up in its time, and the next one works', async () => {
  const db = await rig.mirrored(options)
  await db.run(insert)
  let release = (): void => undefined
  held = new Promise((resolve) => (release = resolve))
  await expectGivenUp(db)
  held = undefined
  release()
  await db.flip('postgres')
  expect(await db.status()).toMatchObject({ primary: 'postgres', epoch: 2 })
})

test('complete gives up in its time, with the way back still there, and works once writes are slower', async () => {
  const db = await rig.mirrored(options)
  await db.flip('postgres')
  await db.run(insert)
  let release = (): void => undefined
  held = new Promise((resolve) => (release = resolve))
  const complete = db.complete({ force: true })
  await expect(complete).rejects.toMatchObject({ code: 'CAUGHT_UP_TIMEOUT' })
  expect(await db.status()).toMatchObject({ stage: 'flipped', primary: 'postgres', state: 'open' })
  held = undefined
  release()
  await db.complete({ force: true })
  expect((await db.status()).stage).toBe('complete')
  expect(await rig.differences()).toEqual([])
})

test('complete under traffic takes one table after the other, and names the one that is never free', async () => {
  const db = await rig.mirrored()
  await db.flip('postgres')
  const reader = await rig.connect()
  await reader.query('BEGIN; SELECT 1 FROM counters')
  await expect(db.complete()).rejects.toMatchObject({
    code: 'POSTGRES_ERROR',
    message: expect.stringMatching(/counters is in use.*`lockstep complete`/s) as string,
  })
  await reader.query('COMMIT')
  await reader.end()
  await db.complete()
  const left = `SELECT 1 FROM pg_trigger WHERE tgname IN ('lockstep_guard', 'lockstep_insert')`
  expect(await rig.postgres(left)).toEqual([])
  expect((await db.status()).stage).toBe('complete')
  await expect(db.install()).rejects.toMatchObject({ code: 'GATE_REFUSED' })
})

test('without the bound the same writes keep it shipping for as long as they last', async () => {
  await (await rig.mirrored({ applier: { enabled: false } })).close()
  const engine = new Engine(
    resolveOptions({
      sqlite: { path: rig.path },
      postgres: { connectionString: rig.url },
      ...options,
    }),
  )
  storming = true
  pour()
  let ended = false
  const endless = engine.shipper.catchUp('sqlite').finally(() => (ended = true))
  await sleep(5 * catchUpTimeoutMs)
  expect(ended).toBe(false)
  storming = false
  await until('it ends with the storm', () => ended)
  await endless
  await engine.close()
})
