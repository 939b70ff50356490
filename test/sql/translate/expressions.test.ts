import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeAnswers, isSame, openQueries, type Queries, type Query } from './queries.ts'

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

interface Outcome {
  /** Answers that differ without a word. */
  readonly silent: readonly string[]
  /** The part that SQLite answers and PostgreSQL or the translator does not. */
  readonly refused: number
}

async function compare(all: readonly Query[]): Promise<Outcome> {
  const silent: string[] = []
  let refused = 0
  for (const query of all) {
    const expected = queries.sqlite(query)
    const actual = await queries.postgres(query)
    if (isSame(expected, actual)) continue
    if ('error' in actual && !('error' in expected)) refused += 1
    else silent.push(describeAnswers(query, expected, actual))
  }
  return { silent, refused: refused / all.length }
}

test('an operator gives what SQLite gives, whatever classes meet', async () => {
  const all = columns.flatMap((a) =>
    [...literals, ...columns].flatMap((b) =>
      operators.map((operator) => `SELECT id, ${a} ${operator} ${b} FROM t ORDER BY id`),
    ),
  )
  const { silent, refused } = await compare(all)
  expect(silent).toEqual([])
  // INTEGERs that overflow, and blobs that are no UTF-8, are errors of PostgreSQL's.
  expect(refused).toBeLessThan(0.06)
})

test('conditions compare as SQLite does', async () => {
  const all = shapes.flatMap((shape) =>
    columns.flatMap((a) => [...literals, ...columns].map((b) => shape(a, b))),
  )
  expect(await compare(all)).toEqual({ silent: [], refused: 0 })
})

test('a parameter compares as its class does', async () => {
  const values = [1n, 3n, 9007199254740993n, 5, 2.5, 5.5, '5', 'abc', '2.5', ' 3 ', '', null]
  const all = columns.flatMap((a) =>
    [...values, Buffer.from('5')].flatMap((value) => [
      ...operators.map((operator): Query => [
        `SELECT id, ${a} ${operator} ? FROM t ORDER BY id`,
        value,
      ]),
      [`SELECT id, ? > ${a} FROM t ORDER BY id`, value] satisfies Query,
      [`SELECT id, ${a} IN (?, 7) FROM t ORDER BY id`, value] satisfies Query,
      [`SELECT k, ? IN (SELECT ${a} FROM t) FROM u ORDER BY k`, value] satisfies Query,
    ]),
  )
  const { silent, refused } = await compare(all)
  expect(silent).toEqual([])
  expect(refused).toBeLessThan(0.05)
})
