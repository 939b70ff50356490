import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeAnswers, isSame, openQueries, type Queries } from './queries.ts'

let queries: Queries
beforeAll(async () => {
  const rows = `(1, 9, 'Ab'), (2, 1, 'aB'), (3, 5, 'AB'), (4, 2, 'c')`
  queries = await openQueries(`
    CREATE TABLE bare (id INTEGER PRIMARY KEY, n INTEGER, code TEXT COLLATE NOCASE);
    CREATE TABLE sorted (id INTEGER PRIMARY KEY, n INTEGER, code TEXT COLLATE NOCASE);
    CREATE INDEX by_n ON sorted (n);
    CREATE TABLE single (id INTEGER PRIMARY KEY, code TEXT COLLATE NOCASE UNIQUE);
    INSERT INTO bare VALUES ${rows}; INSERT INTO sorted VALUES ${rows}; INSERT INTO single VALUES (1, 'aB'), (2, 'D');
  `)
  // PostgreSQL keeps what was changed last behind the others.
  await queries.client.query('UPDATE bare SET n = n WHERE id = 1')
})
afterAll(() => queries[Symbol.asyncDispose]())

test.each([
  'SELECT code FROM bare UNION SELECT NULL',
  'SELECT code FROM bare WHERE n > 0 UNION SELECT code FROM single',
  'SELECT code FROM single UNION SELECT code FROM bare ORDER BY 1 DESC',
  'SELECT code FROM bare EXCEPT SELECT code FROM sorted WHERE n = 2',
  'SELECT code FROM bare INTERSECT SELECT code FROM sorted',
  `SELECT 'x' UNION SELECT single.code FROM single JOIN sorted ON single.id < sorted.id`,
  `VALUES ('b'), ('B' COLLATE NOCASE) UNION SELECT 'c'`,
  'SELECT code FROM sorted UNION ALL SELECT code FROM bare',
  'SELECT code FROM sorted UNION SELECT code FROM bare',
  'SELECT code FROM sorted WHERE n = 5 EXCEPT SELECT NULL',
  'SELECT sorted.code FROM sorted JOIN single ON single.id = sorted.n UNION SELECT NULL',
  'SELECT DISTINCT code FROM sorted WHERE id > 1',
  'SELECT DISTINCT code FROM sorted WHERE n = 5 OR n = 2 ORDER BY n',
])('of texts that a collation takes for the same SQLite’s is shown: %s', async (sql) => {
  const expected = queries.sqlite(sql)
  const actual = await queries.postgres(sql)
  expect(isSame(expected, actual) ? null : describeAnswers(sql, expected, actual)).toBeNull()
})

test('SQLite shows what an index brings first', () => {
  const shown = (table: string): unknown =>
    queries.sqlite(`SELECT code FROM ${table} WHERE n > 0 UNION SELECT NULL`)
  expect(shown('sorted')).not.toEqual(shown('bare'))
})

test.each([
  'SELECT code FROM sorted WHERE n > 0 UNION SELECT NULL',
  'SELECT sorted.code FROM sorted JOIN single ON single.id <= sorted.n UNION SELECT NULL',
  'SELECT DISTINCT code FROM sorted WHERE n > 0 EXCEPT SELECT NULL',
  'SELECT DISTINCT code FROM sorted WHERE n > 0',
  'SELECT DISTINCT code FROM sorted ORDER BY id DESC',
  'SELECT code, count(*) OVER (PARTITION BY n) FROM bare UNION SELECT NULL, 1',
  'SELECT DISTINCT sorted.code, length(sorted.code) FROM sorted JOIN single ON single.id <= sorted.n ORDER BY sorted.n',
])('what an index may bring first is refused where it may show: %s', async (sql) => {
  expect(queries.sqlite(sql)).toHaveProperty('rows')
  expect(await queries.postgres(sql)).toMatchObject({ error: 'SQL_UNSUPPORTED' })
})
