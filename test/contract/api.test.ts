import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LockstepError, type Lockstep, type Params, type Queryable } from '../../src/index.ts'
import { openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE children (
    a TEXT, b INTEGER, parent INTEGER REFERENCES parents (id), note TEXT, bytes BLOB, weight REAL,
    PRIMARY KEY (a, b)
  );
  CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT);
  CREATE TABLE loose (v TEXT);
  INSERT INTO parents VALUES (1, 'ada'), (2, 'bob');
  INSERT INTO children VALUES ('x', 1, 1, 'first', x'00ff', 0.1), ('x', 2, NULL, NULL, NULL, NULL);
`

let sqlite: Pair
let postgres: Pair
beforeAll(async () => {
  sqlite = await openPair({ schema })
  postgres = await openPair({ schema, stage: 'flipped' })
  // Neither may answer for the other.
  await postgres.db.setFlags({ reads: { postgres: 100 } })
})
afterAll(async () => {
  await sqlite.close()
  await postgres.close()
})

/** A result, or what an application's error handling looks at. */
async function outcome(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return { result: await work() }
  } catch (error) {
    if (error instanceof LockstepError) return { code: error.code }
    return { error: `${(error as Error).name}: ${(error as Error).message}` }
  }
}

type Method = 'all' | 'get' | 'values' | 'run'
type Call = [method: Method, sql: string, params?: Params | undefined]

const direct: Record<Method, (db: Queryable, sql: string, params?: Params) => Promise<unknown>> = {
  all: (db, sql, params) => db.all(sql, params),
  get: (db, sql, params) => db.get(sql, params),
  values: (db, sql, params) => db.values(sql, params),
  run: (db, sql, params) => db.run(sql, params),
}
const prepared: Record<
  Method,
  (db: Queryable, sql: string, params: unknown[]) => Promise<unknown>
> = {
  all: (db, sql, params) => db.prepare(sql).all(...params),
  get: (db, sql, params) => db.prepare(sql).get(...params),
  values: (db, sql, params) => db.prepare(sql).values(...params),
  run: (db, sql, params) => db.prepare(sql).run(...params),
}

/** Runs the same calls on both places, one after the other, and gives the outcomes that they share. */
async function onBoth(work: (db: Lockstep) => Promise<unknown>): Promise<unknown> {
  const here = await outcome(() => work(sqlite.db))
  expect(await outcome(() => work(postgres.db))).toEqual(here)
  return here
}

test('both places serve for themselves', async () => {
  for (const [pair, place] of [
    [sqlite, 'sqlite'],
    [postgres, 'postgres'],
  ] as const) {
    const { counters } = await pair.db.status()
    const before = counters.reads[place]
    await pair.db.all('SELECT 1')
    const after = (await pair.db.status()).counters
    expect({ served: after.reads[place] - before, fallbacks: after.fallbacks }).toEqual({
      served: 1,
      fallbacks: 0,
    })
  }
})

const reads: Call[] = [
  ['all', 'SELECT * FROM parents ORDER BY id'],
  ['all', 'SELECT * FROM children ORDER BY b'],
  ['get', 'SELECT * FROM children WHERE b = ?', [2]],
  ['get', 'SELECT * FROM parents WHERE id = 404'],
  ['all', 'SELECT * FROM parents WHERE id = 404'],
  ['values', 'SELECT id, name FROM parents ORDER BY id'],
  ['values', 'SELECT id, id, name FROM parents ORDER BY id'],
  ['get', 'SELECT count(*) AS n, max(weight) AS heaviest FROM children'],
  ['all', 'SELECT name AS "Their Name" FROM parents WHERE name = :name', { name: 'ada' }],
  ['all', 'SELECT name FROM parents WHERE name IN ($a, @b) ORDER BY 1', { a: 'ada', b: 'bob' }],
  ['all', 'SELECT id FROM parents WHERE id = ?1 OR id = ?2 OR id = ?1 ORDER BY id', [1, 2]],
  ['all', 'WITH n AS (SELECT id FROM parents) SELECT count(*) AS many FROM n'],
  ['get', 'SELECT p.name, c.note FROM parents p JOIN children c ON c.parent = p.id'],
  ['get', 'SELECT note FROM children WHERE bytes = ?', [Buffer.from('00ff', 'hex')]],
  ['get', 'SELECT b FROM children WHERE weight = ?', [0.1]],
  ['get', 'SELECT b FROM children WHERE note IS NULL'],
  ['all', 'SELECT id FROM parents ORDER BY id DESC LIMIT 1 OFFSET ?', [1]],
]

test.each(reads)('%s %s gives the same rows', async (method, sql, params) => {
  const found = await onBoth((db) => direct[method](db, sql, params))
  expect(found).toHaveProperty('result')
  const again = await onBoth((db) =>
    prepared[method](db, sql, params === undefined ? [] : [params]),
  )
  expect(again).toEqual(found)
})

test('a prepared statement takes its values one by one, in a list, or by name', async () => {
  const byPlace = 'SELECT id FROM parents WHERE id = ? AND name = ?'
  const byName = 'SELECT id FROM parents WHERE id = :id AND name = :name'
  const found = await onBoth((db) =>
    Promise.all([
      db.prepare(byPlace).get(1, 'ada'),
      db.prepare(byPlace).get([1, 'ada']),
      db.prepare(byPlace).get([1], 'ada'),
      db.prepare(byName).get({ name: 'ada', id: 1 }),
      db.prepare(byName).get({ name: 'bob', id: 1 }),
    ]),
  )
  expect(found).toEqual({ result: [{ id: 1 }, { id: 1 }, { id: 1 }, { id: 1 }, undefined] })
  // Values taken by other rules are other values: what is there is refused, not guessed.
  const few = await onBoth((db) => db.prepare(byPlace).get(1))
  const many = await onBoth((db) => db.prepare(byPlace).get([1, 'ada'], 'ada'))
  const none = await onBoth((db) => db.prepare(byName).get(1, 'ada'))
  for (const refused of [few, many, none])
    expect(refused).toHaveProperty('error', expect.stringContaining('RangeError'))
})

/** Each is undone afterwards, so that the order of the cases has no part. */
class Undo extends Error {}
async function undone(db: Lockstep, work: (tx: Queryable) => Promise<unknown>): Promise<unknown> {
  let result: unknown
  await db
    .transaction(async (tx) => {
      result = await work(tx)
      throw new Undo()
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error
    })
  return result
}

const writes: Call[] = [
  ['run', `INSERT INTO parents VALUES (7, 'gus'), (8, 'hal')`],
  ['run', `UPDATE parents SET name = name || '!'`],
  ['run', `UPDATE parents SET name = 'x' WHERE id = 404`],
  ['run', 'DELETE FROM children'],
  [
    'run',
    `INSERT INTO parents VALUES (1, 'new') ON CONFLICT (id) DO UPDATE SET name = excluded.name`,
  ],
  ['run', `INSERT INTO parents VALUES (1, 'new') ON CONFLICT DO NOTHING`],
  ['run', `INSERT INTO parents SELECT id + 10, name || '?' FROM parents`],
  ['all', `INSERT INTO parents VALUES (9, 'kim') RETURNING id, name`],
  ['get', `UPDATE parents SET name = 'lea' WHERE id = 2 RETURNING *`],
  ['get', `UPDATE parents SET name = 'lea' WHERE id = 404 RETURNING *`],
  ['values', 'DELETE FROM children WHERE b = 1 RETURNING a, b'],
  // better-sqlite3's run() takes statements that return rows, and leaves the rows.
  ['run', 'SELECT * FROM parents'],
  ['run', `UPDATE parents SET name = name || '?' RETURNING name`],
]

/** SQLite's last_insert_rowid() outlives its statement; only an INSERT is promised its own. */
function withoutRowid(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || !('changes' in answer)) return answer
  return { changes: answer.changes }
}

describe('a write', () => {
  test.each(writes)(
    '%s %s gives the same answer and the same rows',
    async (method, sql, params) => {
      const answers = await onBoth(async (db) =>
        undone(db, async (tx) => [
          withoutRowid(await direct[method](tx, sql, params)),
          await tx.all('SELECT * FROM parents ORDER BY id'),
          await tx.all('SELECT * FROM children ORDER BY a, b'),
        ]),
      )
      expect(answers).toHaveProperty('result')
    },
  )

  test.each([
    [`INSERT INTO parents (name) VALUES ('x')`, 'SELECT name AS v FROM parents WHERE id = ?'],
    [
      `INSERT INTO parents (name) VALUES ('w'), ('x')`,
      'SELECT name AS v FROM parents WHERE id = ?',
    ],
    [`INSERT INTO parents VALUES (77, 'x')`, 'SELECT name AS v FROM parents WHERE id = ?'],
    [`INSERT INTO counted (v) VALUES ('x')`, 'SELECT v FROM counted WHERE id = ?'],
    [`INSERT INTO loose (v) VALUES ('x')`, 'SELECT v FROM loose WHERE rowid = ?'],
  ])('%s tells the key of its last row', async (insert, select) => {
    const found = await onBoth((db) =>
      undone(db, async (tx) => tx.get(select, [(await tx.run(insert)).lastInsertRowid])),
    )
    expect(found).toEqual({ result: { v: 'x' } })
  })
})

const failures: [code: string, ...call: Call][] = [
  ['SQLITE_CONSTRAINT_UNIQUE', 'run', `INSERT INTO parents VALUES (9, 'ada')`],
  ['SQLITE_CONSTRAINT_UNIQUE', 'run', `UPDATE parents SET name = 'bob'`],
  ['SQLITE_CONSTRAINT_PRIMARYKEY', 'run', `INSERT INTO parents VALUES (1, 'new')`],
  ['SQLITE_CONSTRAINT_PRIMARYKEY', 'run', `INSERT INTO children (a, b) VALUES ('x', 1)`],
  ['SQLITE_CONSTRAINT_NOTNULL', 'run', 'INSERT INTO parents VALUES (9, NULL)'],
  ['SQLITE_CONSTRAINT_NOTNULL', 'run', 'UPDATE parents SET name = NULL'],
  [
    'SQLITE_CONSTRAINT_FOREIGNKEY',
    'run',
    `INSERT INTO children (a, b, parent) VALUES ('y', 1, 404)`,
  ],
  ['SQLITE_CONSTRAINT_FOREIGNKEY', 'run', 'DELETE FROM parents WHERE id = 1'],
  ['SQLITE_ERROR', 'all', 'SELECT * FROM nowhere'],
  ['SQLITE_ERROR', 'run', 'INSERT INTO nowhere VALUES (1)'],
  ['SQLITE_ERROR', 'all', 'SELECT nothing FROM parents'],
  ['SQLITE_ERROR', 'all', 'SELEC 1'],
  ['SQLITE_ERROR', 'all', 'SELECT 1 FROM'],
  ['SQLITE_ERROR', 'run', `INSERT INTO parents VALUES (9, 'x', 'too many')`],
  ['SQLITE_ERROR', 'all', 'SELECT no_such_function(1)'],
  ['TypeError', 'all', `UPDATE parents SET name = 'x'`],
  ['RangeError', 'all', 'SELECT ?', []],
  ['RangeError', 'all', 'SELECT ?', [1, 2]],
  ['RangeError', 'all', 'SELECT 1', [1]],
  ['RangeError', 'all', 'SELECT :a', {}],
  ['RangeError', 'all', 'SELECT :a', [1]],
  ['TypeError', 'all', 'SELECT ?', [{}, Symbol('x')]],
  ['RangeError', 'all', 'SELECT ?', [2n ** 63n]],
  ['RangeError', 'all', 'SELECT 1; SELECT 2'],
  ['RangeError', 'all', ''],
]

describe('a mistake', () => {
  test.each(failures)('%s: %s %s', async (code, method, sql, params) => {
    const outside = await onBoth((db) => direct[method](db, sql, params))
    expect(JSON.stringify(outside)).toContain(code)
    // Inside a transaction it is the same mistake, and the transaction goes on.
    const inside = await onBoth((db) =>
      undone(db, async (tx) => [
        withoutRowid(await tx.run(`INSERT INTO loose (v) VALUES ('before')`)),
        await outcome(() => direct[method](tx, sql, params)),
        withoutRowid(await tx.run(`INSERT INTO loose (v) VALUES ('after')`)),
        await tx.all('SELECT v FROM loose'),
        await tx.all('SELECT * FROM parents ORDER BY id'),
      ]),
    )
    expect(inside).toMatchObject({
      result: [{ changes: 1 }, {}, { changes: 1 }, [{ v: 'before' }, { v: 'after' }], {}],
    })
    expect((inside as { result: unknown[] }).result[1]).toEqual(outside)
  })
})

/** PostgreSQL's own driver with the same text, as an application would call it without Lockstep. */
const past: Record<Method, (sql: string, params: readonly unknown[]) => Promise<unknown>> = {
  all: async (sql, params) => (await postgres.pg.query(sql, [...params])).rows,
  get: async (sql, params) => ((await postgres.pg.query(sql, [...params])).rows as unknown[])[0],
  values: async (sql, params) =>
    (await postgres.pg.query({ text: sql, values: [...params], rowMode: 'array' })).rows,
  run: async (sql, params) => {
    const { rowCount } = await postgres.pg.query(sql, [...params])
    return { changes: rowCount, lastInsertRowid: 0 }
  },
}

const parents = 'SELECT * FROM parents ORDER BY id'

/** The calls that PostgreSQL alone would answer as SQLite does, with the same rows behind them. */
async function answeredAlike(calls: readonly Call[], look: readonly string[]): Promise<string[]> {
  const alike: string[] = []
  for (const [method, sql, params] of calls) {
    const given = params === undefined ? [] : Array.isArray(params) ? params : [params]
    await postgres.pg.query('BEGIN')
    const theirs = await outcome(async () => [
      withoutRowid(await past[method](sql, given)),
      ...(await Promise.all(look.map((rows) => past.all(rows, [])))),
    ])
    await postgres.pg.query('ROLLBACK')
    const ours = await outcome(() =>
      undone(sqlite.db, async (tx) => [
        withoutRowid(await direct[method](tx, sql, params)),
        ...(await Promise.all(look.map((rows) => tx.all(rows)))),
      ]),
    )
    if (isDeepStrictEqual(theirs, ours)) alike.push(`${method} ${sql}`)
  }
  return alike
}

describe('without Lockstep in between', () => {
  test('a read gives other rows, but for those without a parameter and without an integer', async () => {
    expect(await answeredAlike(reads, [])).toEqual([
      'get SELECT * FROM parents WHERE id = 404',
      'all SELECT * FROM parents WHERE id = 404',
      'get SELECT p.name, c.note FROM parents p JOIN children c ON c.parent = p.id',
    ])
  })

  test('no write gives the same answer and the same rows', async () => {
    expect(await answeredAlike(writes, [parents])).toEqual([])
  })

  test('no mistake has the code that the application knows', async () => {
    const calls = failures.map(([, ...call]): Call => call)
    expect(await answeredAlike(calls, [])).toEqual([])
  })

  test('a mistake ends the transaction that it was made in', async () => {
    await postgres.pg.query('BEGIN')
    await expect(past.run('INSERT INTO nowhere VALUES (1)', [])).rejects.toThrow('nowhere')
    await expect(past.run(`INSERT INTO loose (v) VALUES ('after')`, [])).rejects.toThrow(/aborted/)
    await postgres.pg.query('ROLLBACK')
  })

  test('the key of the last row is told by nobody', async () => {
    await postgres.pg.query('BEGIN')
    const { lastInsertRowid } = (await past.run(`INSERT INTO parents VALUES (77, 'x')`, [])) as {
      lastInsertRowid: number
    }
    const select = 'SELECT name AS v FROM parents WHERE id = $1'
    expect(await past.get(select, [lastInsertRowid])).toBeUndefined()
    await postgres.pg.query('ROLLBACK')
  })
})
