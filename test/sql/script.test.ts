import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { splitScript } from '../../src/sql/script.ts'
import { analyze } from '../../src/sql/statement.ts'

const trigger = `CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN
  UPDATE t SET a = CASE WHEN a THEN 1 ELSE 2 END; SELECT ';'; /* ; END; */ DELETE FROM t; END`

const scripts: [script: string, statements: string[]][] = [
  ['', []],
  [' ; -- nothing\n ;/* ; */', []],
  [
    'SELECT \';\'; SELECT ";", [;], `;` FROM t -- ;\n;',
    ["SELECT ';'", 'SELECT ";", [;], `;` FROM t'],
  ],
  [`${trigger};SELECT 1`, [trigger, 'SELECT 1']],
  [`EXPLAIN ${trigger}; SELECT 1`, [`EXPLAIN ${trigger}`, 'SELECT 1']],
  ['BEGIN; SELECT 1; END; SELECT 2;', ['BEGIN', 'SELECT 1', 'END', 'SELECT 2']],
  ['CREATE TABLE trigger_log (a); SELECT 1', ['CREATE TABLE trigger_log (a)', 'SELECT 1']],
  ['SELECT 1; /* open', ['SELECT 1']],
  ['DELETE FROM t LIMIT 1; SELECT 1', ['DELETE FROM t LIMIT 1', 'SELECT 1']],
]

describe('scripts', () => {
  test.each(scripts)('%j', (script, statements) => {
    expect(splitScript(script)).toEqual(statements)
  })

  test('each statement of a script is one statement to SQLite and to the parser', () => {
    const database = new Database(':memory:').exec('CREATE TABLE t (a, ";")')
    for (const sql of splitScript(scripts.map(([script]) => script).join('\n;'))) {
      expect(analyze(sql).sql).toBe(sql)
      if (!sql.startsWith('CREATE')) database.prepare(sql)
    }
    database.close()
  })

  test('text that cannot be read is refused with its place', () => {
    expect(() => splitScript("SELECT 1;\nSELECT 'open; SELECT 2")).toThrow(
      expect.objectContaining({ code: 'SQLITE_ERROR', details: { line: 2, column: 8 } }),
    )
  })
})
