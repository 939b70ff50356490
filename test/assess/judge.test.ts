import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createFile } from './shop.ts'

const schema = `
  CREATE TABLE files (id INTEGER PRIMARY KEY, data BLOB, name TEXT NOT NULL, n INT);
  CREATE VIEW big AS SELECT id, name FROM files WHERE length(data) > 1000;
`

const cases: [sql: string, verdict: string, reason?: RegExp][] = [
  // No single value fits a BLOB, a NOT NULL text and a limit.
  ['UPDATE files SET data = ?, name = ? WHERE id IN (SELECT id FROM files LIMIT ?)', 'translates'],
  ['SELECT id FROM files WHERE name = :name AND n IN (?, ?) LIMIT :n', 'translates'],
  ['SELECT * FROM big ORDER BY name', 'translates'],
  ['SELECT changes(), last_insert_rowid()', 'translates'],
  ['EXPLAIN QUERY PLAN SELECT * FROM files', 'translates'],
  ["SELECT name FROM sqlite_master WHERE type = 'table'", 'translates'],
  ['PRAGMA table_info(files)', 'translates'],
  ['PRAGMA user_version = 3', 'translates'],
  ['VACUUM', 'translates'],
  ['CREATE TABLE more (id INTEGER PRIMARY KEY)', 'translates'],
  ['CREATE TABLE copy AS SELECT name, n + 1 AS m FROM files', 'translates'],
  ["CREATE TABLE copy AS SELECT datetime('now', 'localtime') AS t", 'refused', /'localtime'/],
  ['CREATE UNIQUE INDEX one ON files (lower(name))', 'translates'],
  ['ALTER TABLE files RENAME COLUMN n TO m', 'translates'],
  ['CREATE UNIQUE INDEX one ON files (substr(name, 1, 1))', 'refused', /unique index "one"/],
  [
    "CREATE TRIGGER t AFTER INSERT ON files BEGIN SELECT RAISE(ABORT, 'no ' || NEW.name); END",
    'refused',
    /trigger "t".*at line 1, column 16/,
  ],
  ['CREATE TABLE tags (a TEXT, g TEXT AS (upper(a)))', 'translates'],
  ['CREATE TABLE tags (a TEXT, g TEXT AS (upper(a)) UNIQUE)', 'refused', /generated column "g"/],
  ['CREATE TABLE kids (up TEXT REFERENCES files (id))', 'refused', /foreign key "up"/],
  ['EXPLAIN SELECT * FROM files', 'refused', /byte code/],
  ['PRAGMA case_sensitive_like = ON', 'refused', /PRAGMA case_sensitive_like/],
  ["VACUUM INTO 'copy.db'", 'refused', /VACUUM INTO/],
  ["ATTACH 'other.db' AS other", 'refused', /ATTACH/],
  ['CREATE TEMP TABLE t (a)', 'refused', /CREATE TEMP TABLE/],
  ["SELECT datetime('now', 'localtime')", 'refused', /'localtime'/],
  ['SAVEPOINT s', 'decision', /other calls share the connection/],
  ['SELECT missing FROM files', 'decision', /SQLite refuses it as well: no such column/],
  ['SELECT no_such_function(1)', 'decision', /SQLite refuses it as well: no such function/],
]

describe('a statement', () => {
  test.each(cases)('%s: %s', async (sql, verdict, reason) => {
    using file = createFile(schema)
    const script = join(file.folder, 'one.sql')
    writeFileSync(script, sql)
    const { statements } = await file.statements([script])
    expect(statements.map((each) => each.verdict)).toEqual([verdict])
    expect(statements[0]?.reason ?? '').toMatch(reason ?? /^$/)
  })

  test('that changes the schema is judged behind those before it', async () => {
    using file = createFile(schema)
    const script = join(file.folder, 'all.sql')
    writeFileSync(
      script,
      `CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);
       ALTER TABLE notes RENAME TO papers;
       CREATE UNIQUE INDEX first ON papers (substr(body, 1, 1));
       CREATE INDEX second ON papers (body);
       DROP TABLE papers`,
    )
    const { statements } = await file.statements([script])
    expect(statements.map((each) => each.verdict)).toEqual([
      'translates',
      'translates',
      'refused',
      'translates',
      'translates',
    ])
  })
})
