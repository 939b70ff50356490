import { afterAll, beforeAll, expect, test } from 'vitest'
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
  queries = await openQueries('CREATE TABLE docs (id INTEGER PRIMARY KEY, doc TEXT, n INTEGER);')
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
])('one step into a document gives what SQLite finds there: %s', async (expression) => {
  const texts = readsJson5 ? [...documents, ...json5] : documents
  const sql = `SELECT doc, ${expression} FROM ${rowsOf(texts)}`
  const expected = queries.sqlite(sql)
  const actual = await queries.postgres(sql)
  expect(isSame(expected, actual) ? null : describeAnswers(sql, expected, actual)).toBeNull()
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

test('the columns of an element that nobody asks for are not computed', async () => {
  const { rows } = await queries.client.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN VERBOSE SELECT e.value FROM docs, sqlite.json_each(docs.doc) e`,
  )
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
  expect(plan).not.toMatch(/json_payload|json_start|WindowAgg/)
  expect(plan).toMatch(/json_array_elements/)
})
