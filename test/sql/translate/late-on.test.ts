import { expect, test } from 'vitest'
import { planOf, runContext } from '../../support/statements.ts'
import { differing, queriesOfFile } from './queries.ts'

const queries = queriesOfFile(`
  CREATE TABLE a (id INTEGER PRIMARY KEY, x INT, n TEXT);
  CREATE TABLE b (id INTEGER PRIMARY KEY, x INT, y INT);
  CREATE TABLE c (id INTEGER PRIMARY KEY, x INT, z INT);
  INSERT INTO a VALUES (1, 1, 'p'), (2, 2, 'q'), (3, NULL, 'r');
  INSERT INTO b VALUES (1, 1, 10), (2, 3, 20);
  INSERT INTO c VALUES (1, 1, 10), (2, 2, 20), (3, 3, NULL);
`)

test('the ON of an inner join may name tables further right', async () => {
  const asked = [
    'SELECT a.id, b.id, c.id FROM a JOIN b ON a.x = c.x JOIN c',
    'SELECT * FROM a JOIN b ON z = y AND a.id < 3 JOIN c ON c.id = b.id',
    'SELECT a.id, c.id FROM a JOIN b ON a.x = c.x LEFT JOIN c ON c.z = b.y',
    'SELECT a.id, c.id FROM a JOIN b ON c.x IS NULL LEFT JOIN c ON c.z = b.y AND c.z > 10',
    'SELECT count(*), sum(c.z) FROM a CROSS JOIN b ON a.x = c.x, c',
    'SELECT a.n, count(*) FROM a JOIN b ON a.x = c.x JOIN c GROUP BY a.n ORDER BY 1',
    "SELECT a.id, e.value FROM a JOIN b ON a.x = e.value JOIN json_each('[1,2]') e",
    'SELECT a.id FROM a JOIN b ON a.x = q.x JOIN c',
    'SELECT a.id FROM a LEFT JOIN b ON a.x = c.x JOIN c',
    'SELECT a.id FROM a JOIN b ON a.x = c.x RIGHT JOIN c',
  ]
  expect(await differing(queries(), asked)).toEqual([])
})

test('a table further right is meant before one of the query around', async () => {
  const asked = [
    'SELECT c.id, (SELECT count(*) FROM a JOIN b ON a.x = c.x JOIN c ON c.id = b.id) FROM c',
    'SELECT c.id FROM c WHERE EXISTS (SELECT 1 FROM a JOIN b ON z = 10 JOIN b b2 ON b2.id = b.id)',
    'SELECT o.id, (SELECT group_concat(n) FROM a JOIN b ON x = o.x JOIN c z ON z.id = b.id) FROM c o',
  ]
  expect(await differing(queries(), asked)).toEqual([])
})

test('an ON that names no table further right stays where it is', () => {
  const sql = 'SELECT 1 FROM a JOIN b ON a.x = b.x AND true JOIN c ON c.x = a.x'
  const context = runContext({ safeIntegers: true })
  const { translation } = planOf(sql, queries().source).bind([], context).prepared
  expect(translation.steps[0]?.text).not.toContain('(SELECT)')
})
