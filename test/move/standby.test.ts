import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PostgresServer } from '../../src/demo/postgres-server.ts'
import type { BackfillProgress } from '../../src/index.ts'
import { openPair } from '../support/pair.ts'
import { postgres15Bindir } from '../support/postgres-15.ts'
import { inDatabase, onServer, startPostgres } from '../support/postgres.ts'
import { startStandby, type Standby } from '../support/standby.ts'

const many = `CREATE TABLE numbers (id INTEGER PRIMARY KEY, t TEXT);
  WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000)
  INSERT INTO numbers SELECT i, 'text ' || i FROM c`

// The embedded server comes without pg_basebackup.
const bindir = postgres15Bindir()

describe.skipIf(bindir === null)('a backfill waits for a standby of PostgreSQL', () => {
  let server: PostgresServer
  let standby: Standby
  beforeAll(async () => {
    server = await startPostgres({ bindir: bindir as string })
    standby = await startStandby(server, bindir as string)
  })
  afterAll(async () => {
    await standby[Symbol.asyncDispose]()
    await server.stop()
  })

  async function hold(): Promise<() => Promise<void>> {
    await standby.pause()
    return async () => await standby.resume()
  }

  async function hang(): Promise<() => Promise<void>> {
    const goOn = standby.freeze()
    return async () => goOn()
  }

  test.each([
    ['that applies nothing', hold],
    ['that hangs', hang],
  ])('%s, says so, and goes on with it', async (_, begin) => {
    const name = `of_${begin.name}`
    await onServer(server.url, `CREATE DATABASE ${name} TEMPLATE template0`)
    await using pair = await openPair({
      schema: many,
      stage: 'installed',
      database: { url: inDatabase(server.url, name), drop: async () => {} },
      options: { backfill: { rowsPerRange: 100, concurrency: 1, maxLagMs: 300 } },
    })
    await pair.db.applySchema()
    const goOn = await begin()
    // The first change that does not arrive there.
    await pair.pg.query('CREATE TABLE beside (n int)')
    await new Promise((resolve) => setTimeout(resolve, 500))
    let last: BackfillProgress | undefined
    const copied = pair.db.backfill({ onProgress: (now) => (last = now) })
    try {
      await expect
        .poll(() => last?.waiting, { timeout: 20_000 })
        .toMatch(/^a standby of PostgreSQL is \d+ ms behind$/)
      // Nothing is copied that would have to travel as well.
      await new Promise((resolve) => setTimeout(resolve, 1500))
      expect(last?.rows).toBe(0)
    } finally {
      await goOn()
    }
    expect((await copied).tables).toMatchObject([{ table: 'numbers', rows: 3000 }])
  })
})
