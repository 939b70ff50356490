import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differences } from './compare.ts'
import { openPlaces, type Places, type Statement } from './places.ts'
import { queriesOfFile, type Query } from '../translate/queries.ts'

const schema = `
    CREATE TABLE t (id INTEGER PRIMARY KEY, i INT, n INTEGER, r REAL, s TEXT UNIQUE, b BLOB) STRICT;
    INSERT INTO t VALUES (1, 5, 6, 0.5, 'x', x'01'), (2, 6, NULL, 2.5, '7', x'02');
    CREATE TABLE anything (k INTEGER PRIMARY KEY, v ANY) STRICT;
    INSERT INTO anything VALUES (1, 'x');
  `
const queries = queriesOfFile(schema)
let places: Places
beforeAll(async () => {
  places = await openPlaces(schema)
})
afterAll(() => places[Symbol.asyncDispose]())

type Value = null | Buffer | string | number | bigint

const wrong: [column: string, ...values: Value[]][] = [
  ['i', 'x', '', '1.5', 2.5, 1e300, Buffer.from('1')],
  ['n', 'x', '12abc', '9223372036854775808', 2.5, Buffer.of()],
  ['r', 'x', Buffer.from('1')],
  ['s', Buffer.from('x')],
  ['b', 'x', '12', 1n, 2.5],
]
const right: [column: string, ...values: Value[]][] = [
  ['i', null, 3n, 2, '34', ' 1e3 '],
  ['n', null, 2 ** 40, '9223372036854775807'],
  ['r', null, 3n, '2.5', '7', -0],
  ['s', null, 3n, 2, 'other', '2.50'],
  ['b', null, Buffer.of()],
]

function literal(value: Value): string {
  if (value === null) return 'NULL'
  if (Buffer.isBuffer(value)) return `x'${value.toString('hex')}'`
  if (typeof value === 'string') return `'${value}'`
  return typeof value === 'number' ? value.toExponential() : String(value)
}

function written(column: string, value: Value): Statement[] {
  return [
    [`INSERT INTO t (${column}) VALUES (?)`, value],
    `INSERT INTO t (${column}) VALUES (${literal(value)})`,
    `INSERT OR REPLACE INTO t (id, ${column}) VALUES (2, ${literal(value)})`,
    [`UPDATE t SET ${column} = ? WHERE id = 1`, value],
    `UPDATE t SET ${column} = coalesce(${literal(value)}, i) WHERE id = 1`,
    [`UPDATE t SET ${column} = ? WHERE id = 99`, value],
    `INSERT INTO t (${column}) SELECT ${literal(value)} FROM t WHERE id = 2`,
    [`INSERT INTO t (${column}) SELECT ? FROM t WHERE id = 99`, value],
  ]
}

describe('a STRICT table', () => {
  test.each(wrong)('takes no other class in %s', async (column, ...values) => {
    const { postgres } = await places.outcomes([
      [`INSERT INTO t (${column}) VALUES (?)`, values[0]],
    ])
    expect(postgres[0]?.answer).toMatchObject({ error: 'SQLITE_CONSTRAINT_DATATYPE' })
    for (const value of values)
      expect(await differences(places, ...written(column, value))).toEqual([])
  })

  test.each(right)('takes its own class in %s', async (column, ...values) => {
    for (const value of values)
      expect(await differences(places, ...written(column, value))).toEqual([])
  })

  test.each<Query>([
    ['UPDATE t SET n = ? WHERE id = 1 RETURNING n', 'x'],
    'INSERT INTO t (i) VALUES (1.5) RETURNING i',
    ['INSERT INTO t (s) VALUES (?) RETURNING s', Buffer.from('x')],
    'UPDATE t SET b = 1 RETURNING b',
    `INSERT INTO t (id) VALUES ('x') RETURNING id`,
  ])('has its own words: %s', async (query) => {
    const expected = queries().sqlite(query)
    expect(expected).toHaveProperty('message')
    expect(await queries().postgres(query)).toEqual(expected)
  })

  // SQLite looks for NULLs and for the rowid before it looks at the classes.
  test.each<[statement: Statement]>([
    [['INSERT OR IGNORE INTO t (id, n) VALUES (?, ?)', 1n, 'y']],
    [`INSERT INTO t (id, n) VALUES (1, 'y') ON CONFLICT DO NOTHING`],
    [`INSERT INTO t (id, n) VALUES (1, 'y') ON CONFLICT (id) DO UPDATE SET i = 7`],
    [`UPDATE OR IGNORE t SET n = 'y', id = 1 WHERE id = 2`],
  ])('refuses a wrong class where rows are left out: %s', async (statement) => {
    const { sqlite, postgres } = await places.outcomes([statement])
    expect(sqlite[0]?.answer).not.toHaveProperty('error')
    expect(postgres[0]?.answer).toMatchObject({ error: 'SQL_UNSUPPORTED' })
  })

  test('refuses in a column of type ANY what PostgreSQL does not hold there', async () => {
    const { postgres } = await places.outcomes(['UPDATE anything SET v = 1.5'])
    expect(postgres[0]?.answer).toMatchObject({ error: 'SQL_UNSUPPORTED' })
  })
})
