import { afterAll, beforeAll, expect, test } from 'vitest'
import { openQueries, type Queries, type Query } from './queries.ts'

const schema = `
  CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT, grp TEXT COLLATE NOCASE, n INTEGER, r REAL, price NUMERIC);
  INSERT INTO a VALUES (1,'x','red',3,1.5,9.99),(2,'y','RED',1,NULL,5),(3,'Z','blue',NULL,2.5,NULL),(4,NULL,'Blue',7,-1.0,2.5),(5,'x','green',1,0.0,5),(6,'ä',NULL,2,3.25,7);
  CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER, name TEXT NOT NULL, qty INTEGER NOT NULL);
  INSERT INTO b VALUES (1,1,'p',2),(2,1,'q',3),(3,2,'p',1),(4,NULL,'s',9),(5,5,'x',2),(6,99,'z',4);
  CREATE TABLE c (code TEXT, a_id INT, qty INT, PRIMARY KEY (code, a_id)) WITHOUT ROWID;
  INSERT INTO c VALUES ('u',1,5),('v',1,6),('u',3,7);
  CREATE TABLE log (msg TEXT, level TEXT);
  INSERT INTO log VALUES ('m1','hi'),('m2','lo'),('m3','hi');
  CREATE TABLE tree (id INTEGER PRIMARY KEY, parent INTEGER, label TEXT);
  INSERT INTO tree VALUES (1,NULL,'root'),(2,1,'a'),(3,1,'b'),(4,2,'a1'),(5,4,'a11');
`

const laws: Readonly<Record<string, readonly Query[]>> = {
  'joins give the rows that SQLite joins': [
    'SELECT * FROM a JOIN b ON a.id = b.a_id',
    'SELECT a.id, b.id FROM a LEFT JOIN b ON a.id = b.a_id ORDER BY a.id, b.id',
    'SELECT a.id, b.id FROM a RIGHT JOIN b ON a.id = b.a_id ORDER BY a.id, b.id',
    'SELECT a.id, b.id FROM a FULL JOIN b ON a.id = b.a_id ORDER BY a.id, b.id',
    'SELECT * FROM a, b WHERE a.id = b.a_id',
    'SELECT * FROM a CROSS JOIN c',
    'SELECT * FROM b JOIN c USING (a_id)',
    'SELECT * FROM b LEFT JOIN c USING (a_id)',
    'SELECT a_id, * FROM b FULL JOIN c USING (a_id)',
    'SELECT a_id, b.a_id, c.a_id FROM b RIGHT JOIN c USING (a_id)',
    'SELECT * FROM b NATURAL JOIN c',
    'SELECT * FROM a NATURAL LEFT JOIN b',
    'SELECT b.*, c.* FROM b JOIN c USING (a_id, qty)',
    'SELECT x.id, y.id FROM a x JOIN a y ON x.n = y.n AND x.id < y.id',
    'SELECT 1 FROM a JOIN b JOIN c',
    'SELECT count(*) FROM a LEFT JOIN b',
    'SELECT a.id, q.k FROM a LEFT JOIN (SELECT a_id AS k, count(*) AS m FROM b GROUP BY a_id) q ON q.k = a.id ORDER BY a.id',
    'SELECT * FROM (a JOIN b ON a.id = b.a_id)',
    'SELECT * FROM a JOIN (b JOIN c ON b.a_id = c.a_id) ON a.id = b.a_id',
    'SELECT * FROM b JOIN c USING (a_id) JOIN a ON a.id = a_id',
    'SELECT id FROM a JOIN b USING (id) ORDER BY id',
    'SELECT * FROM a, a AS a2 WHERE a.id = a2.id AND a.n > 1',
    'SELECT a.grp, z.grp FROM a JOIN a z ON a.grp = z.grp ORDER BY a.id, z.id',
    'SELECT a.id FROM a LEFT JOIN b ON a.id = b.a_id AND b.qty > 2 WHERE b.id IS NULL ORDER BY 1',
    'SELECT id FROM a JOIN b ON a.id = b.a_id',
    'SELECT * FROM a JOIN b USING (nope)',
  ],
  'names are found where SQLite finds them': [
    'SELECT ID, "NaMe", [grp], `n` FROM A WHERE Id = 1',
    'SELECT rowid, oid, _rowid_, * FROM log ORDER BY rowid',
    'SELECT rowid FROM a ORDER BY rowid DESC',
    'SELECT log.rowid FROM log, a WHERE a.id = log.rowid ORDER BY 1',
    'SELECT main.a.id FROM main.a ORDER BY 1',
    'SELECT n + 1 AS m FROM a WHERE m > 2 ORDER BY m + 1',
    'SELECT n AS id FROM a WHERE id = 1',
    'SELECT id AS n, n AS id FROM a ORDER BY n',
    'SELECT -id AS id FROM a ORDER BY id',
    'SELECT -id AS id FROM a ORDER BY abs_ + id',
    'SELECT (SELECT max_ FROM (SELECT a.id AS max_)) FROM a ORDER BY id',
    'SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE a_id = a.id) ORDER BY id',
    'SELECT id, (SELECT name FROM b WHERE b.a_id = a.id ORDER BY b.id DESC) FROM a ORDER BY id',
    'SELECT (SELECT id FROM b WHERE id = a.id + 1) FROM a ORDER BY a.id',
    'SELECT id FROM a WHERE "name" = "x"',
    'SELECT "nope" FROM a',
    'SELECT nope FROM a',
    'SELECT a.nope FROM a',
    'SELECT z.id FROM a',
    'SELECT z.* FROM a',
    'SELECT * FROM nope',
    'SELECT nope()',
    'SELECT true, false, a.id FROM a WHERE true ORDER BY 3',
    'SELECT count(*), 1+1 , "a"."id" , (id), id COLLATE NOCASE, -id, id+0 AS "x y" FROM a',
    'SELECT * FROM (SELECT id, id, n AS id FROM a) ORDER BY 1, 3',
    'SELECT q."id:1" FROM (SELECT id, n AS id FROM a) q ORDER BY 1',
    "SELECT * FROM (SELECT 1, 1+1, 'x')",
    'SELECT id AS "select", name AS "a""b", n AS "$$" FROM a ORDER BY "select"',
    'SELECT x.rowid FROM (SELECT * FROM log) x',
    'SELECT a.id FROM a AS "a" JOIN b AS "B b" ON "B b".a_id = a.id ORDER BY "B b".id',
  ],
  'groups and their bare columns are those of SQLite': [
    'SELECT n, count(*) FROM a GROUP BY n ORDER BY n',
    'SELECT grp, count(*) FROM a GROUP BY grp ORDER BY grp',
    'SELECT count(*), grp FROM a GROUP BY 2 ORDER BY 2',
    'SELECT name, count(*) c FROM a GROUP BY name HAVING c > 1',
    'SELECT n % 2 AS odd, count(*) FROM a GROUP BY odd ORDER BY odd',
    'SELECT n % 2, count(*) FROM a GROUP BY n % 2 ORDER BY n % 2',
    'SELECT n, name FROM a GROUP BY n ORDER BY n',
    'SELECT a.*, count(b.id) FROM a LEFT JOIN b ON b.a_id = a.id GROUP BY a.id ORDER BY a.id',
    'SELECT a.id, a.name, b.name, count(*) FROM a JOIN b ON b.a_id = a.id GROUP BY a.id ORDER BY a.id',
    'SELECT count(*) FROM a WHERE 0',
    'SELECT count(*), name FROM a WHERE 0',
    'SELECT count(*) FROM a WHERE 0 GROUP BY id',
    'SELECT id FROM a GROUP BY id HAVING count(*) = 1 ORDER BY id DESC',
    'SELECT count(*) FROM a HAVING count(*) > 100',
    'SELECT id FROM a HAVING id > 1',
    'SELECT lower(name) l, count(*) FROM a GROUP BY l ORDER BY l',
    'SELECT lower(name), count(*) FROM a GROUP BY lower(name) ORDER BY count(*) DESC, lower(name)',
    'SELECT grp, lower(grp) FROM a GROUP BY grp ORDER BY 1',
    'SELECT count(DISTINCT n), count(n), count(DISTINCT grp) FROM a',
    'SELECT count(*) FILTER (WHERE n > 1) FROM a',
    'SELECT n IS NULL, count(*) FROM a GROUP BY n IS NULL ORDER BY 1',
    'SELECT count(*) FROM a GROUP BY count(*)',
    'SELECT id FROM a WHERE count(*) > 1',
    'SELECT count(count(*)) FROM a',
    'SELECT (SELECT count(*) FROM b WHERE b.a_id = a.id) k, count(*) FROM a GROUP BY k ORDER BY k',
    "SELECT CASE WHEN n > 1 THEN 'big' ELSE 'small' END AS size, count(*) FROM a GROUP BY size ORDER BY size",
    'SELECT coalesce(n, name) v, count(*) FROM a GROUP BY v',
    'SELECT price, count(*) FROM a GROUP BY price ORDER BY price',
  ],
  'rows come distinct and in order': [
    'SELECT DISTINCT name FROM a',
    'SELECT DISTINCT name FROM a ORDER BY name',
    'SELECT DISTINCT grp FROM a ORDER BY 1',
    'SELECT DISTINCT n, name FROM a ORDER BY name DESC, n',
    'SELECT DISTINCT n FROM a ORDER BY n IS NULL, n DESC',
    'SELECT DISTINCT coalesce(n, name) FROM a',
    'SELECT DISTINCT count(*) FROM a GROUP BY n',
    'SELECT id FROM a ORDER BY n, id',
    'SELECT id FROM a ORDER BY n DESC, id',
    'SELECT id FROM a ORDER BY n NULLS LAST, id',
    'SELECT id FROM a ORDER BY n DESC NULLS FIRST, id',
    'SELECT id FROM a ORDER BY name COLLATE NOCASE, id',
    'SELECT id FROM a ORDER BY grp, id',
    'SELECT id FROM a ORDER BY grp COLLATE BINARY DESC, id',
    'SELECT id FROM a ORDER BY n > 1, id DESC',
    'SELECT id FROM a ORDER BY coalesce(n, name), id',
    'SELECT id FROM a ORDER BY 1 + 1, id',
    'SELECT id, n FROM a ORDER BY 2, 1 LIMIT 2',
    'SELECT id FROM a ORDER BY id LIMIT 2, 3',
    'SELECT id FROM a ORDER BY id LIMIT -1 OFFSET 2',
    'SELECT id FROM a ORDER BY id LIMIT 3 OFFSET -1',
    'SELECT id FROM a ORDER BY id LIMIT 1 + 1',
    "SELECT id FROM a ORDER BY id LIMIT '2'",
    'SELECT id FROM a ORDER BY id LIMIT 0',
    'SELECT id FROM a ORDER BY 3',
    'SELECT id FROM a ORDER BY id LIMIT (SELECT count(*) FROM c)',
    ['SELECT id FROM a ORDER BY id LIMIT ? OFFSET ?', 2, 1],
    ['SELECT id FROM a ORDER BY id LIMIT ?', -1],
    ['SELECT id FROM a ORDER BY id LIMIT ?', null],
    ['SELECT id FROM a ORDER BY id LIMIT ?', 1.5],
  ],
  'compounds unify and sort as SQLite does': [
    'SELECT 1 UNION SELECT 1.0 UNION SELECT 2',
    "SELECT 1 AS v UNION ALL SELECT 'a' UNION ALL SELECT NULL UNION ALL SELECT 2.5",
    "SELECT 1 AS v UNION SELECT 'a' UNION SELECT NULL UNION SELECT 1.0 ORDER BY v",
    'SELECT id FROM a EXCEPT SELECT a_id FROM b ORDER BY 1',
    'SELECT id FROM a INTERSECT SELECT a_id FROM b ORDER BY id DESC',
    'SELECT id, name FROM a UNION ALL SELECT id, name FROM b ORDER BY name, id LIMIT 4',
    'SELECT name FROM a UNION SELECT name FROM b ORDER BY name',
    'SELECT grp FROM a UNION SELECT name FROM b',
    'SELECT name AS k FROM a UNION ALL SELECT name FROM b ORDER BY k COLLATE NOCASE, 1 LIMIT 5',
    'SELECT 1 UNION ALL SELECT 2 EXCEPT SELECT 1',
    'SELECT 1 UNION SELECT 1, 2',
    'SELECT id FROM a UNION SELECT id FROM b ORDER BY nope',
    'VALUES (1, 2), (3, NULL)',
    "VALUES (1), ('a'), (NULL), (2.5)",
    'VALUES (1, 2), (3)',
    'SELECT * FROM (VALUES (1, 2), (3, 4)) ORDER BY column1 DESC',
    'SELECT price FROM a UNION ALL SELECT 1.5 UNION ALL SELECT 7',
    'SELECT * FROM (SELECT id FROM a UNION SELECT 100) WHERE id > 3 ORDER BY id',
    'SELECT id FROM a WHERE id IN (SELECT a_id FROM b UNION SELECT 3) ORDER BY id',
    'SELECT NULL UNION ALL SELECT NULL UNION ALL SELECT id FROM a',
    'SELECT n FROM a UNION ALL SELECT r FROM a',
    'SELECT (SELECT 1 UNION SELECT 2 ORDER BY 1 DESC)',
  ],
  'common tables and recursion give what SQLite gives': [
    'WITH q AS (SELECT id, n FROM a WHERE n > 1) SELECT * FROM q ORDER BY id',
    'WITH q(k, v) AS (SELECT id, n FROM a), p AS (SELECT k FROM q WHERE v = 1) SELECT * FROM p ORDER BY 1',
    'WITH a AS (SELECT 1 AS one) SELECT * FROM a',
    'WITH q AS (SELECT 1 AS x) SELECT * FROM q, q AS q2',
    'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 5) SELECT x FROM c ORDER BY x',
    'WITH c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 7) SELECT * FROM c ORDER BY x',
    'WITH c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 4 LIMIT 100) SELECT * FROM c ORDER BY x',
    'WITH c(x) AS (VALUES (1) UNION ALL SELECT x * 2 FROM c WHERE x < 100) SELECT count(*), x FROM c GROUP BY x ORDER BY x',
    'WITH c(x) AS (SELECT 1 UNION ALL SELECT x * 1.5 FROM c WHERE x < 5) SELECT x FROM c ORDER BY x',
    "WITH RECURSIVE t AS (SELECT id, label, label AS path, 0 AS depth FROM tree WHERE parent IS NULL UNION ALL SELECT tree.id, tree.label, path || '/' || tree.label, depth + 1 FROM tree JOIN t ON tree.parent = t.id) SELECT * FROM t ORDER BY path",
    'WITH RECURSIVE up(id, parent) AS (SELECT id, parent FROM tree WHERE id = 5 UNION SELECT tree.id, tree.parent FROM tree, up WHERE tree.id = up.parent) SELECT id FROM up ORDER BY id',
    'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c LIMIT 4',
    'WITH q(a, b) AS (SELECT 1) SELECT * FROM q',
    'SELECT (WITH q AS (SELECT a.id AS i) SELECT i FROM q) FROM a ORDER BY id',
    'SELECT * FROM (WITH q AS (SELECT 1 AS x) SELECT x FROM q)',
    'WITH q AS MATERIALIZED (SELECT 1 AS x) SELECT * FROM q',
    'WITH q AS NOT MATERIALIZED (SELECT 1 AS x) SELECT * FROM q',
    'WITH x AS (SELECT n FROM a) SELECT count(*) FROM x WHERE n = 1',
    "WITH RECURSIVE r(s) AS (SELECT 'a' UNION ALL SELECT s || 'a' FROM r WHERE s <> 'aaaa') SELECT s FROM r ORDER BY s",
  ],
  'subqueries, EXISTS and row values answer as in SQLite': [
    'SELECT (SELECT n FROM a ORDER BY id), (SELECT n FROM a WHERE 0)',
    'SELECT (SELECT id FROM a ORDER BY id LIMIT 1 OFFSET 1)',
    'SELECT (SELECT id FROM a ORDER BY id LIMIT 3)',
    'SELECT (SELECT 1, 2)',
    "SELECT id FROM a WHERE (n, name) = (1, 'y')",
    'SELECT id FROM a WHERE (n, id) > (1, 3) ORDER BY id',
    "SELECT id FROM a WHERE (n, name) <> (1, 'x') ORDER BY id",
    "SELECT id FROM a WHERE (n, name) IN (SELECT 1, 'x' UNION SELECT 3, 'x') ORDER BY id",
    "SELECT id FROM a WHERE (id, name) IN (VALUES (1, 'x'), (2, 'q'))",
    "SELECT id FROM a WHERE (n, name) IS (NULL, 'Z')",
    'SELECT (1, 2)',
    'SELECT 1 = (1, 2)',
    'SELECT id FROM a WHERE id IN (1, 2, NULL) ORDER BY id',
    'SELECT id FROM a WHERE id NOT IN (1, 2, NULL)',
    'SELECT id FROM a WHERE id IN ()',
    'SELECT id FROM a WHERE id NOT IN () ORDER BY id',
    'SELECT EXISTS (SELECT 1 FROM a WHERE 0), NOT EXISTS (SELECT NULL)',
    'SELECT id FROM a WHERE n IN (SELECT qty FROM b) ORDER BY id',
    "SELECT id FROM a WHERE name IN ('X', 'x' COLLATE NOCASE) ORDER BY id",
    "SELECT id FROM a WHERE grp IN ('RED', 'green') ORDER BY id",
    'SELECT grp IN (SELECT upper(grp) FROM a) FROM a ORDER BY id',
    "SELECT 1 IN (SELECT '1'), n IN (SELECT '1'), name IN (SELECT id FROM a) FROM a ORDER BY id",
    'SELECT id FROM a WHERE id IN a',
    "SELECT id FROM a WHERE name LIKE 'X' OR grp LIKE '%e' ORDER BY id",
    "SELECT 'a%b' LIKE 'a\\%b' ESCAPE '\\', 'axb' LIKE 'a\\%b' ESCAPE '\\', 'a\\b' LIKE 'a\\b', 'Ä' LIKE 'ä', 12 LIKE '1_', NULL LIKE 'a', 'a' LIKE NULL",
    "SELECT 'a' LIKE 'a' ESCAPE 'xx'",
    "SELECT name NOT LIKE 'x%' FROM a ORDER BY id",
    'SELECT id IS NOT NULL, n ISNULL, n NOTNULL, n NOT NULL FROM a ORDER BY id',
    'SELECT n IS TRUE, n IS NOT TRUE, n IS FALSE, n IS NOT FALSE FROM a ORDER BY id',
    'SELECT n IS DISTINCT FROM 1, n IS NOT DISTINCT FROM NULL FROM a ORDER BY id',
    'SELECT CASE n WHEN NULL THEN 1 WHEN 1 THEN 2 END FROM a ORDER BY id',
    'SELECT CASE WHEN n THEN name WHEN r THEN r END FROM a ORDER BY id',
    "SELECT x'41' || 'c', 0x1F, 1_000, 1e3, .5, 5., 9223372036854775807, 9223372036854775808, -9223372036854775808",
    'SELECT 7 / 2, -7 / 2, 7 / 2.0, 1 / 0, 1 % 0, 7 % -3, 5.5 % 2, 1 << 70, -1 >> 3, ~0, 5 & 3 | 8',
    "SELECT CAST('12x' AS INTEGER), CAST(2.9 AS INT), CAST('abc' AS REAL), CAST(5 AS TEXT), CAST(5.0 AS TEXT), CAST('1e2' AS NUMERIC), CAST(NULL AS TEXT), CAST('x' AS BLOB), CAST(x'61' AS TEXT)",
    "SELECT CAST(r AS TEXT), r || '' FROM a ORDER BY id",
    "SELECT price * 2, price + 1, price / 2, price || '', -price FROM a ORDER BY id",
    "SELECT 'a' = 'A' COLLATE NOCASE, 'a ' = 'a' COLLATE RTRIM, 'a' < 'B', grp = 'RED' FROM a ORDER BY id",
  ],
}

let queries: Queries
beforeAll(async () => {
  queries = await openQueries(schema)
})
afterAll(async () => {
  await queries[Symbol.asyncDispose]()
})

for (const [law, all] of Object.entries(laws)) {
  test(law, async () => {
    const bad: string[] = []
    for (const query of all) {
      const expected = queries.sqlite(query)
      const actual = await queries.postgres(query)
      const same =
        'error' in actual && 'error' in expected
          ? actual.error === expected.error
          : JSON.stringify(actual) === JSON.stringify(expected)
      if (!same)
        bad.push(
          `${JSON.stringify(query)}\n  S ${JSON.stringify(expected)}\n  P ${JSON.stringify(actual)}`,
        )
    }
    process.stderr.write(`${law}: ${bad.length} of ${all.length}\n${bad.join('\n')}\n`)
    expect(bad).toEqual([])
  })
}
