import { expect, test, vi } from 'vitest'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import { Histogram } from '../../src/shadow/histogram.ts'
import { createRegistry } from '../../src/shadow/registry.ts'
import type { StatementFigures } from '../../src/shadow/statement-figures.ts'
import { openPair } from '../support/pair.ts'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE notes (id INTEGER PRIMARY KEY, user INTEGER, body TEXT);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30)
  INSERT INTO users SELECT i, 'name ' || i FROM n;`
const options = { flags: { initial: { shadow: { sample: 100 } } } } as const
const byId = 'SELECT * FROM users WHERE id = ?'

const find = async (db: Lockstep, statement: string) =>
  (await db.statements()).find((one) => one.statement === statement)

test('each statement is known by its calls, rows, times, comparisons and where it stands', async () => {
  await using pair = await openPair({ schema, options })
  const { db } = pair
  await db.caughtUp()
  for (let id = 1; id <= 5; id++) await db.get(byId, [id])
  await db.all('SELECT name FROM users')
  await db.run("INSERT INTO notes (user, body) VALUES (1, 'secret')")
  await db.transaction(async (tx) => tx.get('SELECT count(*) FROM notes'))
  await vi.waitFor(async () => expect((await find(db, byId))?.comparisons.equal).toBe(5), 20_000)
  expect(await find(db, byId)).toMatchObject({
    kind: 'select',
    tables: ['users'],
    calls: 5,
    rows: 1,
    translation: 'translated',
    latencyMs: { sqlite: { p50: expect.any(Number) }, postgres: { p99: expect.any(Number) } },
    repeated: null,
  })
  expect(await find(db, 'SELECT name FROM users')).toMatchObject({ calls: 1, rows: 30 })
  expect(await find(db, 'SELECT count(*) FROM notes')).toMatchObject({ calls: 1 })
  // What is written in a text is the application's data.
  expect(await find(db, 'INSERT INTO notes (user, body) VALUES (?, ?)')).toMatchObject({
    kind: 'insert',
    calls: 1,
  })
  expect(JSON.stringify(await db.statements())).not.toContain('secret')
  expect((await db.statements({ table: 'Notes' })).map(({ tables }) => tables)).toEqual([
    ['notes'],
    ['notes'],
  ])
  expect((await db.statements({ sort: 'calls', limit: 1 }))[0]?.statement).toBe(byId)
})

test('a loop of statements is named, in a session and without one', async () => {
  await using pair = await openPair({
    schema,
    options: { flags: { initial: { shadow: { sample: 0 } } } },
  })
  const { db } = pair
  await db.session({}, async () => {
    for (let id = 1; id <= 15; id++) {
      await db.get(byId, [id])
      await db.get('SELECT 1 FROM users WHERE id = ?', [id])
    }
  })
  for (let id = 1; id <= 12; id++) await db.get('SELECT name FROM users WHERE id = ?', [id])
  await db.get('SELECT 2')
  const loops = await db.statements({ repeated: true, sort: 'repeated' })
  expect(loops.map(({ statement, repeated }) => [statement, repeated?.most])).toEqual([
    [byId, 15],
    ['SELECT ? FROM users WHERE id = ?', 15],
    ['SELECT name FROM users WHERE id = ?', 12],
  ])
})

test('what is known of statements outlives the process, and adds up', async () => {
  await using pair = await openPair({ schema, options })
  for (let id = 1; id <= 3; id++) await pair.db.get(byId, [id])
  await pair.db.close()
  await using db = await createLockstep({
    sqlite: { path: pair.path },
    postgres: { connectionString: pair.url },
  })
  expect(await find(db, byId)).toMatchObject({ calls: 3 })
  for (let id = 1; id <= 4; id++) await db.get('select * from users where id = ? -- again', [id])
  expect((await db.statements()).map(({ calls }) => calls)).toContain(7)
})

test('the application does not see that its statements are counted', async () => {
  await using pair = await openPair({ schema, stage: 'plain' })
  await pair.db.run('INSERT INTO notes (user, body) VALUES (1, ?)', ['a'])
  expect(await pair.db.values('SELECT changes(), last_insert_rowid()')).toEqual([[1, 1]])
  await expect(pair.db.statements()).rejects.toMatchObject({ code: 'NOT_INSTALLED' })
})

test('10,000 statements take at most 50 MB, and of more the first ones go', () => {
  const kept = { all: () => [], find: () => undefined, update: async () => undefined, close() {} }
  const registry = createRegistry(kept)
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
  for (let n = 0; n < 11_000; n++) {
    const record = registry.of(
      `SELECT ${n} AS n, name, body FROM users JOIN notes ON user = users.id`,
    )
    record.ended('sqlite', record.begin([]), [])
    record.took('postgres', 1)
  }
  globalThis.gc?.()
  const after = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
  expect(after - before).toBeLessThan(50 * 1024 * 1024)
  expect(registry.figures().size).toBe(10_000)
})

test('a percentile of a histogram is within a tenth of the true one', () => {
  const histogram = new Histogram()
  const times = Array.from({ length: 10_000 }, (_, n) => 0.002 * 1.001 ** n)
  for (const ms of times) histogram.add(ms)
  for (const percent of [50, 95, 99]) {
    const truth = times[Math.ceil((times.length * percent) / 100) - 1] as number
    expect(Math.abs((histogram.percentile(percent) ?? 0) / truth - 1)).toBeLessThan(0.1)
  }
  const copy = new Histogram(histogram.counts())
  expect(copy.percentile(95)).toBe(histogram.percentile(95))
})

test('figures of several processes add up', async () => {
  const stored = new Map<string, StatementFigures>()
  const kept = {
    all: () => [...stored.values()],
    find: (id: string) => stored.get(id),
    update: async (
      ids: readonly string[],
      next: (known: StatementFigures | undefined, id: string) => StatementFigures | null,
    ) => {
      for (const id of ids) stored.set(id, next(stored.get(id), id) as StatementFigures)
    },
    close: () => undefined,
  }
  const [one, two] = [createRegistry(kept), createRegistry(kept)]
  for (const registry of [one, two, one]) {
    const record = registry.of(byId)
    record.ended('sqlite', record.begin([]), [1])
    record.judged('equal', null)
    await registry.flush()
    await registry.flush()
  }
  expect([...one.figures().values()]).toMatchObject([{ calls: 3, rows: 3, outcomes: { equal: 3 } }])
})
