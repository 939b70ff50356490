import Database from 'better-sqlite3'
import type { Stmt } from 'sqlite3-parser'
import { expect, test } from 'vitest'
import { isLockstepError } from '../../../src/core/errors.ts'
import { catalogOf } from '../../../src/schema/catalog.ts'
import type { Catalog } from '../../../src/sql/catalog.ts'
import { createTranslator } from '../../../src/sql/translate/translator.ts'
import { parseStatements } from '../../../src/sql/parser.ts'
import { schemaQuery } from '../../../src/sql/schema-query.ts'
import { descendants } from '../../../src/sql/translate/syntax.ts'
import type { Translator } from '../../../src/sql/translation.ts'
import { modelOf } from '../../schema/carry.ts'
import { createCheckedTranslator } from '../../support/postgres-parser.ts'
import { openQueries } from './queries.ts'

const table = 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s TEXT)'
const translator = translatorOf(table)
/** Its time is the parser's of PostgreSQL as well, which no bound here is meant for. */
const checked = translatorOf(table, createCheckedTranslator)

function translatorOf(
  schema: string,
  make: (catalog: Catalog) => Translator = createTranslator,
): Translator {
  const db = new Database(':memory:')
  db.exec(schema)
  const { tables } = modelOf(db).schema
  db.close()
  return make(catalogOf({ version: 1, tables, foreignKeys: true }))
}

/** The code and message of the refusal, and how long it took. */
function refusal(sql: string, by = translator): { code: string; message: string; ms: number } {
  const start = performance.now()
  try {
    by.translate(sql, [])
  } catch (error) {
    const ms = performance.now() - start
    if (isLockstepError(error)) return { code: error.code, message: error.message, ms }
    throw error
  }
  return { code: 'none', message: '', ms: performance.now() - start }
}

const deep: Readonly<Record<string, (levels: number) => string>> = {
  parentheses: (levels) => `SELECT ${'('.repeat(levels)}1${')'.repeat(levels)}`,
  sums: (levels) => `SELECT 1${' + n'.repeat(levels)} FROM t`,
  conjunctions: (levels) => `SELECT 1 FROM t WHERE n = 1${' AND n = 1'.repeat(levels)}`,
  negations: (levels) => `SELECT ${'NOT '.repeat(levels)}1`,
  subqueries: (levels) => `SELECT ${'(SELECT '.repeat(levels)}1${')'.repeat(levels)}`,
  derived: (levels) => `${'SELECT * FROM ('.repeat(levels)}SELECT 1${')'.repeat(levels)}`,
  cases: (levels) => `SELECT ${'CASE WHEN n THEN '.repeat(levels)}1${' END'.repeat(levels)} FROM t`,
  calls: (levels) => `SELECT ${'lower('.repeat(levels)}s${')'.repeat(levels)} FROM t`,
  lists: (levels) => `SELECT ${'n IN ('.repeat(levels)}1${')'.repeat(levels)} FROM t`,
  commonTables: (levels) =>
    `${'WITH q AS ('.repeat(levels)}SELECT 1 AS x${') SELECT x FROM q'.repeat(levels)}`,
}

test.each(Object.entries(deep))('10,000 levels of %s are refused in bounded time', (_, text) => {
  const { code, ms } = refusal(text(10_000))
  expect(code).toBe('SQLITE_ERROR')
  expect(ms).toBeLessThan(5_000)
})

const doubling: Readonly<Record<string, (levels: number) => string>> = {
  between: (levels) => `SELECT ${'('.repeat(levels)}n${' BETWEEN 0 AND 1)'.repeat(levels)} FROM t`,
  cases: (levels) =>
    `SELECT ${'CASE '.repeat(levels)}n${' WHEN 1 THEN 2 WHEN 3 THEN 4 END'.repeat(levels)} FROM t`,
  is: (levels) => `SELECT ${'('.repeat(levels)}coalesce(n, s)${' IS n)'.repeat(levels)} FROM t`,
}

test.each(Object.entries(doubling))(
  'operands that %s repeats do not grow without end',
  (_, text) => {
    const { ms } = refusal(text(200))
    expect(ms).toBeLessThan(5_000)
  },
)

test('a long chain of conditions is translated', () => {
  expect(refusal(`SELECT 1 FROM t WHERE n = 1${' OR n = 1'.repeat(990)}`, checked).code).toBe(
    'none',
  )
  expect(refusal(`SELECT s${" || 'x'".repeat(990)} FROM t`, checked).code).toBe('none')
})

test.each(Object.entries(deep))('20 levels of %s are translated', (_, text) => {
  expect(refusal(text(20), checked)).toMatchObject({ code: 'none' })
})

test.each([
  ['a list', `SELECT n FROM t WHERE n IN (${'1,'.repeat(300_000)}1)`],
  ['rows', `VALUES ${'(1,2),'.repeat(100_000)}(1,2)`],
  ['a text', `SELECT '${"x''y\\".repeat(200_000)}'`],
  ['blanks', `SELECT${' '.repeat(1_000_000)}1`],
  ['comments', `SELECT ${'/* x */'.repeat(150_000)} 1`],
  ['nonsense', '(('.repeat(500_000)],
  ['parentheses', `SELECT ${'('.repeat(1_000_000)}`],
  ['semicolons', `SELECT 1${';'.repeat(1_000_000)}`],
  ['quotes', '"'.repeat(999_999)],
  ['parameters', `SELECT 1 FROM t WHERE id IN (${'?,'.repeat(32_765)}?)${' '.repeat(900_000)}`],
])('1 MB of %s takes bounded time', (_, sql) => {
  const { ms } = refusal(sql)
  expect(ms).toBeLessThan(10_000)
})

/** Each names the one before it, or the one behind it. */
function chain(count: number, step: -1 | 1): string {
  const tables = Array.from({ length: count }, (_, index) => {
    const isLast = index + step < 0 || index + step === count
    return `C${index} AS (SELECT ${isLast ? '1 AS x' : `x + 1 AS x FROM c${index + step}`})`
  })
  return `WITH ${tables.join(', ')} SELECT x FROM c${step === 1 ? 0 : count - 1}`
}

test.each([-1, 1] as const)('3,000 common tables take bounded time', (step) => {
  const { code, ms } = refusal(chain(3_000, step))
  expect(code).toBe('none')
  expect(ms).toBeLessThan(5_000)
})

test.each([
  [
    'names in quotes',
    'WITH "a b" AS (SELECT x FROM "c d"), "c d" AS (SELECT 1 AS x) SELECT x FROM "A B"',
  ],
  [
    'names in brackets',
    'WITH [a-b] AS (SELECT x FROM [C]), c AS (SELECT 1 AS x) SELECT x FROM [a-b]',
  ],
  ['names beyond ASCII', 'WITH ä AS (SELECT x FROM Öz$1), Öz$1 AS (SELECT 1 AS x) SELECT x FROM ä'],
  ['doubled quotes', 'WITH a AS (SELECT x FROM "q""q"), "q""q" AS (SELECT 1 AS x) SELECT x FROM a'],
  ['IN', 'WITH a AS (SELECT 1 IN b AS x), b AS (SELECT 1 AS x) SELECT x FROM a'],
])('a common table is found behind the one that reads it: %s', (_, sql) => {
  const sent = checked.translate(sql, []).steps[0]?.text ?? ''
  expect(sent.indexOf('SELECT 1::bigint AS "x"')).toBeLessThan(sent.indexOf('FROM "'))
  expect(sent).toMatch(/^WITH /)
})

const literals = `IN (${'1,'.repeat(200_000)}1)`

test.each([
  ['a query', `SELECT n ${literals} FROM t`],
  ['an aggregate', `SELECT max(n) ${literals} FROM t`],
  ['a subquery that gives rows as they are read', `SELECT * FROM (SELECT n ${literals} FROM t)`],
])('200,000 literals of %s do not fill the stack', (_, sql) => {
  expect(refusal(sql)).toMatchObject({ code: 'none' })
  const [statement] = parseStatements(sql) as [Stmt]
  expect([...descendants(statement)].length).toBeGreaterThan(200_000)
  const onSchema = sql.replace('FROM t', 'FROM sqlite_schema')
  expect(schemaQuery(onSchema, ['sqlite_schema'])).not.toBeNull()
})

test.each([
  ['SELECT nope FROM t', 'no such column: nope'],
  ['SELECT * FROM nope', 'no such table: nope'],
  ['SELECT nope(1)', 'no such function: nope'],
  ['SELECT * FROM nope(1)', 'no such table: nope'],
  ['SELECT * FROM t(1)', "'t' is not a function"],
  ['SELECT lower(1, 2)', 'wrong number of arguments to function lower()'],
  ['SELECT id FROM t, t AS u', 'ambiguous column name: id'],
  ['SELECT (SELECT 1, 2)', 'sub-select returns 2 columns - expected 1'],
  ['SELECT 1 ORDER BY 2', '1st ORDER BY term out of range - should be between 1 and 1'],
  ['SELECT 1 WHERE count(*) > 1', 'misuse of aggregate function count()'],
  ['SELECT (', 'incomplete input'],
])('%s is refused in SQLite’s words', (sql, message) => {
  const db = new Database(':memory:')
  db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s TEXT)')
  expect(() => db.prepare(sql)).toThrow(message)
  db.close()
  const refused = refusal(sql)
  expect(refused.code).toBe('SQLITE_ERROR')
  expect(refused.message).toContain(message)
})

const names = [
  'select',
  'a"b',
  "a'b",
  'a\\b',
  '$$',
  '$1',
  '--x',
  '/* x',
  ';',
  'ünï',
  ' ',
  'a b',
  'A',
  'x'.repeat(63),
  'y'.repeat(63),
  ':p',
  '?1',
  '%s',
  'oid2',
  'ctid',
  'xmin',
  'user',
  '日本',
  '{blob}',
  '\u0001',
]

test('names of any kind are quoted so that they name what they named', async () => {
  const ident = (name: string): string => `"${name.replaceAll('"', '""')}"`
  const wide = names.filter((name) => !/^(?:ctid|xmin)$/.test(name))
  const schema = wide
    .map(
      (name, index) =>
        `CREATE TABLE ${ident(`t${index} ${name.slice(0, 40)}`)} (id INTEGER PRIMARY KEY, ${ident(name)} TEXT); INSERT INTO ${ident(`t${index} ${name.slice(0, 40)}`)} VALUES (1, 'it''s \\ $$ -- ${index}')`,
    )
    .join(';')
  const queries = await openQueries(schema)
  try {
    for (const [index, name] of wide.entries()) {
      const table = ident(`t${index} ${name.slice(0, 40)}`)
      for (const sql of [
        `SELECT * FROM ${table}`,
        `SELECT ${ident(name)} AS ${ident(`${name}!`)} FROM ${table} AS ${ident(name)}`,
        `SELECT ${ident(name)}.${ident(name)} FROM ${table} AS ${ident(name)} WHERE ${ident(name)} LIKE '%''%\\%'`,
        `WITH ${ident(name)} AS (SELECT ${ident(name)} FROM ${table}) SELECT count(*), ${ident(name)} FROM ${ident(name)} GROUP BY 2`,
        `SELECT q.${ident(name)} FROM (SELECT '${name.replaceAll("'", "''")}' AS ${ident(name)}) q`,
      ]) {
        expect({ sql, ...(await queries.postgres(sql)) }).toEqual({ sql, ...queries.sqlite(sql) })
      }
    }
  } finally {
    await queries[Symbol.asyncDispose]()
  }
})

test('an index on expressions over columns called "true" and the like is of those columns', async () => {
  const queries = await openQueries(`
    CREATE TABLE flags (id INTEGER PRIMARY KEY, "true" TEXT, "null" INTEGER, "current_date" TEXT);
    CREATE INDEX by_true ON flags (lower("true"));
    CREATE INDEX by_null ON flags ("null") WHERE "true" > 'a' AND "null" IS NOT NULL;
    CREATE UNIQUE INDEX by_date ON flags ("current_date" || "true");
    INSERT INTO flags VALUES (1, 'Yes', 5, 'd'), (2, 'no', NULL, 'e'), (3, NULL, 7, NULL)`)
  try {
    const { rows } = await queries.client.query<{ indexdef: string }>(
      `SELECT indexdef FROM pg_indexes WHERE tablename = 'flags' AND indexname ~ '^by' ORDER BY 1`,
    )
    expect(rows.map(({ indexdef }) => indexdef.replace(/^.*?USING/, ''))).toEqual([
      expect.stringContaining('"null"'),
      expect.stringMatching(/lower\(\(?"true"/),
      expect.stringMatching(/"current_date".* \|\| .*"true"/),
    ])
    for (const sql of [
      `SELECT id, "true", "null" FROM flags WHERE lower("true") = 'yes'`,
      `SELECT true, "true", null, "null", "current_date" FROM flags WHERE "null" > 1 AND "true" > 'a'`,
      `SELECT "true" IS true, count("null") FROM flags GROUP BY "true" ORDER BY 1`,
    ]) {
      expect({ sql, ...(await queries.postgres(sql)) }).toEqual({ sql, ...queries.sqlite(sql) })
    }
  } finally {
    await queries[Symbol.asyncDispose]()
  }
})

test('names that PostgreSQL would cut to the same 63 bytes stay apart', async () => {
  const queries = await openQueries(
    'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 5)',
  )
  const [a, b] = [`${'x'.repeat(200)}a`, `${'x'.repeat(200)}b`]
  try {
    for (const sql of [
      `SELECT id AS ${a}, n AS ${b} FROM t`,
      `SELECT ${a}, ${b} FROM (SELECT id AS ${a}, n AS ${b} FROM t)`,
      `SELECT ${a}.id, ${b}.n FROM t ${a} JOIN t ${b} ON ${a}.id = ${b}.id`,
      `WITH ${a} AS (SELECT 1 AS x), ${b} AS (SELECT 2 AS x) SELECT ${a}.x, ${b}.x FROM ${a}, ${b}`,
      `SELECT id AS ${a} FROM t ORDER BY ${a}`,
    ]) {
      expect({ sql, ...(await queries.postgres(sql)) }).toEqual({ sql, ...queries.sqlite(sql) })
    }
  } finally {
    await queries[Symbol.asyncDispose]()
  }
})
