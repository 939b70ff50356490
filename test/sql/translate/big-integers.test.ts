import { expect, test } from 'vitest'
import { differing, queriesOfFile, type Query } from './queries.ts'

/** INTEGERs that lie between two doubles, and the doubles around them. */
const schema = `
  CREATE TABLE n (id INTEGER PRIMARY KEY, i INTEGER, r REAL, d DECIMAL(20,4), t TEXT);
  INSERT INTO n VALUES
    (1, 9007199254740993, 9007199254740992, 0.1, '9007199254740993'),
    (2, 9007199254740992, 9007199254740994, 9007199254740992, '9007199254740992.0'),
    (3, -9007199254740993, -9007199254740992, -9007199254740992, '-9007199254740993'),
    (4, 9223372036854775807, 9223372036854775807, 1e20, '9223372036854775807'),
    (5, -9223372036854775807, -9223372036854775808, 2.5, 'x'),
    (6, 5, 5, 5, '5'), (7, NULL, NULL, NULL, NULL);
`

const queries = queriesOfFile(schema)

const integers = [
  9007199254740993n,
  9007199254740992n,
  -9007199254740993n,
  9223372036854775807n,
  -9223372036854775807n,
  -9223372036854775808n,
  9007199254740995n,
  5n,
]
const values = [
  ...integers,
  ...integers.map(String),
  ...integers.map(Number),
  '9007199254740993.5',
  '9.007199254740993e15',
  ' 9007199254740993 ',
  1e300,
  -Infinity,
  2.5,
  null,
]

const operators = ['=', '<>', '<', '<=', '>', '>=', 'IS', 'IS NOT']
const columns = ['r', 'd', 'i']

/** What every comparison says of every row, from both sides. */
function said(column: string, other: string, value?: unknown): Query {
  const sides = operators.flatMap((operator) => [
    `${column} ${operator} ${other}`,
    `${other} ${operator} ${column}`,
  ])
  const sql = `SELECT id, ${sides.join(', ')} FROM n ORDER BY id`
  return [sql, ...Array.from(sql.matchAll(/\?/g), () => value)]
}

const written = (value: unknown): string => {
  if (typeof value === 'string') return `'${value}'`
  if (value === -Infinity) return '-9e999'
  return typeof value === 'number' && Number.isInteger(value) ? `${value}.0e0` : String(value)
}

test.each(columns)('%s beside any number says what SQLite says', async (column) => {
  const all = values.flatMap((value) => [
    said(column, '?', value),
    said(column, written(value)),
    said(column, `(${written(value)})`),
    said(column, '+?', value),
  ])
  expect(await differing(queries(), all)).toEqual([])
})

test.each(columns)('%s beside another column says what SQLite says', async (column) => {
  const all = ['r', 'd', 'i', 't', 'i + 0', '(SELECT i)', '(SELECT r)', 'CAST(t AS NUMERIC)']
  expect(
    await differing(
      queries(),
      all.map((other) => said(column, other)),
    ),
  ).toEqual([])
})

const laws: Readonly<Record<string, readonly Query[]>> = {
  lists: values.flatMap((value): readonly Query[] => [
    ['SELECT id, r IN (?, ?), d NOT IN (?, 5) FROM n ORDER BY id', value, 5n, value],
    [`SELECT id, ? IN (r, 1), r IN (${written(value)}, 5) FROM n ORDER BY id`, value],
    ['SELECT id FROM n WHERE r BETWEEN ? AND ? ORDER BY id', value, value],
  ]),
  subqueries: [
    'SELECT id, r IN (SELECT i FROM n WHERE i IS NOT NULL) FROM n ORDER BY id',
    'SELECT id, i IN (SELECT r FROM n WHERE r IS NOT NULL), d IN (SELECT i FROM n) FROM n ORDER BY id',
    // What has no affinity takes the REAL one of the other side, and is rounded.
    ...['r', 'd', 'i', "coalesce(t, '')"].flatMap((column): readonly Query[] => [
      `SELECT id, i + 0 IN (SELECT ${column} FROM n), i + 0 NOT IN (SELECT ${column} FROM n WHERE ${column} > 5) FROM n ORDER BY id`,
      `SELECT id, t || '' IN (SELECT ${column} FROM n), coalesce(t, 'x') IN (SELECT ${column} FROM n) FROM n ORDER BY id`,
      `SELECT id, (i + 0, id) IN (SELECT ${column}, id FROM n), (t || '', 1) IN (SELECT ${column}, 1 FROM n) FROM n ORDER BY id`,
      `SELECT id, ${column} IN (SELECT i + 0 FROM n), ${column} IN (SELECT t || '' FROM n) FROM n ORDER BY id`,
      `SELECT id FROM n WHERE ${column} IN (VALUES ('9007199254740993'), (3)) OR ${column} IN (SELECT 9007199254740993) ORDER BY id`,
      `SELECT coalesce(i, t) IN (SELECT ${column} FROM n) FROM n ORDER BY id`,
      ...values.flatMap((value): readonly Query[] => [
        [
          `SELECT ? IN (SELECT ${column} FROM n WHERE id < 7), (?, 1) IN (SELECT ${column}, 1 FROM n)`,
          value,
          value,
        ],
        `SELECT ${written(value)} IN (SELECT ${column} FROM n), ${written(value)} NOT IN (SELECT ${column} FROM n)`,
        [`SELECT id, ${column} IN (SELECT ?) FROM n ORDER BY id`, value],
      ]),
    ]),
    'SELECT a.id, b.id FROM n a JOIN n b ON a.r = b.i ORDER BY 1, 2',
    'SELECT a.id, b.id FROM n a JOIN n b ON a.d = b.i ORDER BY 1, 2',
    'SELECT a.id, b.id FROM n a JOIN n b ON a.d IS b.i ORDER BY 1, 2',
    ['SELECT x FROM (SELECT id, r AS x FROM n) WHERE x < ? ORDER BY id', 9007199254740993n],
    ['SELECT CASE r WHEN ? THEN 1 ELSE 2 END FROM n ORDER BY id', 9007199254740993n],
  ],
  'row values': [
    'SELECT id, (i, 0) < (r, 0), (r, 0) < (i, 0), (i, 0) = (r, 0), (d, id) >= (i, id) FROM n ORDER BY id',
    ...integers.flatMap((value): readonly Query[] => [
      ['SELECT id, (i, 0) < (?, 1), (r, id) = (?, id) FROM n ORDER BY id', value, value],
      [`SELECT id, (r, 0) < (${value}, 1), (${value}, id) >= (r, 2) FROM n ORDER BY id`],
      [
        'SELECT id, (i, id) < (?, 3), (r, id) > (?, ?) FROM n ORDER BY id',
        Number(value),
        Number(value),
        2,
      ],
      ['SELECT id, (i, r) <= (?, ?) FROM n ORDER BY id', String(value), 5n],
    ]),
    ['SELECT id, (r, id) > (?, ?) FROM n ORDER BY id', 9007199254740992n, 2n],
  ],
}

test.each(Object.entries(laws))(
  'INTEGERs in %s are compared as SQLite compares them',
  async (_, all) => {
    expect(await differing(queries(), all)).toEqual([])
  },
)

test('an INTEGER between two doubles is refused in an order of rows', async () => {
  const query: Query = ['SELECT id FROM n WHERE (r, id) > (?, ?)', 9007199254740993n, 2n]
  expect(await queries().postgres(query)).toMatchObject({ error: 'SQL_UNSUPPORTED' })
})
