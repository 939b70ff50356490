import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import type { PostgresServer } from '../../src/demo/postgres-server.ts'
import { onServer, startPostgres } from '../support/postgres.ts'
import { asFailure } from '../../src/engine/failure.ts'
import { StalePositionError } from '../../src/place/place.ts'
import { createRig, type Rig } from './rig.ts'

let server: PostgresServer
let rig: Rig
let databases = 0
const applier = { retryMinMs: 20, retryMaxMs: 100 }

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())
beforeEach(async () => {
  const name = `failures_${databases++}`
  await onServer(server.url, `CREATE DATABASE ${name}`)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  rig = await createRig({ url: url.href })
})
afterEach(() => rig.close())

const steps: Record<string, (db: Lockstep) => Promise<unknown>> = {
  install: (db) => db.install(),
  uninstall: (db) => db.uninstall(),
  applySchema: (db) => db.applySchema(),
  backfill: (db) => db.backfill(),
  verify: (db) => db.verify(),
  repair: (db) => db.repair({ table: 'items' }),
  flip: (db) => db.flip('postgres', { force: true }),
}

test('every step says POSTGRES_UNREACHABLE where the server is down', async () => {
  const db = await rig.mirrored({ applier })
  await server.kill()
  for (const [name, step] of Object.entries(steps)) {
    const failure = await step(db).catch((error: unknown) => error)
    expect([name, failure]).toEqual([
      name,
      expect.objectContaining({ name: 'LockstepError', code: 'POSTGRES_UNREACHABLE' }),
    ])
  }
  await server.restart()
})

describe('what PostgreSQL refuses', () => {
  const elsewhere = (change: (url: URL) => void): Promise<Lockstep> => {
    const url = new URL(rig.url)
    change(url)
    return rig.open({ postgres: { connectionString: url.href }, applier: { enabled: false } })
  }

  test('a user without rights is told which, all at once, before anything is changed', async () => {
    await rig.postgres(`CREATE ROLE weak LOGIN PASSWORD 'weak'`)
    const db = await elsewhere((url) => ([url.username, url.password] = ['weak', 'weak']))
    const [schema, tables] = [
      'may create no schema in the database',
      'may create no tables in schema public',
    ]
    await expect(db.install()).rejects.toMatchObject({
      code: 'POSTGRES_DENIED',
      details: { missing: [schema, tables] },
    })
    await rig.postgres(`GRANT CREATE ON DATABASE ${new URL(rig.url).pathname.slice(1)} TO weak`)
    await expect(db.install()).rejects.toMatchObject({
      code: 'POSTGRES_DENIED',
      details: { missing: [tables] },
    })
    await rig.postgres('GRANT CREATE ON SCHEMA public TO weak')
    await db.install()
    await db.uninstall()
    await rig.postgres('DROP OWNED BY weak')
    await rig.postgres('DROP ROLE weak')
  })

  test('a wrong password and a missing database are told as before the install', async () => {
    await (await rig.mirrored({ applier })).close()
    await expect(elsewhere((url) => (url.password = 'wrong'))).rejects.toMatchObject({
      code: 'POSTGRES_UNREACHABLE',
    })
    await expect(elsewhere((url) => (url.pathname = '/nowhere'))).rejects.toMatchObject({
      code: 'POSTGRES_NO_DATABASE',
    })
  })
})

test('verify takes back a server whose loss was accepted, before it compares', async () => {
  const db = await rig.mirrored({ applier })
  await db.flip('postgres', { force: true })
  await db.run(`INSERT INTO items (token, n) VALUES ('on both', 0)`)
  await db.caughtUp()
  await server.kill()
  await db.rollback({ acceptLoss: true })
  await db.close()
  await server.restart()
  // Nobody has looked at it yet: it believes to be the primary.
  const looker = await rig.open({ applier: { enabled: false } })
  expect((await looker.verify()).equal).toBe(true)
})

test('a place that stays ahead of every batch is told as one to try again', () => {
  const failure = asFailure(new StalePositionError('batch 7 of epoch 3 came too late'))
  expect(failure).toMatchObject({ name: 'LockstepError', code: 'CAUGHT_UP_TIMEOUT' })
  const own = new Error('of the application')
  expect(asFailure(own)).toBe(own)
})
