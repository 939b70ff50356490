import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeAnswers, isSame, openQueries, type Queries } from './queries.ts'

let queries: Queries
beforeAll(async () => {
  queries = await openQueries(`
    CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, j TEXT);
    INSERT INTO t VALUES (1, 'x', '{"k":[1,"b"],"s":"x","n":1}'), (2, 'y', '[2]'), (3, NULL, NULL);
  `)
})
afterAll(() => queries[Symbol.asyncDispose]())

const same = [
  `SELECT json_array((SELECT json_array(1, 'a')))`,
  `SELECT json_array((SELECT json_array(id) FROM t WHERE id = o.id)) FROM t o`,
  `SELECT json_array((SELECT json_array(id) FROM t WHERE id = 9))`,
  `SELECT json_array((SELECT json_extract(j, '$.k') FROM t WHERE id = 1))`,
  `SELECT json_array((SELECT json_extract(j, '$.s') FROM t WHERE id = 1))`,
  `SELECT json_array((SELECT j FROM t WHERE id = 1))`,
  `SELECT json_array((SELECT (SELECT json_extract(j, '$.k') FROM t WHERE id = o.id) FROM t o LIMIT 1))`,
  `SELECT json_array((SELECT json_group_array(id) FROM t))`,
  `SELECT json_array((SELECT json_group_array(id) FROM t GROUP BY a IS NULL LIMIT 1))`,
  `SELECT coalesce(json_group_array(json_array(id, (SELECT json_array(id) FROM t q WHERE q.id = t.id))), json_array()) FROM t`,
  `SELECT json_object('x', coalesce((SELECT json_group_array(id) FROM t), '[]'))`,
  `SELECT json_object('x', coalesce((SELECT json_array(id) FROM t WHERE id = 9), '[]'))`,
  `SELECT json_object('x', ifnull((SELECT json_array(id) FROM t WHERE id = 9), json('[]')))`,
  `SELECT json_array(CASE WHEN id = 1 THEN json_array(id) WHEN id = 2 THEN 'x' END) FROM t`,
  `SELECT json_array(CASE WHEN id = 1 THEN json_array(id) ELSE id END) FROM t`,
  `SELECT json_array(iif(id = 1, json_array(id), a)) FROM t`,
  `SELECT json_array(CAST(json_array(1) AS TEXT), +json_array(1), likely(json_array(1)))`,
  `SELECT json_array(nullif(json_array(id), '[1]')) FROM t`,
  `SELECT json_array(json_array(1) COLLATE NOCASE)`,
  `SELECT json_array((SELECT max(json_array(id)) FROM t))`,
  `SELECT json_array(x) FROM (SELECT json_array(id) AS x FROM t)`,
  `SELECT json_array((WITH q AS (SELECT json_array(1) AS x) SELECT x FROM q))`,
  `SELECT json_group_array(json_array(id)) FROM t GROUP BY a`,
  `SELECT json_array((SELECT json_array(id) FROM t UNION SELECT 1))`,
  `SELECT json_array((VALUES (json_array(1))))`,
  `SELECT json_array(value) FROM json_each('[[1], "a", {"b": 2}, null, 1.5]')`,
  `SELECT json_group_array(value ORDER BY key DESC) FROM json_each('[[1], "a", {"b": 2}, null, 1.5]')`,
  `SELECT json_array(value) FROM t LEFT JOIN json_each('[[1], 2.5]') ORDER BY a, key`,
]

test('JSON stays JSON where SQLite passes on that a value is JSON', async () => {
  const different: string[] = []
  for (const query of same) {
    const [sqlite, postgres] = [queries.sqlite(query), await queries.postgres(query)]
    if (!isSame(sqlite, postgres)) different.push(describeAnswers(query, sqlite, postgres))
    expect(postgres).toHaveProperty('rows')
  }
  expect(different).toEqual([])
})

test('what depends on how SQLite sorts or joins the rows of a subquery is refused', async () => {
  for (const query of [
    `SELECT json_array((SELECT json_array(id) FROM t ORDER BY a LIMIT 1))`,
    `SELECT json_array((SELECT json_array(id) FROM t UNION ALL SELECT 1))`,
    `SELECT json_group_array(value) FROM json_each('[[1], [2]]') GROUP BY type`,
    `SELECT json_group_array(value) FROM (SELECT value FROM json_each('[[1], [2]]'))`,
    `SELECT json_group_array(value) OVER () FROM json_each('[[1], [2]]')`,
    `SELECT json_array(CAST(json_extract(j, '$.k') AS TEXT)) FROM t WHERE id = 1`,
  ]) {
    const answer = await queries.postgres(query)
    expect([query, answer]).toMatchObject([query, { error: 'SQL_UNSUPPORTED' }])
  }
})
