import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differing, openQueries, type Queries } from './queries.ts'

let queries: Queries
beforeAll(async () => {
  queries = await openQueries(`
    CREATE TABLE u (id INTEGER PRIMARY KEY, t_id INT, s TEXT);
    CREATE INDEX u_t ON u (t_id);
    INSERT INTO u VALUES (1, 1, 'b'), (2, 1, 'a'), (3, 3, 'B'), (4, NULL, NULL), (5, 9, 'A');
    CREATE TABLE e (x INTEGER);
  `)
})
afterAll(() => queries[Symbol.asyncDispose]())

describe('terms of ORDER BY and GROUP BY', () => {
  test('a position keeps its collation', async () => {
    expect(
      await differing(queries, [
        'SELECT s FROM u WHERE s <> 2 ORDER BY 1 COLLATE NOCASE, id',
        'SELECT s, id FROM u ORDER BY (1 COLLATE NOCASE) DESC, 2 DESC',
        'SELECT s, id FROM u ORDER BY 1 COLLATE BINARY, 2',
        'SELECT lower(s), count(*) FROM u GROUP BY 1 COLLATE NOCASE ORDER BY 1',
        'SELECT id FROM u ORDER BY 5 IS NOT NULL DESC',
        `SELECT id % 2, count(*) FROM u GROUP BY 'x' IS NOT NULL ORDER BY 1`,
      ]),
    ).toEqual([])
  })
  test('what SQLite takes for a position out of range is its error', async () => {
    expect(
      await differing(queries, [
        'SELECT count(*) FROM u GROUP BY (0 COLLATE BINARY)',
        'SELECT count(*) FROM u GROUP BY (-3 IS NULL)',
        'SELECT id FROM u ORDER BY (5 COLLATE NOCASE)',
        `SELECT id FROM u ORDER BY id, 'a' ISNULL`,
        'SELECT id FROM u UNION SELECT 5 ORDER BY (1 IS NULL)',
      ]),
    ).toEqual([])
  })
  test('a constant sorts no argument of an aggregate', async () => {
    expect(
      await differing(queries, [
        `SELECT group_concat(s, ',' ORDER BY NULL) FROM u`,
        `SELECT json_group_array(s ORDER BY 'x') FROM u`,
        `SELECT group_concat(y, ',' ORDER BY y) FROM (SELECT NULL AS y FROM u)`,
        `SELECT group_concat(s ORDER BY 1, id DESC), string_agg(s, '' ORDER BY 2) FROM u`,
        `SELECT json_group_object(s, id ORDER BY NULL) FROM u WHERE s IS NOT NULL`,
      ]),
    ).toEqual([])
  })
})

test('a literal and likelihood() are refused as SQLite refuses them', async () => {
  expect(
    await differing(queries, [
      'SELECT 0x1ffffffffffffffff',
      'SELECT -0x1ffffffffffffffff',
      'SELECT 0x00000000000000000001, 0xffffffffffffffff, 0x0',
      'SELECT likelihood(1, 5)',
      'SELECT likelihood(1, 1)',
      'SELECT likelihood(1, id) FROM u',
      'SELECT likelihood(id, 0.5), likelihood(id, (1.0)) FROM u',
    ]),
  ).toEqual([])
})

test('a column of a subquery that SQLite reads through is shown beside an aggregate of no rows', async () => {
  expect(
    await differing(queries, [
      `WITH c AS (SELECT 'k' AS k, id FROM u) SELECT k, k || k, count(*) FROM c WHERE id > 100`,
      `WITH c AS MATERIALIZED (SELECT 'k' AS k, id FROM u) SELECT k, count(*) FROM c WHERE id > 100`,
      `SELECT k, max(id) FROM (SELECT k, id FROM (SELECT 'k' AS k, id FROM u)) WHERE id > 100`,
      `SELECT k, count(*) FROM (SELECT 1 AS k FROM u LIMIT 0)`,
      `SELECT k, count(*) FROM (SELECT DISTINCT 1 AS k, id FROM u) WHERE id > 100`,
      `SELECT k, count(*) FROM (SELECT 1 AS k, count(*) AS id FROM u) WHERE id > 100`,
      `SELECT k, count(*) FROM (SELECT 1 AS k, 2 AS id) WHERE id > 100`,
      `SELECT k, count(*) FROM (SELECT 1 AS k, id FROM u UNION ALL SELECT 1, id FROM u) WHERE id > 100`,
      `SELECT k, count(*) FROM e LEFT JOIN (SELECT 1 AS k, id FROM u)`,
      `SELECT k, count(*) FROM e, (SELECT 1 AS k, id FROM u)`,
      `SELECT k, count(*) FROM (SELECT 1 AS k, row_number() OVER () AS id FROM u) WHERE id > 100`,
      `SELECT k, count(*) FROM (SELECT 1 AS k, id FROM u) WHERE id > 100 GROUP BY k`,
      `SELECT id, count(*) FROM (SELECT id, t_id FROM u) WHERE id > 100`,
    ]),
  ).toEqual([])
  for (const sql of [
    'SELECT k, count(*) FROM (SELECT coalesce(id, 7) AS k, id FROM u) WHERE id > 100',
    'SELECT k, count(*) FROM e RIGHT JOIN (SELECT 1 AS k, id FROM u WHERE id > 100)',
  ])
    expect([sql, await queries.postgres(sql)]).toMatchObject([sql, { error: 'SQL_UNSUPPORTED' }])
})

test('a bare key beside count(*) is that of the row which SQLite reads first, or refused', async () => {
  for (const sql of ['SELECT id, count(*) FROM u', 'SELECT rowid, count(*) FROM u ORDER BY id'])
    expect([sql, await queries.postgres(sql)]).toMatchObject([sql, { error: 'SQL_UNSUPPORTED' }])
  expect(
    await differing(queries, [
      'SELECT x, count(*) FROM e',
      'SELECT id, s, count(*), max(s) FROM u',
    ]),
  ).toEqual([])
})
