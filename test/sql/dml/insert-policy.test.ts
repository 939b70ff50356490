import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differences, refusal } from './compare.ts'
import { openPlaces, type Places, type Statement } from './places.ts'
import { family, tables } from './tables.ts'

let places: Places
let related: Places
beforeAll(async () => {
  places = await openPlaces(tables)
  related = await openPlaces(family)
})
afterAll(async () => {
  await places[Symbol.asyncDispose]()
  await related[Symbol.asyncDispose]()
})

const probe = 'INSERT INTO notes (n) VALUES (0)'

describe('INSERT OR IGNORE leaves out what breaks a rule, and only that', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    ['a unique value', `INSERT OR IGNORE INTO notes (slug) VALUES ('one'), ('new')`, probe],
    ['a rowid', `INSERT OR IGNORE INTO notes (id, slug) VALUES (1, 'a'), (60, 'b')`, probe],
    [
      'a unique value that comes twice',
      `INSERT OR IGNORE INTO settings VALUES ('z', '1'), ('z', '2')`,
    ],
    ['a value in another case', `INSERT OR IGNORE INTO words (w) VALUES ('APPLE'), ('kiwi')`],
    ['a key of an expression', `INSERT OR IGNORE INTO people (email) VALUES ('ANN@x.org')`],
    ['a partial key', `INSERT OR IGNORE INTO slots (tag, live) VALUES ('red', 1), ('red', 0)`],
    [
      'NULL where it is refused, default or not',
      'INSERT OR IGNORE INTO notes (n) VALUES (NULL), (4)',
    ],
    ['a bound NULL where it is refused', ['INSERT OR IGNORE INTO notes (n) VALUES (?)', null]],
    [
      'a column that is refused as NULL and not given',
      'INSERT OR IGNORE INTO pairs (x) VALUES (1)',
    ],
    ['a row that fails a CHECK', `INSERT OR IGNORE INTO checked (age) VALUES (-1), (5), (NULL)`],
    [
      'a row of a query',
      'INSERT OR IGNORE INTO notes (id, n) SELECT id, nullif(n, 5) FROM notes UNION ALL SELECT 44, 4',
    ],
    ['nothing at all', `INSERT OR IGNORE INTO notes (slug) VALUES ('fine')`],
    [
      'what RETURNING does not give then',
      `INSERT OR IGNORE INTO notes (slug) VALUES ('one'), ('new') RETURNING slug`,
    ],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })

  test('and not a foreign key', async () => {
    expect(await differences(related, 'INSERT OR IGNORE INTO books VALUES (99, 77, NULL)')).toEqual(
      [],
    )
  })
})

describe('INSERT OR REPLACE deletes every row in the way, and no other', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    [
      'by the rowid, with defaults for what is not given',
      `INSERT OR REPLACE INTO notes (id, slug) VALUES (1, 'uno')`,
    ],
    ['by a unique value, with a new rowid', `REPLACE INTO notes (slug) VALUES ('one')`, probe],
    ['by both, the same row', `REPLACE INTO notes (id, slug) VALUES (1, 'one')`],
    ['by both, two rows', `REPLACE INTO notes (id, slug) VALUES (1, 'two')`],
    ['nothing in the way', `REPLACE INTO notes (slug) VALUES ('new')`, probe],
    ['a table of a text key', `REPLACE INTO settings VALUES ('theme', 'light')`],
    ['a key of two columns', `REPLACE INTO pairs (x, y) VALUES (1, 'a')`],
    ['a key that ignores case takes the new spelling', `REPLACE INTO words (w) VALUES ('APPLE')`],
    ['a key of an expression', `REPLACE INTO people (email) VALUES ('BOB@X.ORG')`],
    [
      'a partial key',
      `REPLACE INTO slots (tag) VALUES ('red')`,
      `REPLACE INTO slots (tag, live) VALUES ('blue', 0)`,
    ],
    ['three keys at once', `REPLACE INTO slots VALUES (1, 1, 10, 1, 'blue')`],
    ['several rows', `REPLACE INTO notes (id, slug) VALUES (1, 'x'), (9, 'two'), (2, 'z')`, probe],
    [
      'several rows that are in the way of each other',
      `REPLACE INTO notes (id, slug) VALUES (20, 'a'), (21, 'a'), (20, 'b')`,
      probe,
    ],
    [
      'several rows with automatic rowids that are in the way of each other',
      `REPLACE INTO words (w) VALUES ('k'), ('K'), ('apple'), ('k')`,
      `INSERT INTO words (w) VALUES ('z')`,
    ],
    [
      'several rows with a text key',
      `REPLACE INTO settings VALUES ('z', '1'), ('z', '2'), ('theme', '3')`,
    ],
    [
      'several rows with automatic rowids',
      `REPLACE INTO notes (slug) VALUES ('one'), ('q'), ('two')`,
      probe,
    ],
    ['rows of a query over the table', 'REPLACE INTO notes (id, n) SELECT id, n + 1 FROM notes'],
    [
      'rows of a query that are in the way of each other',
      `REPLACE INTO settings SELECT 'same', slug FROM notes ORDER BY id`,
    ],
    ['a common table', `WITH k(v) AS (SELECT 'theme') REPLACE INTO settings SELECT v, 'x' FROM k`],
    ['the default for NULL where NULL is refused', `REPLACE INTO notes (id, n) VALUES (1, NULL)`],
    ['NULL where there is no default', `REPLACE INTO pairs VALUES (1, NULL, 1)`],
    ['a key that is NULL', `REPLACE INTO notes (slug) VALUES (NULL)`],
    ['RETURNING of one row', `REPLACE INTO notes (id, slug) VALUES (1, 'two') RETURNING *`],
    [
      'RETURNING of one row with one key',
      `REPLACE INTO settings VALUES ('theme', 'x') RETURNING v, k`,
    ],
    ['parameters', ['REPLACE INTO settings VALUES (?, ?)', 'theme', 4]],
    ['the hidden rowid', `REPLACE INTO loose (rowid, a) VALUES (1, 'x')`],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })
})

describe('INSERT OR REPLACE takes with it what refers to a deleted row', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    ['children go by the cascade', `REPLACE INTO authors (id, name) VALUES (1, 'Anna')`],
    ['children of every row in the way', `REPLACE INTO authors VALUES (1, 'Bob', 1)`],
    ['children of children', `REPLACE INTO books VALUES (10, 1, 'new')`],
    ['a row with no children', ['REPLACE INTO authors (id, name) VALUES (?, ?)', 3n, 'C']],
    [
      'NULL as the reference is checked at the end',
      `REPLACE INTO books (id, author) VALUES (10, 3)`,
    ],
  ])('%s', async (_, ...statements) => {
    expect(await differences(related, ...statements)).toEqual([])
  })

  test('and what would have to be computed twice is refused', async () => {
    expect(
      await refusal(related, `REPLACE INTO authors (id, name) SELECT id, 'x' FROM authors`),
    ).toMatch(/others refer to/)
  })
})

test.each<[sql: string, reason: RegExp]>([
  [`REPLACE INTO notes (slug) VALUES ('a'), ('b') RETURNING id`, /RETURNING/],
  [
    `INSERT OR REPLACE INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO NOTHING`,
    /OR REPLACE/,
  ],
])('refused: %s', async (sql, reason) => {
  expect(await refusal(places, sql)).toMatch(reason)
})
