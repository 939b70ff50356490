import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Params } from '../../src/api.ts'
import { openPair, type Pair } from '../support/pair.ts'
import { outcomeOf } from './outcome.ts'

const schema = `
  CREATE TABLE documents (id INTEGER PRIMARY KEY, title TEXT, day INTEGER);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
  INSERT INTO documents SELECT i, 'title ' || i, i / 10 FROM n;`

test('rows that look alike and sort otherwise are told apart', async () => {
  const names = `
    CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT, day INTEGER);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)
    INSERT INTO names SELECT i, 'name ' || (i * 7 % 10), i / 3 FROM n;`
  const turned = (sql: string) => ({
    sqlite: sql,
    postgres: sql.replace('ORDER BY day', 'ORDER BY day, id DESC'),
  })
  const free = [
    'SELECT name FROM names ORDER BY day LIMIT 20 OFFSET 31',
    'SELECT name, upper(name) AS name FROM names ORDER BY day LIMIT 20 OFFSET 600',
    'SELECT name AS id FROM names ORDER BY day',
    'SELECT day, name FROM names ORDER BY day LIMIT 7, 7',
    "SELECT 'a' || (id % 2) AS name FROM names ORDER BY day LIMIT 20 OFFSET 31",
  ]
  await using pair = await openPair({
    schema: names,
    options: {
      flags: { initial: { shadow: { sample: 100 } } },
      overrides: [
        ...free.map(turned),
        {
          sqlite: 'SELECT name FROM names ORDER BY day LIMIT 22 OFFSET 31',
          postgres: 'SELECT name FROM names ORDER BY day LIMIT 22 OFFSET 33',
        },
      ],
    },
  })
  await pair.db.caughtUp()
  for (const sql of free) expect([sql, await outcomeOf(pair, sql)]).not.toContain('divergent')
  expect(await outcomeOf(pair, 'SELECT name FROM names ORDER BY day LIMIT 22 OFFSET 31')).toBe(
    'divergent',
  )
})

describe('in a table of more rows than are compared, behind an ORDER BY with ties', () => {
  let pair: Pair
  beforeAll(async () => {
    const options = { flags: { initial: { shadow: { sample: 100 } } } } as const
    pair = await openPair({ schema, options })
    await pair.db.caughtUp()
    await pair.pg
      .query(`SET lockstep.applying = 'on'; UPDATE documents SET title = 'other' WHERE id IN (77, 2005);
      RESET lockstep.applying`)
  })
  afterAll(async () => pair.close())

  test.each<[string, Params]>([
    ['SELECT id, title FROM documents ORDER BY day LIMIT 100', []],
    ['SELECT title FROM documents ORDER BY day LIMIT 100', []],
    ['SELECT title FROM documents ORDER BY day LIMIT ? OFFSET ?', [15, 1999]],
    ['SELECT title FROM documents WHERE day < :day ORDER BY day DESC LIMIT :n', { day: 8, n: 15 }],
    ['SELECT title, day FROM documents ORDER BY 2 LIMIT 2000, 30', []],
    ['SELECT upper(title) FROM documents ORDER BY day % 100, day LIMIT 99', []],
  ])('a row that differs is a divergence of %s', async (sql, params) => {
    expect(await outcomeOf(pair, sql, params)).toBe('divergent')
  })

  test('and is the only one that is named', async () => {
    const named = (await pair.db.divergences()).flatMap(({ evidence }) =>
      evidence.flatMap(({ rows }) => rows.map(({ key }) => key)),
    )
    expect([...new Set(named)].toSorted()).toEqual(['2005', '77'])
  })

  test('rows that PostgreSQL was free to choose are none', async () => {
    const sql = 'SELECT id FROM documents WHERE day > 150 ORDER BY day LIMIT 1005 OFFSET 1'
    await using other = await openPair({
      schema,
      options: {
        flags: { initial: { shadow: { sample: 100 } } },
        shadow: { maxRows: 2000 },
        overrides: [{ sqlite: sql, postgres: sql.replace('day L', 'day, id DESC L') }],
      },
    })
    await other.db.caughtUp()
    expect(await outcomeOf(other, sql)).toBe('undecided')
    expect(await other.db.divergences()).toEqual([])
  })
})
