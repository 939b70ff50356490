import { afterAll, beforeAll, expect, test } from 'vitest'
import { differing, openQueries, type Queries, type Query } from './queries.ts'

const schema = `
  CREATE TABLE n (id INTEGER PRIMARY KEY, x REAL, t TEXT, k INTEGER);
  INSERT INTO n VALUES (1,-9e999,'-9223372036854775808',2),(2,9e999,'5x',-1),(3,1.5,NULL,1),(4,2.5,'7',NULL);
  CREATE TABLE f (id INTEGER PRIMARY KEY, name TEXT, grp TEXT);
  INSERT INTO f VALUES (1,'b','u'),(2,'a','u'),(3,'c','v');
  CREATE TABLE g (id INTEGER PRIMARY KEY, name TEXT);
  INSERT INTO g VALUES (1,'b'),(2,'d');
  CREATE TABLE e (parent INTEGER, child INTEGER);
  INSERT INTO e VALUES (1,2),(1,3),(2,4);
  CREATE TABLE h (id INTEGER PRIMARY KEY, b BLOB, t TEXT);
  INSERT INTO h VALUES (1,NULL,'1'),(2,x'31','1'),(3,NULL,NULL),(4,x'31',NULL);
  CREATE TABLE m (id INTEGER PRIMARY KEY, a TEXT, b INTEGER UNIQUE);
  CREATE INDEX f_name ON f (name);
  CREATE INDEX f_part ON f (grp) WHERE grp = 'u';
`

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
const long = 'x'.repeat(50_001)

const laws: Readonly<Record<string, readonly Query[]>> = {
  'a row value is compared with what a subquery gives, and in BETWEEN and CASE': [
    'SELECT id FROM f WHERE (grp, id) < (SELECT grp, id FROM f WHERE id = 3) ORDER BY id',
    'SELECT id FROM f WHERE (SELECT grp, id FROM f WHERE id = 2) <= (grp, id) ORDER BY id',
    "SELECT id, (grp, name) = (SELECT 'u', name FROM g WHERE g.id = f.id) FROM f ORDER BY id",
    'SELECT id, (grp, name) <> ((SELECT grp, name FROM f ORDER BY id DESC)) FROM f ORDER BY id',
    "SELECT id FROM f WHERE (grp, id) BETWEEN ('u', 2) AND ('v', 9) ORDER BY id",
    "SELECT id FROM f WHERE (grp, id) NOT BETWEEN ('u', 2) AND (SELECT 'v', 2) ORDER BY id",
    "SELECT id, CASE (grp, id) WHEN ('u', 1) THEN 'first' WHEN (SELECT 'v', 3) THEN 'last' END FROM f ORDER BY id",
    'SELECT max(id), (min(id), max(id)) = (SELECT 1, 3) FROM f',
    'SELECT (id, name) = (SELECT 1, 2, 3) FROM f',
    'SELECT (id, name) = 1 FROM f',
  ],
  'NULL is a member of unknown standing of what a JSON function gives': [
    `SELECT NULL IN (SELECT json_extract('{"a":' || id || '}', '$.a') FROM f), NULL NOT IN (SELECT json_extract('1', '$') WHERE 0)`,
    `SELECT (NULL, 1) IN (SELECT json_extract('{"a":1}', '$.a'), 1 FROM f)`,
  ],
  '* shows no column that two tables of one name have': [
    'SELECT * FROM f JOIN f',
    'SELECT f.* FROM f JOIN f',
    'SELECT * FROM f JOIN f USING (id)',
    'SELECT * FROM f NATURAL JOIN f ORDER BY id',
    'SELECT * FROM f AS a JOIN g AS a',
    'SELECT * FROM g JOIN (SELECT 9 AS id) AS g ORDER BY 1',
    'SELECT * FROM (SELECT 1 AS x) AS q JOIN (SELECT 2 AS x) AS q',
    'SELECT * FROM (SELECT 1 AS x) AS q JOIN (SELECT 2 AS y) AS q',
    'SELECT count(*) FROM f JOIN f',
  ],
  'a column without a name has its text, up to what follows and with comments': [
    'SELECT 1 /* a */ -- b',
    'SELECT 1 /* a */, k+1 -- b\n FROM n WHERE id = 1',
    'SELECT 1 /* a */ + 2 -- b  \n;',
    'SELECT k /* a */, (1) /* b FROM */ FROM n WHERE id = 1',
    'SELECT * FROM (SELECT 1 /* a */ , 2)',
  ],
  'a column of a subquery has the name that is written in it, and no other': [
    'SELECT * FROM (SELECT rowid, NAME, f.Grp FROM f) ORDER BY rowid',
    'WITH c AS (SELECT rowid, "Name" FROM f) SELECT * FROM c ORDER BY rowid',
    'WITH c AS (SELECT Id FROM f WHERE id < 2 UNION ALL SELECT id + 1 FROM c WHERE id < 3) SELECT *, ID FROM c ORDER BY id',
    'SELECT x.* FROM (SELECT NAME AS n, ID, id FROM f) AS x ORDER BY id',
    'SELECT ID, x.Name FROM (SELECT Id, NAME FROM f LIMIT 9) AS x ORDER BY id',
    'SELECT * FROM (SELECT DISTINCT (Id) COLLATE NOCASE, (f.rowid COLLATE NOCASE), +Id FROM f) ORDER BY id',
    'SELECT * FROM (SELECT main.f.Id, likely(Id), (SELECT Id FROM g) FROM f) ORDER BY id',
    'SELECT * FROM (SELECT rowid FROM f UNION SELECT 9 ORDER BY id)',
    'SELECT rowid FROM f UNION SELECT 9 ORDER BY id',
    'SELECT * FROM (SELECT f.*, ROWID FROM f) ORDER BY id',
    'SELECT * FROM (SELECT true, 1 AS False)',
    'WITH c(true) AS (SELECT 1) SELECT * FROM c',
    'SELECT id FROM (SELECT rowid FROM f)',
    'SELECT rowid FROM (SELECT iD FROM f)',
    'SELECT id COLLATE NOCASE, (iD), rowid FROM f ORDER BY id',
  ],
  'a column of another schema is none, and a subquery is of no schema': [
    'SELECT other.f.id FROM f',
    'SELECT temp.f.id FROM f WHERE temp.f.rowid = 1',
    'SELECT MAIN.F.Id, main.x.id, main.x.rowid FROM f JOIN g AS x USING (id) ORDER BY f.id',
    'SELECT main.f.nosuch FROM f',
    'SELECT main.x.id FROM (SELECT id FROM f) AS x',
    'WITH c AS (SELECT id FROM f) SELECT main.c.id FROM c',
    'SELECT (SELECT main.f.id), main.json_each.value FROM f JOIN json_each(1) ORDER BY id',
    "UPDATE f SET name = 'q' WHERE Other.f.id = 1 RETURNING id",
  ],
  'VALUES has neither ORDER BY nor LIMIT': [
    'VALUES (1), (2) ORDER BY 1',
    'VALUES (1) /* a */ limit 1',
    'SELECT 1 UNION VALUES (2) ORDER BY 1',
    'SELECT * FROM (VALUES (1), (2) ORDER BY 1)',
    'VALUES (2) UNION SELECT 1 ORDER BY 1',
    'INSERT INTO g (id) VALUES (9) LIMIT 1 RETURNING id',
  ],
  'a clause for a key that is not given is read all the same': [
    "INSERT INTO m (a) VALUES ('x') ON CONFLICT (b) DO UPDATE SET nosuch = 1 RETURNING a",
    "INSERT INTO m (a) VALUES ('x') ON CONFLICT (b) DO UPDATE SET a = nosuch RETURNING a",
    "INSERT INTO m (a) VALUES ('x') ON CONFLICT (b) DO UPDATE SET a = 1 WHERE nosuch RETURNING a",
  ],
  'CAST to no type is one to NUMERIC': ["SELECT typeof(CAST(1 AS)), CAST('x' AS), CAST('2' AS)"],
  'INTEGERs that are written down go on in REAL beyond 64 bits': [
    'SELECT 9223372036854775807 + 1, -9223372036854775808 - 1, 9223372036854775807 * 2, 1 + 9223372036854775807',
    'SELECT typeof(9223372036854775806 + 1), typeof(9223372036854775807 - -1)',
  ],
  'a zero keeps its sign where SQLite keeps it': [
    "SELECT '-0' * 1.0, '-0' + 0.0, '-0' * 1, 1.0 * '-0', '-0' / 1.0, '-0' - 0.0, -'-0', '-0' + 0, '-0' % 3",
    ['SELECT ? * 1.0, ? + 1, ? - 0', '-0', ' -0x', '-0'],
    "SELECT CAST('-0' AS NUMERIC), CAST('-0' AS REAL), abs('-0'), round('-0'), '-0' = 0",
    'SELECT max(0.0, -0.0), min(0.0, -0.0), max(-0.0, 0.0), min(-0.0, 0.0)',
  ],
  'weeks are counted from the time of day that is written': [
    "SELECT strftime('%V %G %U %W %j', '2032-06-16T24:04:30'), strftime('%V %G', '2032-06-13T24:00:00')",
    "SELECT strftime('%V %G %j', '2033-01-01 24:30:00'), strftime('%V', '2032-06-13 23:59:59.999')",
  ],
  'JSON is malformed where it is deeper than 1,000': [
    ['SELECT json_valid(?), json_error_position(?)', nested(1000), nested(1000)],
    ['SELECT json_valid(?), json_error_position(?)', nested(1001), nested(1001)],
    ...[
      "json_extract(?, '$')",
      'json(?)',
      'json_array_length(?)',
      "json_set(?, '$[1]', 1)",
    ].flatMap((call): Query[] => [
      [`SELECT length(${call})`, nested(1000)],
      [`SELECT length(${call})`, nested(1001)],
    ]),
    ['SELECT count(*) FROM json_each(?)', nested(1001)],
    ['SELECT json_valid(?)', JSON.stringify('['.repeat(1500))],
    ['SELECT json_valid(?)', `[${'[],'.repeat(1500)}1]`],
  ],
  'a pattern of more than 50,000 bytes is none': [
    ['SELECT id FROM f WHERE name LIKE ?', long],
    ['SELECT id FROM f WHERE grp GLOB ?', long],
    ["SELECT id FROM f WHERE name LIKE ? ESCAPE '!'", 'é'.repeat(25_001)],
    ['SELECT like(?, name) FROM f', long],
    [`SELECT id FROM f WHERE name LIKE '${long}'`],
    ['SELECT id FROM f WHERE name LIKE ?', long.slice(1)],
    ['SELECT ? LIKE ?', 'x', '%'.repeat(50_000)],
  ],
  'a blob matches nothing, and NULL in the place of one is NULL': [
    "SELECT id, b LIKE '1%', b NOT LIKE '1%', NOT b LIKE '1%' FROM h ORDER BY id",
    "SELECT id FROM h WHERE b NOT LIKE '1%' ORDER BY id",
    'SELECT id, b LIKE NULL, NULL LIKE b, b NOT LIKE NULL, b LIKE t, t LIKE b, b LIKE b FROM h ORDER BY id',
    "SELECT id, b GLOB '1*', t GLOB b, b NOT GLOB '1*', like('1', b), like(b, t), like('1', b, '!') FROM h ORDER BY id",
    "SELECT x'31' LIKE NULL, CAST(NULL AS BLOB) LIKE 'x', count(*) FILTER (WHERE b NOT LIKE 'x') FROM h",
    "SELECT id, CASE WHEN id < 3 THEN b ELSE t END LIKE '1%', CASE WHEN id < 3 THEN b ELSE t END GLOB '1*' FROM h ORDER BY id",
    ['SELECT id, b LIKE ?, ? LIKE b FROM h ORDER BY id', null, null],
  ],
  'a sum is NULL where infinities of both signs meet, and REAL of bytes': [
    'SELECT sum(x), avg(x), total(x) FROM n WHERE id < 3',
    'SELECT sum(x), avg(x), total(x) FROM n WHERE id > 1',
    'SELECT sum(x), total(x), avg(x) FROM n WHERE 0',
    'SELECT id, sum(x) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM n ORDER BY id',
    'SELECT typeof(sum(t)), sum(t) FROM n WHERE id = 1',
    "SELECT sum(CAST(t AS BLOB)), total(x'3132') FROM n",
    "SELECT CAST('-9223372036854775808' AS NUMERIC), CAST('9223372036854775808' AS NUMERIC)",
  ],
  'a number that is written beyond the range of REAL is an infinity': [
    "SELECT 1e308 * 10, -(1e308 * 10), 1e308 + 1e308, -1e308 - 1e308, printf('%f', 1e308 * 10)",
  ],
  'LIMIT and OFFSET take what is a whole number once it is computed': [
    "SELECT id FROM n ORDER BY id LIMIT 1 + '2'",
    'SELECT id FROM n ORDER BY id LIMIT 3 OFFSET 1.6 / 2 + 3.6 / 3',
    "SELECT id FROM n ORDER BY id LIMIT '1.5' + 1",
    'SELECT id FROM n ORDER BY id LIMIT (SELECT k FROM n WHERE id = 1)',
    'SELECT id FROM n ORDER BY id LIMIT (SELECT k FROM n WHERE id = 4)',
    "SELECT id FROM n ORDER BY id LIMIT 1 / 'none'",
  ],
  'lag, lead and nth_value take their place from each row': [
    'SELECT id, lead(id, k, 0) OVER (ORDER BY id) FROM n ORDER BY id',
    'SELECT id, lead(id, -1) OVER (ORDER BY id) FROM n ORDER BY id',
    'SELECT id, lag(id, id - 1) OVER (ORDER BY id), lag(id, 2.0) OVER (ORDER BY id) FROM n ORDER BY id',
    'SELECT id, lag(id, 9223372036854775807, 5) OVER (ORDER BY id) FROM n ORDER BY id',
    "SELECT id, nth_value(x, '2') OVER (ORDER BY id), nth_value(x, 1.0) OVER (ORDER BY id) FROM n ORDER BY id",
    'SELECT id, nth_value(id, id) OVER () FROM n ORDER BY id',
    'SELECT nth_value(x, 0) OVER () FROM n',
    'SELECT nth_value(x, k) OVER () FROM n',
    'SELECT nth_value(x, 1.5) OVER () FROM n WHERE 0',
  ],
  'ORDER BY behind a compound names a column of any of its parts': [
    'SELECT f.name FROM f UNION ALL SELECT g.name FROM g ORDER BY f.name',
    'SELECT f.name FROM f UNION ALL SELECT g.name FROM g ORDER BY g.name DESC',
    'SELECT name AS what FROM f UNION SELECT name FROM g ORDER BY f.name',
    'SELECT name FROM f UNION SELECT name FROM g ORDER BY f.id',
  ],
  'FILTER over groups reads the groups': [
    "SELECT grp, sum(count(*)) FILTER (WHERE grp = 'u') OVER () FROM f GROUP BY grp ORDER BY grp",
    'SELECT grp, sum(sum(id)) FILTER (WHERE count(*) > 1) OVER (ORDER BY grp) FROM f GROUP BY grp ORDER BY grp',
    'SELECT grp, count(*) FILTER (WHERE count(*) > 1) OVER () FROM f GROUP BY grp ORDER BY grp',
  ],
  'a recursive table has no affinity in its own arm, and fails where SQLite fails': [
    "WITH c(x) AS (SELECT k FROM n WHERE id = 3 UNION ALL SELECT '2' FROM c WHERE x < 3) SELECT count(*) FROM c",
    'WITH s(x) AS (VALUES(1) UNION ALL SELECT a.x + b.x FROM s AS a, s AS b) SELECT x FROM s',
    'WITH s(x) AS (VALUES(1) UNION ALL SELECT x FROM s WHERE x IN (SELECT x FROM s)) SELECT x FROM s',
    'WITH s(x) AS (VALUES(1) UNION ALL SELECT max(x) FROM s) SELECT x FROM s',
    'WITH s(x) AS (VALUES(1) UNION ALL SELECT child FROM s, e WHERE parent = x GROUP BY 1) SELECT x FROM s',
    'WITH s(x) AS (VALUES(1) UNION ALL SELECT row_number() OVER () FROM s) SELECT x FROM s',
    'WITH s(x) AS (VALUES(1) UNION ALL SELECT child FROM s, e WHERE parent = x) SELECT x FROM s ORDER BY x',
  ],
  'an index that is named must be there': [
    "SELECT id FROM f INDEXED BY f_name WHERE name = 'a'",
    "SELECT id FROM f NOT INDEXED WHERE name = 'a'",
    'SELECT id FROM f INDEXED BY nope',
    "DELETE FROM f INDEXED BY nope WHERE name = 'a' RETURNING id",
    "UPDATE f INDEXED BY nope SET name = 'a' RETURNING id",
  ],
  'a path fails where it is reached': [
    `SELECT json_extract('{"a":1}', '$["a"]'), json_extract('[1]', '$.a.b[')`,
    `SELECT json_extract('[1]', '$["a"]')`,
    `SELECT json_extract('{"a":[1]}', '$.a[x]')`,
    `SELECT json_extract('{}', 'a')`,
    `SELECT '{"a":1}' ->> '$.', 1`,
  ],
  'flags of json_valid, and the text of a BLOB': [
    "SELECT json_valid('{a:1}', 1), json_valid('{a:1}', 2), json_valid('{\"a\":1}', 1), json_valid('[1]', 4), json_valid('[1]', 12)",
    "SELECT json_valid('{}', '2'), json_valid('{}', 2.5), json_valid(NULL, 1), json_valid(123, 4), json_valid(9e999, 2)",
    "SELECT json_valid('{}', 0)",
    'SELECT json_valid(NULL, NULL)',
    "SELECT json_valid(x'7B7D'), json_valid(x'5B6E756C6C5D', 3), json_valid(x'5B6E756C6C5D', 4), json_valid(x'')",
    "SELECT json_extract(CAST('[1,2,3]' AS BLOB), '$[1]'), CAST('{\"a\":30}' AS BLOB) ->> 'a', json(CAST('{a:1}' AS BLOB))",
    "SELECT json_error_position(NULL), json_error_position('{}'), json_error_position('{\"a\":1,,}'), json_error_position(x'5B312C2C5D')",
  ],
}

const binary: readonly Query[] = [
  `SELECT hex(jsonb('{"a":1,"b":[true,null,-2.5,"x\\n"]}')), typeof(jsonb('1')), jsonb(NULL)`,
  `SELECT json(jsonb('{"a": [1, {"b": "é"}], "a": false}')), json(jsonb('{a: 1, /* c */ b: [2,],}'))`,
  `SELECT hex(jsonb('"' || replace(hex(zeroblob(200)), '0', 'y') || '"'))`,
  `SELECT jsonb('{"a":'), 1`,
  `SELECT json_extract(jsonb('{"a":[1,2]}'), '$.a[1]'), jsonb('{"a":[1,2]}') ->> '$.a[0]', jsonb('[3]') -> 0`,
  `SELECT json(jsonb_extract('{"a":[1,2]}', '$.a')), jsonb_extract('{"a":"x"}', '$.a'), hex(jsonb_extract('{"a":1}', '$.a', '$.b'))`,
  `SELECT hex(jsonb_set('[1]', '$[0]', 2)), json(jsonb_insert('[1]', '$[#]', 3)), hex(jsonb_replace('{"a":1}', '$', 5))`,
  `SELECT json(jsonb_replace('{"a":1}', '$.a', json('[1]'))), jsonb_remove('{"a":1}', '$'), hex(jsonb_remove('{"a":1,"b":2}', '$.a'))`,
  `SELECT json(jsonb_patch('{"a":1,"b":2}', '{"b":null}')), json_patch(jsonb('{"a":1}'), jsonb('{"b":2}'))`,
  `SELECT hex(jsonb_array(1, 'a', NULL)), json_array(jsonb_array(1, 2)), json_object('k', jsonb('[52]')), hex(jsonb_object('k', 1.5))`,
  `SELECT json_array(x'313233')`,
  `SELECT json(x'CB0433313233'), json(x'2B1331'), json(x'FB0000000000000000'), json(x'9BFB0000000000000000')`,
  `SELECT json(x'3C1761')`,
  `SELECT json(x'F3000000010000000133')`,
  `SELECT json_valid(jsonb('{"a":1}')), json_valid(jsonb('{"a":1}'), 4)`,
  `SELECT json_type(x'00'), json_type(x'0B')`,
]

let queries: Queries
beforeAll(async () => {
  queries = await openQueries(schema)
})
afterAll(async () => {
  await queries[Symbol.asyncDispose]()
})

test.each(
  Object.entries({ ...laws, 'the binary form of JSON is read and made byte by byte': binary }),
)('%s', async (_, all) => {
  expect(await differing(queries, all)).toEqual([])
})

test.each([
  ['a rowid that two tables have', 'SELECT rowid FROM f JOIN g'],
  ['an aggregate that GROUP BY names', 'SELECT max(id) FROM f GROUP BY 1'],
  ['FILTER of a scalar function', 'SELECT abs(1) FILTER (WHERE 1)'],
  ['OVER of a scalar function', 'SELECT abs(1) OVER ()'],
  ['a column of another schema', 'SELECT other.f.id FROM f'],
  ['a column that is none', 'SELECT main.f.nosuch FROM f'],
  ['LIMIT behind VALUES', 'VALUES (1) /* a */ limit 1'],
  ['columns beyond measure', `SELECT ${Array(100_000).fill('1').join()}`],
])('%s is refused in the words of SQLite', async (_, query) => {
  const expected = queries.sqlite(query)
  expect(expected).toHaveProperty('error', 'SQLITE_ERROR')
  expect(await queries.postgres(query)).toEqual(expected)
})

test('what hangs on how SQLite reads is refused', async () => {
  for (const query of [
    "SELECT id FROM f INDEXED BY f_part WHERE grp = 'u'",
    'SELECT lag(id, -2) OVER (ORDER BY id) FROM n',
    "SELECT hex(jsonb('{a: 0x10}'))",
    "SELECT hex(jsonb_set('[1]', '$[0]', 'x'))",
    "SELECT hex(jsonb_set('{}', '$.a', 1))",
    "SELECT hex(jsonb_replace(x'5C1761295C27', '$.b', 1))",
    "SELECT json_valid(x'8C1761133117621332', 8)",
    "SELECT json_valid(x'37333333')",
  ]) {
    expect(queries.sqlite(query)).toHaveProperty('rows')
    const answer = await queries.postgres(query)
    expect([query, answer]).toMatchObject([query, { error: 'SQL_UNSUPPORTED' }])
  }
})

test.each([
  ['SELECT k + 9223372036854775807 FROM n WHERE id = 1', 'CAST an operand AS REAL'],
  ["SELECT printf('%.2s', '😀')", 'substr()'],
  ['SELECT lag(id, -2) OVER (ORDER BY id) FROM n', 'at line 1, column 8. Use lead()'],
])('%s is refused with a way out', async (query, wayOut) => {
  expect(queries.sqlite(query)).toHaveProperty('rows')
  const message = expect.stringContaining(wayOut) as string
  expect(await queries.postgres(query)).toMatchObject({ error: 'SQL_UNSUPPORTED', message })
})

test('more columns than PostgreSQL gives are refused with a place and a way out', async () => {
  const query = `SELECT ${Array(1665).fill('1').join()}`
  expect(queries.sqlite(query)).toHaveProperty('rows')
  const message = expect.stringMatching(/at line 1, column 1\. Read the columns/) as string
  expect(await queries.postgres(query)).toMatchObject({ error: 'SQL_UNSUPPORTED', message })
  expect(await queries.postgres(`SELECT EXISTS (${query})`)).toHaveProperty('rows')
})
