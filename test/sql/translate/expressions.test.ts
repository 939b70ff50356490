import { afterAll, beforeAll, expect, test } from 'vitest'
import { openQueries, type Queries, type Query } from './queries.ts'

const schema = `
  CREATE TABLE t (id INTEGER PRIMARY KEY, i INTEGER, r REAL, s TEXT, b BLOB, n NUMERIC, c TEXT COLLATE NOCASE, m TEXT NOT NULL DEFAULT 'm', x);
  INSERT INTO t VALUES
    (1, 5, 2.5, '5', x'35', 5, 'abc', 'one', 'x'), (2, -7, -0.5, 'abc', x'00ff', 2.5, 'ABC', 'two', 'Y'),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, 'three', NULL), (4, 0, 0.0, '', x'', 0, 'b', 'Two', 'x'),
    (5, 9007199254740993, 1e21, '12abc', NULL, 1e300, 'B ', 'é', 'É'), (6, 3, 3.0, ' 3 ', x'616263', -4, 'abc ', 'TWO', '3');
  CREATE TABLE u (k TEXT PRIMARY KEY, v INTEGER, d DATETIME, f BOOLEAN) WITHOUT ROWID;
  INSERT INTO u VALUES ('5', 1, '2024-01-01', 1), ('abc', 5, '2024-02-01 10:00:00', 0), ('ABC', NULL, NULL, NULL), ('3', 3, '2023-12-31', 1);
  CREATE TABLE k (a, b INT);
  INSERT INTO k VALUES ('p', 1), ('q', 2), ('p', 3), (NULL, 4), ('r', NULL);
`

const literals = [
  '1',
  '0',
  '-3',
  '2.5',
  '2.0',
  "'5'",
  "'abc'",
  "'2.5'",
  "' 3 '",
  "''",
  'NULL',
  "x'35'",
  '9007199254740993',
  '1e3',
  "'1e3'",
  'TRUE',
]
const columns = [
  'i',
  'r',
  's',
  'b',
  'n',
  'c',
  'm',
  'x',
  '+i',
  '+s',
  'CAST(s AS INTEGER)',
  'CAST(i AS TEXT)',
  '(SELECT v FROM u WHERE k = s)',
  'coalesce(i, s)',
  'CASE WHEN i > 0 THEN r ELSE i END',
]
const comparisons = ['=', '<', '>=', '<>', 'IS', 'IS NOT']
const operators = ['+', '-', '*', '/', '%', '||', '&', '|', '<<', '>>', 'AND', 'OR', ...comparisons]

/** Shapes that each take two operands. */
const shapes = [
  (a: string, b: string): string => `SELECT id FROM t WHERE ${a} = ${b} ORDER BY id`,
  (a: string, b: string): string => `SELECT id FROM t WHERE NOT (${a} < ${b}) ORDER BY id`,
  (a: string, b: string): string => `SELECT id, ${a} IN (${b}, 7, 'q') FROM t ORDER BY id`,
  (a: string, b: string): string => `SELECT id, ${a} BETWEEN ${b} AND 6 FROM t ORDER BY id`,
  (a: string, b: string): string =>
    `SELECT id, CASE ${a} WHEN ${b} THEN 'y' ELSE 0 END FROM t ORDER BY id`,
  (a: string, b: string): string =>
    `SELECT id, ${a} NOT IN (SELECT ${b} FROM u) FROM t ORDER BY id`,
]

let queries: Queries
beforeAll(async () => {
  queries = await openQueries(schema)
})
afterAll(async () => {
  await queries[Symbol.asyncDispose]()
})

/** Queries whose answers differ without a word; refusals and PostgreSQL's errors are counted only. */
async function different(all: readonly Query[]): Promise<{ silent: string[]; refused: string[] }> {
  const silent: string[] = []
  const refused: string[] = []
  for (const query of all) {
    const expected = queries.sqlite(query)
    const actual = await queries.postgres(query)
    const text = `${JSON.stringify(query, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))}\n  S ${JSON.stringify(expected)}\n  P ${JSON.stringify(actual)}`
    if ('error' in actual) {
      if (!('error' in expected) || actual.error === 'POSTGRES_ERROR') refused.push(text)
    } else if ('error' in expected || JSON.stringify(expected) !== JSON.stringify(actual)) {
      silent.push(text)
    }
  }
  return { silent, refused }
}

test('an operator gives what SQLite gives, whatever classes meet', async () => {
  const all = columns.flatMap((a) =>
    [...literals, ...columns].flatMap((b) =>
      operators.map((op) =>
        `SELECT id, ${a} ${op} ${b}, typeof(1) FROM t ORDER BY id`.replace(', typeof(1)', ''),
      ),
    ),
  )
  const { silent, refused } = await different(all)
  process.stderr.write(
    `OPERATORS ${all.length} silent ${silent.length} refused ${refused.length}\n${silent.slice(0, 25).join('\n')}\nREFUSED\n${refused.slice(0, 12).join('\n')}\n`,
  )
  expect(silent).toEqual([])
})

test('conditions compare as SQLite does', async () => {
  const all = shapes.flatMap((shape) =>
    columns.flatMap((a) => [...literals, ...columns].map((b) => shape(a, b))),
  )
  const { silent, refused } = await different(all)
  process.stderr.write(
    `SHAPES ${all.length} silent ${silent.length} refused ${refused.length}\n${silent.slice(0, 25).join('\n')}\nREFUSED\n${refused.slice(0, 12).join('\n')}\n`,
  )
  expect(silent).toEqual([])
})

test('a parameter compares as its class does', async () => {
  const values = [
    1n,
    5,
    2.5,
    5.5,
    '5',
    'abc',
    '2.5',
    ' 3 ',
    null,
    Buffer.from('5'),
    3n,
    '',
    9007199254740993n,
  ]
  const all = columns.flatMap((a) =>
    values.flatMap((value) => [
      ...operators.map((op): Query => [`SELECT id, ${a} ${op} ? FROM t ORDER BY id`, value]),
      [`SELECT id, ? ${'>'} ${a} FROM t ORDER BY id`, value] as const,
      [`SELECT id, ${a} IN (?, 7) FROM t ORDER BY id`, value] as const,
      [`SELECT id, ? IN (SELECT ${a} FROM t) FROM u ORDER BY k`, value].map(
        (each) => each,
      ) as never,
    ]),
  )
  const { silent, refused } = await different(
    all.map((query) =>
      Array.isArray(query) && String(query[0]).includes('SELECT id, ? IN')
        ? ([String(query[0]).replace('SELECT id,', 'SELECT k,'), ...query.slice(1)] as never)
        : query,
    ),
  )
  process.stderr.write(
    `PARAMS ${all.length} silent ${silent.length} refused ${refused.length}\n${silent.slice(0, 25).join('\n')}\nREFUSED\n${refused.slice(0, 12).join('\n')}\n`,
  )
  expect(silent).toEqual([])
})
