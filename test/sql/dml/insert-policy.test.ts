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

describe('a row that is left out uses up a rowid exactly where it does on SQLite', () => {
  const next = `INSERT INTO numbered (n) VALUES (1)`
  const unique = `('v1', 1), ('a2', 2)`
  test.each<[law: string, ...statements: Statement[]]>([
    [
      'rows keep their order beside a key',
      `INSERT OR IGNORE INTO notes (slug, n) VALUES ${unique}`,
    ],
    ['DO NOTHING too', `INSERT INTO notes (slug, n) VALUES ${unique} ON CONFLICT DO NOTHING`],
    [
      'the first of several alike is taken',
      `INSERT OR IGNORE INTO notes (slug, n) VALUES ('k', 1), ('k', 2), ('z', 3), ('k', 4), ('y', 5) RETURNING *`,
      probe,
    ],
    [
      'the first of several alike that is none of NULL',
      `INSERT OR IGNORE INTO notes (slug, n) VALUES ('k', NULL), ('k', 2), ('z', 3)`,
      probe,
    ],
    [
      'and with DO NOTHING',
      `INSERT INTO notes (slug, n) VALUES ('one', 1), ('k', 1), ('k', 2), ('z', 3) ON CONFLICT (slug) DO NOTHING`,
      probe,
    ],
    [
      'rowids given to some rows only',
      `INSERT OR IGNORE INTO notes (id, slug) VALUES (NULL, 'one'), (20, 'x'), (NULL, 'y'), (NULL, 'x'), (NULL, 'z')`,
      probe,
    ],
    [
      'rows of a query',
      `INSERT OR IGNORE INTO notes (slug) SELECT 'k' FROM notes UNION ALL SELECT 'z'`,
      probe,
    ],
    [
      'AUTOINCREMENT counts a collision',
      `INSERT OR IGNORE INTO numbered (code) VALUES ('c'), ('q')`,
      next,
    ],
    ['and rows alike', `INSERT OR IGNORE INTO numbered (code) VALUES ('k'), ('k'), ('q')`, next],
    [
      'and a NULL that is refused',
      `INSERT OR IGNORE INTO numbered (code, n) VALUES ('p', NULL), ('q', 1)`,
      next,
    ],
    ['and DO NOTHING', `INSERT INTO numbered (code) VALUES ('c') ON CONFLICT DO NOTHING`, next],
    [
      'and a row that is updated',
      `INSERT INTO numbered (code) VALUES ('c') ON CONFLICT (code) DO UPDATE SET n = n + 1`,
      next,
    ],
    [
      'and rowids given to some rows only',
      `INSERT OR IGNORE INTO numbered (id, code, n) VALUES (20, 'p', 1), (NULL, 'c', 2), (NULL, 'q', 3)`,
      next,
    ],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })

  test('where one row is left out for another that is left out, it is refused', async () => {
    const sql = `INSERT OR IGNORE INTO slots (room, hour, tag) VALUES (7, 7, 'a'), (7, 7, 'b'), (8, 8, 'b')`
    expect(await refusal(places, sql)).toMatch(/one by one/)
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
    [
      'RETURNING of several rows, those included that are replaced again',
      `REPLACE INTO notes (slug) VALUES ('a'), ('one'), ('a') RETURNING *, n + 1 AS m`,
      probe,
    ],
    [
      'RETURNING of several rows with rowids given to some',
      `REPLACE INTO notes (id, slug) VALUES (20, 'k'), (NULL, 'k'), (NULL, 'z'), (3, 'q'), (NULL, 'q') RETURNING id, slug`,
      probe,
    ],
    [
      'RETURNING of rows of a query',
      `REPLACE INTO settings SELECT 'same', slug FROM notes ORDER BY id RETURNING v, k`,
    ],
    [
      'RETURNING of several rows with the hidden rowid',
      `REPLACE INTO words (w) VALUES ('k'), ('K') RETURNING rowid, *`,
    ],
    [
      'AUTOINCREMENT',
      `REPLACE INTO numbered (code) VALUES ('c'), ('k'), ('k') RETURNING id`,
      'INSERT INTO numbered (n) VALUES (1)',
    ],
    ['parameters', ['REPLACE INTO settings VALUES (?, ?)', 'theme', 4]],
    ['the hidden rowid', `REPLACE INTO loose (rowid, a) VALUES (1, 'x')`],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })
})

describe('INSERT OR REPLACE of a row that others hold is taken where it comes back', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    ['by its key', `REPLACE INTO plans VALUES (1, 'free', NULL, 9)`],
    ['by its key, bound', ['REPLACE INTO plans (id, code, n) VALUES (?, ?, ?)', 1, 'gratis', 9]],
    ['and returns it', `REPLACE INTO plans VALUES (1, 'free', NULL, 9) RETURNING n, code`],
    ['by a unique column', `REPLACE INTO plans VALUES (2, 'pro', NULL, 9)`],
    ['as another row of the same value', `REPLACE INTO plans VALUES (5, 'pro', 1, 9)`],
    ['not where the key is gone', `REPLACE INTO plans VALUES (7, 'free', NULL, 9)`],
    ['not where the value is gone', `REPLACE INTO plans VALUES (2, 'other', NULL, 9)`],
    ['where nobody holds it', `REPLACE INTO plans VALUES (8, 'old', 2, 9)`],
  ])('%s', async (_, ...statements) => {
    expect(await differences(related, ...statements)).toEqual([])
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
    [
      'children of several rows',
      `REPLACE INTO authors (id, name) VALUES (1, 'Anna'), (7, 'Bob'), (8, 'New') RETURNING *`,
    ],
    [
      'children of rows that are replaced twice',
      `REPLACE INTO authors (id, name) VALUES (1, 'X'), (2, 'X'), (1, 'Y')`,
    ],
    ['children of rows of a query', `REPLACE INTO authors (id, name) SELECT id, name FROM authors`],
    [
      'children of rows of a query over another table',
      `REPLACE INTO books (id, author) SELECT id + 9, id FROM authors ORDER BY id`,
    ],
    [
      'nothing, of what is read from the children, where no row was in the way',
      'REPLACE INTO authors (id, name) SELECT id, title FROM books ORDER BY id',
      `REPLACE INTO authors (name) SELECT 'same' FROM books`,
    ],
    ['computed values', `REPLACE INTO books (id, author, title) VALUES (5 + 5, 3, upper('t'))`],
    ['a reference that is missing then', `REPLACE INTO books VALUES (10, 1, 'a'), (11, 77, 'b')`],
    ['a row of a table that refers to itself', `REPLACE INTO chain VALUES (1, NULL, 'uno')`],
  ])('%s', async (_, ...statements) => {
    expect(await differences(related, ...statements)).toEqual([])
  })

  test('and what is read from the children meanwhile is refused', async () => {
    for (const sql of [
      'REPLACE INTO authors (id, name) SELECT author, title FROM books',
      'REPLACE INTO authors (id, name) VALUES (1, (SELECT max(title) FROM books)), (2, 3)',
      `REPLACE INTO authors (id, name) VALUES (1, 'a'), (2, 'b') RETURNING (SELECT count(*) FROM likes)`,
    ]) {
      expect(await refusal(related, sql)).toMatch(/tables that refer/)
    }
  })

  test('and where the table refers to itself, several rows are refused', async () => {
    for (const table of ['tree', 'chain', 'one']) {
      const sql = `REPLACE INTO ${table} (id) SELECT id FROM ${table}`
      expect(await refusal(related, sql)).toMatch(/refer/)
    }
  })
})

test.each<[sql: string, reason: RegExp]>([
  [
    `INSERT OR REPLACE INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO NOTHING`,
    /OR REPLACE/,
  ],
])('refused: %s', async (sql, reason) => {
  expect(await refusal(places, sql)).toMatch(reason)
})
