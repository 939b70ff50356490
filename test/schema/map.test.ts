import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mapSchema } from '../../src/schema/map.ts'
import { numberTables, type MappedSchema } from '../../src/schema/mapped.ts'
import { suggestOverrides, type TypeOverrides } from '../../src/schema/overrides.ts'
import { readSchema } from '../../src/schema/read.ts'
import { codecFor, Unencodable } from '../../src/values/codec.ts'
import { keyText } from '../../src/values/compare.ts'
import type { PostgresType, Value } from '../../src/values/value.ts'
import { readerOf } from './carry.ts'

let db: Database.Database

beforeEach(() => {
  db = new Database(':memory:')
})

afterEach(() => {
  db.close()
})

function map(overrides: TypeOverrides = {}): MappedSchema {
  return mapSchema(readerOf(db), readSchema(readerOf(db)), { overrides })
}

function fill(declared: string, values: readonly Value[]): void {
  db.exec(`CREATE TABLE t (v ${declared})`)
  const insert = db.prepare('INSERT INTO t VALUES (?)')
  for (const value of values) insert.run(value)
}

const wide = 2n ** 53n + 1n
const blob = Buffer.from('b')

/** Declared type, the values inserted, the type chosen, rows that do not fit, and what is suggested. */
const cases: [string, Value[], PostgresType, number, PostgresType?][] = [
  ['INTEGER', [], 'bigint', 0],
  ['INTEGER', [1n, wide, null], 'bigint', 0],
  ['INTEGER', [1n, 0.5], 'double precision', 0],
  ['INTEGER', [wide, 0.5], 'numeric', 0],
  ['INTEGER', [1n, '\\N', ''], 'bigint', 2, 'text'],
  ['INTEGER', ['a', 'b'], 'bigint', 2, 'text'],
  ['INTEGER', [1n, 'a', blob], 'bigint', 2],
  ['REAL', [1n, 2.5], 'double precision', 0],
  ['REAL', [1.5, 'n/a'], 'double precision', 1, 'text'],
  ['VARCHAR(10)', [1n, 'a'], 'text', 0],
  ['TEXT', ['a', blob], 'text', 1],
  ['TEXT', [blob], 'text', 1, 'bytea'],
  ['TEXT', ['a\0b', 'c'], 'text', 1],
  ['BLOB', [blob], 'bytea', 0],
  ['BLOB', ['a'], 'bytea', 1, 'text'],
  ['BOOLEAN', [], 'bigint', 0],
  ['BOOLEAN', ['true'], 'bigint', 1, 'text'],
  ['DATETIME', [], 'text', 0],
  ['DATETIME', ['2020-01-01', null], 'text', 0],
  ['DATETIME', [1700000000000n], 'bigint', 0],
  ['DATE', ['2020-01-01', '2020-01-02', 5n], 'text', 0],
  ['DECIMAL(10,2)', [], 'double precision', 0],
  ['DECIMAL(10,2)', [5n], 'bigint', 0],
  ['DECIMAL(10,2)', [5n, 0.5], 'double precision', 0],
  ['DECIMAL(10,2)', [wide, 0.5], 'numeric', 0],
  ['DECIMAL(10,2)', [5n, 6n, 'n/a'], 'bigint', 1, 'text'],
  ['DECIMAL(10,2)', [5n, 0.5, 'n/a'], 'double precision', 1, 'text'],
  ['', [], 'text', 0],
  ['', [5n], 'bigint', 0],
  ['', [5], 'double precision', 0],
  ['', [5n, 5], 'numeric', 0],
  ['', ['a'], 'text', 0],
  ['', [blob, null], 'bytea', 0],
  ['', [blob, 'a', 'b', 5n], 'text', 2],
]

const labelled = cases.map(([declared, values, type, refusedRows, suggestion]) => ({
  label: `${declared || 'no type'} holding ${keyText(values)}`,
  declared,
  values,
  type,
  refusedRows,
  suggestion,
}))

describe.each(labelled)('$label', ({ declared, values, type, refusedRows, suggestion }) => {
  beforeEach(() => fill(declared, values))

  test('maps to the type that its declaration and its data ask for', () => {
    expect(map().tables[0]?.columns[0]?.postgresType).toBe(type)
  })

  test('counts as misfits exactly the values that the codec refuses', () => {
    const mapped = map()
    db.defaultSafeIntegers(true)
    const held = db.prepare<[], Value>('SELECT v FROM t').pluck().all()
    const column = mapped.tables[0]?.columns[0]
    if (column === undefined) throw new Error('no column was mapped')
    const refused = held.filter((value) => codecFor(column).encode(value) instanceof Unencodable)
    expect(refused).toHaveLength(refusedRows)
    const decisions = mapped.findings.filter((finding) => finding.level === 'decision')
    // One for each reason, and each with the figure that its message begins with.
    expect(decisions.reduce((sum, { rows }) => sum + rows, 0)).toBe(refusedRows)
    for (const { rows, message } of decisions) expect(Number.parseInt(message, 10)).toBe(rows)
  })

  test('is given the override that lets every row through, if there is one', () => {
    expect(suggestOverrides(map())).toEqual(suggestion === undefined ? {} : { 't.v': suggestion })
    const overrides = suggestOverrides(map())
    const left = map(overrides).findings.filter((finding) => finding.level === 'decision')
    expect(left.length > 0).toBe(suggestion === undefined && refusedRows > 0)
  })
})

test('an empty column without a type of its own takes the type of the key that it refers to', () => {
  db.exec(`CREATE TABLE p (id INTEGER PRIMARY KEY, code UNIQUE);
    CREATE TABLE c (a REFERENCES p, b REFERENCES P (CODE), d DECIMAL REFERENCES p)`)
  const [, child] = map().tables
  expect(child?.columns.map((column) => column.postgresType)).toEqual(['bigint', 'text', 'bigint'])
})

test('rows with NULL in a declared key are counted', () => {
  db.exec(`CREATE TABLE t (k TEXT PRIMARY KEY); INSERT INTO t VALUES (NULL), (NULL), ('a')`)
  const [finding] = map().findings
  expect(finding).toMatchObject({ code: 'NULL_IN_KEY', table: 't', column: 'k', level: 'decision' })
  expect(finding?.message).toMatch(/^2 rows/)
})

test('numbers that become text, as the column does, are counted in a warning', () => {
  db.exec(`CREATE TABLE t (d DATETIME, e DATETIME, n INTEGER, s TEXT);
    INSERT INTO t VALUES ('2026-01-31', NULL, 7, 'x'), (20260131, NULL, 8, 'y'), ('2026-02-01', NULL, 9, 'z')`)
  const told = map({ 't.n': 'text' }).findings.filter(({ code }) => code === 'NUMERIC_AS_TEXT')
  expect(told.map(({ column, level, message }) => [column, level, message[0]])).toEqual([
    ['d', 'warning', '1'],
    ['n', 'warning', '3'],
  ])
})

test('a column without a declared type is told with the class of which its values have to stay', () => {
  db.exec(
    `CREATE TABLE t (k TEXT, v, n, e, b BLOB); INSERT INTO t VALUES ('a', 'x', 1, NULL, 'y'), ('b', 'z', 1.5, NULL, NULL)`,
  )
  const told = map().findings.filter(({ code }) => code === 'UNDECLARED_TYPE')
  expect(told.map(({ column, level, message }) => [column, level, message.split(':')[0]])).toEqual([
    ['v', 'warning', 'no type is declared and it holds TEXT today'],
    ['n', 'warning', 'no type is declared and it holds INTEGER and REAL today'],
    ['e', 'warning', 'no type is declared and it is empty and taken for TEXT'],
  ])
})

test('overrides find their column in any case, behind dots in names too', () => {
  db.exec('CREATE TABLE "a.b" ("c.d" INTEGER)')
  expect(map({ 'A.B.c.D': 'text' }).tables[0]?.columns[0]?.postgresType).toBe('text')
})

test.each<[TypeOverrides, RegExp]>([
  [{ 't.missing': 'text' }, /"t\.missing": there is no such column/],
  [{ 't.id': 'text' }, /always bigint/],
  [{ 't.v': 'varchar' as PostgresType }, /must be one of bigint/],
])('an override that cannot be met is refused by name: %j', (overrides, message) => {
  db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)')
  expect(() => map(overrides)).toThrow(message)
  expect(() => map(overrides)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
})

test('a table of two thousand columns is profiled', () => {
  const columns = Array.from({ length: 2_000 }, (_, index) => `c${index}`)
  db.exec(`CREATE TABLE wide (${columns.join(', ')}); INSERT INTO wide (c0, c1999) VALUES (1, 'a')`)
  const [table] = map().tables
  expect(table?.columns[0]?.postgresType).toBe('bigint')
  expect(table?.columns[1_999]?.postgresType).toBe('text')
})

test('tables keep their numbers for good, and new ones go on after the highest', () => {
  db.exec('CREATE TABLE a (x); CREATE TABLE b (x); CREATE TABLE c (x)')
  const { tables } = numberTables(
    map().tables,
    new Map([
      ['b', 7],
      ['gone', 9],
    ]),
  )
  expect(tables.map(({ name, id }) => [name, id])).toEqual([
    ['a', 10],
    ['b', 7],
    ['c', 11],
  ])
})
