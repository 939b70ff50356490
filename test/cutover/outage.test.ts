import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import type { LockstepError } from '../../src/core/errors.ts'
import type { PostgresServer } from '../../src/demo/postgres-server.ts'
import { onServer, startPostgres } from '../support/postgres.ts'
import { assemble, confirming } from './assemble.ts'
import { losses, stateOf, type Ledger } from './ledger.ts'
import { startWriters, type Writers } from './process.ts'
import { createRig, until, type Rig } from './rig.ts'

let server: PostgresServer
let rig: Rig
let databases = 0
let running: Writers[] = []

const applier = { retryMinMs: 20, retryMaxMs: 200 }
/** What the breaker was told when the server went away. */
const away = /terminat|ECONNREFUSED|ECONNRESET|shut|connect/i

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

/** Databases that are dropped with the server. */
beforeEach(async () => {
  const name = `outage_${databases++}`
  // A test that failed may have left the server killed.
  await onServer(server.url, 'SELECT 1').catch(() => server.restart())
  await onServer(server.url, `CREATE DATABASE ${name}`)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  rig = await createRig({ url: url.href })
})
afterEach(async () => {
  await Promise.all(running.map((writers) => writers.kill()))
  running = []
  await rig.close()
})

async function start(name: string, options: Parameters<Rig['open']>[0] = {}): Promise<Writers> {
  const writers = await startWriters(rig, {
    name,
    writers: 8,
    restMs: 4,
    options: { applier, ...options },
  })
  running.push(writers)
  return writers
}

async function stopAll(): Promise<Ledger[]> {
  const ledgers = await Promise.all(running.map((writers) => writers.stop()))
  running = []
  return ledgers
}

async function writesOf(writers: Writers, more: number): Promise<void> {
  const before = await writers.writes()
  const enough = async (): Promise<boolean> => (await writers.writes()) > before + more
  await until(`${more} more writes`, enough, 20_000)
}

async function expectNothingLost(db: Lockstep, ledgers: readonly Ledger[]): Promise<void> {
  await db.caughtUp({ timeoutMs: 20_000 })
  for (const place of ['sqlite', 'postgres'] as const) {
    const state = await stateOf(rig, place)
    expect(losses(state, ledgers)).toEqual([])
    expect(losses({ ...state, moves: state.moves.slice(1) }, ledgers)).not.toEqual([])
  }
  expect(await rig.differences()).toEqual([])
}

/** A write sent on a connection whose end has not been told yet is one in flight: its outcome is unknown. */
async function known(db: Lockstep): Promise<void> {
  await until('the breaker is open', async () => (await db.status()).breaker === 'open')
}

const insert = `INSERT INTO items (token, n) VALUES ('x', 0)`

describe('PostgreSQL killed and started again while SQLite is the primary', () => {
  test('the application sees no error, the lag grows and goes back to zero', async () => {
    const db = await rig.mirrored({ applier })
    const writers = await start('a')
    await writesOf(writers, 50)
    await server.kill()
    await until('the breaker is open', async () => (await writers.status()).breaker === 'open')
    const { entries } = (await writers.status()).lag
    await writesOf(writers, 300)
    const behind = await writers.status()
    expect(behind.lag.entries).toBeGreaterThan(entries)
    expect(behind.lag.ms).toBeGreaterThan(0)
    expect(behind.postgres).toEqual({
      reachable: false,
      reason: expect.stringContaining('ECONNREFUSED'),
    })
    await server.restart()
    await until('the breaker is closed', async () => (await writers.status()).breaker === 'closed')
    await writesOf(writers, 50)
    const ledgers = await stopAll()
    expect(ledgers[0]?.errors).toEqual([])
    await expectNothingLost(db, ledgers)
    await until('no lag', async () => (await db.status()).lag.entries === 0)
    expect(await db.status()).toMatchObject({
      lag: { ms: 0 },
      postgres: { reachable: true, reason: null },
    })
    process.stderr.write(`longest turn of the event loop: ${ledgers[0]?.stallMs.toFixed(0)} ms\n`)
    expect(ledgers[0]?.stallMs).toBeLessThan(250)
  }, 60_000)

  test('ack: both with degrade answers, counts and says so; the breaker opens once and closes once', async () => {
    const options = { flags: { initial: { ack: 'both' } }, ackTimeoutMs: 300, applier } as const
    const db = await rig.mirrored(options)
    await db.caughtUp()
    const states: string[] = []
    const reasons: string[] = []
    const naive: string[] = []
    await using patient = await assemble(rig, (engine) => ({
      acknowledge: confirming(engine, {
        reached: (primary, token, waitMs) => engine.progress[primary].wait(token, waitMs),
        onDegraded: (reason) => naive.push(reason),
      }),
    }))
    await using trusting = await assemble(rig, (engine) => ({
      acknowledge: confirming(engine, { reached: async () => true }),
    }))
    db.on('breaker', ({ state }) => states.push(state))
    db.on('degraded', ({ reason }) => reasons.push(reason))
    const write = (): Promise<unknown> => db.run(insert)
    await write()
    expect(reasons).toEqual([])
    expect(await rig.postgres('SELECT token FROM items')).toHaveLength(1)
    await server.kill()
    const started = performance.now()
    await write()
    expect(performance.now() - started).toBeLessThan(1000)
    await until('the breaker is open', () => states.length === 1)
    const fast = performance.now()
    await write()
    // Who knows that nobody confirms does not wait.
    expect(performance.now() - fast).toBeLessThan(100)
    // The first may have been told by either; the breaker says why.
    expect(reasons).toEqual([
      expect.stringMatching(new RegExp(`no confirmation in 300 ms|${away.source}`, 'i')),
      expect.stringMatching(away),
    ])
    expect((await db.status()).counters.degraded).toBe(2)
    // Who does not know waits for as long as he may; who takes it on trust says nothing at all.
    const slow = performance.now()
    await patient.run(insert)
    expect(performance.now() - slow).toBeGreaterThan(250)
    expect(naive).toEqual(['no confirmation in 300 ms'])
    await trusting.run(insert)
    await server.restart()
    await until('the breaker is closed', () => states.length === 2)
    await write()
    expect(states).toEqual(['open', 'closed'])
    expect(reasons).toHaveLength(2)
    expect(await rig.differences()).toEqual([])
  }, 30_000)

  test('ack: both with error says ACK_UNCONFIRMED and that the primary has committed', async () => {
    const db = await rig.mirrored({
      flags: { initial: { ack: 'both' } },
      ackTimeoutMs: 300,
      onUnconfirmed: 'error',
      applier,
    })
    await server.kill()
    const write = db.run(`INSERT INTO items (token, n) VALUES ('unsure', 0)`)
    await expect(write).rejects.toMatchObject({
      code: 'ACK_UNCONFIRMED',
      details: { committed: 'sqlite' },
    })
    await expect(write).rejects.toThrow(/committed on sqlite.*do not run it again/)
    const state = await stateOf({ ...rig }, 'sqlite')
    expect(state.items).toEqual([{ token: 'unsure', n: 0 }])
    // The same write that nobody confirms is told as done: with onUnconfirmed: degrade, and with ack: primary.
    await using degraded = await assemble(rig, (engine) => ({
      acknowledge: confirming(engine, {}),
    }))
    await expect(degraded.run(insert)).resolves.toMatchObject({ changes: 1 })
    await db.setFlags({ ack: 'primary' })
    await expect(db.run(insert)).resolves.toMatchObject({ changes: 1 })
    await server.restart()
    await db.caughtUp({ timeoutMs: 20_000 })
    expect(await rig.differences()).toEqual([])
  }, 30_000)

  test('reads that PostgreSQL would serve fall back to SQLite without an error', async () => {
    const db = await rig.mirrored({ flags: { initial: { reads: { postgres: 50 } } }, applier })
    await db.caughtUp()
    const read = (): Promise<unknown> => db.get('SELECT sum(balance) AS s FROM accounts')
    for (let i = 0; i < 40; i++) expect(await read()).toEqual({ s: 200_000 })
    const before = (await db.status()).counters
    expect(before.reads.postgres).toBeGreaterThan(5)
    await using parts = await assemble(rig, () => ({}))
    await server.kill()
    for (let i = 0; i < 100; i++) expect(await read()).toEqual({ s: 200_000 })
    await expect(
      parts.readOn('postgres', 'SELECT sum(balance) AS s FROM accounts'),
    ).rejects.toMatchObject({ code: 'POSTGRES_UNREACHABLE' })
    const { counters } = await db.status()
    expect(counters.fallbacks).toBeGreaterThan(20)
    expect(counters.reads.postgres).toBe(before.reads.postgres)
    await server.restart()
    await until('PostgreSQL serves again', async () => {
      await read()
      return (await db.status()).counters.reads.postgres > before.reads.postgres
    })
  }, 30_000)

  test('a process that does not lead reads from PostgreSQL again after the outage', async () => {
    const leader = await rig.mirrored({ applier })
    await until('a leader', async () => (await leader.status()).applier.leader)
    // It tries again later than the other one, which therefore leads again.
    const options = { applier: { ...applier, retryMinMs: 2000, retryMaxMs: 2000 } }
    const db = await rig.open({ ...options, flags: { initial: { reads: { postgres: 100 } } } })
    await db.setFlags({ reads: { postgres: 100 } })
    await server.kill()
    await until('its breaker is open', async () => (await db.status()).breaker === 'open')
    await server.restart()
    await until('its breaker is closed', async () => (await db.status()).breaker === 'closed')
    await until('PostgreSQL serves again', async () => {
      await db.get('SELECT 1 FROM accounts')
      return (await db.status()).counters.reads.postgres > 0
    })
    expect((await db.status()).applier.leader).toBe(false)
  }, 30_000)
})

describe('PostgreSQL killed and started again while it is the primary', () => {
  test('a write in flight says that its outcome is unknown, others wait; nothing acknowledged is lost', async () => {
    const db = await rig.mirrored({ applier })
    await db.flip('postgres', { force: true })
    const writers = await start('a')
    const both = await start('b')
    await writesOf(writers, 40)
    await server.kill()
    await new Promise((resolve) => setTimeout(resolve, 300))
    await server.restart()
    await writesOf(writers, 40)
    await writesOf(both, 40)
    const ledgers = await stopAll()
    process.stderr.write(
      `killed under ${ledgers.reduce((sum, { writes }) => sum + writes, 0)} writes: ${ledgers.flatMap(({ unknown }) => unknown).length} of unknown outcome\n`,
    )
    expect(ledgers.flatMap(({ errors }) => errors)).toEqual([])
    await expectNothingLost(db, ledgers)
  }, 60_000)

  test('ack: both with error names the place that has committed, and the one that did nothing wrong only as behind', async () => {
    // The mirror still rests when the server is back.
    const db = await rig.mirrored({
      flags: { initial: { ack: 'both' } },
      onUnconfirmed: 'error',
      applier: { retryMinMs: 5000 },
    })
    await db.flip('postgres', { force: true })
    await server.kill()
    await known(db)
    await server.restart()
    const error = (await db.run(insert).catch((caught: unknown) => caught)) as LockstepError
    expect(error.code).toBe('ACK_UNCONFIRMED')
    expect(error.details).toMatchObject({ committed: 'postgres', unconfirmed: 'sqlite' })
    expect(error.message).toMatch(
      /committed on postgres.*sqlite has it is not confirmed: the mirror rests/,
    )
    expect(error.message).not.toMatch(/secondary|is back/)
  }, 30_000)

  test('a write that begins while it is away waits, and says so when its time is over', async () => {
    const db = await rig.mirrored({ applier })
    await db.flip('postgres', { force: true })
    const impatient = await rig.open({ applier, writes: { maxHeldMs: 500 } })
    await server.kill()
    await known(impatient)
    await expect(
      impatient.run(`INSERT INTO items (token, n) VALUES ('late', 0)`),
    ).rejects.toMatchObject({
      code: 'WRITE_TIMEOUT',
    })
    // Without anybody who waits for the server, the write says that it has not begun.
    await using parts = await assemble(rig, () => ({}))
    const { routing } = parts
    const direct = routing.postgres.write('run', routing.plans.of(insert).postgres(), [])
    await expect(direct).rejects.toMatchObject({
      code: 'POSTGRES_UNREACHABLE',
      details: { outcome: 'none' },
    })
    const waits = db.run(`INSERT INTO items (token, n) VALUES ('waits', 0)`)
    const inTransaction = db.transaction((tx) =>
      tx.run(`INSERT INTO items (token, n) VALUES ('waits too', 0)`),
    )
    await server.restart()
    await Promise.all([waits, inTransaction])
    await db.caughtUp()
    const { items } = await stateOf(rig, 'sqlite')
    expect(items.map(({ token }) => token).toSorted()).toEqual(['waits', 'waits too'])
  }, 30_000)

  test('a read in flight, and one that begins while it is away, are answered once it is back', async () => {
    const options = { flags: { initial: { reads: { postgres: 100 } } }, applier }
    const db = await rig.mirrored(options)
    await db.flip('postgres', { force: true })
    // A lock on the table holds the reads until the server dies with it.
    const holder = await rig.connect()
    await holder.query('BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE')
    const held = 'SELECT sum(balance) AS s FROM accounts'
    const inFlight = Array.from({ length: 12 }, () => db.get(held))
    const isRead = async (): Promise<boolean> =>
      (
        await rig.postgres(
          `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%balance%'`,
        )
      ).length > 5
    await until('they are under way', isRead)
    await server.kill()
    const late = db.get('SELECT sum(balance) AS s FROM accounts')
    await server.restart()
    for (const answer of await Promise.all([...inFlight, late]))
      expect(answer).toMatchObject({ s: 200_000 })
    expect((await db.status()).counters.held).toBe(0)
  }, 30_000)

  test('a read that waits is answered by SQLite once that is the primary', async () => {
    const db = await rig.mirrored({ flags: { initial: { reads: { postgres: 100 } } }, applier })
    await db.flip('postgres', { force: true })
    await db.caughtUp()
    await server.kill()
    const waits = db.get('SELECT sum(balance) AS s FROM accounts')
    await db.rollback({ acceptLoss: true })
    expect(await waits).toEqual({ s: 200_000 })
    await server.restart()
  }, 30_000)

  test('a read is tried again for a bounded time, and by a bounded number, then fails as it did', async () => {
    const initial = { reads: { postgres: 100 } }
    const db = await rig.mirrored({
      flags: { initial },
      applier,
      writes: { maxHeldMs: 400, maxHeld: 2 },
    })
    await db.flip('postgres', { force: true })
    await server.kill()
    await known(db)
    const started = performance.now()
    const reads = Array.from({ length: 5 }, () => db.get('SELECT sum(balance) AS s FROM accounts'))
    const write = db.run(`INSERT INTO items (token, n) VALUES ('late', 0)`)
    for (const answer of await Promise.allSettled(reads))
      expect(answer).toMatchObject({ reason: { code: 'POSTGRES_UNREACHABLE' } })
    expect(performance.now() - started).toBeGreaterThan(350)
    expect(performance.now() - started).toBeLessThan(3000)
    // Reads that wait take no place of the writes.
    await expect(write).rejects.toMatchObject({ code: 'WRITE_TIMEOUT' })
    await server.restart()
  }, 30_000)

  test('rollback with acceptLoss makes SQLite serve; what comes back is taken as the secondary, nothing forgotten', async () => {
    const db = await rig.mirrored({ applier })
    await db.flip('postgres', { force: true })
    await db.run(`INSERT INTO items (id, token, n) VALUES (1, 'shipped', 0)`)
    await db.caughtUp()
    await db.setFlags({ mirror: false })
    await until('the applier rests', async () => !(await db.status()).applier.running)
    await db.run(`INSERT INTO items (id, token, n) VALUES (2, 'lost', 0)`)
    await db.run(`UPDATE items SET n = 9 WHERE id = 1`)
    await db.run(`DELETE FROM accounts WHERE id = 7`)
    await server.kill()
    const moved = await db.rollback({ acceptLoss: true })
    expect(moved).toMatchObject({ from: 'postgres', to: 'sqlite' })
    await db.run(`INSERT INTO items (id, token, n) VALUES (2, 'after', 0)`)
    expect(await db.all('SELECT id, token, n FROM items')).toEqual([
      { id: 1, token: 'shipped', n: 0 },
      { id: 2, token: 'after', n: 0 },
    ])
    await db.setFlags({ mirror: true })
    await server.restart()
    await db.caughtUp({ timeoutMs: 20_000 })
    expect(await rig.differences()).toEqual([])
    const lost = await rig.postgres(
      'SELECT tbl, key, row_data FROM lockstep.lost ORDER BY tbl, key',
    )
    expect(lost).toEqual([
      { tbl: 'accounts', key: ['7'], row_data: null },
      { tbl: 'items', key: ['1'], row_data: { id: 1, token: 'shipped', n: 9 } },
      { tbl: 'items', key: ['2'], row_data: { id: 2, token: 'lost', n: 0 } },
    ])
    // PostgreSQL refuses writes again, and the next flip works.
    await expect(rig.postgres(`DELETE FROM items`)).rejects.toThrow(/does not take writes/)
    await db.flip('postgres')
    await db.run(`INSERT INTO items (token, n) VALUES ('again', 0)`)
    await db.caughtUp()
    expect(await rig.differences()).toEqual([])
  }, 30_000)
})
