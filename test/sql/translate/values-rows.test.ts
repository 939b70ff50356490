import { expect, test } from 'vitest'
import { readView, withViews, type View } from '../../../src/sql/views.ts'
import { differing, queriesOfFile, type Query } from './queries.ts'

const schema = `
  CREATE TABLE u (id INTEGER PRIMARY KEY, g INTEGER, k TEXT COLLATE NOCASE, w TEXT);
  INSERT INTO u VALUES (1,1,'Zoe','zoe'),(2,1,'Zed','ADA'),(3,2,'ada','Ada'),(4,3,'Bob','x');
`

const columns = "column1, column1 = '1', column1 < '2', column1 IN ('1'), column1 = 1"
const behindWith = 'WITH x AS (SELECT 1)'

const laws: Readonly<Record<string, readonly Query[]>> = {
  'constant rows behind one without affinity have none': [
    `SELECT ${columns} FROM (VALUES (1), (CAST(2 AS INT)))`,
    `SELECT ${columns} FROM (VALUES (1), (CAST(2 AS INT)), ('3'))`,
    `SELECT ${columns} FROM (VALUES (1), (CAST(1 AS TEXT)), ('2'))`,
    "SELECT column1 = '2' FROM (VALUES (NULL), (CAST(2 AS INT)))",
  ],
  'rows behind one with an affinity are SELECTs of a compound': [
    `SELECT ${columns} FROM (VALUES (CAST(1 AS INT)), (CAST(2 AS INT)))`,
    `SELECT ${columns} FROM (VALUES (CAST(1 AS TEXT)), (CAST('2' AS TEXT)))`,
    "SELECT '1' IN (VALUES (CAST(1 AS INT)), (2)), '1' IN (VALUES (2), (CAST(1 AS INT)))",
    "SELECT '1' IN (VALUES (CAST(1 AS INT)), (CAST(2 AS INT)))",
    "SELECT (VALUES (CAST(1 AS INT)), (2)) = '1', (VALUES (1), (CAST(2 AS INT))) = '1'",
  ],
  'in a statement with a WITH all rows are SELECTs of a compound': [
    "WITH v (x) AS (VALUES (CAST(2 AS INT)), (CAST(1 AS INT))) SELECT x = '1' FROM v",
    "WITH v (x) AS (VALUES (NULL), (CAST(2 AS INT))) SELECT x = '2' FROM v",
    "WITH v (x) AS (VALUES ('ada' COLLATE NOCASE), ('b')) SELECT x = 'ADA' FROM v",
    `${behindWith} SELECT id, (VALUES ('ADA', 1), ('x', 1)) = (k, 1) FROM u, x`,
    `${behindWith} VALUES ('b'), ('A' COLLATE NOCASE) UNION SELECT 'a'`,
    `${behindWith} VALUES ('b'), ('A') UNION SELECT 'a' COLLATE NOCASE`,
    `${behindWith} SELECT 'a' UNION VALUES ('b'), ('A' COLLATE NOCASE)`,
    "WITH RECURSIVE v (x) AS (VALUES ('ada' COLLATE NOCASE), ('b') UNION SELECT 'ADA' FROM v) SELECT x, x = 'ADA' FROM v",
  ],
  'the first row says the collation to a query around, the last SELECT to an operand': [
    "SELECT column1, column1 = 'ADA' FROM (VALUES ('ada' COLLATE NOCASE), ('Ada'))",
    "SELECT column1, column1 = 'ADA' FROM (VALUES ('ada'), ('Ada' COLLATE NOCASE))",
    "SELECT count(*) FROM (VALUES ('b' COLLATE NOCASE), ('A'), ('a'), ('B')) GROUP BY column1",
    "SELECT 'ADA' IN (VALUES ('ada' COLLATE NOCASE), ('x')), 'ADA' IN (VALUES ('x'), ('ada' COLLATE NOCASE))",
    "SELECT id, w IN (VALUES (k), ('x')), w IN (VALUES ('x'), (k)), 'ADA' IN (VALUES (k), ('x')), 'ADA' IN (VALUES ('x'), (k)) FROM u",
    "SELECT (VALUES ('ada' COLLATE NOCASE, 1), ('x', 1)) = ('ADA', 1), (VALUES ('ada', 1), ('x' COLLATE NOCASE, 1)) = ('ADA', 1)",
    "SELECT id, (VALUES ('ada', 1), ('x', 1)) = (k, 1), (VALUES ('ADA', 1)) = (k, 1), (VALUES ('ADA', 1), (w, 1)) = (k, 1) FROM u",
    "SELECT id, (SELECT group_concat(column1 = 'ADA') FROM (VALUES ('x'), (k))) FROM u",
  ],
  'rows of VALUES are told apart by the collation of the first SELECT that has one': [
    "VALUES ('b' COLLATE NOCASE), ('A') UNION VALUES ('a'), ('B')",
    "VALUES ('b' COLLATE NOCASE), ('A') UNION SELECT 'a'",
    "VALUES ('b'), ('A' COLLATE NOCASE) UNION SELECT 'a'",
    "VALUES ('b'), ('A') UNION SELECT 'a' COLLATE NOCASE",
    "VALUES ('b') UNION SELECT 'B' COLLATE NOCASE",
    "SELECT 'a' UNION VALUES ('b' COLLATE NOCASE), ('A')",
    "SELECT 'a' UNION VALUES ('b'), ('A' COLLATE NOCASE)",
    "SELECT * FROM (SELECT 'a' UNION ALL VALUES ('b' COLLATE NOCASE), ('A')) ORDER BY 1",
  ],
  'a query around knows a column of VALUES that is a name by that name': [
    "SELECT id, (SELECT group_concat(k = 'ADA') FROM (VALUES (k), ('x'))) FROM u",
    "SELECT id, (SELECT k = 'ADA' FROM (VALUES (u.k COLLATE NOCASE))) FROM u",
    'SELECT column1, column2 FROM (VALUES (true, 1), (false, 2))',
  ],
}

const queries = queriesOfFile(schema)

test.each(Object.entries(laws))('%s', async (_, all) => {
  expect(await differing(queries(), all)).toEqual([])
})

test('views before a statement are no WITH of its own', async () => {
  const sql = "CREATE VIEW v AS SELECT 'ADA' IN (VALUES ('x'), ('ada' COLLATE NOCASE)) AS n"
  const view = readView(sql) as View
  const query = "SELECT n, (VALUES ('ADA', 1), ('x', 1)) = (k, 1) FROM v, u WHERE id = 3"
  const reading = withViews(query, ['v'], new Map([['v', view]]))
  const own = `WITH ${view.clause} ${query}`
  queries().database.exec(sql)
  const rows = (text: string): unknown => queries().sqlite(text)
  expect([rows(query), rows(own)]).toMatchObject([{ rows: ['(1, 0)'] }, { rows: ['(1, 1)'] }])
  expect(await queries().postgres(reading)).toEqual(rows(query))
  expect(await queries().postgres(own)).toEqual(rows(own))
})

test('a name of a column of VALUES hides the one by its number', async () => {
  const query = "SELECT id, (SELECT group_concat(column1 = 'ADA') FROM (VALUES (k), ('x'))) FROM u"
  expect(queries().sqlite(query)).toMatchObject({ error: 'SQLITE_ERROR' })
  expect(await queries().postgres(query)).toMatchObject({
    error: 'SQLITE_ERROR',
    message: 'no such column: column1',
  })
})

test.each([
  "SELECT column1 = '1' FROM (VALUES (CAST(1 AS INT)), (2))",
  'SELECT column1 < 2 FROM (VALUES (CAST(1 AS TEXT)), (2))',
  "WITH v (x) AS (VALUES (2), (CAST(1 AS INT))) SELECT x = '1' FROM v",
])('where the rows say several affinities, %s is refused', async (query) => {
  const message = expect.stringMatching(/several affinities.*line 1, column.*CAST/) as string
  expect(await queries().postgres(query)).toMatchObject({ error: 'SQL_UNSUPPORTED', message })
})
