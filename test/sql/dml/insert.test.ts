import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differences, refusal } from './compare.ts'
import { openPlaces, type Places, type Statement } from './places.ts'
import { tables } from './tables.ts'

let places: Places
beforeAll(async () => {
  places = await openPlaces(tables)
})
afterAll(() => places[Symbol.asyncDispose]())

const probe = 'INSERT INTO notes (n) VALUES (0)'
/** So many groups that their order is not that of the rows. */
const many =
  'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 37 FROM n WHERE i < 9000) INSERT INTO loose (b) SELECT i FROM n'

describe('an INSERT leaves the same rows, count and rowid on both places', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    ['all columns by position', `INSERT INTO notes VALUES (3, 'three', 3, 3.5, x'0203')`],
    ['named columns in another order', `INSERT INTO notes (r, slug) VALUES (2, 'q')`],
    ['names in any case and quoted', `INSERT INTO "NOTES" ([Slug], \`N\`) VALUES ('q', 1)`],
    ['the schema main said', `INSERT INTO main.notes (slug) VALUES ('q')`],
    ['several rows', `INSERT INTO notes (slug) VALUES ('a'), ('b'), ('c')`, probe],
    ['only defaults', 'INSERT INTO notes DEFAULT VALUES', 'INSERT INTO loose DEFAULT VALUES'],
    ['a default that is an expression', `INSERT INTO loose (a) VALUES ('x')`],
    ['a default beside several rows', `INSERT INTO loose (a) VALUES ('x'), ('y')`],
    ['the current date by default', `INSERT INTO entries (body) VALUES ('x')`],
    ['NULL as automatic rowid', `INSERT INTO notes VALUES (NULL, 'a', 1, NULL, NULL)`, probe],
    ['an expression that is NULL as rowid', `INSERT INTO notes (id) VALUES (nullif(1, 1))`, probe],
    ['a bound NULL as rowid', ['INSERT INTO notes (id, n) VALUES (?, ?)', null, 4n], probe],
    [
      'a bound rowid, of either class',
      ['INSERT INTO notes (id) VALUES (?)', 50n],
      probe,
      ['INSERT INTO notes (id) VALUES (?)', 60],
      probe,
    ],
    ['an explicit rowid before automatic ones', 'INSERT INTO notes (id) VALUES (77)', probe],
    [
      'explicit and automatic rowids in one statement',
      `INSERT INTO notes (id, slug) VALUES (NULL, 'a'), (90, 'b'), (NULL, 'c')`,
      probe,
    ],
    ['a rowid below zero', 'INSERT INTO notes (id) VALUES (-4)', probe],
    ['a rowid far ahead', 'INSERT INTO notes (id) VALUES (4000000000)', probe],
    ['AUTOINCREMENT goes on behind deleted rows', `INSERT INTO entries (body) VALUES ('x')`],
    [
      'AUTOINCREMENT goes on behind an explicit rowid',
      `INSERT INTO entries (id, body) VALUES (40, 'x')`,
      `INSERT INTO entries (body) VALUES ('y')`,
    ],
    [
      'the hidden rowid by name',
      `INSERT INTO loose (rowid, a) VALUES (20, 'x')`,
      `INSERT INTO loose (a) VALUES ('y')`,
    ],
    [
      'the rowid by another name of it',
      `INSERT INTO notes (_rowid_, slug) VALUES (20, 'x')`,
      probe,
    ],
    ['the hidden rowid as NULL', `INSERT INTO loose (oid, a) VALUES (NULL, 'x')`],
    ['rows of a query', 'INSERT INTO loose (a, b) SELECT slug, n FROM notes ORDER BY id'],
    [
      'rows of a query over the same table',
      'INSERT INTO notes (n) SELECT n + 10 FROM notes ORDER BY id',
      probe,
    ],
    [
      'rows of a query with rowids',
      'INSERT INTO notes (id, n) SELECT id + 100, n FROM notes ORDER BY id',
      probe,
    ],
    [
      'rows of a query with rowids that are NULL',
      'INSERT INTO notes (id, n) SELECT nullif(id, 1) + 100, n FROM notes ORDER BY id DESC',
    ],
    ['rows of a union', `INSERT INTO loose (a) SELECT 'u' UNION ALL SELECT 'v'`],
    [
      'rows of VALUES with ORDER BY',
      `INSERT INTO loose (b) SELECT * FROM (VALUES (3), (1)) ORDER BY 1`,
    ],
    ['rows of groups', 'INSERT INTO loose (a, b) SELECT tag, count(*) FROM slots GROUP BY tag'],
    ['rows without doubles', 'INSERT INTO loose (a) SELECT DISTINCT tag FROM slots'],
    [
      'rows of a window',
      'INSERT INTO loose (a, b) SELECT tag, row_number() OVER (ORDER BY tag, id DESC) FROM slots',
    ],
    [
      'rows of a UNION',
      'INSERT INTO loose (a, b) SELECT tag, id FROM slots UNION SELECT name, 0 FROM people',
    ],
    [
      'rows of a key without rowids',
      `INSERT INTO pairs VALUES (5, 'b', 1), (5, 'a', 2), (4, 'z', 3), (-1, 'k', 4), (2, 'm', 5)`,
      `UPDATE pairs SET v = 0 WHERE x = -1`,
      'INSERT INTO loose (a, b) SELECT y, x FROM pairs',
    ],
    [
      'rows of groups in a subquery',
      many,
      `INSERT INTO loose (a, b) SELECT g, c FROM (SELECT b % 97 AS g, count(*) AS c FROM loose GROUP BY 1) WHERE g <> 5`,
    ],
    [
      'rows of a subquery',
      'UPDATE notes SET n = n + 1 WHERE id = 1',
      'INSERT INTO loose (a, b) SELECT s, id FROM (SELECT slug AS s, id FROM notes WHERE n > 0)',
    ],
    [
      'rows of groups in a common table that another one reads',
      many,
      `WITH g AS (SELECT count(*) AS c, b % 97 AS g FROM loose GROUP BY b % 97), h AS (SELECT g FROM g) INSERT INTO loose (b) SELECT g FROM h`,
    ],
    [
      'a constant that fails, of no row',
      "INSERT INTO loose (a) SELECT json('bad') WHERE 0",
      "UPDATE loose SET a = json('bad') WHERE b > 100",
      "UPDATE loose SET a = CASE WHEN b > 100 THEN json('bad') ELSE '{}' END",
    ],
    [
      'a common table before it',
      `WITH k(v) AS (VALUES ('a'), ('b')) INSERT INTO loose (a) SELECT v FROM k`,
    ],
    [
      'a common table inside of it',
      `INSERT INTO loose (a) WITH k(v) AS (SELECT 'a') SELECT v FROM k`,
    ],
    [
      'a common table named like the table',
      'WITH notes AS (SELECT 1 AS a) INSERT OR REPLACE INTO notes (id, n) SELECT a, 9 FROM notes',
    ],
    [
      'a recursive common table',
      `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 5) INSERT INTO loose (b) SELECT i FROM c`,
    ],
    ['a subquery among the values', `INSERT INTO loose (b) VALUES ((SELECT max(id) FROM notes))`],
    ['no rows at all', 'INSERT INTO loose (b) SELECT id FROM notes WHERE id > 100'],
    ['OR ABORT', `INSERT OR ABORT INTO notes (slug) VALUES ('a')`],
    ['OR FAIL of one row', `INSERT OR FAIL INTO notes (slug) VALUES ('a')`],
    ['a table without a rowid', `INSERT INTO pairs (x, y, v) VALUES (7, 'z', 2.5)`],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })
})

describe('a stored value has the class that its column gives it', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    ['text that is an integer', `INSERT INTO notes (n, slug) VALUES ('42', 42)`],
    ['numbers in a text column', `INSERT INTO notes (slug) VALUES (1.5), (7)`],
    ['an integer in a REAL column', 'INSERT INTO notes (r) VALUES (3)'],
    ['text in a REAL column', `INSERT INTO notes (r) VALUES ('2.25')`],
    ['an integral real in an INTEGER column', 'INSERT INTO notes (n) VALUES (4.0)'],
    [
      'what a driver binds',
      ['INSERT INTO notes (slug, n, r, b) VALUES (?, ?, ?, ?)', 5, 6, 7, Buffer.from('b')],
    ],
    [
      'bound text that is a number',
      ['INSERT INTO notes (slug, n, r) VALUES (?, ?, ?)', 's', '6', '7'],
    ],
    [
      'one parameter in columns of several classes',
      ['INSERT INTO notes (slug, n, r) VALUES (?1, ?1, ?1)', 8],
    ],
    ['a numeric column', `INSERT INTO pairs VALUES (5, 'i', 3.0), (5, 'r', 3.25), (5, 't', '4')`],
    ['a comparison as a value', 'INSERT INTO notes (n) VALUES (1 < 2)'],
    [
      'values of a query',
      `INSERT INTO notes (slug, n, r) SELECT n, '12', n FROM notes WHERE id = 5`,
    ],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })
})

describe('an INSERT that fails gives the same code and changes nothing', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    ['a rowid twice', 'INSERT INTO notes (id) VALUES (1)'],
    ['a unique value twice', `INSERT INTO notes (slug) VALUES ('one')`],
    ['a unique value twice in one statement', `INSERT INTO notes (slug) VALUES ('a'), ('a')`],
    ['a unique value in another case', `INSERT INTO words (w) VALUES ('APPLE')`],
    ['a key of an expression twice', `INSERT INTO people (email) VALUES ('ANN@X.ORG')`],
    ['a partial key twice', `INSERT INTO slots (tag) VALUES ('red')`],
    ['NULL where it is refused', 'INSERT INTO notes (n) VALUES (NULL)'],
    ['nothing where it is refused', 'INSERT INTO pairs (x) VALUES (1)'],
    ['too few values', 'INSERT INTO notes VALUES (1)'],
    ['too few columns of a query, of other classes', `INSERT INTO notes SELECT 'x', 2.5`],
    [
      'too many values of rows that are sorted, of other classes',
      `INSERT INTO notes (n) VALUES ('x', 2.5), (1, 2) ORDER BY 1`,
    ],
    ['too many columns of a union', `INSERT INTO notes (n) SELECT 'x', 1 UNION SELECT 2, 3`],
    ['too many values for the names', 'INSERT INTO notes (id) VALUES (1, 2)'],
    ['rows of different length', 'INSERT INTO notes (id, n) VALUES (1, 2), (3)'],
    ['a query with too few columns', 'INSERT INTO notes (id, n) SELECT 1'],
    ['no such table', 'INSERT INTO nowhere VALUES (1)'],
    ['no such column', 'INSERT INTO notes (nothing) VALUES (1)'],
    ['a column among the values', 'INSERT INTO notes (n) VALUES (id)'],
    [`SQLite's own table`, `INSERT INTO sqlite_master (name) VALUES ('x')`],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
    const { sqlite } = await places.outcomes(statements)
    expect(sqlite[0]?.answer).toHaveProperty('error')
  })
})

describe('what PostgreSQL cannot do as SQLite does is refused', () => {
  test.each<[sql: string, reason: RegExp]>([
    ['INSERT OR ROLLBACK INTO notes (n) VALUES (1)', /OR ROLLBACK/],
    ['INSERT OR FAIL INTO notes (n) VALUES (1), (2)', /OR FAIL/],
    ['INSERT INTO notes (n, N) VALUES (1, 2)', /twice/],
    ['INSERT INTO notes (n, n) VALUES (1, 2)', /more than once/],
    ['INSERT INTO notes (n) VALUES (8) RETURNING (SELECT count(*) FROM notes)', /RETURNING/],
  ])('%s', async (sql, reason) => {
    expect(await refusal(places, sql)).toMatch(reason)
  })
})

test('a partial key holds for the rows of its WHERE only', async () => {
  expect(
    await differences(places, `INSERT INTO slots (live, tag) VALUES (0, 'red'), (0, 'red')`),
  ).toEqual([])
})
