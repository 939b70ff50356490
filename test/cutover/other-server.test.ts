import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import { createLockstep, type LockstepOptions } from '../../src/index.ts'
import { refusal, refused, type Refusal } from './refusal.ts'
import { createRig, type Rig } from './rig.ts'

let rig: Rig

beforeEach(async () => {
  rig = await createRig()
})
afterEach(() => rig.close())

const refusalOf = (call: () => Promise<unknown>): Promise<Refusal> => refusal(rig, call)

function open(options: Partial<LockstepOptions>): Promise<Lockstep> {
  return createLockstep({ sqlite: { path: rig.path }, ...options })
}

test('an empty server is never taken for the copy that another one holds', async () => {
  await (await rig.mirrored()).close()
  const empty = await createRig()
  const db = await open({ postgres: { connectionString: empty.url } })
  const steps: (() => Promise<unknown>)[] = [
    () => db.install(),
    () => db.applySchema(),
    () => db.backfill(),
    () => db.status(),
    () => db.ready(),
    () => db.verify(),
    () => db.flip('postgres', { force: true }),
    () => db.complete({ force: true }),
  ]
  for (const step of steps)
    expect(await refusalOf(step)).toMatchObject(
      refused('PAIR_MISMATCH', /never held a copy.*`lockstep uninstall`/s) as Refusal,
    )
  expect(await empty.postgres(`SELECT 1 FROM pg_namespace WHERE nspname = 'lockstep'`)).toEqual([])
  await db.uninstall()
  await db.install()
  await db.applySchema()
  await expect(db.flip('postgres')).rejects.toMatchObject({ code: 'BACKFILL_INCOMPLETE' })
  await db.backfill()
  expect((await db.verify()).equal).toBe(true)
  await db.close()
  // The server of before belongs to nobody.
  expect(await refusalOf(() => rig.open())).toMatchObject(
    refused('PAIR_MISMATCH', /another SQLite file/) as Refusal,
  )
  await empty.close()
})

test('a file without Lockstep does not take it out of the server of another one', async () => {
  const db = await rig.mirrored()
  await db.flip('postgres')
  const stranger = await createRig()
  const wrong = await createLockstep({
    sqlite: { path: stranger.path },
    postgres: { connectionString: rig.url },
  })
  for (const call of [() => wrong.uninstall(), () => wrong.status()])
    expect(await refusalOf(call)).toMatchObject(
      refused('PAIR_MISMATCH', /another file.*`lockstep uninstall --force`/s) as Refusal,
    )
  await db.run(`INSERT INTO items (token, n) VALUES ('still there', 1)`)
  await db.caughtUp()
  expect(await rig.differences()).toEqual([])
  await wrong.uninstall({ force: true })
  expect(await rig.postgres(`SELECT 1 FROM pg_namespace WHERE nspname = 'lockstep'`)).toEqual([])
  await wrong.close()
  await stranger.close()
})

test('nor is one with a control record of the pair that was never copied to', async () => {
  const db = await rig.mirrored()
  await rig.postgres(`UPDATE lockstep.control SET backfill = 'none'`)
  for (const step of [() => db.ready(), () => db.flip('postgres'), () => db.install()])
    expect(await refusalOf(step)).toMatchObject(
      refused('PAIR_MISMATCH', /never held a copy/) as Refusal,
    )
})

test('an empty server beside the primary PostgreSQL: nothing is begun anew', async () => {
  const first = await rig.mirrored()
  await first.flip('postgres')
  await first.close()
  const empty = await createRig()
  const db = await open({ postgres: { connectionString: empty.url } })
  for (const step of [() => db.install(), () => db.status(), () => db.rollback()])
    expect(await refusalOf(step)).toMatchObject(
      refused('PAIR_MISMATCH', /PostgreSQL is the primary/) as Refusal,
    )
  await db.close()
  await empty.close()
})

test('a copy that was begun on one server does not go on there after an install on another', async () => {
  const first = await rig.open()
  await first.install()
  await first.close()
  const other = await createRig()
  const db = await open({ postgres: { connectionString: other.url } })
  await db.install()
  await db.close()
  expect(await refusalOf(() => rig.open())).toMatchObject(
    refused('PAIR_MISMATCH', /another SQLite file/) as Refusal,
  )
  await other.close()
})

test('a server without the tables of Lockstep, or without those of the application', async () => {
  const db = await rig.open()
  await db.install()
  expect(await refusalOf(() => db.backfill())).toMatchObject(
    refused('SCHEMA_DRIFT', /items.*db\.applySchema\(\)/) as Refusal,
  )
  await rig.postgres('DROP SCHEMA lockstep CASCADE')
  expect(await refusalOf(() => db.ready())).toMatchObject(
    refused('NOT_INSTALLED', /db\.install\(\)/) as Refusal,
  )
})
