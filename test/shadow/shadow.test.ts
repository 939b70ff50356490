import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { LockstepEvents } from '../../src/api.ts'
import { flip, openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, score REAL, at INTEGER);
  CREATE TABLE notes (user INTEGER REFERENCES users (id), body TEXT, PRIMARY KEY (user, body));
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)
  INSERT INTO users SELECT i, 'name ' || i, i * 0.1, i / 10 FROM n;
  INSERT INTO notes SELECT id, 'note of ' || id FROM users;`

const options = {
  flags: { initial: { shadow: { sample: 100 } } },
  shadow: { maxQueued: 1000 },
} as const

const counters = async ({ db }: Pair) => (await db.status()).counters.shadow

/** Resolves once every read that was observed has come to an end. */
async function settled(pair: Pair, reads: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const { runs: _, dropped, ...ends } = await counters(pair)
      const ended = Object.values(ends).reduce((sum, count) => sum + count, dropped)
      expect(ended).toBe(reads)
    },
    { timeout: 20_000 },
  )
}

/** Changes rows behind Lockstep's back, as somebody with psql may. */
async function tamper({ pg }: Pair, sql: string): Promise<void> {
  await pg.query(`SET lockstep.applying = 'on'; ${sql}; RESET lockstep.applying`)
}

function divergencesOf({ db }: Pair): LockstepEvents['divergence'][] {
  const seen: LockstepEvents['divergence'][] = []
  db.on('divergence', (one) => seen.push(one))
  return seen
}

describe.each(['mirrored', 'flipped'] as const)('while the pair is %s', (stage) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await openPair({ schema, options })
    await pair.db.caughtUp()
    if (stage === 'flipped') await flip(pair.db)
  })
  afterAll(async () => pair.close())

  test('reads of rows in flight cause no divergence', async () => {
    const seen = divergencesOf(pair)
    for (let id = 1; id <= 50; id++) {
      await pair.db.run('UPDATE users SET name = ? WHERE id = ?', [`renamed ${id}`, id])
      await pair.db.get('SELECT * FROM users WHERE id = ?', [id])
    }
    await settled(pair, 50)
    expect(seen).toEqual([])
    expect((await counters(pair)).equal).toBeGreaterThan(0)
  })

  test('answers that the data do not decide are no divergence', async () => {
    const seen = divergencesOf(pair)
    const before = await counters(pair)
    const statements = [
      'SELECT name FROM users LIMIT 3',
      'SELECT name FROM users ORDER BY at',
      'SELECT name FROM users ORDER BY at DESC LIMIT 7 OFFSET 3',
      'SELECT name, at FROM users ORDER BY at LIMIT ? OFFSET ?',
      'SELECT avg(score), sum(score) FROM users',
      'SELECT u.name, n.body FROM users u JOIN notes n ON n.user = u.id',
      'SELECT count(*) FROM users GROUP BY at',
    ]
    for (const sql of statements) await pair.db.all(sql, sql.includes('?') ? [5, 2] : [])
    const ended = Object.entries(before).filter(([name]) => name !== 'runs')
    await settled(pair, statements.length + ended.reduce((sum, [, count]) => sum + count, 0))
    expect(seen).toEqual([])
    expect(await counters(pair)).toMatchObject({ divergent: 0, untranslated: 0, unknown: 0 })
  })
})

test('each row that was changed behind the fence is found, by each statement that reads it', async () => {
  await using pair = await openPair({ schema, options })
  const { db } = pair
  await db.caughtUp()
  const seen = divergencesOf(pair)
  await tamper(pair, `UPDATE users SET name = 'tampered' WHERE id = 7`)
  await tamper(pair, `DELETE FROM users WHERE id = 8`)
  await tamper(pair, `INSERT INTO users (id, name, score, at) VALUES (99, 'extra', 0, 77)`)
  await tamper(pair, `UPDATE users SET score = 0.3 WHERE id = 3`)
  const statements: [string, unknown[], string][] = [
    ['SELECT * FROM users WHERE id = ?', [7], 'value'],
    ['SELECT name FROM users WHERE id = ?', [7], 'value'],
    ['SELECT id FROM users WHERE name = ?', ['name 7'], 'missing'],
    ['SELECT at FROM users WHERE id = ?', [8], 'missing'],
    ['SELECT at, id FROM users WHERE at = ?', [77], 'extra'],
    ['SELECT score FROM users WHERE id = ?', [3], 'value'],
    ['SELECT count(*) FROM users WHERE at < 2', [], 'value'],
    ['SELECT name FROM users ORDER BY id LIMIT 1 OFFSET 6', [], 'value'],
    ['SELECT name FROM users WHERE id = ? LIMIT 1', [7], 'value'],
    ['SELECT name FROM users WHERE id BETWEEN 5 AND 9 ORDER BY at LIMIT 4', [], 'value'],
  ]
  for (const [sql, args] of statements) await db.all(sql, args)
  // What reads none of these rows says nothing.
  await db.all('SELECT * FROM users WHERE id = ?', [20])
  await settled(pair, statements.length + 1)
  const classes = new Map(seen.map(({ statement, class: kind }) => [statement, kind]))
  expect(statements.map(([sql]) => [sql, classes.get(sql)])).toEqual(
    statements.map(([sql, , kind]) => [sql, kind]),
  )
  expect(await counters(pair)).toMatchObject({ divergent: statements.length, equal: 1 })
})

test('rows in another order are found where what sorts them is not in the answer', async () => {
  await using pair = await openPair({
    schema,
    options: {
      ...options,
      overrides: [
        {
          sqlite: 'SELECT name FROM users ORDER BY at, id',
          postgres: 'SELECT name FROM users ORDER BY at DESC, id',
        },
        {
          sqlite: 'SELECT name FROM users ORDER BY at',
          postgres: 'SELECT name FROM users ORDER BY at, id DESC',
        },
      ],
    },
  })
  const seen = divergencesOf(pair)
  await pair.db.caughtUp()
  await pair.db.all('SELECT name FROM users ORDER BY at')
  await settled(pair, 1)
  expect(seen).toEqual([])
  await pair.db.all('SELECT name FROM users ORDER BY at, id')
  await settled(pair, 2)
  expect(seen).toMatchObject([{ class: 'order' }])
})

test('a hook that throws is an event, and the comparison goes on without it', async () => {
  const broken = (): never => {
    throw new Error('a bug in the hook')
  }
  await using pair = await openPair({
    schema,
    options: { ...options, shadow: { clean: broken, compare: broken, ignore: broken } },
  })
  await pair.db.caughtUp()
  const failed: string[] = []
  pair.db.on('hook-failed', ({ hook }) => failed.push(hook))
  const seen = divergencesOf(pair)
  await tamper(pair, `UPDATE users SET name = 'tampered' WHERE id = 7`)
  expect(await pair.db.get('SELECT name FROM users WHERE id = 7')).toEqual({ name: 'name 7' })
  await settled(pair, 1)
  expect(seen).toHaveLength(1)
  expect(new Set(failed)).toEqual(new Set(['clean', 'compare', 'ignore']))
})

test('hooks and rules say what does not matter', async () => {
  await using pair = await openPair({
    schema,
    options: {
      ...options,
      shadow: {
        ignoreColumns: ['Users.name'],
        clean: ({ names, rows }) => ({
          names,
          rows: rows.map((row) => row.map((value, at) => (names[at] === 'score' ? null : value))),
        }),
        compare: (_, __, { tables }) => (tables.includes('notes') ? true : undefined),
        ignore: ({ class: kind }) => kind === 'missing',
      },
    },
  })
  await pair.db.caughtUp()
  const seen = divergencesOf(pair)
  await tamper(pair, `UPDATE users SET name = 'tampered', score = -1 WHERE id = 7`)
  await tamper(pair, `DELETE FROM users WHERE id = 8`)
  await tamper(pair, `DELETE FROM notes WHERE "user" = 8`)
  await pair.db.get('SELECT id, name, score FROM users WHERE id = 7')
  await pair.db.all('SELECT * FROM notes')
  await pair.db.get('SELECT id FROM users WHERE id = 8')
  await settled(pair, 3)
  expect(seen).toEqual([])
  expect(await counters(pair)).toMatchObject({ equal: 2, ignored: 1 })
})

test('what PostgreSQL has no form of is counted as that, and is no divergence', async () => {
  await using pair = await openPair({
    schema: `${schema} CREATE VIRTUAL TABLE words USING fts5 (word)`,
    options,
  })
  const seen = divergencesOf(pair)
  await pair.db.all("SELECT * FROM words WHERE words MATCH 'x'")
  await settled(pair, 1)
  expect(await counters(pair)).toMatchObject({ untranslated: 1 })
  expect(seen).toEqual([])
})

test('functions of the application are there for shadow reads', async () => {
  await using pair = await openPair({
    schema,
    options: {
      ...options,
      overrides: [
        {
          sqlite: 'SELECT shout(name) FROM users WHERE id = 1',
          postgres: 'SELECT upper(name) FROM users WHERE id = 1',
        },
      ],
    },
    setup: (db) => void db.function('shout', (text) => String(text).toUpperCase()),
  })
  await pair.db.caughtUp()
  await pair.db.all('SELECT shout(name) FROM users WHERE id = 1')
  await settled(pair, 1)
  expect(await counters(pair)).toMatchObject({ equal: 1 })
})

test('a statement that fails on PostgreSQL says nothing of those that are confirmed with it', async () => {
  const fails = 'SELECT name FROM users WHERE id = 1'
  await using pair = await openPair({
    schema,
    options: {
      ...options,
      overrides: [{ sqlite: fails, postgres: `${fails} AND 1 / (id - id) = 1` }],
    },
  })
  const { db } = pair
  await db.caughtUp()
  const seen = divergencesOf(pair)
  await tamper(pair, `UPDATE users SET name = 'other' WHERE id = 2`)
  const statements = Array.from({ length: 8 }, (_, n) =>
    n % 2 === 0 ? fails : `SELECT name FROM users WHERE id = 2 AND ${n} > 0`,
  )
  await Promise.all(statements.map((sql) => db.all(sql)))
  await settled(pair, 8)
  const of = (sql: string) => seen.filter(({ statement }) => statement.startsWith(sql))
  expect(new Set(of('SELECT name FROM users WHERE id = 2').map((one) => one.class))).toEqual(
    new Set(['value']),
  )
  expect(of(fails).some((one) => one.class === 'error')).toBe(true)
})
