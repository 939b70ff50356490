import { expect, test } from 'vitest'
import { differing, queriesOfFile, type Query } from './queries.ts'

const queries = queriesOfFile(`
  CREATE TABLE w (id INTEGER PRIMARY KEY, i INTEGER, r REAL, d DECIMAL(10, 2), t TEXT, x);
  INSERT INTO w VALUES (1, 1, 1, 0.5, 'a', 1), (2, 3, 2.5, 2, 'b', 2.5), (3, 6, 3.5, 3, 'c', 3), (4, NULL, 5, NULL, 'd', NULL),
    (5, -7, -7, 3.5, '5', 4), (6, 5, NULL, 1, '6', 5);
  CREATE TABLE wide (id INTEGER PRIMARY KEY, i INTEGER);
  INSERT INTO wide VALUES (1, 1), (2, 9007199254740993), (3, 9007199254740992);
`)

const bounds = [
  '2.5 PRECEDING AND CURRENT ROW',
  '0.5 PRECEDING AND 0.5 FOLLOWING',
  '2.0 PRECEDING AND 1 FOLLOWING',
  '1 PRECEDING AND 1.5 FOLLOWING',
  '0 PRECEDING AND 2 FOLLOWING',
  'UNBOUNDED PRECEDING AND 1.5 FOLLOWING',
]

test.each(['i', 'r', 'd', 'i + 0', 'i / 2.0', 'i DESC', 'r DESC'])(
  'a frame of distances over %s takes fractions and whole numbers',
  async (order) => {
    const all = bounds.map(
      (bound): Query =>
        `SELECT id, count(*) OVER (ORDER BY ${order} RANGE BETWEEN ${bound}) FROM w ORDER BY id`,
    )
    expect(await differing(queries(), all)).toEqual([])
  },
)

test('a fraction beside an INTEGER from 2^53 on is refused, which SQLite rounds', async () => {
  const over = (bound: string): string =>
    `SELECT id, count(*) OVER (ORDER BY i DESC RANGE BETWEEN ${bound}) FROM wide ORDER BY id`
  const whole = over('1 PRECEDING AND 1 FOLLOWING')
  expect(await queries().postgres(whole)).toEqual(queries().sqlite(whole))
  const fraction = over('0.5 PRECEDING AND 0.5 FOLLOWING')
  expect(await queries().postgres(fraction)).toMatchObject({ error: 'SQL_UNSUPPORTED' })
})

test.each(['t', 'x', 'i || r'])(
  'a frame of distances over %s, which may be no number, is refused with its place',
  async (order) => {
    const query = `SELECT count(*) OVER (ORDER BY ${order} RANGE 1 PRECEDING) FROM w`
    expect(queries().sqlite(query)).not.toHaveProperty('error')
    expect(await queries().postgres(query)).toMatchObject({
      error: 'SQL_UNSUPPORTED',
      message: expect.stringMatching(/RANGE.*at line 1, column \d+.*CAST/) as string,
    })
  },
)

test('several terms have no distance, in the words of SQLite', async () => {
  const query = 'SELECT count(*) OVER (ORDER BY i, id RANGE 1 PRECEDING) FROM w'
  expect(await queries().postgres(query)).toEqual(queries().sqlite(query))
})

test('ntile() takes what is a whole number, and says of others what SQLite says', async () => {
  const values = [3n, '3', 2.5, 2, '2', '2x', 0n, -1n, 'x', null, 5000000000n]
  const bound = values.map((value): Query => [
    'SELECT id, ntile(?) OVER (ORDER BY id) FROM w',
    value,
  ])
  const written = ['3', "'3'", '2.5', '0', '-1', "'x'", 'NULL', '1 + 1'].map(
    (value) => `SELECT id, ntile(${value}) OVER (ORDER BY id) AS n FROM w`,
  )
  for (const query of [...bound, ...written])
    expect(await queries().postgres(query)).toEqual(queries().sqlite(query))
})
