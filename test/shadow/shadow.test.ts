import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import { compareRows } from '../../src/shadow/compare.ts'
import { shadowOf } from '../../src/shadow/sample.ts'
import { Shadow, type ShadowRead } from '../../src/shadow/shadow.ts'
import { analyze } from '../../src/sql/statement.ts'
import { createDatabase } from '../support/postgres.ts'

describe('compareRows', () => {
  test.each([
    ['equal rows in another order, unordered', [[1], [2]], [[2], [1]], false, null],
    ['equal rows in another order, ordered', [[1], [2]], [[2], [1]], true, 'order'],
    ['a row that PostgreSQL has not', [[1], [2]], [[1]], false, 'missing'],
    ['a row that SQLite has not', [[1]], [[1], [2]], false, 'extra'],
    ['another value', [['a']], [['b']], false, 'value'],
    ['NULL and the empty string', [[null]], [['']], false, 'value'],
    ['text and the number it reads as', [['1']], [[1]], false, 'value'],
    ['the same bytes', [[Buffer.from([0, 1])]], [[Buffer.from([0, 1])]], false, null],
    ['an integer and the same bigint', [[1n]], [[1]], false, null],
    ['zero and negative zero', [[0]], [[-0]], false, 'value'],
  ] as const)('%s', (_, sqlite, postgres, ordered, expected) => {
    expect(compareRows(sqlite, postgres, ordered)).toBe(expected)
  })
})

test.each([
  ['SELECT * FROM t', true],
  ['SELECT random() FROM t', false],
  ["SELECT * FROM t WHERE at > datetime('now')", false],
  ['SELECT * FROM t LIMIT 5', false],
  ['SELECT * FROM t ORDER BY id LIMIT 5', true],
  ['SELECT 1', false],
])('%s is sampled: %s', (sql, sampled) => {
  expect(shadowOf(analyze(sql), []) !== null).toBe(sampled)
})

const places = (sqlite: unknown, postgres: unknown) => ({
  sqlite: async () => [[sqlite]],
  postgres: async () => [[postgres]],
})

describe('Shadow', () => {
  const read: ShadowRead = { sql: 'SELECT 1', args: [], tables: ['t'], ordered: false }
  test('a difference that is gone at aligned snapshots is transient, and nobody is told', async () => {
    const onDivergence = vi.fn<ConstructorParameters<typeof Shadow>[0]['onDivergence']>()
    const shadow = new Shadow({
      unusable: () => null,
      live: places(1, 2),
      aligned: (work) => work(places(2, 2)),
      onDivergence,
    })
    shadow.observe(read)
    await vi.waitFor(() => expect(shadow.counters.transient).toBe(1))
    expect(onDivergence).not.toHaveBeenCalled()
  })

  test('a difference that is there again at aligned snapshots is a divergence', async () => {
    const onDivergence = vi.fn<ConstructorParameters<typeof Shadow>[0]['onDivergence']>()
    const shadow = new Shadow({
      unusable: () => null,
      live: places(1, 2),
      aligned: (work) => work(places(1, 2)),
      onDivergence,
    })
    shadow.observe(read)
    await vi.waitFor(() => expect(onDivergence).toHaveBeenCalledWith(read, 'value'))
  })

  test('where no aligned snapshots can be had nothing is said', async () => {
    const onDivergence = vi.fn<ConstructorParameters<typeof Shadow>[0]['onDivergence']>()
    const shadow = new Shadow({
      unusable: () => null,
      live: places(1, 2),
      aligned: () => Promise.reject(new Error('away')),
      onDivergence,
    })
    shadow.observe(read)
    await vi.waitFor(() => expect(shadow.counters.runs).toBe(1))
    await shadow.stop()
    expect(onDivergence).not.toHaveBeenCalled()
    expect(shadow.counters).toMatchObject({ transient: 0, divergent: 0 })
  })

  test.each([
    ['has nothing to compare', () => 'away'],
    ['cannot tell', () => expect.fail('the control table is gone')],
  ])('where PostgreSQL %s a read is not run again', async (_, answer) => {
    const unusable = vi.fn<() => string | null>(answer)
    const shadow = new Shadow({
      unusable,
      live: places(1, 2),
      aligned: (work) => work(places(1, 2)),
      onDivergence: () => expect.fail('nothing was compared'),
    })
    shadow.observe(read)
    await vi.waitFor(() => expect(unusable).toHaveBeenCalled())
    await shadow.stop()
    expect(shadow.counters.runs).toBe(0)
  })

  test('what the queue cannot hold is dropped and counted', async () => {
    const shadow = new Shadow({
      unusable: () => null,
      live: places(1, 1),
      aligned: (work) => work(places(1, 1)),
      onDivergence: () => undefined,
    })
    for (let count = 0; count < 150; count++) shadow.observe(read)
    expect(shadow.counters.dropped).toBe(50)
    await vi.waitFor(() => expect(shadow.counters.equal).toBe(100))
  })
})

describe('on real databases', () => {
  let folder: string
  let database: Awaited<ReturnType<typeof createDatabase>>
  let db: Lockstep

  beforeAll(async () => {
    database = await createDatabase()
    folder = mkdtempSync(join(tmpdir(), 'lockstep-shadow-'))
    const path = join(folder, 'app.db')
    const file = new Database(path)
    file.pragma('journal_mode = WAL')
    file.exec('CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)')
    for (let id = 1; id <= 50; id++)
      file.prepare('INSERT INTO users VALUES (?, ?)').run(id, `name ${id}`)
    file.close()
    db = await createLockstep({
      sqlite: { path },
      postgres: { connectionString: database.url },
      flags: { initial: { shadow: { sample: 100 } } },
    })
    await db.install()
    await db.applySchema()
    await db.backfill()
  })

  afterAll(async () => {
    await db.close()
    await database.drop()
    rmSync(folder, { recursive: true })
  })

  test('reads beside writes cause no divergence', async () => {
    for (let id = 1; id <= 50; id++) {
      await db.run('UPDATE users SET name = ? WHERE id = ?', [`renamed ${id}`, id])
      await db.get('SELECT * FROM users WHERE id = ?', [id])
      await new Promise((resolve) => setImmediate(resolve))
    }
    await vi.waitFor(async () => {
      const { shadow } = (await db.status()).counters
      expect(shadow.equal + shadow.transient).toBe(50)
    })
    expect((await db.status()).divergences).toBe(0)
  })

  test('a row that someone changed behind the fence is a divergence, and a repair ends it', async () => {
    const seen = new Promise((resolve) => db.on('divergence', resolve))
    await db.caughtUp()
    const client = new Client(database.url)
    await client.connect()
    await client.query(
      `SET lockstep.applying = 'on'; UPDATE users SET name = 'tampered' WHERE id = 7`,
    )
    await client.end()
    const statement = 'SELECT * FROM users WHERE id = ?'
    await db.get(statement, [7])
    expect(await seen).toEqual({ statement, table: 'users', class: 'value' })
    expect(await db.verify()).toMatchObject({
      equal: false,
      differences: [{ table: 'users', column: 'name' }],
    })
    await db.repair({ table: 'users', keys: [[7]] })
    await db.caughtUp()
    expect((await db.verify()).equal).toBe(true)
  })
})
