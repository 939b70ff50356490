import { expect, test } from 'vitest'
import type { Table } from '../../src/schema/model.ts'
import { subjectOf } from '../../src/shadow/subject.ts'
import { analyze } from '../../src/sql/statement.ts'

const views: Readonly<Record<string, string>> = {
  fresh: "CREATE VIEW fresh AS SELECT * FROM t WHERE at > datetime('now')",
  outer: 'CREATE VIEW outer_ AS SELECT * FROM fresh',
  some: 'CREATE VIEW some AS SELECT * FROM t LIMIT 5',
}
const u: Table = {
  id: 1,
  name: 'u',
  columns: [],
  key: { kind: 'integer', columns: ['id'] },
  indexes: [],
  foreignKeys: [],
  triggers: [],
  withoutRowid: false,
  autoincrement: false,
}
const subject = (sql: string) => subjectOf(analyze(sql), (name) => views[name], [u])

test.each([
  ['SELECT random() FROM t'],
  ['SELECT * FROM t ORDER BY random()'],
  ['SELECT randomblob(4), id FROM t'],
  ["SELECT * FROM t WHERE at > datetime('now')"],
  ["SELECT * FROM t WHERE at > datetime(coalesce(NULL, 'now'))"],
  ['SELECT date() FROM t'],
  ["SELECT strftime('%Y') FROM t"],
  ['SELECT current_timestamp, id FROM t'],
  ['SELECT changes() FROM t'],
  ['SELECT * FROM (SELECT * FROM t WHERE last_insert_rowid() = id)'],
  ['SELECT * FROM fresh'],
  ['SELECT * FROM outer'],
])('%s is not decided by its data', (sql) => {
  expect(subject(sql)?.undecided).not.toBeNull()
})

test.each([
  ['SELECT * FROM t'],
  ["SELECT date(at), strftime('%Y', at) FROM t"],
  ["SELECT * FROM t WHERE status = 'now'"],
  ['SELECT * FROM t LIMIT 5'],
  ['SELECT * FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.t = t.id LIMIT 1)'],
  ['SELECT "random" FROM t'],
])('%s is decided by its data, but for its own LIMIT', (sql) => {
  expect(subject(sql)).toMatchObject({ undecided: null, loose: null })
})

test.each([
  ['SELECT * FROM (SELECT * FROM t LIMIT 5)'],
  ['SELECT (SELECT name FROM u WHERE u.t = t.id ORDER BY at LIMIT 1) FROM t'],
  ['SELECT (SELECT name FROM u WHERE u.t = t.id ORDER BY t.id LIMIT 1) FROM t'],
  ['SELECT (SELECT at AS id FROM u WHERE u.t = t.id ORDER BY id LIMIT 1) FROM t'],
  ['SELECT (SELECT name FROM u JOIN t USING (id) ORDER BY u.id LIMIT 1) FROM t'],
  ['WITH u AS (SELECT * FROM t) SELECT (SELECT name FROM u ORDER BY id LIMIT 1) FROM t'],
  ['SELECT DISTINCT group_concat(name) FROM t GROUP BY at'],
  ['SELECT group_concat(name) AS names FROM t GROUP BY at ORDER BY names LIMIT 5'],
  ['SELECT * FROM (SELECT group_concat(name) AS names FROM t) WHERE names > 5'],
  ['SELECT at FROM t GROUP BY at HAVING group_concat(name) > 5'],
  ['SELECT * FROM (SELECT *, row_number() OVER (ORDER BY at) AS n FROM t) WHERE n < 5'],
  ['SELECT * FROM some'],
])('%s leaves a choice inside, which may be of rows', (sql) => {
  expect(subject(sql)).toMatchObject({ loose: expect.any(String), isLooseInColumns: false })
})

test.each([
  ['SELECT id, row_number() OVER (ORDER BY at) FROM t'],
  ['SELECT id, row_number() OVER w FROM t WINDOW w AS (ORDER BY at) ORDER BY id LIMIT 5'],
  ['SELECT sum(n) OVER (ORDER BY at ROWS UNBOUNDED PRECEDING) FROM t'],
  ['SELECT count(*) OVER (ROWS 3 PRECEDING) FROM t'],
  ['SELECT id, lower(group_concat(name)) FROM t GROUP BY id'],
  ['SELECT group_concat(name, at) FROM t'],
  ['SELECT group_concat(n / 3.0) FROM t'],
])('%s leaves a choice in what it computes alone', (sql) => {
  expect(subject(sql)).toMatchObject({ loose: expect.any(String), isLooseInColumns: true })
})

test.each([
  ['SELECT group_concat(name) FROM t', true],
  ['SELECT at, group_concat(DISTINCT name) AS n FROM t GROUP BY at ORDER BY at LIMIT 5', true],
  ["SELECT json_group_array(json_object('id', id, 'name', name)) FROM t", true],
  ['SELECT group_concat(name ORDER BY id) FROM u', false],
  ['SELECT row_number() OVER (PARTITION BY at ORDER BY id DESC) FROM u', false],
  ['SELECT * FROM (SELECT *, lag(n) OVER w AS n FROM u AS v WINDOW w AS (ORDER BY v.id))', false],
  ['SELECT sum(n) OVER (ORDER BY at, id ROWS 3 PRECEDING) FROM u', false],
  ['SELECT sum(n) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM u', false],
  ['SELECT (SELECT name FROM u WHERE u.t = t.id ORDER BY at, u.id LIMIT 1) FROM t', false],
])('%s has one answer, but for the order of the parts of a text: %s', (sql, permutes) => {
  expect(subject(sql)).toMatchObject({ loose: null, permutes })
})

test.each([['SELECT 1'], ['INSERT INTO t VALUES (1)'], ['PRAGMA user_version']])(
  '%s is no query of tables',
  (sql) => {
    expect(subject(sql)).toBeNull()
  },
)
