import { expect, test } from 'vitest'
import { differing, queriesOfFile, type Query } from './queries.ts'

const queries = queriesOfFile(`
  CREATE TABLE w (id INTEGER PRIMARY KEY, i INTEGER, r REAL, d DECIMAL(10, 2), t TEXT, x);
  INSERT INTO w VALUES (1, 1, 1, 0.5, 'a', 1), (2, 3, 2.5, 2, 'b', 2.5), (3, 6, 3.5, 3, 'c', 3), (4, NULL, 5, NULL, 'd', NULL),
    (5, -7, -7, 3.5, '5', 4), (6, 5, NULL, 1, '6', 5);
  CREATE TABLE wide (id INTEGER PRIMARY KEY, i INTEGER);
  INSERT INTO wide VALUES (1, 1), (2, 9007199254740993), (3, 9007199254740992);
  CREATE TABLE p (id INTEGER PRIMARY KEY, f REAL, d DECIMAL(10, 2), g INTEGER);
  INSERT INTO p VALUES (1, 0.6, 0.6, 1), (2, 1.6, 1.6, 1), (3, 0.1, 0.1, 1), (4, 1.1, 1.1, 1), (5, NULL, NULL, 1), (6, 0.5, 0.5, 2), (7, 1, 1, 2),
    (8, 1.25, 1.25, 2), (9, 3, 3, 2), (10, 0.4, 0.4, 3), (11, 0.7, 0.7, 3);
  CREATE TABLE tenths (id INTEGER PRIMARY KEY, f REAL);
  INSERT INTO tenths WITH RECURSIVE n (i) AS (VALUES (-9) UNION ALL SELECT i + 1 FROM n WHERE i < 30) SELECT i + 10, i / 10.0 FROM n WHERE i % 7 <> 3;
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

const edged = (frame: string, where: string, order = 'f'): string =>
  `SELECT id, count(*) OVER w, sum(id) OVER w FROM p WHERE ${where} WINDOW w AS (ORDER BY ${order} RANGE BETWEEN ${frame}) ORDER BY id`

test.each([
  '1 PRECEDING AND CURRENT ROW',
  '1 PRECEDING AND 0.5 PRECEDING',
  '0.5 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW',
  'UNBOUNDED PRECEDING AND 0.25 PRECEDING',
  '0.4 FOLLOWING AND 1 FOLLOWING',
])('a row at the edge of a frame of REAL values is in it as on SQLite: %s', async (frame) => {
  const all = ['f', 'f DESC', 'd', 'f + 0', 'd DESC NULLS LAST'].map((order) =>
    edged(frame, 'g = 2 OR f IS NULL', order),
  )
  expect(
    await differing(queries(), [...all, edged('0.35 PRECEDING AND CURRENT ROW', '1')]),
  ).toEqual([])
})

test('a frame of tenths has SQLite’s rows, or is refused', async () => {
  const isSame = { true: 0, false: 0 }
  for (const distance of [0, 0.1, 0.3, 0.7, 1, 1.1, 2])
    for (const order of ['f', 'f DESC'])
      for (const frame of [
        `${distance} PRECEDING AND CURRENT ROW`,
        `UNBOUNDED PRECEDING AND ${distance} PRECEDING`,
        `${distance} FOLLOWING AND UNBOUNDED FOLLOWING`,
      ]) {
        const query = `SELECT id, count(*) OVER (ORDER BY ${order} RANGE BETWEEN ${frame}) FROM tenths ORDER BY id`
        const answer = await queries().postgres(query)
        const isRefused = 'error' in answer && answer.error === 'SQL_UNSUPPORTED'
        expect(answer).toEqual(isRefused ? answer : queries().sqlite(query))
        isSame[isRefused ? 'false' : 'true'] += 1
      }
  expect(Math.min(isSame.true, isSame.false)).toBeGreaterThan(10)
})

test.each([
  edged('1 PRECEDING AND CURRENT ROW', 'g = 1'),
  edged('1 PRECEDING AND CURRENT ROW', 'g = 1', 'd DESC'),
  edged('UNBOUNDED PRECEDING AND 0.3 PRECEDING', 'g = 3'),
  'SELECT id, sum(f) OVER (w RANGE 1 PRECEDING) FROM p WINDOW w AS (PARTITION BY g ORDER BY f) ORDER BY id',
  'SELECT n FROM (SELECT id, count(*) OVER (ORDER BY f RANGE 1 PRECEDING) AS n FROM p WHERE g = 1) WHERE id = 2',
])('where rounding decides whether a row is in a frame it is refused: %s', async (sql) => {
  expect(queries().sqlite(sql)).toHaveProperty('rows')
  expect(await queries().postgres(sql)).toMatchObject({ error: 'SQL_UNSUPPORTED' })
})
