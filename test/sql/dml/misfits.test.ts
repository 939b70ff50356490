import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differences, refusal } from './compare.ts'
import { openPlaces, type Places, type Statement } from './places.ts'

let places: Places
beforeAll(async () => {
  places = await openPlaces(`
    CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, r REAL, s TEXT, b BLOB);
    INSERT INTO t VALUES (1, 5, 0.0, 'x', x'01'), (2, 6, 2.5, '7', x'02');
    CREATE TABLE money (id INTEGER PRIMARY KEY, other INTEGER, d DECIMAL(10, 2));
    INSERT INTO money VALUES (1, 1, 2.5), (2, 1, 1), (4, NULL, NULL), (7, 9007199254740993, 1), (9, 0, 0.5);
    CREATE TABLE named (name TEXT PRIMARY KEY, v TEXT NOT NULL);
    CREATE TABLE bare (k TEXT PRIMARY KEY, v) WITHOUT ROWID;
    CREATE TABLE log (id INTEGER PRIMARY KEY, what TEXT UNIQUE);
    CREATE TABLE seen (id INTEGER PRIMARY KEY, what TEXT UNIQUE);
    CREATE TRIGGER noted AFTER INSERT ON seen BEGIN INSERT INTO log (what) VALUES (NEW.what); END;
  `)
})
afterAll(() => places[Symbol.asyncDispose]())

describe('what a column cannot hold', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    ['is a mismatch where it is a rowid', 'UPDATE t SET id = r WHERE id = 2'],
    ['is a mismatch where it is a text', `UPDATE t SET id = s WHERE id = 1`],
    ['loses the sign of zero', 'UPDATE t SET r = -0.0', ['INSERT INTO t (r) VALUES (?)', -0]],
    ['loses the sign of a computed zero', 'UPDATE t SET r = r * -1.0'],
    [
      'is looked at row by row, so that a key that is taken may come first',
      'UPDATE money SET id = other',
    ],
    [
      'also beside a fraction that is none',
      'UPDATE money SET id = CASE id WHEN 9 THEN 0.5 ELSE 1 END',
    ],
    ['is no matter where no row is written', 'UPDATE t SET n = round(-2.5, 1) WHERE id = 99'],
    ['is rounded in a REAL column', 'UPDATE t SET r = 9007199254740993'],
    ['a double holds a large INTEGER that is even', 'UPDATE money SET d = 9007199254740994'],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })

  test.each<[law: string, statement: Statement, pattern: RegExp]>([
    ['a fraction in an integer column', 'UPDATE t SET n = r', /t\.n cannot hold/],
    ['a text in a real column', 'UPDATE t SET r = s', /t\.r cannot hold/],
    ['a large INTEGER', 'UPDATE money SET d = other', /money\.d cannot hold/],
    ['a large literal', 'UPDATE money SET d = 9007199254740993', /"d", which is double/],
    ['a large parameter', ['UPDATE money SET d = ?', 9007199254740993n], /holds float8/],
    ['a large literal text', `UPDATE money SET d = '9007199254740993'`, /money\.d cannot hold/],
    ['the least INTEGER', 'UPDATE money SET d = -9223372036854775808', /"d", which is double/],
    ['the least INTEGER given', ['UPDATE money SET d = ?', -(2n ** 63n)], /holds float8/],
    [
      'the least INTEGER in a text',
      ['UPDATE money SET d = ?', String(-(2n ** 63n))],
      /holds float8/,
    ],
    [
      'the least INTEGER computed',
      'UPDATE money SET d = -9223372036854775807 - id',
      /money\.d cannot hold/,
    ],
    ['a large computed INTEGER', 'UPDATE money SET d = coalesce(other, d)', /money\.d cannot hold/],
    ['NULL in a declared key', `INSERT INTO named VALUES (NULL, 'v')`, /named\.name/],
    ['a NUL in a text', `UPDATE t SET s = 'a' || char(0)`, /null character/],
    [
      'UPDATE OR REPLACE over triggers',
      `UPDATE OR REPLACE seen SET what = 'a' WHERE id = 1`,
      /table with triggers/,
    ],
  ])('%s is refused with its place', async (_, statement, pattern) => {
    expect(await refusal(places, statement)).toMatch(pattern)
  })
})

test('a table WITHOUT ROWID leaves the last rowid as it was', async () => {
  expect(
    await differences(places, `INSERT INTO t (n) VALUES (1)`, `INSERT INTO bare VALUES ('k', 'v')`),
  ).toEqual([])
})

describe('a small INTEGER added to a NUMERIC column that is double precision', () => {
  const wide: Statement = 'UPDATE money SET d = -9007199254740994 WHERE id = 1'
  const beyond: Statement = 'UPDATE money SET d = 1e20 WHERE id = 2'

  test.each<Statement>([
    'SELECT id, d + 1 FROM money',
    'SELECT 1 - d FROM money',
    'SELECT id FROM money WHERE d - 4294967295 < 5',
    'UPDATE money SET other = other + 1 WHERE d + 1 < 0',
    'UPDATE money SET d = d + 2 WHERE id = 1',
  ])('is refused of an INTEGER from 2^53 on, which SQLite adds exactly: %s', async (statement) => {
    const { sqlite, postgres } = await places.outcomes([wide, statement])
    expect(sqlite[1]?.answer).not.toHaveProperty('error')
    expect(postgres[1]?.answer).toMatchObject({ error: 'SQL_UNSUPPORTED' })
  })

  test('is what SQLite makes of it else', async () => {
    const found = await differences(
      places,
      wide,
      beyond,
      'SELECT id, d, d + 1, typeof(d + 1), 1 - d FROM money WHERE id <> 1',
      'SELECT d - 4294967295 FROM money WHERE id > 2',
      'UPDATE money SET d = 9007194959773694 WHERE id = 1',
      'SELECT d + 1 FROM money',
      'UPDATE money SET d = d + 1',
    )
    expect(found).toEqual([])
  })
})
