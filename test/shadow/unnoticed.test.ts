import { Client } from 'pg'
import { expect, test } from 'vitest'
import { openBehindProxy } from '../support/behind-proxy.ts'
import type { FaultProxy } from '../support/fault-proxy.ts'
import { openPair, type Pair } from '../support/pair.ts'
import { startPostgres } from '../support/postgres.ts'
import { freezeServer } from '../support/server-pids.ts'
import type { LockstepOptions } from '../../src/options/options.ts'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
  INSERT INTO users SELECT i, 'name ' || i FROM n;`
const sql = 'SELECT * FROM users WHERE id = ?'

async function open(shadow: LockstepOptions['shadow'] = {}): Promise<Pair & { proxy: FaultProxy }> {
  return openBehindProxy({
    schema,
    options: {
      flags: { initial: { shadow: { sample: 0 } } },
      shadow: { timeoutMs: 300, ...shadow },
    },
  })
}

/** Reads for a while at a pace; every answer must be right. The 99th of a hundred, in milliseconds. */
async function p99({ db }: Pair, reads: number): Promise<number> {
  const times: number[] = []
  for (let index = 0; index < reads; index++) {
    const id = (index % 1000) + 1
    const begun = performance.now()
    const row = await db.get(sql, [id])
    times.push(performance.now() - begun)
    if ((row as { name: string }).name !== `name ${id}`) throw new Error('a wrong answer')
    if (index % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return times.toSorted((a, b) => a - b)[Math.floor(reads * 0.99)] as number
}

/**
 * The 99th of a hundred with shadow reads to that without, in the best of the rounds: other work on the machine makes
 * single ones slow.
 */
async function leastRatio(pair: Pair): Promise<number> {
  const ratios: number[] = []
  for (let round = 0; round < 5; round++) {
    await pair.db.setFlags({ shadow: { sample: 0 } })
    const off = await p99(pair, 4000)
    await pair.db.setFlags({ shadow: { sample: 5 } })
    ratios.push((await p99(pair, 4000)) / Math.max(off, 0.02))
  }
  return Math.min(...ratios)
}

type Fault = (pair: Pair & { proxy: FaultProxy }) => unknown

test.each<[string, Fault, LockstepOptions['shadow']]>([
  ['hangs', ({ proxy }) => proxy.hang(), {}],
  ['is half a second away', ({ proxy }) => (proxy.latencyMs = 500), {}],
  ['refuses', ({ proxy }) => proxy.refuse(), {}],
  [
    'answers wrong',
    async ({ proxy }) => {
      const client = new Client({ connectionString: proxy.url })
      await client.connect()
      await client.query(`SET lockstep.applying = 'on'; UPDATE users SET name = 'wrong'`)
      await client.end()
    },
    {},
  ],
  ['is well and the queue is full', () => undefined, { maxQueued: 0 }],
  [
    'is well and a hook throws',
    () => undefined,
    {
      compare: () => {
        throw new Error('a bug in the hook')
      },
    },
  ],
])('the caller does not notice when PostgreSQL %s', async (_, fail, shadow) => {
  await using pair = await open(shadow)
  await pair.db.caughtUp()
  await p99(pair, 2000)
  await fail(pair)
  expect(await leastRatio(pair)).toBeLessThan(1.1)
})

test('what is observed while PostgreSQL hangs is dropped and counted, and it goes on when it is back', async () => {
  await using pair = await open({ maxQueued: 10 })
  await pair.db.caughtUp()
  await pair.db.setFlags({ shadow: { sample: 100 } })
  pair.proxy.hang()
  for (let round = 0; round < 5; round++) await p99(pair, 50)
  const counters = async () => (await pair.db.status()).counters.shadow
  await expect
    .poll(async () => p99(pair, 1).then(counters), { timeout: 5000 })
    .toMatchObject({
      equal: 0,
    })
  pair.proxy.heal()
  await expect
    .poll(async () => (await p99(pair, 5), (await counters()).equal), {
      timeout: 20_000,
      interval: 200,
    })
    .toBeGreaterThan(0)
  expect((await counters()).dropped).toBeGreaterThan(200)
}, 90_000)

test('the caller does not notice when every process of PostgreSQL is stopped, and writes go on', async () => {
  const server = await startPostgres()
  const postgres = { connectionString: server.url, connectTimeoutMs: 1000 }
  const flags = { initial: { shadow: { sample: 100 } } }
  await using pair = await openPair({
    schema,
    options: { postgres, flags, shadow: { timeoutMs: 300 } },
  })
  const counters = async () => (await pair.db.status()).counters.shadow
  await pair.db.caughtUp()
  await p99(pair, 100)
  await expect.poll(async () => (await counters()).equal, { timeout: 10_000 }).toBeGreaterThan(0)
  const folder = new Client({ connectionString: server.url })
  await folder.connect()
  const { rows } = await folder.query<{ data_directory: string }>('SHOW data_directory')
  await folder.end()
  const thaw = freezeServer(rows[0]?.data_directory ?? '')
  try {
    expect(await leastRatio(pair)).toBeLessThan(1.1)
    const begun = performance.now()
    await pair.db.run("INSERT INTO users VALUES (2000, 'while it stood')")
    expect(performance.now() - begun).toBeLessThan(1000)
  } finally {
    thaw()
  }
  const before = (await counters()).equal
  await pair.db.setFlags({ shadow: { sample: 100 } })
  await expect
    .poll(async () => (await p99(pair, 5), (await counters()).equal), { timeout: 30_000 })
    .toBeGreaterThan(before)
  await pair.db.caughtUp({ timeoutMs: 30_000 })
  expect((await pair.db.verify()).equal).toBe(true)
  await pair.db.close()
  await server.stop()
}, 90_000)
