import { afterAll, beforeAll, expect, test } from 'vitest'
import { differing, openQueries, type Queries } from './queries.ts'

const schema = `
  CREATE TABLE w (id INTEGER PRIMARY KEY, g INTEGER, s TEXT, n);
  INSERT INTO w VALUES (1,1,'a',1.5),(2,1,'',2),(3,1,'b',3),(4,2,NULL,1),(5,2,'c',1.0),(6,3,NULL,7),(7,4,'',8),(8,4,'d',9);
`

let queries: Queries

beforeAll(async () => {
  queries = await openQueries(schema)
})

afterAll(async () => {
  await queries[Symbol.asyncDispose]()
})

test('group_concat as a window joins what SQLite joins, empty texts among others too', async () => {
  expect(
    await differing(queries, [
      'SELECT id, group_concat(s) OVER (PARTITION BY g ORDER BY id) FROM w WHERE g < 4 ORDER BY id',
      "SELECT id, group_concat(s, '+') OVER (ORDER BY id) FROM w ORDER BY id",
      "SELECT id, group_concat(nullif(s, '')) OVER (ORDER BY id ROWS 1 PRECEDING) FROM w ORDER BY id",
      'SELECT id, group_concat(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM w ORDER BY id',
      "SELECT id, group_concat(s) FILTER (WHERE s <> '') OVER (ORDER BY id ROWS 1 PRECEDING) FROM w ORDER BY id",
      'SELECT id, group_concat(s) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW) FROM w ORDER BY id',
      "SELECT group_concat(s) FROM w WHERE s = '' AND g = 4",
      "SELECT g, group_concat(s, '') FROM w GROUP BY g ORDER BY g",
    ]),
  ).toEqual([])
})

test('a frame with EXCLUDE NO OTHERS is read anew for each row', async () => {
  const over = 'OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND CURRENT ROW EXCLUDE NO OTHERS)'
  expect(await differing(queries, [`SELECT id, sum(n) ${over} FROM w ORDER BY id`])).toEqual([])
})

test.each([
  'SELECT group_concat(s) OVER (ORDER BY id) FROM w WHERE id > 6',
  'SELECT group_concat(s) OVER (PARTITION BY g) FROM w WHERE id = 2',
  'SELECT group_concat(s) OVER (ORDER BY id ROWS 1 PRECEDING) FROM w',
  "SELECT group_concat(s, '') OVER x FROM w WHERE id > 6 WINDOW x AS (ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)",
])(
  'of an empty text in a window, %s is refused where SQLite has a NUL or no separator',
  async (query) => {
    expect(queries.sqlite(query)).toHaveProperty('rows')
    const message = expect.stringMatching(/empty text.*nullif/) as string
    expect(await queries.postgres(query)).toMatchObject({ error: 'SQL_UNSUPPORTED', message })
  },
)
