import { expect, test } from 'vitest'
import { differing, queriesOfFile, type Query } from './queries.ts'

const schema = `
  CREATE TABLE f (id INTEGER PRIMARY KEY, r REAL, i INTEGER, t TEXT, n NUMERIC, u, j TEXT);
  INSERT INTO f VALUES (1,2.5,3,'7',4,5,'{"a":"1"}'),(2,5,7,'1',1.5,6,'{"a":2}'),(3,NULL,0,'x',NULL,1,'{}');
`

/** The class of a number shows in each of these. */
const shown = "y, typeof(y), y / 2, y || '', y + 1"

const mixes = [
  'SELECT r AS y FROM f UNION ALL SELECT i FROM f',
  'SELECT r AS y FROM f UNION SELECT i FROM f',
  'SELECT i + 2 AS y FROM f EXCEPT SELECT r FROM f',
  'SELECT r AS y FROM f INTERSECT SELECT i + 2 FROM f',
  'SELECT 3 AS y UNION ALL SELECT r FROM f',
  'SELECT NULL AS y UNION ALL SELECT 3 UNION ALL SELECT r FROM f',
  'SELECT 3 AS y UNION ALL SELECT CAST(i AS REAL) FROM f',
  'SELECT CAST(i AS REAL) AS y FROM f UNION ALL SELECT i FROM f',
  'SELECT (CAST(i AS REAL)) AS y FROM f UNION ALL SELECT i FROM f',
  'SELECT CAST(i AS REAL) COLLATE NOCASE AS y FROM f UNION ALL SELECT i FROM f',
  'SELECT * FROM (SELECT CAST(i AS REAL) AS y FROM f) UNION ALL SELECT i FROM f',
  "SELECT r AS y FROM f UNION ALL SELECT x'30' UNION ALL SELECT i FROM f",
  "SELECT r AS y FROM f UNION ALL SELECT '30' UNION ALL SELECT i FROM f",
  'SELECT r AS y FROM f UNION ALL SELECT n FROM f',
  'SELECT r AS y FROM f UNION ALL SELECT u FROM f',
  'SELECT r AS y FROM f UNION ALL SELECT -i FROM f',
  'SELECT max(r) AS y FROM f UNION ALL SELECT 3',
  'SELECT r AS y FROM f UNION ALL SELECT i FROM f ORDER BY 1 LIMIT 4',
  'SELECT r AS y FROM f WHERE id > 9 UNION ALL SELECT 9007199254740991',
  'SELECT column1 AS y FROM (VALUES (CAST(1 AS REAL)), (2))',
  'SELECT r AS y FROM f UNION ALL VALUES (1), (2)',
  'SELECT y FROM (SELECT r AS y FROM f) UNION ALL SELECT i FROM f',
  'SELECT y FROM (SELECT r AS y FROM f UNION ALL SELECT i FROM f) UNION ALL SELECT id FROM f',
]

const mixed = 'SELECT id, r AS y FROM f UNION ALL SELECT id, i FROM f'

const laws: Readonly<Record<string, readonly Query[]>> = {
  'an INTEGER of a compound whose column has REAL affinity is read as REAL': mixes.flatMap(
    (mix) => [
      `SELECT ${shown} FROM (${mix})`,
      `WITH c AS (${mix}) SELECT ${shown} FROM c`,
      `WITH c AS (${mix}) SELECT a.y / 2, b.y / 2 FROM c AS a JOIN c AS b ON a.y = b.y`,
      `SELECT y / 2 FROM (SELECT y FROM (${mix}))`,
      `SELECT sum(y), avg(y), min(y), max(y), count(y), total(y) FROM (${mix})`,
      `SELECT sum(y) / 4 FROM (${mix}) WHERE y > 2.5`,
      `SELECT y / 2, count(*) FROM (${mix}) GROUP BY y`,
      `SELECT DISTINCT y / 2 FROM (${mix})`,
      `SELECT y FROM (${mix}) UNION ALL SELECT i FROM f`,
      `SELECT id FROM f WHERE i IN (${mix}) ORDER BY id`,
      `SELECT id FROM f WHERE EXISTS (SELECT 1 FROM (${mix}) WHERE y = i) ORDER BY id`,
      `SELECT f.id, y / 2 FROM f JOIN (${mix}) ON y = f.i`,
      `SELECT f.id, y / 2 FROM f LEFT JOIN (${mix}) ON y = f.i`,
      `SELECT (SELECT y / 2 FROM (${mix}) ORDER BY y DESC LIMIT 1)`,
      mix,
    ],
  ),
  'a column made REAL is compared as before': [
    `SELECT y / 2 FROM (${mixed}) WHERE y = 3`,
    `SELECT y / 2 FROM (${mixed}) WHERE y BETWEEN 3 AND 9 AND y IS NOT NULL`,
    `SELECT y FROM (${mixed}) WHERE y * 2 + 1 > 7 OR -y = -3`,
    `SELECT json_group_array(y) FROM (SELECT y FROM (${mixed}) ORDER BY y)`,
  ],
  'a compound that is sorted by a COLLATE is shown as a subquery is': [
    'SELECT t COLLATE BINARY, id FROM f UNION SELECT r, id FROM f ORDER BY 1 COLLATE NOCASE, 2',
    "SELECT TRUE, t FROM f UNION SELECT 'abc', '2.5' FROM f ORDER BY 1 COLLATE NOCASE, 2",
    'SELECT t, t FROM f UNION SELECT r, id FROM f ORDER BY 1 COLLATE NOCASE, 2',
    "SELECT 'a', id IS NOT FALSE FROM f UNION SELECT 'b', CAST(r AS REAL) FROM f ORDER BY 1 COLLATE NOCASE, 2",
    'SELECT t COLLATE BINARY, id FROM f UNION ALL SELECT r, id FROM f ORDER BY 1 COLLATE NOCASE, 2',
  ],
  'IN of a compound applies the affinity of its last SELECT to both sides': [
    'i',
    't',
    'n',
    'r',
    'j',
    "j ->> 'a'",
    'u',
    '1',
  ].flatMap((last) =>
    [
      '5',
      '1',
      "'1'",
      '1.0',
      'f.i',
      'f.t',
      '(SELECT count(*) FROM f WHERE id < 2)',
      'f.i + 0',
      "f.t || ''",
    ].flatMap((left) =>
      ['i', 't', 'id', "'1'"].flatMap((first) => [
        `SELECT f.id, ${left} IN (SELECT ${first} FROM f UNION ALL SELECT ${last} FROM f) FROM f ORDER BY f.id`,
      ]),
    ),
  ),
  'a column of a compound is compared with a TEXT column by the affinity that the compound has': [
    "j ->> 'a'",
    "json_extract(j, '$.zz')",
    'i',
    '1',
    'abs(i)',
    'u',
    'n',
    "'1'",
    'NULL',
    'i + 0',
    'max(i)',
  ].flatMap((second) =>
    ['id', 't', 'r', '1', 'NULL'].flatMap((first) => [
      `SELECT f.id, x.v FROM f JOIN (SELECT ${first} AS v FROM f UNION ALL SELECT ${second} FROM f) AS x ON f.t = x.v ORDER BY 1, 2`,
      `SELECT f.id FROM f WHERE EXISTS (SELECT 1 FROM (SELECT ${first} AS v FROM f UNION ALL SELECT ${second} FROM f) AS x WHERE x.v = f.t) ORDER BY 1`,
    ]),
  ),
  'a recursive table whose column has REAL affinity is read as REAL, by its own SELECT too': [
    'WITH RECURSIVE c (y) AS (SELECT r FROM f WHERE id < 2 UNION ALL SELECT 3 FROM c LIMIT 3) SELECT y / 2 FROM c',
    "WITH RECURSIVE c (y, z, k) AS (SELECT r, 'a', 1 FROM f UNION ALL SELECT 3, typeof(y), k + 1 FROM c WHERE k < 4) SELECT typeof(y), y, z, k FROM c",
    'WITH RECURSIVE c (y, z, k) AS (SELECT r, 0, 1 FROM f UNION ALL SELECT 3, y / 2, k + 1 FROM c WHERE k < 4) SELECT typeof(y), y, z, k FROM c',
    'WITH RECURSIVE c (y, k) AS (SELECT 3, 1 UNION ALL SELECT r, k + 1 FROM f, c WHERE k < 3) SELECT typeof(y), y FROM c',
    'WITH RECURSIVE c (y, k) AS (SELECT CAST(3 AS REAL), 1 UNION ALL SELECT 5, k + 1 FROM c WHERE k < 3) SELECT typeof(y), y FROM c',
    'WITH RECURSIVE c (y, k) AS (SELECT r, 1 FROM f UNION SELECT 5, k + 1 FROM c WHERE k < 3) SELECT typeof(y), y, y / 2 FROM c',
    'WITH RECURSIVE c (y, k) AS (SELECT r, 1 FROM f UNION ALL SELECT i, 1 FROM f UNION ALL SELECT 5, k + 1 FROM c WHERE k < 3) SELECT typeof(y), y, y / 2 FROM c',
  ],
}

const queries = queriesOfFile(schema)

test.each(Object.entries(laws))('%s', async (_, all) => {
  const different = await differing(queries(), all)
  const silent = different.filter((text) => !text.includes('"SQL_UNSUPPORTED"'))
  expect(silent).toEqual([])
  expect(different.length).toBeLessThan(all.length / 20)
})

// SQLite also evaluates these in each SELECT, where the INTEGER is none yet.
test.each([
  `SELECT y FROM (${mixed}) WHERE y / 2 = 1.5`,
  `SELECT y FROM (${mixed}) WHERE typeof(y) = 'real'`,
  `SELECT y FROM (${mixed}) WHERE id = 1 AND (y || '' = '3.0' OR id = 2)`,
  `SELECT y FROM (${mixed}) WHERE y LIKE '3.0'`,
  `SELECT y / 2 AS z FROM (${mixed}) WHERE z = 1.5`,
  `WITH c AS (${mixed}) SELECT y FROM c WHERE y / 2 = 1.5`,
  `SELECT z FROM (SELECT y / 2 AS z FROM (${mixed})) WHERE z = 1.5`,
  `SELECT f.id FROM f LEFT JOIN (${mixed}) AS a ON a.y / 2 = 1.5`,
  `SELECT y FROM (${mixed}) WHERE CAST(y AS TEXT) IN (SELECT t FROM f)`,
])(
  'what tells an INTEGER of such a compound from a REAL is refused in WHERE: %s',
  async (query) => {
    const message = expect.stringMatching(/REAL and other columns.*line 1, column.*CAST/) as string
    expect(await queries().postgres(query)).toMatchObject({ error: 'SQL_UNSUPPORTED', message })
  },
)
