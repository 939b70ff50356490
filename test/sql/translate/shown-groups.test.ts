import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeAnswers, differing, isSame, openQueries, type Queries } from './queries.ts'

let queries: Queries
beforeAll(async () => {
  const rows = `(1, 9, 'Ab', 'x', 1), (2, 1, 'aB', 'y', 1.0), (3, 5, 'AB', 'z', 1), (4, 2, 'c', 'w', 2)`
  queries = await openQueries(`
    CREATE TABLE bare (id INTEGER PRIMARY KEY, n INTEGER, code TEXT COLLATE NOCASE, note TEXT, v NUMERIC);
    CREATE TABLE sorted (id INTEGER PRIMARY KEY, n INTEGER, code TEXT COLLATE NOCASE, note TEXT, v NUMERIC);
    CREATE INDEX by_n ON sorted (n);
    CREATE INDEX by_code ON sorted (code, n);
    CREATE TABLE owned (id INTEGER PRIMARY KEY, owner INTEGER, title TEXT, views INTEGER);
    CREATE INDEX by_owner ON owned (owner);
    INSERT INTO owned VALUES (1, 2, 'c', 1), (2, 1, 'b', 2), (3, 1, 'a', 2), (4, 2, 'd', 0), (5, NULL, 'e', 1), (6, NULL, 'f', 1);
    CREATE TABLE mixed (id INTEGER PRIMARY KEY, v);
    INSERT INTO mixed VALUES (1, 2.5), (2, 1), (3, 1.0), (4, 7.0), (5, 7), (6, NULL);
    CREATE TABLE named (name TEXT PRIMARY KEY NOT NULL, note TEXT);
    CREATE TABLE partly (id INTEGER PRIMARY KEY, n INTEGER, code TEXT COLLATE NOCASE);
    CREATE INDEX some ON partly (n) WHERE code <> '';
    CREATE TABLE falling (k INTEGER NOT NULL, code TEXT COLLATE NOCASE, PRIMARY KEY (k DESC)) WITHOUT ROWID;
    INSERT INTO falling SELECT id, code FROM (SELECT 1 AS id, 'Ab' AS code UNION ALL VALUES (2, 'aB'), (3, 'AB'), (4, 'c'));
    INSERT INTO bare VALUES ${rows}; INSERT INTO sorted VALUES ${rows};
    INSERT INTO named VALUES ('n1', 'first'), ('n2', 'second');
    INSERT INTO partly SELECT id, n, code FROM bare;
  `)
  // PostgreSQL keeps what was changed last behind the others.
  await queries.client.query('UPDATE bare SET n = n WHERE id = 1')
  await queries.client.query('UPDATE mixed SET id = id WHERE id IN (2, 4)')
})
afterAll(() => queries[Symbol.asyncDispose]())

test.each([
  'SELECT code, count(*) FROM bare GROUP BY code',
  'SELECT code, note FROM bare GROUP BY code ORDER BY 1',
  'SELECT note, n FROM bare GROUP BY code COLLATE NOCASE',
  'SELECT min(code), max(code) FROM bare',
  'SELECT group_concat(DISTINCT code) FROM bare',
  'SELECT max(v), note FROM bare',
  'SELECT note, max(code) FROM bare GROUP BY v',
  // 1 and 1.0, where the column keeps the class.
  'SELECT v, count(*) FROM mixed GROUP BY v ORDER BY v',
  'SELECT m.v, count(*) FROM mixed m CROSS JOIN bare GROUP BY 1 ORDER BY 1',
  'SELECT max(v), min(v), max(-v) FROM mixed',
  'SELECT m.v, count(*) FROM bare b LEFT JOIN mixed m ON m.id < b.n GROUP BY m.v',
  'SELECT m.v, count(*) FROM mixed m FULL JOIN bare b ON b.id = m.id + 3 GROUP BY m.v',
  'SELECT b.code, b.note, m.v, count(*) FROM mixed m RIGHT JOIN bare b ON m.v > b.n GROUP BY b.code',
  'SELECT b.note, m.v, max(b.n) FROM mixed m FULL JOIN bare b ON m.v = b.n GROUP BY b.code',
  'SELECT count(DISTINCT m.v), sum(DISTINCT m.v) FROM bare b FULL JOIN mixed m ON m.v > b.n',
  'SELECT DISTINCT b.code, m.id > 3 FROM mixed m FULL JOIN bare b ON m.v = b.n',
  // A frame that moves need not have two that are alike.
  'SELECT id, max(v) OVER (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING) FROM mixed WHERE id NOT IN (3, 5)',
  'SELECT id, min(v) OVER (ORDER BY id ROWS 1 PRECEDING) FROM mixed WHERE id NOT IN (3, 5)',
  'SELECT id, min(code) OVER w, count(*) OVER w FROM bare WINDOW w AS (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW)',
  'SELECT DISTINCT v FROM mixed ORDER BY v',
  'SELECT id, max(v) OVER (PARTITION BY v ORDER BY id) FROM mixed WHERE id NOT IN (3, 5)',
  'SELECT b.note, c.note FROM bare b CROSS JOIN bare c GROUP BY b.code, c.code',
  'SELECT note FROM sorted GROUP BY v',
  'SELECT note, count(*) FROM sorted',
  // In which order the second table is read makes no difference to the first.
  'SELECT b.note, count(s.id), max(s.n) FROM bare b LEFT JOIN sorted s ON s.n > b.n GROUP BY b.code',
  // The index has the rows of a group by their rowids.
  'SELECT owner, title FROM owned GROUP BY owner',
  'SELECT owner, title, max(views) FROM owned GROUP BY owner ORDER BY owner',
  'SELECT owner, title FROM owned WHERE owner IN (2, 1) GROUP BY owner HAVING count(*) > 1',
  // An index that lacks what is grouped by does not serve for what is only read.
  'SELECT title, sum(owner), count(owner) FILTER (WHERE owner > 1) FROM owned GROUP BY views',
  // A subquery of a table’s rows is read as the table is.
  'SELECT s.v, count(*) FROM (SELECT b.v AS v FROM mixed b) AS s GROUP BY s.v ORDER BY 1',
  'SELECT c, count(*), max(x) FROM (SELECT code AS c, note AS x FROM bare WHERE n > 1) GROUP BY c',
  'SELECT min(c), group_concat(DISTINCT c) FROM (SELECT code AS c FROM bare)',
  'SELECT DISTINCT c FROM (SELECT code AS c FROM bare) ORDER BY c DESC',
  // A computed term beside max() is shown where its rows are alike, a column as the row with the maximum has it.
  'SELECT max(n), m.v + 0, typeof(m.v + 0) FROM mixed m JOIN bare USING (id) WHERE id <> 3 GROUP BY 2',
  `SELECT max(n), coalesce(code, '') COLLATE NOCASE AS s FROM bare WHERE id IN (1, 4) GROUP BY s`,
  'SELECT max(id), code COLLATE NOCASE FROM bare GROUP BY 2',
  'SELECT max(id), v + 0 FROM mixed WHERE v < 1 OR id < 3 GROUP BY v + 0',
  'SELECT max(n), c FROM (SELECT code AS c, n FROM bare) GROUP BY c',
  // What is shown is one value whatever is read first.
  'SELECT count(*) FROM sorted GROUP BY code',
  'SELECT lower(code), sum(n) FROM sorted GROUP BY lower(code)',
  'SELECT min(n), code, note FROM sorted GROUP BY code',
  'SELECT max(n), code, note FROM sorted',
  'SELECT code, note, id FROM sorted GROUP BY id',
  'SELECT code, count(*) FROM sorted WHERE n <> 1 AND n < 6 GROUP BY code',
  `SELECT code, note FROM sorted WHERE n = 5 GROUP BY code`,
  'SELECT max(code) FROM sorted WHERE n = 2',
  'SELECT n.name, n.note, count(*), s.code FROM named n JOIN sorted s ON s.id < 2 GROUP BY n.name',
  'SELECT count(DISTINCT code) FROM sorted',
  'SELECT code, n, min(code) OVER (ORDER BY id) FROM sorted WHERE id = 1',
  // Rows that FILTER leaves out do not have the extreme; where it leaves out all, the first row is shown.
  'SELECT max(n) FILTER (WHERE id > 1), note FROM bare',
  'SELECT min(n) FILTER (WHERE id <> 2), note FROM bare',
  'SELECT max(n) FILTER (WHERE id > 1), note FROM sorted',
  'SELECT max(n) FILTER (WHERE id > 9), note, id FROM bare',
  'SELECT max(n) FILTER (WHERE NULL), note, id FROM bare WHERE id > 1',
  'SELECT max(nullif(n, n)) FILTER (WHERE id IN (2, 3)), note, id FROM bare',
  'SELECT max(n) FILTER (WHERE id IN (2, 4)), note, id FROM bare GROUP BY code',
  'SELECT code, min(nullif(n, 5)) FILTER (WHERE id > 2), note, id FROM bare GROUP BY code',
  'SELECT max(code) FILTER (WHERE id > 1), note FROM bare',
  'SELECT max(v) FILTER (WHERE id > 1), note FROM bare',
  'SELECT max(id), min(n) FILTER (WHERE id > 2), note FROM bare GROUP BY code',
  'SELECT min(n) FILTER (WHERE id > 2), max(id), note FROM bare',
  'SELECT max(v) FILTER (WHERE id > 3), id FROM mixed',
  'SELECT max(v) FILTER (WHERE id > 5), id FROM mixed',
  // Of calls that are the same SQLite makes one.
  'SELECT max(n), min(n), max(n), note FROM bare',
  'SELECT max(n), min(n), max(+n), note FROM bare',
  'SELECT max(DISTINCT n), note FROM bare WHERE id = 2',
])('of a group SQLite’s row is shown: %s', async (sql) => {
  const expected = queries.sqlite(sql)
  const actual = await queries.postgres(sql)
  expect(isSame(expected, actual) ? null : describeAnswers(sql, expected, actual)).toBeNull()
})

const alikes = `(SELECT code AS c, n AS x FROM sorted WHERE id = 1 UNION ALL SELECT 'Ab', 9)`

test.each([
  `SELECT (SELECT count(DISTINCT j.key) FROM json_each('{"a":1}') AS j WHERE a.x = 9), count(*) FROM ${alikes} AS a`,
  `SELECT (SELECT sum(a.x + n) FROM bare), count(*) FROM ${alikes} AS a`,
  `SELECT (SELECT max(n) FROM bare GROUP BY a.x), sum(a.x) FROM ${alikes} AS a`,
  `SELECT EXISTS (SELECT 1 FROM bare WHERE n = a.x), count(*) FROM ${alikes} AS a GROUP BY lower(c)`,
  `SELECT (a.x, a.c) = (SELECT n, code FROM bare WHERE id = 1), count(*) FROM ${alikes} AS a`,
  `SELECT (a.x, 4) < (SELECT n, count(*) FROM bare), sum(x) FROM ${alikes} AS a`,
  `SELECT (SELECT group_concat(value) FROM json_each(json_array(a.x))), count(*) FROM ${alikes} AS a`,
  `SELECT count(*) FROM ${alikes} AS a HAVING (SELECT max(n) FROM bare WHERE n < a.x) = 5`,
  // Of no row, what SQLite reads through is shown all the same.
  `SELECT (SELECT count(*) FROM bare WHERE a.k = 1), count(*) FROM (SELECT 1 AS k, n FROM bare) AS a WHERE n > 9`,
])('a subquery reads the row that SQLite shows of the group around it: %s', async (sql) => {
  expect(await differing(queries, [sql])).toEqual([])
})

test('SQLite shows of a group what an index brings first', () => {
  const shown = (table: string): unknown =>
    queries.sqlite(`SELECT code, note FROM ${table} GROUP BY code`)
  expect(shown('sorted')).not.toEqual(shown('bare'))
})

test.each([
  'SELECT id, max(v) OVER (PARTITION BY v ORDER BY id) FROM mixed',
  'SELECT m.v, count(*) FROM bare b JOIN mixed m ON m.id < b.n WHERE m.id > 0 GROUP BY m.v',
  'SELECT code, count(*) FROM sorted GROUP BY code',
  'SELECT count(*) FROM sorted GROUP BY code HAVING code <> note',
  'SELECT note FROM sorted WHERE n > 0 GROUP BY v',
  'SELECT note, count(*) FROM sorted WHERE n > 0',
  'SELECT min(code) FROM sorted',
  'SELECT min(code) OVER () FROM sorted',
  'SELECT min(v) OVER (ORDER BY id ROWS 1 PRECEDING) FROM mixed',
  'SELECT max(code) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES) FROM bare',
  'SELECT min(v), note FROM sorted WHERE n > 0',
  'SELECT owner, title FROM owned GROUP BY owner ORDER BY owner DESC',
  'SELECT title, count(*) FROM owned WHERE owner > 0 GROUP BY owner > 0',
  'SELECT code FROM partly GROUP BY code',
  'SELECT code, count(*) FROM falling GROUP BY code',
  'SELECT note, count(*) FROM bare WHERE id = 3 OR id < 3',
  'SELECT group_concat(DISTINCT code) FROM sorted',
  'SELECT title, count(DISTINCT owner) FROM owned GROUP BY views',
  'SELECT title, sum(views) FROM owned WHERE owner > 0 GROUP BY views',
  'SELECT m.v, count(*) FROM mixed m FULL JOIN bare b ON b.id = m.id WHERE m.v > 0 GROUP BY m.v',
  'SELECT s.note, b.code FROM sorted s JOIN bare b ON b.id = s.n GROUP BY b.v',
  'SELECT s.note FROM bare b LEFT JOIN sorted s ON s.n > b.n GROUP BY b.code',
  'SELECT sum(DISTINCT v) FROM (SELECT 1 AS v UNION ALL SELECT 1.0 UNION ALL SELECT 2)',
  'SELECT b.note, min(c.v) FROM bare b JOIN bare c ON c.id <= b.id',
  'SELECT note, min(v) FROM (SELECT * FROM bare ORDER BY n)',
  'SELECT c, count(*) FROM (SELECT code AS c, n FROM sorted) GROUP BY c',
  'SELECT c, count(*) FROM (SELECT code AS c FROM bare ORDER BY n) GROUP BY c',
  'SELECT c, count(*) FROM (SELECT code AS c, id AS k FROM bare) WHERE k = 3 OR k < 3 GROUP BY c',
  'SELECT c, count(*) FROM (SELECT code AS c, count(*) OVER (ORDER BY n) AS w FROM bare) GROUP BY c',
  'SELECT DISTINCT code, count(*) OVER (PARTITION BY n) FROM bare',
  'SELECT max(n) FILTER (WHERE id > 9), note FROM sorted WHERE n > 0',
  // SQLite shows the first of a computed term where it stands alone, and that of the row with the maximum inside of another.
  `SELECT max(id), coalesce(code, '') COLLATE NOCASE AS s FROM bare GROUP BY s HAVING s = 'aB'`,
  'SELECT max(id), substr(code, 1) COLLATE NOCASE FROM bare GROUP BY 2',
  'SELECT min(-id), v + 0 FROM mixed GROUP BY v + 0',
  'SELECT max(id), typeof(v * 1) FROM mixed GROUP BY v * 1',
  'SELECT max(id), x FROM (SELECT v * 1 AS x, id FROM mixed) GROUP BY x',
  // Which row is shown hangs on the row before.
  'SELECT max(DISTINCT v), id FROM mixed',
  'SELECT max(id), min(n) FILTER (WHERE id > 2), note FROM bare',
])('what an index may bring first of a group is refused where it may show: %s', async (sql) => {
  expect(queries.sqlite(sql)).toHaveProperty('rows')
  expect(await queries.postgres(sql)).toMatchObject({ error: 'SQL_UNSUPPORTED' })
})

const frames = [
  'ROWS 1 PRECEDING',
  'ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING',
  'ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING',
  'ROWS BETWEEN CURRENT ROW AND CURRENT ROW',
  'ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING',
  'GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW',
  'RANGE BETWEEN 1 PRECEDING AND CURRENT ROW',
  'ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW',
  'ROWS UNBOUNDED PRECEDING',
]

test.each(frames)(
  'a sum that has once been REAL stays so while rows leave its frame: %s',
  async (frame) => {
    for (const sql of [
      `SELECT id, sum(v) OVER (ORDER BY id ${frame}) FROM mixed`,
      `SELECT id, sum(v) OVER (ORDER BY id DESC ${frame}) FROM mixed WHERE id <> 6`,
      `SELECT id, sum(v) FILTER (WHERE id <> 3) OVER w FROM mixed WINDOW w AS (PARTITION BY id % 2 ORDER BY id ${frame})`,
    ]) {
      const [expected, actual] = [queries.sqlite(sql), await queries.postgres(sql)]
      expect(isSame(expected, actual) ? null : describeAnswers(sql, expected, actual)).toBeNull()
    }
  },
)
