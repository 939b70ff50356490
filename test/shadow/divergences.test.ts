import { expect, test, vi } from 'vitest'
import {
  createLockstep,
  type Lockstep,
  type LockstepEvents,
  type LockstepOptions,
} from '../../src/index.ts'
import { openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, secret TEXT);
  CREATE TABLE notes (user INTEGER, body TEXT, PRIMARY KEY (user, body));
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)
  INSERT INTO users SELECT i, 'name ' || i, 's3cret ' || i FROM n;
  INSERT INTO notes SELECT id, 'note of ' || id FROM users;`
const options = { flags: { initial: { shadow: { sample: 100 } } } } as const

async function tamper({ pg }: Pair, sql: string): Promise<void> {
  await pg.query(`SET lockstep.applying = 'on'; ${sql}; RESET lockstep.applying`)
}

/** Resolves when so many suspicions have been confirmed. */
async function confirmedTimes({ db }: Pair, times: number): Promise<void> {
  await vi.waitFor(async () => expect((await db.status()).counters.shadow.divergent).toBe(times), {
    timeout: 20_000,
  })
}

test('as many differences are counted as were made, each told once, with where it is and no value', async () => {
  await using pair = await openPair({ schema, options })
  const { db } = pair
  await db.caughtUp()
  const told: LockstepEvents['divergence'][] = []
  db.on('divergence', (one) => told.push(one))
  await tamper(
    pair,
    `UPDATE users SET secret = 'other' WHERE id IN (3, 7, 11);
     DELETE FROM users WHERE id = 20; INSERT INTO notes VALUES (99, 'of nobody')`,
  )
  const byKey = 'SELECT secret FROM users WHERE id = ?'
  for (const id of [3, 7, 11, 3, 7, 12]) await db.get(byKey, [id])
  await db.all("SELECT id, secret FROM users WHERE secret LIKE 's3cret 3'")
  await db.all('SELECT u.id, name FROM users u WHERE u.id = 20')
  await db.all('SELECT * FROM notes WHERE user = 99')
  await confirmedTimes(pair, 8)

  // Five rows were changed; two statements read one of them.
  expect((await db.status()).divergences).toBe(5)
  const listed = await db.divergences()
  const keyed = listed.find(({ statement }) => statement === byKey)
  expect(keyed).toMatchObject({
    class: 'value',
    state: 'open',
    rows: 3,
    seen: 5,
    tables: ['users'],
  })
  expect(keyed?.evidence).toContainEqual({
    rows: [{ table: 'users', key: '7' }],
    columns: ['secret'],
    sqlite: 'TEXT of 8 characters',
    postgres: 'TEXT of 5 characters',
  })
  expect(listed.map((one) => one.class).toSorted()).toEqual([
    'extra',
    'missing',
    'missing',
    'value',
  ])
  expect(JSON.stringify(listed)).not.toMatch(/s3cret|other|name 20/)
  // Each of the three rows was news once, as were the other statements.
  expect(told.map(({ class: kind }) => kind).toSorted()).toEqual([
    'extra',
    'missing',
    'missing',
    'value',
    'value',
    'value',
  ])
})

test('values are kept only where the configuration says so', async () => {
  await using pair = await openPair({ schema, options: { ...options, shadow: { values: true } } })
  await pair.db.caughtUp()
  await tamper(pair, `UPDATE users SET secret = 'other' WHERE id = 3`)
  await pair.db.get('SELECT secret FROM users WHERE id = 3')
  await confirmedTimes(pair, 1)
  expect((await pair.db.divergences())[0]?.evidence).toMatchObject([
    { sqlite: '"s3cret 3"', postgres: '"other"' },
  ])
})

test('of rows that nothing names both sides are shown, the values where the configuration says so', async () => {
  const grouped = 'SELECT secret, count(*) FROM users WHERE id < 4 GROUP BY secret'
  for (const values of [true, false]) {
    await using pair = await openPair({ schema, options: { ...options, shadow: { values } } })
    await pair.db.caughtUp()
    await tamper(pair, `UPDATE users SET secret = 'other' WHERE id IN (1, 2)`)
    await pair.db.all(grouped)
    await confirmedTimes(pair, 1)
    const [one] = await pair.db.divergences()
    expect(one?.evidence).toMatchObject([
      values
        ? { sqlite: '"s3cret 1", 1; "s3cret 2", 1', postgres: '"other", 2' }
        : { sqlite: 'a row', postgres: 'a row' },
    ])
  }
})

test('a repair ships the rows of a divergence again, and it is resolved where they are equal then', async () => {
  await using pair = await openPair({ schema, options })
  const { db } = pair
  await db.caughtUp()
  await tamper(pair, `UPDATE users SET name = 'x' WHERE id IN (1, 2); DELETE FROM notes`)
  for (const id of [1, 2]) await db.get('SELECT name FROM users WHERE id = ?', [id])
  await db.get('SELECT count(*) FROM notes')
  await confirmedTimes(pair, 3)
  const [counted, named] = (await db.divergences()).toSorted((a, b) => a.rows - b.rows)
  expect(await db.repairDivergence({ id: named?.id ?? '' })).toMatchObject({
    rows: 2,
    resolved: true,
  })
  expect((await db.status()).divergences).toBe(1)
  // Nothing names the rows that a count counts, so all of its table go.
  const mended = await db.repairDivergence({ id: counted?.id ?? '' })
  expect(mended).toMatchObject({ resolved: true })
  expect(mended.rows).toBeGreaterThanOrEqual(0)
  expect(await db.divergences({ state: 'open' })).toEqual([])
  expect(await db.divergences({ state: 'resolved' })).toMatchObject([
    { reason: 'repaired', rows: 0 },
    { reason: 'repaired', rows: 0 },
  ])
  expect(await pair.differences()).toEqual([])
})

test('no row is named where others look like it, and a repair mends it all the same', async () => {
  await using pair = await openPair({ schema, options })
  const { db } = pair
  await db.run(`UPDATE users SET name = 'twin' WHERE id IN (3, 4)`)
  await db.caughtUp()
  await tamper(pair, `UPDATE users SET name = 'x' WHERE id = 3`)
  await db.all('SELECT name FROM users')
  await confirmedTimes(pair, 1)
  const [one] = await db.divergences()
  expect(one?.evidence).toMatchObject([{ rows: [], columns: ['name'] }])
  expect(await db.repairDivergence({ id: one?.id ?? '' })).toMatchObject({ resolved: true })
  expect(await pair.differences()).toEqual([])
})

test('one that is ignored can be repaired as well, and stays ignored', async () => {
  await using pair = await openPair({ schema, options })
  const { db } = pair
  await db.caughtUp()
  await tamper(pair, `UPDATE users SET name = 'x' WHERE id = 1`)
  await db.get('SELECT name FROM users WHERE id = ?', [1])
  await confirmedTimes(pair, 1)
  const id = (await db.divergences())[0]?.id ?? ''
  await db.ignoreDivergence({ id, reason: 'looked at' })
  expect(await db.repairDivergence({ id })).toMatchObject({ rows: 1, resolved: true })
  expect(await db.divergences()).toMatchObject([{ state: 'ignored', reason: 'looked at' }])
  expect(await pair.differences()).toEqual([])
})

test('a statement that means another thing on PostgreSQL is not resolved by a repair', async () => {
  const sqlite = 'SELECT name FROM users WHERE id = 5'
  const postgres = 'SELECT upper(name) FROM users WHERE id = 5'
  await using pair = await openPair({
    schema,
    options: { ...options, overrides: [{ sqlite, postgres }] },
  })
  await pair.db.caughtUp()
  await pair.db.get(sqlite)
  await confirmedTimes(pair, 1)
  const [one] = await pair.db.divergences()
  expect(await pair.db.repairDivergence({ id: one?.id ?? '' })).toMatchObject({
    rows: 1,
    resolved: false,
  })
  expect((await pair.db.status()).divergences).toBe(1)
})

test('divergences outlive the process, which repairs them by their keys', async () => {
  await using pair = await openPair({ schema, options })
  await pair.db.caughtUp()
  await tamper(pair, `UPDATE users SET name = 'x' WHERE id = 8`)
  await pair.db.get('SELECT name FROM users WHERE id = ?', [8])
  await confirmedTimes(pair, 1)
  await pair.db.close()
  await using db = await createLockstep({
    sqlite: { path: pair.path },
    postgres: { connectionString: pair.url },
    applier: { leaderPollMs: 10 },
  })
  const [one] = await db.divergences()
  expect(one).toMatchObject({ state: 'open', rows: 1, class: 'value' })
  expect(await db.repairDivergence({ id: one?.id ?? '' })).toMatchObject({
    rows: 1,
    resolved: true,
  })
  expect((await db.status()).divergences).toBe(0)
})

const summed = 'SELECT sum(length(secret)) FROM users WHERE id < ?'

/** Another process of the application, which does not know with which arguments a statement ran. */
function another({ path, url }: Pair, options: Partial<LockstepOptions> = {}): Promise<Lockstep> {
  return createLockstep({
    sqlite: { path },
    postgres: { connectionString: url },
    applier: { leaderPollMs: 10 },
    ...options,
  })
}

type Overrides = { sqlite: string; postgres: string }[]

/** PostgreSQL answers `summed` with something else. */
function overridden(answer: string): Overrides {
  return [{ sqlite: summed, postgres: `SELECT ${answer} FROM users WHERE id < $1::bigint` }]
}

/** An open divergence of `summed`, though all rows are equal. */
async function openDivergent(overrides: Overrides): Promise<Pair> {
  const pair = await openPair({ schema, options: { ...options, overrides } })
  await pair.db.caughtUp()
  await pair.db.get(summed, [20])
  await confirmedTimes(pair, 1)
  return pair
}

test('where no row is named, a later run with the same arguments that is equal resolves it, in any process', async () => {
  await using pair = await openPair({ schema, options })
  await pair.db.caughtUp()
  await tamper(pair, `UPDATE users SET secret = 'longer than before' WHERE id = 8`)
  await pair.db.get(summed, [20])
  await confirmedTimes(pair, 1)
  expect(await pair.db.divergences()).toMatchObject([{ state: 'open', evidence: [{ rows: [] }] }])
  await pair.db.close()
  await using db = await another(pair)
  await db.repair({ table: 'users' })
  await db.caughtUp()
  const equal = async (times: number): Promise<void> =>
    vi.waitFor(async () => {
      const { shadow } = (await db.status()).counters
      expect(shadow).toMatchObject({ equal: times, transient: 0, divergent: 0 })
    })
  await db.get(summed, [30])
  await equal(1)
  expect(await db.divergences()).toMatchObject([{ state: 'open' }])
  await db.get(summed, [20])
  await vi.waitFor(async () => expect((await db.status()).divergences).toBe(0), 5000)
  await equal(2)
  expect(await db.divergences()).toMatchObject([{ state: 'resolved', reason: 'equal again' }])
})

test('a process that does not know the arguments takes it for mended where all rows of its tables are equal', async () => {
  const overrides = overridden('sum(length(secret)) + 1')
  await using pair = await openDivergent(overrides)
  const [one] = await pair.db.divergences()
  const id = one?.id ?? ''
  expect(await pair.db.repairDivergence({ id })).toMatchObject({
    resolved: false,
    found: 'the places still differ',
  })
  await using other = await another(pair, { overrides })
  expect(await other.repairDivergence({ id })).toMatchObject({
    resolved: true,
    found: expect.stringContaining('its arguments are not known here') as string,
  })
  expect(await other.divergences()).toMatchObject([
    { state: 'resolved', reason: 'taken for mended: the rows of its tables are equal' },
  ])
  // The statement is at fault, not the rows: the next run says so.
  await pair.db.get(summed, [20])
  await confirmedTimes(pair, 2)
  expect(await other.divergences()).toMatchObject([{ state: 'open' }])
})

test('a process that does not know the arguments says so of what no row can explain', async () => {
  const overrides = overridden('sum(length(secret)) / 0')
  await using pair = await openDivergent(overrides)
  const [one] = await pair.db.divergences()
  expect(one).toMatchObject({ class: 'error' })
  await using other = await another(pair, { overrides })
  expect(await other.repairDivergence({ id: one?.id ?? '' })).toMatchObject({
    resolved: false,
    found: expect.stringContaining('its arguments are not known here') as string,
  })
})

test('what is not repaired is not taken for mended: the tables of a view are compared as well', async () => {
  const view = `${schema}; CREATE VIEW lengths AS SELECT id, length(secret) AS n FROM users;`
  await using pair = await openPair({ schema: view, options })
  await pair.db.caughtUp()
  await tamper(pair, `UPDATE users SET secret = 'longer than before' WHERE id = 8`)
  await pair.db.get('SELECT sum(n) FROM lengths WHERE id < ?', [20])
  await confirmedTimes(pair, 1)
  const [one] = await pair.db.divergences()
  await using other = await another(pair)
  expect(await other.repairDivergence({ id: one?.id ?? '' })).toMatchObject({
    resolved: false,
    found: expect.stringContaining('rows of its tables still differ') as string,
  })
})

test('one that is ignored stays so, and one that comes back after it was resolved is news again', async () => {
  await using pair = await openPair({ schema, options })
  const { db } = pair
  await db.caughtUp()
  let told = 0
  db.on('divergence', () => (told += 1))
  const sql = 'SELECT name FROM users WHERE id = ?'
  await tamper(pair, `UPDATE users SET name = 'x' WHERE id = 8`)
  await db.get(sql, [8])
  await confirmedTimes(pair, 1)
  const id = (await db.divergences())[0]?.id ?? ''
  await db.repairDivergence({ id })
  await tamper(pair, `UPDATE users SET name = 'x' WHERE id = 8`)
  await db.get(sql, [8])
  await confirmedTimes(pair, 2)
  expect(told).toBe(2)
  expect(await db.ignoreDivergence({ id, reason: 'a test' })).toMatchObject({ reason: 'a test' })
  await db.get(sql, [8])
  await confirmedTimes(pair, 3)
  expect(told).toBe(2)
  expect(await db.divergences()).toMatchObject([{ state: 'ignored', seen: 3 }])
  expect((await db.status()).divergences).toBe(0)
})

test('the application does not see Lockstep write down what it has found', async () => {
  await using pair = await openPair({ schema, options })
  const { db } = pair
  await db.caughtUp()
  await tamper(pair, `UPDATE users SET name = 'x' WHERE id = 8`)
  await db.run('INSERT INTO notes VALUES (8, ?)', ['a'])
  await db.get('SELECT name FROM users WHERE id = 8')
  await confirmedTimes(pair, 1)
  expect(await db.values('SELECT changes()')).toEqual([[1]])
  const last = await db.values('SELECT last_insert_rowid()')
  await db.verify()
  await db.audited({ call: 'flip', actor: 'a test', arguments: {} }, async () => undefined)
  const [divergence] = await db.divergences()
  await db.ignoreDivergence({ id: divergence?.id as string, reason: 'a test' })
  expect(await db.values('SELECT last_insert_rowid()')).toEqual(last)
})

test('of 201 divergences the one that was seen longest ago goes, and of the rows of each 200 are kept', async () => {
  const many = `
    CREATE TABLE many (id INTEGER PRIMARY KEY, n INTEGER);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
    INSERT INTO many SELECT i, i FROM n`
  await using pair = await openPair({ schema: many, options })
  const { db } = pair
  await db.caughtUp()
  await tamper(pair, 'UPDATE many SET n = n + 1')
  await db.all('SELECT id, n FROM many')
  await confirmedTimes(pair, 1)
  expect(await db.divergences()).toMatchObject([{ rows: 200 }])
  expect((await db.status()).divergences).toBe(200)

  const earlier = (n: number): string => `earlier ${n}`
  const copy = pair.sqlite.prepare(`INSERT INTO _lockstep_divergences (id, at_ms, record)
    SELECT $id, $at, json_set(record, '$.id', $id) FROM _lockstep_divergences LIMIT 1`)
  for (let n = 1; n < 200; n++) copy.run({ id: earlier(n), at: n })
  expect(await db.divergences()).toHaveLength(200)
  const isTold = new Promise((resolve) => db.on('divergence', resolve))
  await db.get('SELECT n FROM many WHERE id = 7')
  await isTold
  const kept = (await db.divergences()).map(({ id }) => id)
  expect(kept).toHaveLength(200)
  expect(kept).not.toContain(earlier(1))
  expect(kept).toContain(earlier(2))
})
