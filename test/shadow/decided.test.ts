import { expect, test } from 'vitest'
import { subjectOf } from '../../src/shadow/subject.ts'
import { analyze } from '../../src/sql/statement.ts'

const views: Readonly<Record<string, string>> = {
  fresh: "CREATE VIEW fresh AS SELECT * FROM t WHERE at > datetime('now')",
  outer: 'CREATE VIEW outer_ AS SELECT * FROM fresh',
  some: 'CREATE VIEW some AS SELECT * FROM t LIMIT 5',
}
const subject = (sql: string) => subjectOf(analyze(sql), (name) => views[name])

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
  ['SELECT group_concat(name) FROM t'],
  ['SELECT row_number() OVER (ORDER BY at) FROM t'],
  ['SELECT * FROM some'],
])('%s leaves a choice inside', (sql) => {
  expect(subject(sql)?.loose).not.toBeNull()
})

test.each([['SELECT 1'], ['INSERT INTO t VALUES (1)'], ['PRAGMA user_version']])(
  '%s is no query of tables',
  (sql) => {
    expect(subject(sql)).toBeNull()
  },
)
