import { expect, test } from 'vitest'
import { differing, queriesOfFile, type Query } from './queries.ts'

const queries = queriesOfFile(`
  CREATE TABLE docs (id INTEGER PRIMARY KEY, doc TEXT);
  INSERT INTO docs VALUES (1, '{"a":1,"b":[2]}'), (2, ' [4, 5]'), (3, NULL);
`)

const asked: readonly Query[] = [
  'SELECT e.json, e.root, e.key FROM docs, json_each(doc) e',
  "SELECT json, root, key, fullkey FROM json_tree(' { \"a\" : [1] }', '$.a')",
  "SELECT * FROM (SELECT *, json FROM json_each('[1,2]', '$'))",
  'SELECT id, key, json, root FROM docs LEFT JOIN json_each(doc)',
  "SELECT id, json, root, value FROM docs LEFT JOIN json_each(doc) e ON e.key = 'a'",
  'SELECT json, count(*) FROM docs, json_each(doc) GROUP BY json ORDER BY 2, 1',
  "SELECT value FROM docs, json_each(doc) WHERE json = ' [4, 5]' AND root < 5",
  "SELECT id FROM docs WHERE EXISTS (SELECT 1 FROM json_each(docs.doc) WHERE json LIKE '{%')",
  'SELECT json FROM docs, json_each(doc) e, json_each(doc) f',
  'SELECT typeof(json), typeof(root), json FROM json_each(5.0)',
  "SELECT json(json), json_array(json) FROM json_each('[1]')",
  ['SELECT json, value FROM json_each(?)', '[7]'],
]

test('json_each and json_tree have their arguments as columns, which * does not show', async () => {
  expect(await differing(queries(), asked)).toEqual([])
})

test('where they stand without parentheses they are refused by that name', async () => {
  const answer = await queries().postgres("SELECT key FROM json_each WHERE json = '[1]'")
  expect(answer).toMatchObject({
    error: 'SQL_UNSUPPORTED',
    message: expect.stringContaining('json_each without its arguments') as string,
  })
})
