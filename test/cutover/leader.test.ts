import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import { openSqlite } from '../../src/sqlite/connection.ts'
import { controlReader } from '../../src/sqlite/control.ts'
import { installedTables } from '../../src/sqlite/install.ts'
import { SqliteSource } from '../../src/sqlite/source.ts'
import { SqliteWriter } from '../../src/sqlite/writer.ts'
import { openPostgres } from '../../src/postgres/connection.ts'
import { PostgresSession } from '../../src/postgres/session.ts'
import { PostgresTarget } from '../../src/postgres/target.ts'
import { StalePositionError } from '../../src/place/place.ts'
import { Applier, type ApplierOptions } from '../../src/mirror/applier.ts'
import { openParts, type Parts } from '../support/parts.ts'
import { assemble } from './assemble.ts'
import { losses, stateOf } from './ledger.ts'
import { startWriters, type Writers } from './process.ts'
import { createRig, until, type Rig } from './rig.ts'

let rig: Rig
let running: Writers[] = []
const applier = { leaderPollMs: 100 }

beforeEach(async () => {
  rig = await createRig()
  await (await rig.mirrored({ applier: { enabled: false } })).close()
})
afterEach(async () => {
  await Promise.all(running.map((writers) => writers.kill()))
  running = []
  await rig.close()
})

async function start(name: string, writers = 4): Promise<Writers> {
  const started = await startWriters(rig, { name, writers, restMs: 3, options: { applier } })
  running.push(started)
  return started
}

async function leads(writers: Writers): Promise<boolean> {
  return (await writers.status()).applier.leader
}

const leadersSql = `SELECT count(DISTINCT pid)::int AS n FROM pg_locks
  WHERE locktype = 'advisory' AND granted AND classid = 4293 AND objid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`

async function leaders(): Promise<number> {
  const [row] = await rig.postgres<{ n: number }>(leadersSql)
  return row?.n ?? 0
}

async function balanceOf(place: 'sqlite' | 'postgres', token: string): Promise<number> {
  return (await stateOf(rig, place)).items.filter((item) => item.token === token).length
}

describe('of two processes', () => {
  test('exactly one applies, and when it is killed the other takes over', async () => {
    const [a, b] = [await start('a'), await start('b')]
    await until('one leads', async () => (await leads(a)) !== (await leads(b)))
    for (let look = 0; look < 20; look++) {
      expect([await leads(a), await leads(b)].filter(Boolean)).toHaveLength(1)
      expect(await leaders()).toBe(1)
    }
    const [leader, other] = (await leads(a)) ? [a, b] : [b, a]
    await leader.kill()
    const started = performance.now()
    await until('the other leads', () => leads(other), 5000)
    process.stderr.write(`taken over in ${Math.round(performance.now() - started)} ms\n`)
    const ledger = await other.stop()
    const db = await rig.open()
    await db.caughtUp()
    expect(ledger.errors).toEqual([])
    expect(
      losses(await stateOf(rig, 'postgres'), [ledger]).filter(
        (line) => !line.includes('never told'),
      ),
    ).toEqual([])
    expect(await rig.differences()).toEqual([])
  })

  test('who is not told of the lead applies beside the other, and one that may not never takes over', async () => {
    const [a, b] = [await assemble(rig, () => ({})), await assemble(rig, () => ({}))]
    const appliers = [a, b].map(({ engine }) => new Applier(whoeverAsks(engine)))
    for (const each of appliers) each.start()
    await a.run(`INSERT INTO items (token, n) VALUES ('x', 0)`)
    await until('it has arrived', async () => (await balanceOf('postgres', 'x')) === 1)
    // The look of the test above would find two, and no lock.
    expect(appliers.filter((each) => each.status.leader)).toHaveLength(2)
    expect(await leaders()).toBe(0)
    for (const each of appliers) await each.stop()
    await Promise.all([a.close(), b.close()])
    const idle = await rig.open({ applier: { enabled: false } })
    const leading = async (): Promise<boolean> => (await idle.status()).applier.leader
    await expect(until('it leads', leading, 1000)).rejects.toThrow('it leads')
  })

  test.each(['overtaken', 'deposed'])(
    'one that is stopped before it applies, and %s meanwhile, changes nothing when it wakes',
    async (fate) => {
      // Its own writers could be stopped while they hold SQLite's write lock, so it has none.
      const leader = await start('a', 0)
      await until('it leads', () => leads(leader))
      const other = await start('b')
      const db = await rig.open({ applier: { enabled: false } })
      await leader.stopAt('ship:before-apply')
      const deposed = `SELECT pg_terminate_backend(pid) FROM pg_locks
        WHERE locktype = 'advisory' AND classid = 4293 AND objid = 2`
      if (fate === 'deposed') {
        await rig.postgres(deposed)
        await until('the other leads', () => leads(other))
      }
      const before = await other.writes()
      await until('the other writes on', async () => (await other.writes()) > before + 30)
      // Ships, in whatever process: the position has moved.
      expect((await db.verify()).equal).toBe(true)
      leader.child.kill('SIGCONT')
      await until('one leads', async () => (await leads(leader)) !== (await leads(other)))
      const more = await other.writes()
      await until('the other writes on', async () => (await other.writes()) > more + 30)
      const ledgers = [await other.stop(), await leader.stop()]
      running = []
      await (await rig.open()).caughtUp()
      expect(ledgers.flatMap(({ errors }) => errors)).toEqual([])
      for (const place of ['sqlite', 'postgres'] as const)
        expect(losses(await stateOf(rig, place), ledgers)).toEqual([])
      expect(await rig.differences()).toEqual([])
    },
  )
})

/** The two ends of the applier, driven by hand. */
function parts(): {
  source: SqliteSource
  target: PostgresTarget
  close: () => Promise<void>
} {
  const file = openSqlite({ path: rig.path })
  const writer = new SqliteWriter(file.writer, { busyTimeoutMs: 1000, maxWaiting: 10 })
  const tables = installedTables(file.reader)
  const version = controlReader(file.reader)().schemaVersion
  const server = openPostgres({
    connectionString: rig.url,
    schema: 'public',
    max: 2,
    connectTimeoutMs: 5000,
    statementTimeoutMs: 5000,
  })
  const session = new PostgresSession(server)
  const source = new SqliteSource(file, writer, () => ({ tables, version }))
  return {
    source,
    target: new PostgresTarget(session, () => undefined),
    async close() {
      source.close()
      await session.drop()
      await server.close()
      file.close()
    },
  }
}

describe('the position', () => {
  test('keeps out the batch of an applier that was overtaken; forged, it would bring an old state back', async () => {
    const limits = { maxEntries: 100, maxBytes: 1e6 }
    const { source, target, close } = parts()
    const db = await rig.open({ applier: { enabled: false } })
    await db.run(`INSERT INTO items (id, token, n) VALUES (1, 'one', 1)`)
    const expected = await target.position()
    const stale = await source.open()
    const old = await stale.read(limits)
    await stale.close()
    // Another applier ships the same change, and a newer one.
    await db.run('UPDATE items SET n = 2 WHERE id = 1')
    const fresh = await source.open()
    const newer = await fresh.read(limits)
    await fresh.close()
    await target.apply(newer, expected)
    await source.discard(newer, 0)
    expect(await rig.differences()).toEqual([])

    await expect(target.apply(old, expected)).rejects.toThrow(StalePositionError)
    expect(await rig.differences()).toEqual([])
    // The newest journal entry that a batch knew of keeps it out as well.
    await expect(target.apply(old, await target.position())).rejects.toMatchObject({
      code: 'PRIMARY_REWOUND',
    })
    expect(await rig.differences()).toEqual([])
    await target.apply({ ...old, token: newer.token }, await target.position())
    expect(await rig.differences()).toEqual([
      expect.stringContaining('sqlite only') as string,
      expect.stringContaining('postgres only') as string,
    ])
    await close()
  })
})

describe('a process that does not lead', () => {
  let leader: Lockstep
  beforeEach(async () => {
    leader = await rig.open({ applier })
    await until('a leader', async () => (await leader.status()).applier.leader)
  })

  test('gets ack: both, for each of its writes, on either primary', async () => {
    const db = await rig.open({ applier })
    await db.setFlags({ ack: 'both' })
    for (const place of ['sqlite', 'postgres'] as const) {
      if (place === 'postgres') await leader.flip('postgres')
      const secondary = place === 'sqlite' ? 'postgres' : 'sqlite'
      for (let i = 0; i < 20; i++) {
        await db.run(`INSERT INTO items (token, n) VALUES (?, 0)`, [`${place} ${i}`])
        expect(await balanceOf(secondary, `${place} ${i}`)).toBe(1)
      }
    }
    expect(await db.status()).toMatchObject({
      applier: { leader: false, batches: 0 },
      counters: { degraded: 0 },
    })
    // The look would see it: with ack: primary some write is not on the other place yet.
    await db.setFlags({ ack: 'primary' })
    let missing = 0
    for (let i = 0; i < 50 && missing === 0; i++) {
      await db.run(`INSERT INTO items (token, n) VALUES (?, 0)`, [`primary ${i}`])
      missing += 1 - (await balanceOf('sqlite', `primary ${i}`))
    }
    expect(missing).toBe(1)
  })

  test('reads its own writes, wherever its reads go', async () => {
    const db = await rig.open({ applier })
    await db.setFlags({ reads: { postgres: 100 } })
    expect(await ownWritesMissed(db, 'own')).toBe(0)
    const { counters } = await db.status()
    expect(counters.reads.postgres).toBeGreaterThan(0)
    const replace = (): object => ({})
    const flags = { reads: { postgres: 100 } }
    await using naive = await openParts({ path: rig.path, url: rig.url, flags, replace })
    expect(await ownWritesMissed(naive, 'naive')).toBeGreaterThan(0)
  })
})

/** In how many of fifty sessions a read does not see what the session wrote. */
async function ownWritesMissed(
  db: Pick<Lockstep, 'run' | 'get' | 'session'>,
  name: string,
): Promise<number> {
  let missed = 0
  for (let i = 0; i < 50; i++) {
    await db.session({ key: `s${i}` }, async () => {
      const token = `${name} ${i}`
      await db.run(`INSERT INTO items (token, n) VALUES (?, 0)`, [token])
      const row = await db.get<{ n: number }>('SELECT count(*) AS n FROM items WHERE token = ?', [
        token,
      ])
      if (row?.n !== 1) missed++
    })
  }
  return missed
}

/** For an applier that leads without asking anyone. */
function whoeverAsks({ options, shipper, breaker, progress }: Parts['engine']): ApplierOptions {
  return {
    ...options.applier,
    enabled: true,
    shipper,
    leadership: {
      leader: true,
      tryLead: async () => true,
      resign: async () => undefined,
      drop: async () => undefined,
    },
    breaker,
    progressOf: (primary) => progress[primary],
    work: () => ({ primary: 'sqlite' }),
    changed: () => true,
    onLeader: () => undefined,
    onError: () => undefined,
  }
}
