import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeAnswers, isSame, openQueries, type Queries, type Query } from './queries.ts'

let queries: Queries

beforeAll(async () => {
  queries = await openQueries(`
    CREATE TABLE people (id INTEGER PRIMARY KEY, "Full Name" TEXT DEFAULT 'it''s', boss INTEGER REFERENCES people (id) ON DELETE SET NULL);
    CREATE TABLE plain (a, b TEXT COLLATE NOCASE UNIQUE);
    CREATE TABLE pairs (x TEXT NOT NULL, y INTEGER NOT NULL, PRIMARY KEY (x, y)) WITHOUT ROWID;
    CREATE INDEX by_name ON people ("Full Name" DESC, lower("Full Name")) WHERE boss IS NOT NULL;
    CREATE VIEW bosses AS SELECT id FROM people;
    CREATE TRIGGER people AFTER INSERT ON plain BEGIN SELECT 1; END;
    CREATE TABLE wanted (name TEXT, n INTEGER);
    INSERT INTO people VALUES (1, 'Ann', NULL), (2, 'Bob', 1);
    INSERT INTO wanted VALUES ('PEOPLE', 1), ('id', 2), ('BY_NAME', 3), ('nowhere', 4), (NULL, 5), ('pairs', 6), ('0', 0);
  `)
})

afterAll(async () => {
  await queries[Symbol.asyncDispose]()
})

const asked: readonly Query[] = [
  'SELECT m.name, w.n FROM sqlite_schema m LEFT JOIN wanted w ON w.name = m.name ORDER BY m.name, w.n',
  "SELECT count(*) FROM people WHERE EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = 'by_name')",
  ['SELECT w.n FROM wanted w WHERE w.name IN (SELECT name FROM pragma_table_info(?))', 'people'],
  'SELECT w.n, p.* FROM wanted w, pragma_table_info(w.name) p ORDER BY w.n, p.cid',
  'SELECT w.n, p.* FROM wanted w LEFT JOIN pragma_table_xinfo(w.name) p ORDER BY w.n, p.cid',
  'SELECT w.n, p.* FROM wanted w JOIN pragma_index_xinfo(w.name) p ORDER BY w.n, p.seqno',
  'SELECT w.n, p.* FROM wanted w JOIN pragma_index_info(w.name) AS p ORDER BY w.n, p.seqno',
  `SELECT w.n, p."from", p."to", p.on_delete, p."table" || '!' FROM wanted w, pragma_foreign_key_list(w.name) p`,
  'SELECT m.name, p.name, p."unique", p.origin FROM people, sqlite_schema m, pragma_index_list(m.name) p WHERE people.id = 1 ORDER BY 1, 2',
  "SELECT w.n FROM pragma_table_info('Wanted') p JOIN wanted w ON w.n = p.cid",
  "SELECT w.n FROM pragma_table_info('people') p JOIN wanted w ON w.name = p.cid",
  "SELECT w.n, p.dflt_value, typeof(p.dflt_value), typeof(p.cid) FROM wanted w, pragma_table_info('people') p WHERE p.name LIKE 'full%'",
  "SELECT p.name FROM wanted w, pragma_table_info('bosses') p WHERE w.n = 1",
  "SELECT (SELECT group_concat(name, '+') FROM pragma_table_info('pairs')) FROM wanted LIMIT 1",
  "SELECT n FROM wanted, pragma_table_info('nowhere')",
  'SELECT n FROM wanted, pragma_table_info(NULL)',
  "SELECT p.pk FROM pragma_table_info('people') p LEFT JOIN wanted w ON w.n = p.pk AND w.n > 1 ORDER BY p.cid",
]

test.each(asked.map((query) => ({ query })))(
  '$query has the answer of SQLite',
  async ({ query }) => {
    const expected = queries.sqlite(query)
    const actual = await queries.postgres(query)
    expect(isSame(expected, actual) ? '' : describeAnswers(query, expected, actual)).toBe('')
    expect('error' in actual).toBe(false)
  },
)

test.each([
  "SELECT n FROM wanted, pragma_table_info('people', 'temp')",
  "SELECT n FROM wanted, pragma_foreign_key_check('people')",
  'SELECT n FROM wanted, pragma_table_list',
])('%s is refused', async (sql) => {
  expect(await queries.postgres(sql)).toMatchObject({
    error: 'SQL_UNSUPPORTED',
    message: expect.stringContaining('pragma_') as string,
  })
})
