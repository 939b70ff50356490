import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeAnswers, isSame, openQueries, type Queries } from './queries.ts'

const schema = `
  CREATE TABLE loose (id INTEGER PRIMARY KEY, k TEXT COLLATE NOCASE, i INT);
  CREATE TABLE exact (id INTEGER PRIMARY KEY, k TEXT, i TEXT);
  CREATE TABLE third (k TEXT COLLATE NOCASE);
  INSERT INTO loose VALUES (1,'Ada',1), (2,'bob',2), (3,'Zoe',3), (4,NULL,NULL);
  INSERT INTO exact VALUES (1,'ADA','1'), (2,'bob','05'), (3,'x','03'), (4,NULL,NULL);
  INSERT INTO third VALUES ('ada'), ('BOB'), ('X'), ('zoe'), (NULL);
`

let queries: Queries
beforeAll(async () => {
  queries = await openQueries(schema)
})
afterAll(() => queries[Symbol.asyncDispose]())

const joins = ['RIGHT JOIN', 'LEFT JOIN', 'JOIN', 'FULL JOIN'].flatMap((join) => [
  `loose ${join} exact USING (k)`,
  `exact ${join} loose USING (k)`,
])

test.each([
  ...joins.flatMap((from) => [
    `SELECT k, typeof(k), * FROM ${from} ORDER BY hex(k), loose.id, exact.id`,
    `SELECT count(*) FROM ${from} WHERE k = 'ADA'`,
    `SELECT count(*) FROM ${from} WHERE k IN ('ada', '5')`,
    `SELECT k, count(*) FROM ${from} GROUP BY k ORDER BY 2, hex(k)`,
    `SELECT k FROM ${from} JOIN third USING (k) ORDER BY hex(k)`,
    `SELECT k, * FROM ${from} RIGHT JOIN third USING (k) ORDER BY hex(k), loose.id, exact.id`,
    `SELECT k FROM third RIGHT JOIN ${from} ORDER BY hex(k)`,
    `SELECT k, * FROM third JOIN (${from}) USING (k) ORDER BY hex(k)`,
  ]),
  'SELECT k, * FROM loose NATURAL RIGHT JOIN (SELECT k, id AS e FROM exact) ORDER BY hex(k)',
  'SELECT i, typeof(i), count(*) FROM loose RIGHT JOIN exact USING (i) GROUP BY i ORDER BY i',
  `SELECT count(*) FROM exact RIGHT JOIN loose USING (i) WHERE i > '04'`,
  'SELECT k FROM loose RIGHT JOIN exact USING (k) FULL JOIN third USING (k) ORDER BY hex(k)',
])(
  'the name of what a join makes one means the column that it means on SQLite: %s',
  async (sql) => {
    const [expected, actual] = [queries.sqlite(sql), await queries.postgres(sql)]
    expect(isSame(expected, actual) ? null : describeAnswers(sql, expected, actual)).toBeNull()
  },
)
