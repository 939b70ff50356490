import { expect, test } from 'vitest'
import { planOf, runContext } from '../../support/statements.ts'
import { differing, queriesOfFile, type Query } from './queries.ts'

const schema = `
  CREATE TABLE u (id INTEGER PRIMARY KEY, g INTEGER, k TEXT COLLATE NOCASE, w TEXT, r TEXT COLLATE RTRIM);
  INSERT INTO u VALUES (1,1,'Zoe','zoe','q'),(2,1,'Zed','ADA','p'),(3,2,'ada','Ada','x'),(4,3,'Bob','x','s');
  CREATE TABLE v (w TEXT NOT NULL UNIQUE);
  CREATE TABLE s (id INTEGER PRIMARY KEY, t TEXT, i INTEGER, u, j TEXT);
  INSERT INTO s VALUES (1,'5',5,5,'[5,"5"]'),(2,'x',7,7,'["7"]'),(3,'1.5',1,1,'[1.5]'),(4,'0',2,2,'["0",2]');
`

/** `EXPR OPERATOR VALUE` for each: what is equal and what sorts before shows the collation. */
const collationOf = (expression: string, tail = 'FROM u ORDER BY id'): readonly Query[] => [
  `SELECT ${expression} = 'ADA', ${expression} < 'a', 'ZOE' = ${expression}, ${expression} IN ('ADA', 'q') ${tail}`,
]

/** Where the compound is sorted itself, that order may show. */
function sortedAround(text: string): readonly Query[] {
  return [
    `SELECT count(*), count(DISTINCT x) FROM (${text}) GROUP BY x ORDER BY 1, 2`,
    `SELECT x FROM (${text}) ORDER BY x, hex(x)`,
  ]
}

/** What a compound's column is to itself, to a query around it and to IN. */
function compound(first: string, union: string, other: string): readonly Query[] {
  const text = `SELECT ${first} AS x FROM u WHERE id = 3 ${union} SELECT ${other} FROM u WHERE id <> 2`
  return [
    `${text} ORDER BY 1`,
    `SELECT x, x = 'key', x > 'Z', x IN ('ADA', 'q'), x <> 'zoe' FROM (${text}) ORDER BY hex(x)`,
    `WITH c AS (${text}) SELECT count(*) FROM c WHERE x = 'ADA'`,
    ...(union === 'UNION' ? [] : sortedAround(text)),
    `SELECT id FROM u WHERE w IN (${text}) ORDER BY id`,
    `SELECT id FROM u WHERE upper(w) IN (${text}) ORDER BY id`,
  ]
}

const laws: Readonly<Record<string, readonly Query[]>> = {
  'what an aggregate min() or max() gives has no collation of its column': [
    ...collationOf('max(k)', 'FROM u GROUP BY g ORDER BY g'),
    ...collationOf('min(k) OVER (PARTITION BY g)'),
    ...collationOf('max(w COLLATE NOCASE)', 'FROM u GROUP BY g ORDER BY g'),
    ...collationOf("max(k, 'a')"),
    'SELECT g, max(k) FROM u GROUP BY g ORDER BY 2',
    'SELECT g, max(k) AS m FROM u GROUP BY g ORDER BY m',
    'SELECT g, max(k) FROM u GROUP BY g ORDER BY max(k)',
    "SELECT g FROM u GROUP BY g HAVING max(k) = 'ADA'",
    "SELECT m FROM (SELECT max(k) AS m FROM u GROUP BY g) WHERE m = 'ADA'",
    'SELECT m FROM (SELECT max(k) AS m FROM u GROUP BY g) ORDER BY m',
    "SELECT m = 'ADA' FROM (SELECT max(w COLLATE NOCASE) AS m FROM u GROUP BY g) ORDER BY 1",
    'SELECT DISTINCT max(k) FROM u GROUP BY g ORDER BY 1',
    "SELECT min(k) FROM u GROUP BY g UNION SELECT 'ADA' ORDER BY 1",
    "SELECT 'ADA' IN (SELECT max(k) FROM u GROUP BY g)",
    'SELECT id FROM u ORDER BY max(k) OVER (PARTITION BY g), id',
    'SELECT count(*) FROM u WHERE w = (SELECT max(k) FROM u)',
    'SELECT count(*) FROM u WHERE (SELECT max(k) FROM u) = k',
  ],
  'a scalar subquery has no collation, and hides one that is written': [
    ...collationOf('(SELECT k)'),
    ...collationOf('(SELECT w COLLATE NOCASE)'),
    ...collationOf('(SELECT a.k FROM u AS a WHERE a.id = u.id)'),
    'SELECT id FROM u ORDER BY (SELECT k)',
    'SELECT count(*) FROM u GROUP BY (SELECT substr(k, 1, 1)) ORDER BY 1',
    'SELECT id FROM u WHERE (SELECT w) = k ORDER BY id',
    'SELECT id FROM u WHERE k = (SELECT w) ORDER BY id',
    "SELECT id FROM u WHERE (SELECT k) BETWEEN 'A' AND 'a' ORDER BY id",
    "SELECT id FROM u WHERE CASE (SELECT k) WHEN 'ADA' THEN 1 END ORDER BY id",
    "SELECT id FROM u WHERE nullif((SELECT k), 'ADA') IS NULL ORDER BY id",
    "SELECT id FROM (SELECT id, (SELECT k) AS x FROM u) WHERE x = 'ADA'",
    "SELECT DISTINCT (SELECT 'ada' FROM u WHERE id = a.id) FROM u AS a UNION SELECT 'ADA' ORDER BY 1",
    "SELECT ((SELECT 'ADA', 1)) = (k, 1), ('ADA', 1) = (SELECT k, 1), (k, 1) = (SELECT 'ADA', 1) FROM u ORDER BY id",
  ],
  'a column keeps its collation behind CAST and unary plus, and loses it in every other expression':
    [
      ...['+k', 'CAST(k AS TEXT)', '(k)', "k || ''", 'coalesce(k, 1)', 'iif(1, k, 1)'].flatMap(
        (each) => collationOf(each),
      ),
      ...['CASE WHEN 1 THEN k END', "nullif(k, 'q')", 'trim(k)'].flatMap((each) =>
        collationOf(each),
      ),
    ],
  'a column of a compound has the collation of the first SELECT alone, and its rows that of the first that has one':
    [
      "'KEY'",
      'NULL',
      'w',
      'upper(w)',
      "'KEY' COLLATE BINARY",
      'k',
      '(SELECT k)',
      'w COLLATE NOCASE',
    ].flatMap((first) =>
      ['UNION ALL', 'UNION'].flatMap((union) =>
        ['k', "'zoe'", 'upper(k) COLLATE NOCASE'].flatMap((other) => compound(first, union, other)),
      ),
    ),
  'a compound with a COLLATE in its ORDER BY is a subquery of a query that sorts': [
    "SELECT 'zoe' AS x UNION ALL SELECT 'x'",
    'SELECT lower(w) AS x FROM u UNION SELECT lower(k) FROM u',
    "SELECT k AS x FROM u UNION SELECT 'x'",
    'SELECT w AS x FROM u EXCEPT SELECT k FROM u',
  ].flatMap((text) =>
    ['x COLLATE NOCASE', '1 COLLATE NOCASE DESC', 'x COLLATE BINARY'].flatMap((by) => [
      `SELECT id FROM u WHERE upper(w) IN (${text} ORDER BY ${by}) ORDER BY id`,
      `SELECT id FROM u WHERE ('ADA', 1) IN (SELECT x, 1 FROM (${text} ORDER BY ${by})) ORDER BY id`,
      `SELECT id, (${text} ORDER BY ${by}, x LIMIT 1) = upper(w) FROM u ORDER BY id`,
      `SELECT x = 'ZOE' FROM (${text} ORDER BY ${by}) ORDER BY 1`,
      `SELECT count(*) FROM (${text} ORDER BY ${by})`,
    ]),
  ),
  'a compound is compared by its last SELECT where it is an operand': [
    "SELECT 'ADA' IN (SELECT 'x' UNION ALL SELECT k FROM u), 'ADA' IN (SELECT k FROM u UNION ALL SELECT 'x')",
    "SELECT '2' IN (SELECT 'x' UNION ALL SELECT g FROM u), '2' IN (SELECT g FROM u UNION ALL SELECT 'x')",
    "SELECT (SELECT g FROM u UNION ALL SELECT NULL) = '1', (SELECT NULL WHERE 0 UNION ALL SELECT g FROM u) = '1'",
    "SELECT (SELECT 'ADA', 1 UNION ALL SELECT k, 1 FROM u) = ('ada', 1), (SELECT k, 1 FROM u WHERE id = 3 UNION ALL SELECT 'x', 1) = ('ADA', 1)",
    "SELECT id FROM u WHERE w IN (SELECT 'ADA' UNION SELECT k COLLATE NOCASE FROM u WHERE id = 3) ORDER BY id",
  ],
  'IN compares by the collation where classes meet too': [
    'SELECT id FROM u WHERE k IN (SELECT 1 UNION ALL SELECT upper(k) FROM u) ORDER BY id',
    'SELECT id FROM u WHERE w IN (SELECT 1 UNION ALL SELECT k COLLATE NOCASE FROM u) ORDER BY id',
    'SELECT id FROM u WHERE (k, 1) IN (SELECT 1, 1 UNION ALL SELECT upper(k), 1 FROM u) ORDER BY id',
  ],
  'what json_each gives has no type, so that no text is converted for it': [
    ...[
      'e.value = s.t',
      's.t = e.value',
      'e.value < s.t',
      's.t BETWEEN e.value AND e.value',
      'e.value IS s.t',
      'e.atom = s.t',
      'e.key = s.t',
      'e.id = s.t',
      'e.value = s.i',
      'e.value = s.u',
      "e.value = '5'",
      'CAST(e.value AS TEXT) = s.t',
    ].map(
      (condition) =>
        `SELECT s.id, e.id FROM s, json_each(s.j) AS e WHERE ${condition} ORDER BY 1, 2`,
    ),
    ...['t', 'i', 'u', "t || ''"].map(
      (column) =>
        `SELECT id FROM s WHERE ${column} IN (SELECT value FROM json_each(s.j)) ORDER BY id`,
    ),
    ['SELECT id FROM s WHERE t IN (SELECT value FROM json_each(?)) ORDER BY id', '[5,"x"]'],
    ['SELECT id FROM s WHERE i NOT IN (SELECT value FROM json_tree(?)) ORDER BY id', '["5",7]'],
    'SELECT id FROM s WHERE t = (SELECT value FROM json_each(s.j) LIMIT 1) ORDER BY id',
    'SELECT id FROM s WHERE EXISTS (SELECT 1 FROM json_tree(s.j) AS e WHERE e.atom = s.t) ORDER BY id',
    `SELECT s.id FROM s JOIN (SELECT value AS v FROM json_each('[5,"7"]')) AS e ON e.v = s.t ORDER BY 1`,
    `WITH e AS (SELECT value AS v FROM json_each('[5,"7"]')) SELECT s.id FROM s JOIN e ON e.v = s.t OR e.v = s.i ORDER BY 1`,
    'SELECT id FROM s WHERE (t, 1) IN (SELECT value, 1 FROM json_each(s.j)) ORDER BY id',
    ['SELECT e.value = ?, e.value IN (?) FROM json_each(\'[5,"5"]\') AS e', '5', 5n],
  ],
  'likely() and its like hide the collation of a column, and not one that is written': [
    ...[
      'likely(k)',
      'unlikely(k)',
      'likelihood(k, 0.5)',
      'likely(w COLLATE NOCASE)',
      '+likely(k)',
    ].flatMap((each) => collationOf(each)),
    'SELECT likely(k) = w, w = likely(k), likely(w) = k, nullif(likely(k), upper(k)) FROM u ORDER BY id',
    'SELECT count(*) FROM u GROUP BY likely(substr(k, 1, 1)), likely(k) ORDER BY 1',
    'SELECT k FROM u ORDER BY likely(k)',
    "SELECT x = 'ADA' FROM (SELECT likely(k) AS x FROM u) ORDER BY 1",
    'SELECT min(likely(k)), max(unlikely(k)) FROM u',
    "SELECT max(likely(k), 'a') FROM u ORDER BY id",
    "SELECT likely(i) = '5', likely(t) = 5 FROM s ORDER BY id",
  ],
  'a subquery of a row value has no collation where its equality is a term of WHERE or ON': [
    ...[
      "(SELECT k, 1) = ('ADA', 1)",
      '(SELECT w, 1) = (k, 1)',
      '(k, 1) = (SELECT upper(w), 1)',
      '(w, 1) = (SELECT upper(k), 1)',
      "('ADA', 1) = (SELECT w COLLATE NOCASE, 1)",
      "(SELECT g, 1) = ('1', 1)",
      "(VALUES ('ADA', 1), ('x', 1)) = (k, 1)",
    ].flatMap((term) => [
      `SELECT id FROM u WHERE ${term} ORDER BY id`,
      `SELECT id FROM u WHERE id < 4 AND (${term}) ORDER BY id`,
      `SELECT id FROM u WHERE ${term} OR id = 1 ORDER BY id`,
      `SELECT id FROM u WHERE NOT ${term} ORDER BY id`,
      `SELECT id, ${term} FROM u ORDER BY id`,
      `SELECT s.id, u.id FROM s LEFT JOIN u ON ${term} ORDER BY 1, 2`,
    ]),
    "SELECT g FROM u GROUP BY g HAVING (SELECT k, 1 FROM u WHERE id = 3) = ('ADA', g) ORDER BY 1",
    "SELECT id FROM u WHERE (SELECT k, 1) > ('ADA', 1) ORDER BY id",
    "SELECT id FROM u WHERE (SELECT k, 1) <> ('ADA', 1) ORDER BY id",
  ],
  'a recursive table has the collation of its first SELECT': [
    "WITH RECURSIVE c (x, n) AS (SELECT 'ADA', 1 UNION ALL SELECT k, 1 FROM u UNION ALL SELECT 'zz', n + 1 FROM c WHERE n < 2) SELECT x, x = 'ada', x < 'a' FROM c ORDER BY x, n",
    "WITH RECURSIVE c (x, n) AS (SELECT k, 1 FROM u WHERE id = 3 UNION ALL SELECT 'zz', n + 1 FROM c WHERE x = 'ADA' AND n < 3) SELECT x, x = 'ZZ' FROM c",
    "WITH RECURSIVE c (x) AS (SELECT 'b' UNION SELECT k FROM c, u) SELECT x, x = 'B' FROM c ORDER BY x",
  ],
}

const queries = queriesOfFile(schema)

test.each(Object.entries(laws))('%s', async (_, all) => {
  expect(await differing(queries(), all)).toEqual([])
})

test.each([
  ['SELECT w FROM u UNION SELECT k FROM u ORDER BY w COLLATE NOCASE', 'some'],
  ['SELECT w FROM u UNION SELECT w FROM u ORDER BY w COLLATE BINARY', 'total'],
  ['SELECT DISTINCT w FROM u ORDER BY w COLLATE NOCASE', 'some'],
  ['SELECT w FROM v ORDER BY w COLLATE NOCASE', 'some'],
  ['SELECT w FROM v ORDER BY w', 'total'],
  ['SELECT id FROM u ORDER BY id COLLATE NOCASE', 'total'],
])('%s leaves ties where it sorts by another collation: %s', (query, order) => {
  const { prepared } = planOf(query, queries().source).bind([], runContext({}))
  expect(prepared.translation.order).toBe(order)
})

test.each([
  ["SELECT 'x' UNION SELECT 'X' UNION ALL SELECT k FROM u", /later SELECT.*column 39.*COLLATE/],
  [
    "SELECT x FROM (SELECT 'b' AS x UNION SELECT k FROM u) ORDER BY x",
    /another collation.*COLLATE/,
  ],
  [
    "SELECT x FROM (SELECT 'b' AS x UNION SELECT k FROM u) GROUP BY x",
    /another collation.*COLLATE/,
  ],
  ["SELECT DISTINCT x FROM (SELECT 'b' AS x UNION SELECT k FROM u)", /another collation.*COLLATE/],
  [
    "SELECT max(g) OVER (PARTITION BY x) FROM (SELECT 'b' AS x, 1 AS g UNION SELECT k, g FROM u)",
    /another collation.*COLLATE/,
  ],
])(
  'where SQLite sorts by a collation and reads by another, %s is refused',
  async (query, words) => {
    const message = expect.stringMatching(words) as string
    expect(await queries().postgres(query)).toMatchObject({ error: 'SQL_UNSUPPORTED', message })
  },
)
