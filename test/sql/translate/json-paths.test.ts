import { expect, test } from 'vitest'
import { differing, queriesOfFile, type Query } from './queries.ts'

const queries = queriesOfFile(`
  CREATE TABLE docs (id INTEGER PRIMARY KEY, doc TEXT, path TEXT, level INTEGER);
  INSERT INTO docs VALUES
    (1, '{"a":1,"":2,"b":[1,2],"x\\\\y":3,"q\\"r":4,"a\\tb":5}', '', 1), (2, NULL, 'a', 2), (3, '[1,[2]]', '$.', 3),
    (4, '{"b":{"":6}}', '$.b.', 4);
`)

const paths = [
  '',
  '"',
  '"a"',
  '"".a"',
  '[a]',
  '[]',
  '[',
  '[1][]',
  '[0].]',
  '.',
  '.a',
  'a.b',
  'q"r',
  'q\\"r',
  'x\\\\y',
  'a\\tb',
  'q\\',
  "it''s",
  '$.',
  '$a',
  '$[',
  '$[a]',
  '$."a',
  '$.b.',
  '$.b[',
  '$..a',
  'a',
]

/** Each call of one document, as an error of a query is that of the row which it comes to first. */
const calls = paths.flatMap((path): Query[] =>
  [1, 2, 3, 4].flatMap((id) => [
    `SELECT doc -> '${path}', doc ->> '${path}' FROM docs WHERE id = ${id}`,
    [`SELECT doc ->> ? FROM docs WHERE id = ${id}`, path],
    `SELECT json_extract(doc, '${path}') FROM docs WHERE id = ${id}`,
    `SELECT json_type(doc, '${path}') FROM docs WHERE id = ${id}`,
    `SELECT e.key, e.value FROM docs, json_each(doc, '${path}') e WHERE docs.id = ${id}`,
    `SELECT e.fullkey FROM docs, json_tree(doc, '${path}') e WHERE docs.id = ${id}`,
  ]),
)

test('a path that is none is an error where SQLite comes to its fault, in the same words', async () => {
  const places = queries()
  const wrong: string[] = []
  let faults = 0
  for (const call of calls) {
    const [expected, actual] = [places.sqlite(call), await places.postgres(call)]
    if ('error' in expected) faults += 1
    if (JSON.stringify(expected) !== JSON.stringify(actual))
      wrong.push(JSON.stringify([call, expected, actual]))
  }
  expect(wrong).toEqual([])
  expect(faults).toBeGreaterThan(100)
})

test('what meets a NULL is computed first, and its error is the answer', async () => {
  const asked = ['=', '<>', '<', '>=', '+', '/', '||', '&', '<<'].flatMap((operator): Query[] => [
    `SELECT (doc ->> '') ${operator} NULL FROM docs`,
    `SELECT NULL ${operator} json_extract(doc, 'x') FROM docs`,
    `SELECT id FROM docs WHERE NOT ((doc -> '') ${operator} NULL)`,
    `SELECT id FROM docs WHERE level > 9 AND (doc ->> '') ${operator} NULL`,
    [`SELECT id FROM docs WHERE json(path) ${operator} ?`, null],
    `SELECT id FROM docs WHERE (json(path) ${operator} NULL) = 1`,
  ])
  asked.push(
    `SELECT id FROM docs WHERE (doc ->> '') IN (NULL)`,
    `SELECT id FROM docs WHERE (doc ->> '') BETWEEN NULL AND NULL`,
    `SELECT id FROM docs WHERE -(NULL + json(path)) = 1`,
    `SELECT level = NULL, level + NULL, (doc ->> '$.a') = NULL FROM docs`,
  )
  expect(await differing(queries(), asked)).toEqual([])
})
