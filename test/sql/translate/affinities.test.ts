import { expect, test } from 'vitest'
import { differing, queriesOfFile, type Query } from './queries.ts'

const schema = `
  CREATE TABLE s (id INTEGER PRIMARY KEY, t TEXT, i INTEGER, u, j TEXT);
  INSERT INTO s VALUES (1,'5',5,5,'[5,"5"]'),(2,'x',7,7,'["7"]'),(3,'1.5',1,1,'[1.5]'),(4,'0',2,2,'["0",2]');
`

/** What is equal to the column, and what sorts before it, shows its affinity. */
const affinityOf = (compound: string): readonly Query[] => [
  `SELECT s.id, x, i = x, t = x, i < x, t < x FROM s, (${compound}) ORDER BY s.id`,
]

const others = [
  'abs(i)',
  'i + 1',
  'u',
  'count(*)',
  'max(i)',
  'CAST(i AS BLOB)',
  "x'30'",
  'NULL',
  '2',
  '+i',
  '-i',
  'TRUE',
  "'2'",
  'upper(t)',
  "t || ''",
  't',
  'max(t)',
  "coalesce(t, '')",
  't COLLATE NOCASE',
  'CASE WHEN i > 1 THEN 2 ELSE t END',
  'CASE WHEN i > 1 THEN i END',
  "j ->> '$[0]'",
  '(SELECT i)',
  "i LIKE '5'",
]

const laws: Readonly<Record<string, readonly Query[]>> = {
  'a compound of several affinities is compared where they make no difference': [
    "SELECT id FROM (SELECT id, i AS x FROM s UNION ALL SELECT id, t FROM s) WHERE x = '5' ORDER BY id",
    "SELECT id FROM (SELECT id, i AS x FROM s UNION ALL SELECT id, t FROM s) WHERE x IN (5, '0') ORDER BY id",
    'SELECT id FROM (SELECT id, i AS x FROM s UNION ALL SELECT id, 9 FROM s) WHERE x > 5 ORDER BY id',
    "SELECT id FROM (SELECT id, t AS x FROM s UNION ALL SELECT id, 'q' FROM s) WHERE x > 'b' ORDER BY id",
    'SELECT a.id FROM (SELECT id, i AS x FROM s UNION ALL SELECT id, t FROM s) AS a JOIN s ON a.x < s.t ORDER BY 1',
  ],
  'columns of one compound are compared where its affinities make no difference': [
    'SELECT id FROM (SELECT id, i AS x, t AS y FROM s UNION ALL SELECT id, t, i FROM s) WHERE x = y ORDER BY id',
    "SELECT id FROM (SELECT id, i AS x, t AS y FROM s UNION ALL SELECT id, t, t FROM s) WHERE x = y || '' ORDER BY id",
    'SELECT a.id FROM (SELECT id, i AS x FROM s UNION ALL SELECT id, t FROM s) AS a JOIN s ON NOT a.x = s.t ORDER BY 1',
    "SELECT id FROM (SELECT id, i AS x FROM s UNION ALL SELECT id, t FROM s) WHERE (x = 5 OR x = '7') AND id < 3 ORDER BY id",
  ],
  'a compound has the affinity of the first SELECT that has one, unless another may have values that it would change':
    others.flatMap((other) => [
      ...affinityOf(`SELECT i AS x FROM s UNION ALL SELECT ${other} FROM s`),
      ...affinityOf(`SELECT t AS x FROM s UNION ALL SELECT ${other} FROM s`),
      ...affinityOf(`SELECT ${other} AS x FROM s UNION ALL SELECT i FROM s`),
    ]),
  'VALUES has the affinity that its SELECTs would have': [
    ...affinityOf('SELECT CAST(1 AS INT) AS x UNION ALL VALUES (1), (2)'),
    ...['2', 'abs(2)', "'2'", 'NULL', "x'30'", '1 + 1'].flatMap((other) =>
      affinityOf(`SELECT column1 AS x FROM (VALUES (CAST(1 AS INT)), (${other}))`),
    ),
    ...affinityOf("SELECT column1 AS x FROM (VALUES (CAST(1 AS TEXT)), (upper('2')))"),
  ],
  'a recursive table has the affinity that its SELECTs would have': [
    ...['CAST(2 AS INT)', 'x', 'x + 1', 'abs(x)', "x || ''", 'CASE WHEN n > 0 THEN x END'].flatMap(
      (next) =>
        ['i', '1', 'NULL', 'abs(1)', "'1'", 't'].flatMap((first) =>
          affinityOf(
            `WITH RECURSIVE c (x, n) AS (SELECT ${first}, 1 FROM s UNION ALL SELECT ${next}, n + 1 FROM c WHERE n < 2) SELECT x FROM c`,
          ),
        ),
    ),
    ...affinityOf(
      'WITH RECURSIVE c (x, n) AS (SELECT 1, 1 UNION ALL SELECT i, n + 1 FROM c, s WHERE n < 2) SELECT x FROM c',
    ),
  ],
}

const queries = queriesOfFile(schema)

test.each(Object.entries(laws))('%s', async (_, all) => {
  expect(await differing(queries(), all)).toEqual([])
})

test.each([
  "SELECT id FROM (SELECT id, i AS x FROM s UNION ALL SELECT id, t FROM s) WHERE x < '9'",
  'SELECT id FROM (SELECT id, i AS x FROM s UNION ALL SELECT id, t FROM s) WHERE x >= 9',
  "SELECT id FROM (SELECT id, t AS x FROM s UNION SELECT id, i FROM s) WHERE x BETWEEN 1 AND '9'",
  "SELECT id FROM (SELECT id, i AS x FROM s UNION ALL SELECT id, t FROM s) WHERE x NOT IN ('5', 9)",
  "SELECT id FROM (SELECT id, i AS x FROM s UNION ALL SELECT id, 5 FROM s) WHERE x = '5'",
  'SELECT id FROM (SELECT id, i AS x FROM s UNION ALL SELECT id, t FROM s) WHERE NOT (x = 5)',
  'SELECT id FROM (SELECT id, i AS x FROM s UNION ALL SELECT id, t FROM s) WHERE NOT x IN (5)',
  'SELECT id FROM (SELECT id, i AS x FROM s UNION ALL SELECT id, t FROM s) WHERE (x = 5) = 0',
  'SELECT id FROM (SELECT id, i AS x FROM s UNION ALL SELECT id, t FROM s) WHERE CASE x WHEN 5 THEN 0 ELSE 1 END',
  'SELECT y FROM (SELECT x = 5 AS y FROM (SELECT i AS x FROM s UNION ALL SELECT t FROM s)) WHERE NOT y',
  'SELECT id FROM (SELECT id, i AS x, t AS y FROM s UNION ALL SELECT id, t, i FROM s) WHERE x < y',
  'SELECT id FROM (SELECT id, i AS x, t AS y FROM s UNION ALL SELECT id, t, t FROM s) WHERE x <> y',
])('where the parts of a compound say their affinities, %s is refused', async (query) => {
  const message = expect.stringMatching(/several affinities.*line 1, column.*CAST/) as string
  expect(await queries().postgres(query)).toMatchObject({ error: 'SQL_UNSUPPORTED', message })
})
