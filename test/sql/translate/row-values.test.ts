import { expect, test } from 'vitest'
import { planOf, runContext } from '../../support/statements.ts'
import { differing, queriesOfFile } from './queries.ts'

const queries = queriesOfFile(`
  CREATE TABLE a (id INTEGER PRIMARY KEY, x INTEGER, y INTEGER, s TEXT COLLATE NOCASE, r REAL);
  CREATE TABLE b (id INTEGER PRIMARY KEY, x INTEGER, y INTEGER, s TEXT, r REAL);
  CREATE TABLE none (x INTEGER, y INTEGER);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
    INSERT INTO a SELECT i, i % 50, nullif(i % 7, 3), 's' || (i % 90), i * 0.5 FROM n;
  INSERT INTO b SELECT * FROM a;
`)

const compared = [
  'SELECT id FROM a WHERE (x, y) > (SELECT max(x), min(y) FROM b) ORDER BY id',
  'SELECT id FROM a WHERE (SELECT min(x), max(s) FROM b) < (x, s) ORDER BY id',
  'SELECT id FROM a WHERE (x, r) = (SELECT max(r) - 101, max(x) - 48 FROM b) ORDER BY id',
  'SELECT id FROM a WHERE (x, y) <> (SELECT max(x), count(*) FROM b GROUP BY s ORDER BY s) ORDER BY id',
  'SELECT sum((x, y) <= (SELECT max(x), max(y) FROM b)) FROM a',
]

test.each(compared)('what rows are compared with is made once: %s', async (sql) => {
  expect(await differing(queries(), [sql])).toEqual([])
  const { prepared } = planOf(sql, queries().source).bind([], runContext())
  const { rows } = await queries().client.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN (ANALYZE, TIMING OFF) ${prepared.steps[0]?.text}`,
  )
  const plan = rows.map((row) => row['QUERY PLAN'])
  expect(plan.find((line) => line.includes('Scan on b'))).toContain('loops=1)')
})

test('IN of a row that a subquery gives is refused with its place', async () => {
  const sql =
    'SELECT id FROM a WHERE (SELECT x, y FROM b WHERE b.id = a.id) IN (SELECT x, y FROM b)'
  expect(queries().sqlite(sql)).toHaveProperty('rows')
  expect(await queries().postgres(sql)).toMatchObject({
    error: 'SQL_UNSUPPORTED',
    message: expect.stringContaining('line 1, column 24') as string,
  })
  const wrong = 'SELECT (SELECT x, y FROM b) IN (SELECT x FROM b)'
  expect(await differing(queries(), [wrong])).toEqual([])
})

test('a row is compared with what a subquery gives for it', async () => {
  expect(
    await differing(queries(), [
      'SELECT id FROM a WHERE (x, y) = (SELECT max(b.x), max(b.y) FROM b WHERE b.id = a.id) ORDER BY id',
      'SELECT id FROM a WHERE (x, y) >= (SELECT x, a.y FROM b WHERE b.id = 60) ORDER BY id',
      'SELECT (x, y) = (SELECT x, y FROM none), (x, y) < (SELECT max(x), 1 FROM none) FROM a WHERE id = 1',
      'SELECT (x, y) = (SELECT 1, 1), count(*) FROM a WHERE id = 1',
      'WITH b AS (SELECT 5 AS x, 4 AS y) SELECT count(*) FROM a WHERE (x, y) > (SELECT max(x), max(y) FROM b)',
      'UPDATE a SET y = y WHERE (x, y) > (SELECT max(x), min(y) FROM b) RETURNING id',
    ]),
  ).toEqual([])
})
