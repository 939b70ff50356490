import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { PostgresServer } from '../../src/demo/postgres-server.ts'
import { Applier } from '../../src/mirror/applier.ts'
import { onServer, startPostgres } from '../support/postgres.ts'
import { assemble } from './assemble.ts'
import { createRig, until, type Rig } from './rig.ts'

/** What test/cutover/outage.test.ts promises is taken away part by part, and its checks say so. */
let server: PostgresServer
let rig: Rig
let databases = 0

const applier = { retryMinMs: 20, retryMaxMs: 200 }
const insert = `INSERT INTO items (token, n) VALUES ('x', 0)`

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

/** Databases that are dropped with the server; nobody applies. */
beforeEach(async () => {
  const name = `without_${databases++}`
  await onServer(server.url, `CREATE DATABASE ${name}`)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  rig = await createRig({ url: url.href })
  await (await rig.mirrored({ applier: { enabled: false } })).close()
})
afterEach(() => rig.close())

async function lag(): Promise<number> {
  await using db = await rig.open({ applier: { enabled: false } })
  return (await db.status()).lag.entries
}

test('a write that ships by itself, as a naive dual write does, fails as long as the server is away', async () => {
  await using naive = await assemble(rig, (engine) => ({
    acknowledge: async () => void (await engine.shipper.ship('sqlite')),
  }))
  const errors: unknown[] = []
  const write = (): Promise<unknown> =>
    naive.run(insert).catch((error: unknown) => errors.push(error))
  await write()
  expect(errors).toEqual([])
  await server.kill()
  for (let i = 0; i < 5; i++) await write()
  expect(errors).toHaveLength(5)
  await server.restart()
}, 30_000)

test('one who does not try again leaves the lag where it has grown to', async () => {
  await using parts = await assemble(rig, () => ({}))
  const { shipper, session } = parts.engine
  await shipper.ship('sqlite')
  await server.kill()
  for (let i = 0; i < 20; i++) await parts.run(insert)
  await expect(shipper.ship('sqlite')).rejects.toBeInstanceOf(Error)
  await session.drop()
  await server.restart()
  await expect(until('no lag', async () => (await lag()) === 0, 1000)).rejects.toThrow('no lag')
  await shipper.catchUp('sqlite')
  expect(await lag()).toBe(0)
  expect(await rig.differences()).toEqual([])
}, 30_000)

test('one whose writes are captured by nobody has no lag, and differs for good', async () => {
  await using parts = await assemble(rig, () => ({}))
  await server.kill()
  rig.sqlite((file) => {
    const id = file.prepare(`SELECT id FROM _lockstep_tables WHERE name = 'items'`).pluck().get()
    file.exec(`DROP TRIGGER _lockstep_${String(id)}_insert`)
    const version = file.pragma('schema_version', { simple: true })
    file.prepare('UPDATE _lockstep_control SET schema_version = ?').run(version)
  })
  await parts.run(insert)
  await server.restart()
  await using db = await rig.open({ applier })
  await db.caughtUp({ timeoutMs: 20_000 })
  expect((await db.status()).lag).toEqual({ entries: 0, ms: 0 })
  expect(await rig.differences()).toEqual([expect.stringContaining('items: sqlite only')])
}, 30_000)

test.each([true, false])(
  'the answer to who leads closes the breaker of one that does not: %s',
  async (isTold) => {
    await using parts = await assemble(rig, () => ({}))
    const { breaker, options, shipper, progress } = parts.engine
    const looks: string[] = []
    const follower = new Applier({
      ...options.applier,
      enabled: true,
      leaderPollMs: 5,
      shipper,
      leadership: {
        leader: false,
        tryLead: async () => looks.push('look') === 0,
        resign: async () => undefined,
        drop: async () => undefined,
      },
      breaker: isTold ? breaker : { ...breaker, succeeded: () => undefined },
      progressOf: (primary) => progress[primary],
      work: () => ({ primary: 'sqlite' }),
      changed: () => true,
      onLeader: () => undefined,
      onError: () => undefined,
    })
    breaker.failed('the server went away')
    follower.start()
    await until('it has looked three times', () => looks.length >= 3)
    await follower.stop()
    expect(breaker.state).toBe(isTold ? 'closed' : 'open')
  },
)
