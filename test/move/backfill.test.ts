import { describe, expect, test } from 'vitest'
import { createLockstep, type BackfillProgress } from '../../src/index.ts'
import { openPair, type Pair } from '../support/pair.ts'

const many = `CREATE TABLE numbers (id INTEGER PRIMARY KEY, n INTEGER, r REAL, t TEXT, b BLOB);
  WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000)
  INSERT INTO numbers SELECT i, i * 7, i / 3.0, 'text ' || i, CAST('blob ' || i AS BLOB) FROM c`

type Settings = Parameters<typeof openPair>[0]

/** A pair whose tables are there and empty on PostgreSQL. */
async function openEmpty(settings: Settings): Promise<Pair> {
  const pair = await openPair({ ...settings, stage: 'installed' })
  await pair.db.applySchema()
  return pair
}

/** Resolves once `report` has said what is waited for. */
function awaitReport(what: (now: BackfillProgress) => boolean): {
  onProgress: (now: BackfillProgress) => void
  told: Promise<BackfillProgress>
} {
  let tell: (now: BackfillProgress) => void
  const told = new Promise<BackfillProgress>((resolve) => (tell = resolve))
  return { onProgress: (now) => void (what(now) && tell(now)), told }
}

describe('ranges', () => {
  /** How many of them are begun while none may end. */
  async function countBegun(concurrency: number): Promise<number> {
    let begun = 0
    let goOn = (): void => undefined
    const held = new Promise<void>((resolve) => (goOn = resolve))
    const reach = (point: string): Promise<void> | undefined => {
      if (point !== 'backfill:range-begun') return undefined
      begun += 1
      return held
    }
    await using pair = await openEmpty({
      schema: many,
      options: { backfill: { concurrency, rowsPerRange: 100 }, testing: { reach } },
    })
    const copied = pair.db.backfill()
    await expect.poll(() => begun, { timeout: 20_000 }).toBe(concurrency)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const atOnce = begun
    goOn()
    const { tables } = await copied
    expect(tables).toMatchObject([{ table: 'numbers', rows: 3000, quarantined: 0 }])
    expect(begun).toBe(31)
    expect(await pair.differences()).toEqual([])
    return atOnce
  }

  test('of one table are copied side by side, as many as the setting says', async () => {
    expect(await countBegun(3)).toBe(3)
    expect(await countBegun(1)).toBe(1)
  })

  test('leave no row out where the key tells apart what its column takes for equal', async () => {
    await using pair = await openEmpty({
      schema: `CREATE TABLE words (w TEXT COLLATE NOCASE, n INTEGER, PRIMARY KEY (w COLLATE BINARY));
        INSERT INTO words VALUES ('a', 1), ('A', 2), ('b', 3), ('B', 4);
        CREATE TABLE names (w TEXT COLLATE NOCASE PRIMARY KEY, n INTEGER) WITHOUT ROWID;
        INSERT INTO names VALUES ('B', 1), ('a', 2), ('C', 3)`,
      options: { backfill: { rowsPerRange: 1 } },
    })
    const { tables } = await pair.db.backfill()
    expect(tables.map(({ rows }) => rows)).toEqual([4, 3])
    expect(await pair.differences()).toEqual([])
  })

  test('are read with what the application sets up on its connections', async () => {
    await using pair = await openPair({
      schema: `CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 5), (2, 6)`,
      stage: 'plain',
    })
    pair.sqlite.function('thrice', { deterministic: true }, (n: unknown) => (n as bigint) * 3n)
    pair.sqlite.exec('ALTER TABLE t ADD COLUMN m INTEGER AS (thrice(n))')
    const db = await createLockstep({
      sqlite: {
        path: pair.path,
        setup: (own) =>
          own.function('thrice', { deterministic: true }, (n: unknown) => Number(n) * 3),
      },
      postgres: { connectionString: pair.url },
    })
    try {
      await db.install()
      await db.applySchema()
      await db.backfill()
      expect(await pair.pgRows('SELECT id, m FROM t ORDER BY id')).toEqual([
        ['1', '15'],
        ['2', '18'],
      ])
    } finally {
      await db.close()
    }
  })
})

test('rows that PostgreSQL refuses go to quarantine, and those beside them arrive', async () => {
  await using pair = await openEmpty({
    schema: `CREATE TABLE wide (id INTEGER PRIMARY KEY, a INTEGER, n INTEGER AS (a * 2));
      WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100)
      INSERT INTO wide (id, a) SELECT i, iif(i IN (7, 50), 5000000000000000000, i) FROM c`,
    options: { backfill: { rowsPerRange: 30 } },
  })
  const { tables } = await pair.db.backfill()
  // Those of the ranges that were refused went by the applier, and count all the same.
  expect(tables).toMatchObject([{ table: 'wide', rows: 98, quarantined: 2 }])
  const keys = await pair.pgRows('SELECT key FROM lockstep.quarantine ORDER BY key')
  expect(keys).toEqual([['50'], ['7']])
  expect(await pair.pgRows('SELECT count(*) FROM wide')).toEqual([['98']])
})

describe('a backfill waits, and says why', () => {
  const options = { backfill: { rowsPerRange: 100, concurrency: 2, maxActive: 0 } }

  test('while it is throttled to nothing, until another process lets it go', async () => {
    await using pair = await openEmpty({ schema: many, options })
    await using other = await createLockstep({
      sqlite: { path: pair.path },
      postgres: { connectionString: pair.url },
      applier: { enabled: false },
    })
    await other.throttle(0)
    const { onProgress, told } = awaitReport(({ waiting }) => waiting !== null)
    const copied = pair.db.backfill({ onProgress })
    expect(await told).toMatchObject({ waiting: 'it is throttled to 0 %', rows: 0, total: 3000 })
    await other.throttle(100)
    expect((await copied).tables).toMatchObject([{ rows: 3000 }])
    await expect(other.throttle(101)).rejects.toThrow(TypeError)
  })

  test('while others keep PostgreSQL busy', async () => {
    await using pair = await openEmpty({ schema: many, options })
    const busy = await pair.connect()
    const sleeping = busy.query('SELECT pg_sleep(60)').catch(() => undefined)
    const { onProgress, told } = awaitReport(({ waiting }) => waiting !== null)
    const copied = pair.db.backfill({ onProgress })
    expect((await told).waiting).toBe('PostgreSQL is busy: 1 sessions run a statement')
    await pair.pg.query(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity
      WHERE query LIKE 'SELECT pg_sleep%' AND datname = current_database()`)
    await sleeping
    expect((await copied).tables).toMatchObject([{ rows: 3000 }])
  })

  test('and ends at once when it is told to while it waits', async () => {
    await using pair = await openEmpty({ schema: many, options })
    await pair.db.throttle(0)
    const { onProgress, told } = awaitReport(({ waiting }) => waiting !== null)
    const stop = new AbortController()
    const copied = pair.db.backfill({ onProgress, signal: stop.signal })
    await told
    stop.abort(new Error('enough'))
    await expect(copied).rejects.toThrow('enough')
  })
})
