import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { analyze, withReturning } from '../../src/sql/statement.ts'
import type { Statement } from '../../src/sql/statement.ts'

const deep = `SELECT ${'('.repeat(5000)}1${')'.repeat(5000)} FROM t WHERE ${'a OR '.repeat(20_000)}b`
const trigger = `CREATE TRIGGER tr AFTER UPDATE ON t WHEN new.a IN (SELECT a FROM w) BEGIN
  UPDATE u SET a = CASE WHEN 1 THEN 2 END; INSERT INTO v SELECT * FROM x; DELETE FROM y; SELECT 1; END`

const cases: [sql: string, expected: Partial<Statement>][] = [
  [
    'SELECT * FROM a, b JOIN "C d" LEFT JOIN `e` ON 1',
    { kind: 'select', readonly: true, tables: ['a', 'b', 'C d', 'e'], target: null },
  ],
  [
    'SELECT 1 WHERE x IN (SELECT y FROM [t 1]) AND EXISTS (SELECT 1 FROM main.t2)',
    { tables: ['t 1', 't2'] },
  ],
  ['SELECT a FROM t UNION ALL SELECT b FROM T ORDER BY 1', { tables: ['t'] }],
  ['SELECT * FROM x.t, t', { tables: ['x.t', 't'] }],
  ['SELECT 1 WHERE 1 IN t', { tables: ['t'] }],
  ['SELECT * FROM (a CROSS JOIN (SELECT * FROM b))', { tables: ['a', 'b'] }],
  ["SELECT * FROM t, json_each(t.a), pragma_table_info('q')", { tables: ['t'] }],
  ["SELECT * FROM search('word')", { tables: ['search'] }],
  ['WITH c AS (SELECT * FROM t) SELECT * FROM c, C AS d, main.c', { tables: ['t', 'c'] }],
  ['WITH c AS (SELECT 1), d AS (SELECT * FROM c, e) SELECT * FROM d', { tables: ['e'] }],
  ['SELECT (WITH c AS (SELECT 1) SELECT * FROM c) FROM c', { tables: ['c'] }],
  [
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n) SELECT * FROM n',
    { kind: 'select', tables: [] },
  ],
  [
    'WITH t AS (SELECT 1) INSERT INTO t SELECT * FROM t',
    { kind: 'insert', tables: ['t'], target: 't', readonly: false },
  ],
  [
    'WITH c AS (SELECT 1) DELETE FROM t WHERE a IN (SELECT * FROM c)',
    { kind: 'delete', tables: ['t'], target: 't' },
  ],
  [
    'INSERT INTO t DEFAULT VALUES RETURNING (SELECT max(b) FROM u)',
    { kind: 'insert', hasReturning: true, returnsRows: true, tables: ['t', 'u'] },
  ],
  ['REPLACE INTO "T" VALUES (1)', { kind: 'insert', target: 'T', hasReturning: false }],
  [
    'INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = (SELECT 1 FROM z)',
    { tables: ['t', 'z'], target: 't' },
  ],
  [
    'UPDATE OR IGNORE temp.t AS q SET a = 1 FROM u WHERE q.a = u.a',
    { kind: 'update', tables: ['temp.t', 'u'], target: 'temp.t' },
  ],
  [
    'UPDATE t SET a = 1 RETURNING * ORDER BY (SELECT 1 FROM o) LIMIT 1',
    { kind: 'update', hasReturning: true, tables: ['t', 'o'] },
  ],
  [
    'DELETE FROM t WHERE a IN (SELECT a FROM u ORDER BY a LIMIT 2)\n ORDER BY b LIMIT ? OFFSET ?',
    { kind: 'delete', tables: ['t', 'u'], target: 't' },
  ],
  [
    'EXPLAIN DELETE FROM t LIMIT 1',
    { kind: 'explain', readonly: false, tables: ['t'], target: null, returnsRows: true },
  ],
  ['EXPLAIN QUERY PLAN SELECT * FROM t', { kind: 'explain', readonly: true, tables: ['t'] }],
  ['VALUES (1), (2)', { kind: 'select', tables: [] }],
  ['BEGIN', { kind: 'transaction', step: 'begin', readonly: true }],
  ['BEGIN IMMEDIATE TRANSACTION', { kind: 'transaction', step: 'begin', readonly: false }],
  ['END', { kind: 'transaction', step: 'commit' }],
  ['ROLLBACK', { kind: 'transaction', step: 'rollback' }],
  ['ROLLBACK TO x', { kind: 'transaction', step: 'rollback-to' }],
  ['SAVEPOINT x', { kind: 'transaction', step: 'savepoint' }],
  ['RELEASE x', { kind: 'transaction', step: 'release' }],
  ["ATTACH 'x' AS y", { kind: 'attach', readonly: true }],
  ['DETACH y', { kind: 'attach' }],
  ["VACUUM INTO 'x'", { kind: 'vacuum', readonly: false }],
  ['ANALYZE', { kind: 'analyze' }],
  ['REINDEX t', { kind: 'reindex' }],
  ['PRAGMA main.user_version', { kind: 'pragma', readonly: true, returnsRows: true }],
  ['PRAGMA user_version = 4', { kind: 'pragma', readonly: false, returnsRows: false }],
  ['CREATE TABLE t AS SELECT * FROM u', { kind: 'ddl', target: 't', tables: ['t', 'u'] }],
  ['CREATE UNIQUE INDEX i ON t (lower(a)) WHERE b', { kind: 'ddl', target: 't', tables: ['t'] }],
  ['CREATE VIEW v AS SELECT * FROM t', { kind: 'ddl', target: 'v', tables: ['v', 't'] }],
  ["CREATE VIRTUAL TABLE f USING fts5(a, content='')", { kind: 'ddl', target: 'f' }],
  [trigger, { kind: 'ddl', target: 't', tables: ['t', 'w', 'u', 'v', 'x', 'y'] }],
  ['ALTER TABLE t RENAME TO u', { kind: 'ddl', target: 't', tables: ['t', 'u'] }],
  ['DROP TABLE IF EXISTS t', { kind: 'ddl', target: 't' }],
  ['DROP INDEX i', { kind: 'ddl', target: null, tables: [] }],
  ['\uFEFF SELECT 1_000', { kind: 'select' }],
  [deep, { kind: 'select', tables: ['t'] }],
]

describe('what a statement does', () => {
  test.each(cases)('%.90s', (sql, expected) => {
    expect(analyze(sql)).toMatchObject(expected)
  })

  test('a result cannot be changed, as it is shared by all who run the statement', () => {
    const statement = analyze('SELECT ?')
    expect(Object.isFrozen(statement)).toBe(true)
  })
})

describe('wrong SQL', () => {
  const wrong: [sql: string, message: string, line: number, column: number][] = [
    ['SELECT\n  1 FROM FROM t', 'near "FROM": syntax error', 2, 10],
    ['SELEC 1', 'near "SELEC": syntax error', 1, 1],
    ['SELECT (1', 'incomplete input', 1, 10],
    ["SELECT 'open", 'unrecognized token: "\'open"', 1, 8],
    ['DELETE FROM t ORDER BY LIMIT 1', 'near "ORDER": syntax error', 1, 15],
    ['SELECT ?0', 'variable number must be between ?1 and ?32766', 1, 8],
    ['SELECT ?32767', 'variable number must be between ?1 and ?32766', 1, 8],
    ['SELECT ?32766, ?', 'too many SQL variables', 1, 16],
    ['SELECT $a::b', 'unrecognized token: ":"', 1, 10],
    ['SELECT ??', 'near "?": syntax error', 1, 9],
    ['DELETE FROM t LIMIT 1 RETURNING a', 'near "LIMIT": syntax error', 1, 15],
  ]
  test.each(wrong)('%s', (sql, message, line, column) => {
    expect(() => analyze(sql)).toThrow(
      expect.objectContaining({
        name: 'LockstepError',
        code: 'SQLITE_ERROR',
        message,
        details: { line, column },
      }),
    )
    const database = new Database(':memory:').exec('CREATE TABLE t (a)')
    expect(() => database.prepare(sql)).toThrow(/syntax|token|input|variable/)
    database.close()
  })

  test.each(['', '  ', ';;', '-- nothing', '/* nothing'])('%j holds no statement', (sql) => {
    expect(() => analyze(sql)).toThrow(
      new RangeError('The supplied SQL string contains no statements'),
    )
  })

  test.each([
    'SELECT 1; SELECT 2',
    'SELECT 1; nonsense',
    'DELETE FROM t LIMIT 1; SELECT 1',
    ';BEGIN;;END;',
  ])('%j is more than one statement', (sql) => {
    expect(() => analyze(sql)).toThrow(
      new RangeError('The supplied SQL string contains more than one statement'),
    )
  })

  test('an error in the first of several statements is that error', () => {
    expect(() => analyze('SELEC 1; SELECT 2')).toThrow(/near "SELEC"/)
  })

  test('text behind a NUL is refused, as SQLite would drop it silently', () => {
    expect(() => analyze('SELECT 1 \0; DROP TABLE t')).toThrow(
      expect.objectContaining({ code: 'SQL_UNSUPPORTED', details: { line: 1, column: 10 } }),
    )
  })

  test('something that is not a string is misuse', () => {
    expect(() => analyze(1 as unknown as string)).toThrow(TypeError)
  })
})

describe('RETURNING', () => {
  test('it goes behind the statement, whatever ended it', () => {
    const statement = analyze('INSERT INTO t (a) VALUES (?) -- done;\n ; /* end')
    expect(withReturning(statement, 'a "b"')).toBe(
      'INSERT INTO t (a) VALUES ($1) RETURNING "a ""b"""',
    )
  })

  test.each(['SELECT 1', 'INSERT INTO t VALUES (1) RETURNING a', 'DROP TABLE t'])(
    'it cannot be added to %s',
    (sql) => {
      expect(() => withReturning(analyze(sql), 'id')).toThrow(TypeError)
    },
  )
})
