import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeAnswers, isSame, openQueries, type Queries, type Query } from './queries.ts'

let queries: Queries

beforeAll(async () => {
  queries = await openQueries(`
    CREATE TABLE a (id INTEGER PRIMARY KEY, g TEXT, n INTEGER);
    INSERT INTO a VALUES (1, 'x', 3), (2, 'y', 1), (3, 'x', 2);
  `)
})

afterAll(async () => {
  await queries[Symbol.asyncDispose]()
})

const all: readonly Query[] = [
  'SELECT 1 FROM a ORDER BY count(*)',
  'SELECT id FROM a ORDER BY 1 + max(n)',
  'SELECT DISTINCT 1 FROM a ORDER BY count(*)',
  'SELECT 1 FROM a ORDER BY rank() OVER (ORDER BY count(*))',
  'SELECT sum(n) OVER () FROM a ORDER BY count(*)',
  'SELECT 1 ORDER BY count(*)',
  'SELECT count(*) FROM a ORDER BY max(n)',
  'SELECT g FROM a GROUP BY g ORDER BY count(*), g',
  'SELECT rank() OVER (ORDER BY count(*)) FROM a ORDER BY count(*)',
  'SELECT id FROM a ORDER BY sum(n) OVER (), id',
  'SELECT ntile(0) OVER (ORDER BY id) FROM a',
  ['SELECT ntile(?) OVER (ORDER BY id) FROM a', 0n],
  'SELECT sum(n) OVER (ORDER BY id ROWS -1 PRECEDING) FROM a',
  'SELECT sum(n) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND -1 FOLLOWING) FROM a',
  'SELECT sum(n) OVER (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING) FROM a',
  'SELECT sum(n) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM a',
  'SELECT sum(n) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 2 PRECEDING) FROM a',
  'SELECT sum(n) OVER (ORDER BY id ROWS 1 FOLLOWING) FROM a',
]

test.each(all.map((query) => [query]))(
  'an aggregate in ORDER BY, or a window, is an error just where it is one on SQLite: %s',
  async (query) => {
    const expected = queries.sqlite(query)
    const actual = await queries.postgres(query)
    const said = isSame(expected, actual) ? 'the same' : describeAnswers(query, expected, actual)
    expect(said).toBe('the same')
  },
)

test('an alias of a window function is no value before the rows of its query are there', async () => {
  const misused = [
    'SELECT id, row_number() OVER (ORDER BY id) AS place FROM a WHERE place = 1',
    'SELECT max(id) OVER () + 1 AS top FROM a GROUP BY top',
    'SELECT id, max(id) OVER () AS top FROM a GROUP BY id HAVING top > 1',
    'SELECT id, rank() OVER (ORDER BY id) AS place FROM a ORDER BY sum(place) OVER ()',
    'SELECT id, max(id) OVER () AS top FROM a ORDER BY (SELECT top), id',
    'SELECT id, max(id) OVER () AS top FROM a WHERE id IN (SELECT top)',
  ]
  for (const query of misused) {
    const expected = queries.sqlite(query)
    expect(expected).toHaveProperty(
      'message',
      expect.stringMatching(/^misuse of aliased window function/),
    )
    expect(await queries.postgres(query)).toEqual(expected)
  }
  for (const query of [
    'SELECT max(id) OVER () AS top FROM a ORDER BY top',
    'SELECT id, sum(n) OVER (ORDER BY id) AS so_far FROM a ORDER BY so_far + 1, id',
    'SELECT DISTINCT max(id) OVER () AS top FROM a ORDER BY top',
    "SELECT id, CASE WHEN rank() OVER (ORDER BY id) = 1 THEN 'a' END AS place FROM a ORDER BY place || 'x', id",
  ])
    expect(await queries.postgres(query)).toEqual(queries.sqlite(query))
})
