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
})
