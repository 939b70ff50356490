import { expect, test } from 'vitest'
import { planOf, runContext } from '../../support/statements.ts'
import { differing, queriesOfFile } from './queries.ts'

const queries = queriesOfFile(`
  CREATE TABLE a (id INTEGER PRIMARY KEY, x INT, n TEXT);
  CREATE TABLE b (id INTEGER PRIMARY KEY, x INT, n TEXT COLLATE NOCASE);
  CREATE INDEX by_x ON b (x);
  INSERT INTO a VALUES (1, 1, 'p'), (2, 2, 'q'), (3, NULL, NULL), (4, NULL, 'r');
  INSERT INTO b VALUES (1, 1, 'P'), (2, 3, NULL), (3, NULL, 'q'), (4, NULL, NULL);
`)

test('IS of two columns is the same as a term, inside of NOT, and as a value', async () => {
  const asked = [
    'SELECT a.id, b.id FROM a, b WHERE a.x IS b.x AND b.n IS a.n',
    'SELECT a.id, b.id FROM a, b WHERE a.x IS b.x OR a.n IS NULL',
    'SELECT a.id, b.id FROM a, b WHERE NOT (a.x IS b.x)',
    'SELECT a.id, b.id, a.x IS b.x, a.n IS NOT b.n FROM a, b WHERE (a.n IS b.n) = 0',
    'SELECT a.id, b.id FROM a, b WHERE CASE WHEN a.x IS b.x THEN 0 ELSE 1 END',
    ...['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN'].map(
      (join) => `SELECT a.id, b.id FROM a ${join} b ON a.x IS b.x`,
    ),
    'SELECT id FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.x IS a.x AND b.n IS a.n)',
  ]
  expect(await differing(queries(), asked)).toEqual([])
})

test('IS of two columns in an ON uses the index of one of them', async () => {
  const { client, source } = queries()
  await client.query(
    `INSERT INTO a SELECT i, i FROM generate_series(10, 5000) i; INSERT INTO b SELECT i, i FROM generate_series(10, 5000) i; ANALYZE a; ANALYZE b`,
  )
  const context = runContext({ safeIntegers: true })
  const { prepared } = planOf('SELECT count(*) FROM a JOIN b ON a.x IS b.x', source).bind(
    [],
    context,
  )
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN ${prepared.translation.steps[0]?.text ?? ''}`,
  )
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('Index Scan on by_x')
})
