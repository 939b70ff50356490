import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPair, type Pair } from '../support/pair.ts'
import { outcomeOf } from './outcome.ts'

const schema = `
  CREATE TABLE documents (id INTEGER PRIMARY KEY, user INTEGER, title TEXT, day INTEGER, size INTEGER);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)
  INSERT INTO documents SELECT i, i % 10, 'title ' || i, i / 10, i FROM n;`

/** What PostgreSQL is made to answer in the other order that SQLite might as well take. */
const turned = (sql: string): { sqlite: string; postgres: string } => ({
  sqlite: sql,
  postgres: sql
    .replace('group_concat(title)', "string_agg(title, ',' ORDER BY id DESC)")
    .replace('ORDER BY day ', 'ORDER BY day, id DESC '),
})
const free: [string, string][] = [
  ['SELECT group_concat(title) AS t FROM documents', 'equal'],
  ['SELECT id, row_number() OVER (ORDER BY day ) AS n FROM documents', 'undecided'],
  ['SELECT sum(size) OVER (ORDER BY day ROWS 1 PRECEDING) AS s FROM documents', 'undecided'],
  ['SELECT * FROM (SELECT id FROM documents ORDER BY day LIMIT 5) AS d', 'undecided'],
]

let pair: Pair
beforeAll(async () => {
  const options = {
    flags: { initial: { shadow: { sample: 100 } } },
    overrides: free.map(([sql]) => turned(sql)),
  } as const
  pair = await openPair({ schema, options })
  await pair.db.caughtUp()
})
afterAll(async () => pair.close())

test.each(free)('%s is %s where its rows came in another order', async (sql, outcome) => {
  expect(await outcomeOf(pair, sql)).toBe(outcome)
})

test.each([
  ['SELECT group_concat(title) FROM documents'],
  ['SELECT user, json_group_array(title) FROM documents GROUP BY user ORDER BY user LIMIT 9'],
  ['SELECT json_group_object(id, title) AS d, count(*) FROM documents'],
  ['SELECT id, title, row_number() OVER (ORDER BY day) FROM documents'],
  ['SELECT id, lag(title) OVER (PARTITION BY user ORDER BY id) FROM documents'],
  ['SELECT title, sum(size) OVER (ORDER BY day ROWS 1 PRECEDING) FROM documents'],
  ['SELECT * FROM (SELECT title FROM documents ORDER BY id LIMIT 20) ORDER BY title'],
  [
    'SELECT (SELECT d.title FROM documents d WHERE d.user = u.user ORDER BY d.id DESC LIMIT 5) FROM documents u',
  ],
])('a row that differs is a divergence of %s', async (sql) => {
  await pair.pg
    .query(`SET lockstep.applying = 'on'; UPDATE documents SET title = 'other' WHERE id IN (7, 46);
    RESET lockstep.applying`)
  expect(await outcomeOf(pair, sql)).toBe('divergent')
})
