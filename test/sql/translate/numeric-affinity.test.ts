import { expect, test } from 'vitest'
import { differing, queriesOfFile, type Query } from './queries.ts'

/** Columns of NUMERIC affinity that hold texts: as PostgreSQL's own types (`u`), and as text (`f`). */
const schema = `
  CREATE TABLE u (id INTEGER PRIMARY KEY, born DATE, seen DATETIME, iso TIMESTAMP, mj JSON, jb JSON, n INTEGER, r REAL, t TEXT, uid UUID);
  INSERT INTO u VALUES
    (1, '2000-01-31', '2024-05-06 07:08:09', '2024-05-06T07:08:09.000Z', '{"b":1, "a":[1,2]}', '{"b":1}', 5, 1.5, '1', '0a000000-0000-4000-8000-000000000000'),
    (2, '0001-01-01', '1999-01-01 00:00:00', '1999-01-01T00:00:00.000Z', '[]', '[]', 2024, 2.5, '2024', '1a000000-0000-4000-8000-000000000001'),
    (3, NULL, NULL, NULL, '"str"', '"str"', -1, NULL, 'x', '2a000000-0000-4000-8000-000000000002'),
    (4, '2024-05-06', '2024-05-06 00:00:00', '2024-05-06T00:00:00.000Z', '[1]', '[1]', NULL, 0, '2024-05-06', '3a000000-0000-4000-8000-000000000003'),
    (5, '1999-12-31', '0001-01-01 00:00:00', '0001-01-01T00:00:00.000Z', NULL, NULL, 0, 1e20, NULL, '4a000000-0000-4000-8000-000000000004'),
    (6, '2000-01-01', '2000-01-01 00:00:00', '2000-01-01T00:00:00.000Z', '{}', '{}', 7, -1, ' 2e3 ', 'ffffffff-0000-4000-8000-000000000001');
  CREATE TABLE f (id INTEGER PRIMARY KEY, born DATE, seen DATETIME, mj JSON, n INTEGER, t TEXT, s TEXT COLLATE NOCASE, w DATE COLLATE NOCASE);
  INSERT INTO f VALUES
    (1, '2000-01-31', '2024-05-06 07:08:09', '{"b":1}', 5, '5', '5', 'A'),
    (2, '1999-05-05', '2023-01-01', '[]', 2024, '2024', '2024', '1a000000-0000-4000-8000-000000000001'),
    (3, NULL, '', '"s"', NULL, '2000-01-31', 'a', ''),
    (4, '', NULL, NULL, -1, NULL, 'B', NULL),
    (5, '2024-05-06', '2024-05-06 00:00:00', '[1]', 0, '', '1e3', '2024-05-06');
  CREATE TABLE e (id INTEGER PRIMARY KEY, n INTEGER, r REAL, t TEXT);
  INSERT INTO e VALUES (1, 5, 1, '1e99999999999'), (2, 0, 0, '-1e99999999999'), (3, 0, 0, '1e-99999999999'), (4, 30, 30, '3e00000000001'),
    (5, 1, 1, '392e3232333337323033'), (6, 0, 0, '3e-0000000000'), (7, 3, 3, '3e+0000000');
`

const queries = queriesOfFile(schema, {
  'u.born': 'date',
  'u.seen': 'timestamptz',
  'u.iso': 'timestamptz(iso)',
  'u.mj': 'json',
  'u.jb': 'jsonb',
  'u.uid': 'uuid',
})

const operators = ['=', '<>', '<', '<=', '>', '>=', 'IS', 'IS NOT']
const columns = [
  'u.born',
  'u.seen',
  'u.iso',
  'u.mj',
  'u.jb',
  'u.uid',
  'f.born',
  'f.seen',
  'f.mj',
  'f.w',
]
const values = [
  '0',
  '2024',
  '1714979289',
  ' 2e3 ',
  '-1',
  '10.5',
  '2024-05-06',
  '',
  'x',
  '{}',
  '"str"',
]

/** What every comparison says of every row. @param value for each `?` of the other side */
function said(column: string, other: string, value?: string): Query {
  const [table = ''] = column.split('.')
  const sides = operators.flatMap((operator) => [
    `${column} ${operator} ${other}`,
    `${other} ${operator} ${column}`,
  ])
  const sql = `SELECT ${table}.id, ${sides.join(', ')} FROM ${table} ORDER BY ${table}.id`
  return [sql, ...Array.from(sql.matchAll(/\?/g), () => value)]
}

const computed = [
  "n || ''",
  'CAST(n AS TEXT)',
  'upper(t)',
  't',
  "strftime('%Y', '2024-01-01')",
  "(SELECT '2024')",
  '(SELECT t)',
  "coalesce(t, '7')",
  'CASE WHEN id > 2 THEN t ELSE n END',
  "strftime('%Y', seen)",
  'date(born)',
  'born',
  'seen',
  '+born',
  "born || ''",
  'substr(born, 1, 4)',
  "date('2024-05-06')",
  'max(t, ?)',
  'n',
  't COLLATE NOCASE',
]

test.each(columns)('%s beside a computed text says what SQLite says', async (column) => {
  const all = computed.map((other) => said(column, other, '2024'))
  expect(await differing(queries(), all)).toEqual([])
})

test.each(columns)('%s beside any literal or bound text says what SQLite says', async (column) => {
  const all = values.flatMap((value) => [
    said(column, '?', value),
    said(column, `'${value}'`),
    said(column, "(? || '')", value),
    said(column, "(? || '-01')", value),
  ])
  expect(await differing(queries(), all)).toEqual([])
})

const laws: Readonly<Record<string, readonly Query[]>> = {
  'joins, subqueries and lists': [
    'SELECT a.id, b.id FROM u a JOIN u b ON a.t < b.born ORDER BY 1, 2',
    'SELECT a.id, b.id FROM u a JOIN u b ON a.t = b.born ORDER BY 1, 2',
    'SELECT a.id, b.id FROM f a JOIN f b ON a.born < b.t ORDER BY 1, 2',
    'SELECT a.id, b.id FROM f a JOIN u b ON a.born < b.born ORDER BY 1, 2',
    'SELECT a.id, b.id FROM f a JOIN u b ON a.t < b.born ORDER BY 1, 2',
    'SELECT x.id FROM u x WHERE EXISTS (SELECT 1 FROM u y WHERE y.t <= x.born) ORDER BY 1',
    ['SELECT x FROM (SELECT id, born AS x FROM u) WHERE x <= ? ORDER BY id', '10.5'],
    ['SELECT x FROM (SELECT id, born AS x FROM f) WHERE x <= ? ORDER BY id', '10.5'],
    ['SELECT x FROM (SELECT id, seen AS x FROM u) WHERE x > ? ORDER BY id', '2024'],
    "SELECT x FROM (SELECT id, born AS x FROM u) WHERE x <= '10.5' ORDER BY id",
    'SELECT id, born BETWEEN n AND t FROM u ORDER BY id',
    'SELECT id, born BETWEEN t AND t FROM f ORDER BY id',
    ['SELECT id, mj BETWEEN ? AND ? FROM u ORDER BY id', '-1', '2024-05-06'],
    ['SELECT id, mj BETWEEN 1714979289.5 AND ? FROM u ORDER BY id', '1'],
    ['SELECT id FROM u WHERE born IN (?, ?, t) ORDER BY id', '2024', '2000-01-31'],
    ['SELECT id FROM u WHERE mj IN (?, ?) ORDER BY id', '2024', '[]'],
    'SELECT id FROM u WHERE born IN (SELECT t FROM u) ORDER BY id',
    'SELECT id FROM u WHERE t IN (SELECT born FROM u) ORDER BY id',
    'SELECT id, born NOT IN (SELECT t FROM f WHERE t IS NOT NULL) FROM f ORDER BY id',
    "SELECT x, x < '2024', x < t FROM (SELECT id, born AS x, t FROM u UNION ALL SELECT id, born, t FROM f) ORDER BY id, x",
    'SELECT CASE born WHEN t THEN 1 ELSE 2 END FROM f ORDER BY id',
    "SELECT id, min(born) < '2024' FROM u GROUP BY id ORDER BY id",
    'SELECT id FROM u GROUP BY id, born, t HAVING born > t ORDER BY id',
    "SELECT id FROM f WHERE seen > strftime('%Y', '2024-01-01') ORDER BY id",
    "SELECT id FROM f WHERE seen >= strftime('%Y', 'now') ORDER BY id",
    "SELECT id FROM u WHERE seen >= strftime('%Y', 'now') ORDER BY id",
    "SELECT id FROM f WHERE seen >= datetime('2023-01-01', '-1 day') ORDER BY id",
  ],
  'columns of subqueries': values.flatMap((value): readonly Query[] => [
    ['SELECT id, (SELECT born) < ?, (SELECT uid) > ? FROM u ORDER BY id', value, value],
    ['SELECT id, x < ?, x > ? FROM (SELECT id, seen AS x FROM u) ORDER BY id', value, value],
    ['SELECT id, x <= ?, x >= ? FROM (SELECT id, born AS x FROM f) ORDER BY id', value, value],
  ]),
  'row values': [
    "SELECT id, (born, id) < ('2024', id) FROM u ORDER BY id",
    "SELECT id, (born, id) < ('2024', NULL) FROM u ORDER BY id",
    ['SELECT id, (born, id) < (?, ?) FROM u ORDER BY id', '2024', 3n],
    ['SELECT id, (born, seen) < (?, ?) FROM u ORDER BY id', '2024', '2024'],
    ['SELECT id, (born, seen) < (?, ?) FROM f ORDER BY id', '2024', '2024'],
    ['SELECT id, (born, id) >= (?, ?) FROM f ORDER BY id', '2024', 3n],
    ['SELECT id, (born, seen) < (?, ?) FROM f ORDER BY id', '2024-01-01', '2024'],
    "SELECT id, (mj, id) > ('-1', NULL) FROM u ORDER BY id",
    'SELECT id, (born, t) < (t, born) FROM u ORDER BY id',
    'SELECT id, (born, t) < (t, born) FROM f ORDER BY id',
    'SELECT id, (born, t) = (t, t) FROM f ORDER BY id',
    'SELECT id, (born, seen) <= (SELECT t, t FROM f g WHERE g.id = 1) FROM f ORDER BY id',
  ],
}

test.each(Object.entries(laws))('%s of such columns say what SQLite says', async (_, all) => {
  expect(await differing(queries(), all)).toEqual([])
})

test('a text with an exponent of many digits is the number that SQLite makes of it', async () => {
  const sides = [
    'n < t',
    "n = t || ''",
    'r < t',
    "n IN (t, 'x')",
    'NOT t',
    'iif(t, 1, 2)',
    't + 0.5',
    'CAST(t AS INT)',
    'CAST(t AS REAL)',
  ]
  const all = [...sides, "substr('abc', t)", "datetime('2024-01-01', t || ' days')", 'sum(t)'].map(
    (side) => `SELECT id, ${side} FROM e GROUP BY id ORDER BY id`,
  )
  expect(
    await differing(queries(), [
      ...all,
      'SELECT id FROM e WHERE t ORDER BY t + 0, id',
      "SELECT 1 WHERE '1e-99999999999'",
    ]),
  ).toEqual([])
})
