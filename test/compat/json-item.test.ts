import { afterAll, beforeAll, expect, test } from 'vitest'
import { planOf, runContext } from '../support/statements.ts'
import { describeAnswers, isSame, openQueries, type Queries } from '../sql/translate/queries.ts'

/** Documents that jsonb, or PostgreSQL's own operators, would give another answer for. */
const documents = [
  '{"a":1,"a":2}',
  '{"b":"a","a":"first","c":{"a":"inner"},"a":"last"}',
  '{"\\u0061":"escaped","a":"plain"}',
  '{"a":"plain","\\u0061":"escaped"}',
  '{"x":"say \\"a\\" twice","a":"it"}',
  '{"a":1.0}',
  '{"a":1.50e3}',
  '{"a":-0}',
  '{"a":12345678901234567890123}',
  '{"a":9223372036854775807}',
  '{ "a" : [ 1 , {"b": 2} ] }',
  '{"a":true,"é":"ü"}',
  '{"a":null}',
  '{"A":1}',
  '{"a":""}',
  '["zero","a",2.50,null,{"a":1}]',
  '{"0":"name","1":"other","a":{"1":"name","b":1},"-1":"name"}',
  '{"a":["x",{"b":[1,2, "three" ]}]}',
  '{"a":"\\u00e9\\n\\/","b":"\\ud83d\\ude00"}',
  '{"null":1,"a":[[],{}, false]}',
  '{"a":-0.0,"b":1e999}',
  '{"a":9223372036854775808,"b":-9223372036854775808}',
  '[[1,2],"one"]',
  '"a"',
  '5',
  'null',
  '[]',
  '{}',
]

const json5 = ["{a:1,b:'x'}", "[1,'one',]", '{a:+.5,a:0x10}']

let queries: Queries
let readsJson5: boolean
beforeAll(async () => {
  queries = await openQueries(
    'CREATE TABLE docs (id INTEGER PRIMARY KEY, doc TEXT, list TEXT, n INTEGER); CREATE TABLE many (id INTEGER PRIMARY KEY, name TEXT);',
  )
  await queries.client.query(`SET track_functions = 'all'`)
  const { rows } = await queries.client.query<{ is: boolean }>(
    `SELECT current_setting('server_version_num')::int >= 160000 AS is`,
  )
  readsJson5 = rows[0]?.is === true
})
afterAll(() => queries[Symbol.asyncDispose]())

const rowsOf = (texts: readonly string[]): string => {
  const list = texts.map((text) => `SELECT '${text.replaceAll("'", "''")}' AS doc`)
  return `(${list.join(' UNION ALL ')})`
}

test.each([
  "json_extract(doc, '$.a')",
  "typeof(json_extract(doc, '$.a'))",
  "json_extract(doc, '$[1]')",
  "json_extract(doc, '$[0]')",
  "json_extract(doc, '$[000002]')",
  "doc ->> '$.a'",
  "doc ->> '$[1]'",
  "doc -> '$.a'",
  "json_extract(doc, '$.a') = 'plain'",
  "json_extract(doc, '$.a') > 1",
  "json_array(json_extract(doc, '$.a'))",
  "json_extract(doc, '$.a.b')",
  "json_extract(doc, '$.é')",
  "json_extract(doc, '$.a[1]')",
  "json_extract(doc, '$.a[1].b')",
  "json_extract(doc, '$.a[#-1]')",
  "json_extract(doc, '$[#-2].a')",
  "json_extract(doc, '$[1]')",
  "json_extract(doc, '$.null')",
  "json_extract(doc, '$.b')",
  "doc -> '$.a.b'",
  "doc -> 'a'",
  "doc ->> 'a'",
  "doc ->> 'null'",
  'doc ->> 1',
  'doc ->> -1',
  'doc -> 0',
  'doc -> -2',
  "(doc -> 'a') ->> 'b'",
])('one step into a document gives what SQLite finds there: %s', async (expression) => {
  const texts = readsJson5 ? [...documents, ...json5] : documents
  const sql = `SELECT doc, ${expression} FROM ${rowsOf(texts)}`
  const expected = queries.sqlite(sql)
  const actual = await queries.postgres(sql)
  expect(isSame(expected, actual) ? null : describeAnswers(sql, expected, actual)).toBeNull()
})

const beside = [
  "'plain'",
  "''",
  `'[1,{"b":2}]'`,
  `'["x",{"b":[1,2,"three"]}]'`,
  "'true'",
  "'1'",
  '1',
  '0',
  '1.0',
  '-0.0',
  '1500',
  '1499.5',
  '9223372036854775807',
  '9223372036854775808.0',
  '-1e999',
  'NULL',
]

test.each(['=', '<>', '<', '>=', 'IS', 'IS NOT'])(
  'a value is compared with a text and a number as on SQLite: %s',
  async (operator) => {
    for (const value of beside) {
      for (const comparison of [
        `json_extract(doc, '$.a') ${operator} ${value}`,
        `${value} ${operator} doc ->> 'b'`,
      ]) {
        const sql = `SELECT doc, ${comparison} FROM ${rowsOf(documents)}`
        const [expected, actual] = [queries.sqlite(sql), await queries.postgres(sql)]
        expect(isSame(expected, actual) ? null : describeAnswers(sql, expected, actual)).toBeNull()
      }
    }
  },
)

test.each([`[1,{"b":2}]`, 'plain', '', 1n, 1500, null])(
  'a value is found by a parameter as on SQLite: %s',
  async (value) => {
    for (const condition of [
      "json_extract(doc, '$.a') = ?",
      "? = doc ->> 'a'",
      "doc ->> 'a' > ?",
    ]) {
      const sql = `SELECT doc FROM ${rowsOf(documents)} WHERE ${condition}`
      const query = [sql, value] as const
      const [expected, actual] = [queries.sqlite(query), await queries.postgres(query)]
      expect(isSame(expected, actual) ? null : describeAnswers(query, expected, actual)).toBeNull()
    }
  },
)

test.each([
  `SELECT DISTINCT json_extract(doc, '$.a') FROM DOCS`,
  `SELECT json_extract(doc, '$.a') AS x FROM DOCS ORDER BY x, doc LIMIT 9`,
  `SELECT doc ->> '$.a', count(*) FROM DOCS GROUP BY 1 ORDER BY 1`,
  `SELECT doc ->> 'a' FROM DOCS WHERE doc ->> 'a' IS NOT NULL UNION SELECT '1' ORDER BY 1`,
  `SELECT x, typeof(x) FROM (SELECT doc ->> 'a' AS x FROM DOCS) ORDER BY 1, 2`,
  `SELECT (SELECT doc ->> 'a') FROM DOCS ORDER BY doc`,
  `SELECT doc ->> 'a' COLLATE NOCASE, row_number() OVER (ORDER BY doc) FROM DOCS ORDER BY doc`,
  `SELECT coalesce(doc ->> 'a', 'none'), doc -> 'a' FROM DOCS ORDER BY doc`,
])('a value goes through the rest of the statement as on SQLite: %s', async (statement) => {
  // Where 1 meets 1.0 it would be refused.
  const sql = statement.replace('DOCS', rowsOf(documents.filter((doc) => !/[01]\.0/.test(doc))))
  const [expected, actual] = [queries.sqlite(sql), await queries.postgres(sql)]
  expect(expected).not.toHaveProperty('error')
  expect(isSame(expected, actual) ? null : describeAnswers(sql, expected, actual)).toBeNull()
})

test('of a column PostgreSQL reads the document by its own operator, and calls nothing else for each row', async () => {
  const { client } = queries
  await client.query(
    `INSERT INTO docs (id, doc, list) VALUES (1, '{"a":{"b":[1,2]}}', '["x",1,{"y":2}]')`,
  )
  for (const rest of [
    "json_extract(doc, '$.a.b[1]') FROM docs",
    "doc ->> 'a' FROM docs",
    "doc -> '$.a.b' FROM docs",
    "id FROM docs WHERE json_extract(doc, '$.a') = 'x'",
    'docs.id, value FROM docs, json_each(docs.list)',
    "docs.id, value FROM docs, json_each(docs.doc, '$.a.b')",
  ]) {
    const before = await calls()
    expect(await queries.postgres(`SELECT ${rest}`)).toHaveProperty('rows')
    expect([rest, await calls()]).toEqual([rest, before])
  }
  await client.query('DELETE FROM docs')

  async function calls(): Promise<string> {
    await client.query('SELECT pg_stat_force_next_flush()')
    const { rows } = await client.query<{ calls: string }>(
      `SELECT sum(calls) AS calls FROM pg_stat_user_functions WHERE schemaname = 'sqlite'`,
    )
    return rows[0]?.calls ?? '0'
  }
})

test('what is no JSON is the same error by the quick way', async () => {
  for (const path of ["'$.a'", "'$[1]'"]) {
    const sql = `SELECT json_extract(doc, ${path}) FROM (SELECT '{"a":' AS doc)`
    const [expected, actual] = [queries.sqlite(sql), await queries.postgres(sql)]
    expect(expected).toMatchObject({ error: 'SQLITE_ERROR' })
    expect(isSame(expected, actual)).toBe(true)
  }
})

test.each([
  'e.key, e.value, e.type, e.atom',
  'e.value',
  'e.id, e.parent, e.fullkey, e.path, e.key',
  'json_array(e.value)',
  'e.type, e.atom',
  'typeof(e.value), e.value, json_quote(e.value)',
  "count(e.value), sum(e.atom), group_concat(e.type), sum(e.value = 'a')",
  'count(*), sum(e.id), group_concat(e.fullkey)',
])('the elements of a document are those of SQLite: %s', async (columns) => {
  // A name with an escape is refused.
  for (const doc of documents.filter((each) => !each.includes('\\u'))) {
    for (const root of ['', ", '$.a'", ", '$[0]'"]) {
      const sql = `SELECT ${columns} FROM (SELECT '${doc}' AS doc) d, json_each(d.doc${root}) e`
      const expected = queries.sqlite(sql)
      const actual = await queries.postgres(sql)
      expect(isSame(expected, actual) ? null : describeAnswers(sql, expected, actual)).toBeNull()
    }
  }
})

test.each([
  'SELECT d.doc, e.value FROM DOCS d LEFT JOIN json_each(d.doc) e ON e.atom IS NOT NULL',
  "SELECT doc FROM DOCS WHERE EXISTS (SELECT 1 FROM json_each(doc) WHERE value = 'a')",
  'SELECT DISTINCT e.value FROM DOCS d, json_each(d.doc) e WHERE e.type IN (1, 2, 3) OR value > 5',
  "SELECT value, count(*) FROM DOCS, json_each(doc) GROUP BY value HAVING typeof(value) = 'text'",
  'SELECT * FROM json_each(\'[1,2,{"a":3}]\')',
  'SELECT value FROM json_each(NULL)',
  `SELECT value FROM json_each('{"a":1,"b":"LATERAL sqlite.json_elements"}') e`,
  `SELECT a.value, b.value FROM json_each('[1,[2,3]]') a, json_each(a.value) b WHERE a.type = 'array'`,
  `SELECT e.value ->> 'a', json_extract(e.value, '$.a') FROM json_each('[{"a":1},{"a":"x"}]') e`,
  `SELECT 'LATERAL sqlite.json_elements(NULL::text, ''$'')', value FROM json_each('[1]') e`,
])('elements go through a statement as on SQLite: %s', async (statement) => {
  const sql = statement.replaceAll(
    'DOCS',
    rowsOf(documents.filter((doc) => !/[01]\.0|u/.test(doc))),
  )
  const [expected, actual] = [queries.sqlite(sql), await queries.postgres(sql)]
  expect(isSame(expected, actual) ? null : describeAnswers(sql, expected, actual)).toBeNull()
})

const numbers = [
  '[1,2]',
  '[1.0,"2",null]',
  '["x"]',
  '["3.0"]',
  '[1e3,true]',
  '[9223372036854775807]',
]

test.each(['id', 'id + 0', 'n', 'NULLIF(id, 1)'])(
  'an INTEGER is found among the values of a document as on SQLite: %s',
  async (subject) => {
    for (const list of [...numbers, '[1,9223372036854775808.0]', '[]', '{"a":3}', 'null']) {
      for (const test of ['IN', 'NOT IN']) {
        const condition = `${subject} ${test} (SELECT value FROM json_each(?))`
        const rows = `(SELECT 1 AS id, 2 AS n UNION ALL SELECT 2, NULL UNION ALL SELECT 3, 1000)`
        const query = [`SELECT id, n, ${condition} FROM ${rows}`, list] as const
        const [expected, actual] = [queries.sqlite(query), await queries.postgres(query)]
        expect(
          isSame(expected, actual) ? null : describeAnswers(query, expected, actual),
        ).toBeNull()
      }
    }
  },
)

test('the index of an INTEGER finds the values of a document', async () => {
  const { client } = queries
  await client.query('INSERT INTO many (id) SELECT generate_series(1, 100000)')
  await client.query('ANALYZE many')
  const sql = `SELECT name FROM many WHERE id IN (SELECT value FROM json_each('[3,5]'))`
  const { prepared } = planOf(sql, queries.source).bind([], runContext({ safeIntegers: true }))
  const [step] = prepared.translation.steps
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${step?.text}`)
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(plan).toMatch(/Index (?:Only )?Scan using \S+ on many/)
})

test('the columns of an element that nobody asks for are not computed', async () => {
  const { rows } = await queries.client.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN VERBOSE SELECT e.value FROM docs, sqlite.json_each(docs.doc) e`,
  )
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(plan).not.toMatch(/json_payload|json_start|WindowAgg/)
  expect(plan).toMatch(/json_array_elements/)
})
