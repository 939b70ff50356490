import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeAnswers, differing, isSame, openQueries, type Queries } from './queries.ts'

let queries: Queries

beforeAll(async () => {
  queries = await openQueries(`
    CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT, u TEXT, k TEXT COLLATE NOCASE, n INTEGER);
    INSERT INTO a VALUES (1,'x','p','XZ',1),(2,'X','Q','b',2),(3,'b','B','B ',3),(4,NULL,'a','x ',4),(5,'bz','B','xz',5);
  `)
})

afterAll(async () => {
  await queries[Symbol.asyncDispose]()
})

const N = 'COLLATE NOCASE'

/** A COLLATE within an expression of the row. */
const within = [
  `t || 'z' ${N}`,
  `t ${N} || 'z'`,
  `(t || 'z' ${N})`,
  `t || ('z' ${N}) || ''`,
  `t COLLATE RTRIM || 'z' ${N}`,
  `k COLLATE BINARY || ''`,
  `coalesce(t ${N}, u)`,
  `coalesce(t, u ${N})`,
  `substr(t ${N}, 1, 1) || 'z'`,
  `upper(t ${N})`,
  `iif(n > 1, t ${N}, u)`,
  `iif(u = 'P' ${N}, t, u)`,
  `CASE WHEN n THEN t ${N} END`,
  `CASE u ${N} WHEN 'P' THEN t ELSE u END`,
  `CASE WHEN u = 'P' ${N} THEN t ELSE u COLLATE RTRIM END`,
  `CASE WHEN u LIKE 'p' COLLATE BINARY THEN t ${N} ELSE k END`,
  `CASE WHEN u COLLATE BINARY LIKE 'p' ${N} THEN t ELSE u END`,
  `CASE WHEN u IN ('P' ${N}, 'q') THEN t ELSE u END`,
  `CASE WHEN u BETWEEN 'P' AND 'q' ${N} THEN t ELSE u END`,
  `CASE WHEN (u, n) = ('P' ${N}, 1) THEN t ELSE u END`,
  `CASE WHEN u ${N} IN () THEN t ELSE u END`,
  `CASE WHEN u ${N} IN (SELECT 'P') THEN t ELSE u END`,
  `CASE WHEN u IN (SELECT 'P' ${N}) THEN t ELSE u END`,
  `CASE WHEN u ${N} IS NULL THEN u ELSE t END`,
  `CASE WHEN NOT (u ${N}) THEN t ELSE u END`,
  `CAST(t ${N} AS TEXT)`,
  `CAST(t || 'z' ${N} AS TEXT)`,
  `+(t ${N})`,
  `(SELECT t ${N})`,
  `coalesce((SELECT t ${N}), u)`,
  `CASE WHEN EXISTS (SELECT 1 WHERE u = 'P' ${N}) THEN t ELSE u END`,
  `nullif(t ${N}, 'q')`,
  `max(t ${N}, '')`,
  `replace(t, 'q' ${N}, '')`,
  `printf('%s', t ${N})`,
  `t ->> '$' ${N}`.replace('t ', '\'"Xz"\' '),
]

test.each(within)('the first COLLATE within an expression is that of the whole: %s', async (e) => {
  const different = await differing(queries, [
    `SELECT id FROM a ORDER BY ${e}, id`,
    `SELECT id FROM a ORDER BY ${e} DESC, id`,
    `SELECT id, ${e} = 'XZ', 'x' = ${e}, ${e} < 'B', ${e} = k, k < ${e}, ${e} IS 'b ' COLLATE RTRIM FROM a ORDER BY id`,
    `SELECT id, ${e} IN ('XZ', 'B', 'BZ', 'X'), ${e} IN (SELECT k FROM a), k IN (SELECT ${e}), (${e}, 1) = ('BZ', 1) FROM a ORDER BY id`,
    `SELECT id, ${e} BETWEEN 'A' AND 'Bz', 'X' BETWEEN ${e} AND u, CASE ${e} WHEN 'B' THEN 1 END, nullif(${e}, 'BZ'), max(${e}, 'B') FROM a ORDER BY id`,
    `SELECT count(*), count(DISTINCT ${e}) FROM a GROUP BY ${e} ORDER BY 1, 2`,
    `SELECT lower(${e}) FROM a GROUP BY ${e} ORDER BY 1`,
    `SELECT ${e} AS x, count(*) FROM a WHERE n <> 2 GROUP BY x HAVING x > 'A' ORDER BY x`,
    `SELECT DISTINCT lower(${e}), ${e} = 'X' FROM a ORDER BY 1, 2`,
    `SELECT count(*) FROM (SELECT DISTINCT ${e} FROM a)`,
    `SELECT id, count(*) OVER (PARTITION BY ${e}), rank() OVER (ORDER BY ${e}) FROM a ORDER BY id`,
    `SELECT id FROM (SELECT id, ${e} AS v FROM a) WHERE v = 'BZ' OR v = 'B' ORDER BY id`,
    `SELECT count(*) FROM (SELECT lower(${e}), ${e} = 'X' FROM a UNION SELECT 'BZ' ${N}, 0 UNION SELECT 'B', 0)`,
    `SELECT ${e} AS x, id FROM a UNION ALL SELECT 'BA', 9 ORDER BY x, id`,
    ...(e.includes('SELECT')
      ? []
      : [`SELECT ${e}, id FROM a UNION ALL SELECT 'BA', 9 ORDER BY ${e}, id`]),
  ])
  expect(different).toEqual([])
})

test('an aggregate and a window function have the collation of an argument, and of nothing beside it', async () => {
  const of = (e: string): string[] => [
    `SELECT n, ${e} FROM a GROUP BY id ORDER BY ${e}, id`,
    `SELECT id FROM a GROUP BY id HAVING ${e} = 'B' ORDER BY id`,
    `SELECT id, ${e} < 'X', 'x' = ${e} FROM a GROUP BY id ORDER BY id`,
  ]
  const different = await differing(queries, [
    ...of(`max(t ${N})`),
    ...of(`min(t ${N}) || ''`),
    ...of(`min(t) || '' ${N}`),
    ...of(`group_concat(t ${N})`),
    ...of(`group_concat(t, ',' ${N})`),
    ...of(`group_concat(t ORDER BY u ${N})`),
    ...of(`group_concat(t) FILTER (WHERE u <> 'P' ${N})`),
    ...of(`count(t ${N}) || 'z'`),
    ...['group_concat(t C) OVER (ORDER BY id)', 'lag(t C) OVER (ORDER BY id)'].flatMap((each) => {
      const e = each.replace('C', N)
      return [
        `SELECT id FROM a ORDER BY ${e}, id`,
        `SELECT id, ${e} = 'X', ${e} < 'b', ${e} || 'z' = 'XZ' FROM a ORDER BY id`,
        `SELECT id FROM a ORDER BY lag(t) OVER (ORDER BY u ${N}, id), id`,
      ]
    }),
  ])
  expect(different).toEqual([])
})

test('an alias brings its COLLATE to its name, and to nothing around the name', async () => {
  const different = await differing(queries, [
    `SELECT t || 'z' ${N} AS x, id FROM a ORDER BY x, id`,
    `SELECT id, t ${N} AS x FROM a WHERE x = 'X' ORDER BY id`,
    `SELECT id, t ${N} AS x FROM a WHERE (x) = 'X' ORDER BY id`,
    `SELECT id, t ${N} AS x FROM a WHERE x || '' = 'X' ORDER BY id`,
    `SELECT id, t ${N} AS x FROM a WHERE coalesce(x, u) = 'X' ORDER BY id`,
    `SELECT id, t ${N} AS x FROM a WHERE +x = 'X' ORDER BY id`,
    `SELECT id, t ${N} AS x FROM a WHERE +x = 'X' COLLATE BINARY ORDER BY id`,
    `SELECT id, t ${N} AS x FROM a WHERE CAST(x AS TEXT) = 'X' COLLATE BINARY ORDER BY id`,
    `SELECT id, t ${N} AS x FROM a GROUP BY id HAVING max(x) = 'X' ORDER BY id`,
    `SELECT id FROM (SELECT id, t ${N} AS x FROM a) WHERE x || '' = 'X' ORDER BY id`,
  ])
  expect(different).toEqual([])
})

test('a COLLATE behind the first place of a row value is refused within a text', async () => {
  const row = `(n, u) = (1, 'P' ${N})`
  const different = await differing(queries, [
    `SELECT id, ${row}, (${row}) = 1, CASE WHEN ${row} THEN 1 END = 1 FROM a ORDER BY id`,
  ])
  expect(different).toEqual([])
  const answer = await queries.postgres(`SELECT id FROM a WHERE CASE WHEN ${row} THEN t END = 'x'`)
  expect(answer).toMatchObject({ error: 'SQL_UNSUPPORTED' })
})

test('a condition with a COLLATE in it compares as a value by that', async () => {
  const different = await differing(queries, [
    `SELECT id, (t = 'X' ${N}) = u, (n = 1 COLLATE RTRIM) = '1 ', '1 ' = (t COLLATE RTRIM IS NULL) FROM a ORDER BY id`,
    `SELECT id, (n = 1 COLLATE RTRIM) = v FROM a, (SELECT '1 ' AS v UNION ALL SELECT '0') ORDER BY id, v`,
    `SELECT id, v = (n = 1 COLLATE RTRIM) FROM a, (SELECT CAST('1 ' AS TEXT) AS v) ORDER BY id, v`,
  ])
  expect(different).toEqual([])
})

test('IN of one constant compares by the COLLATE in it, and IN of anything else by the left side alone', async () => {
  const lists = [
    `'X' ${N}`,
    `('X' ${N})`,
    `'X' ${N} || ''`,
    `CAST('X' ${N} AS TEXT)`,
    `CASE WHEN true THEN 'X' ${N} END`,
    `+('B' ${N})`,
    `NULL ${N}`,
    `1 ${N}`,
    `'B ' COLLATE RTRIM`,
    `'xz' COLLATE BINARY`,
    `'X' ${N}, 'q'`,
    `lower('X') ${N}`,
    `upper('x' ${N})`,
    `CASE WHEN 1 LIKE 1 THEN 'X' ${N} END`,
    `u ${N}`,
    `'X'`,
  ]
  const different = await differing(
    queries,
    lists.flatMap((list) =>
      ['t', 'k', `t COLLATE BINARY`, `t || ''`, 'n', `'x'`, `k ${N}`].flatMap((left) => [
        `SELECT id, ${left} IN (${list}), ${left} NOT IN (${list}) FROM a ORDER BY id`,
        `SELECT id FROM a WHERE ${left} NOT IN (${list}) ORDER BY id`,
      ]),
    ),
  )
  expect(different).toEqual([])
})

test('so does IN of one parameter', async () => {
  const sql = `SELECT id, t IN (? ${N}), t NOT IN (? ${N}), k IN (? COLLATE BINARY) FROM a ORDER BY id`
  for (const value of ['X', 'b', 5, null]) {
    const query = [sql, value, value, value] as const
    const [expected, actual] = [queries.sqlite(query), await queries.postgres(query)]
    expect(isSame(expected, actual) ? [] : describeAnswers(query, expected, actual)).toEqual([])
  }
})
