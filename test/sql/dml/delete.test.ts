import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differences, refusal } from './compare.ts'
import { openPlaces, type Places, type Statement } from './places.ts'
import { family, tables } from './tables.ts'

let places: Places
let related: Places
beforeAll(async () => {
  places = await openPlaces(`${tables} CREATE VIEW v AS SELECT * FROM notes;
    CREATE TABLE made (a INTEGER, b INTEGER AS (a + 1) UNIQUE);
    CREATE TABLE ruled (a INTEGER UNIQUE ON CONFLICT IGNORE);
    INSERT INTO made (a) VALUES (1), (2); INSERT INTO ruled VALUES (1);`)
  related = await openPlaces(family)
})
afterAll(async () => {
  await places[Symbol.asyncDispose]()
  await related[Symbol.asyncDispose]()
})

describe('a DELETE leaves the same rows and count on both places', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    ['all rows', 'DELETE FROM notes', 'DELETE FROM notes'],
    ['some', 'DELETE FROM notes WHERE id > 1'],
    ['where a column is NULL', 'DELETE FROM notes WHERE slug IS NULL'],
    ['a number as the condition', 'DELETE FROM notes WHERE n - 1'],
    ['an alias', 'DELETE FROM notes AS t WHERE t.id = 1'],
    ['parameters', ['DELETE FROM notes WHERE id = ? OR slug = ?', 1, 'two']],
    ['a subquery over the table', 'DELETE FROM notes WHERE n < (SELECT max(n) FROM notes)'],
    ['a subquery over another', 'DELETE FROM notes WHERE id IN (SELECT id FROM people)'],
    ['rows of values', `DELETE FROM pairs WHERE (x, y) IN (VALUES (1, 'a'), (2, 'a'))`],
    ['a common table', 'WITH k(v) AS (SELECT 2) DELETE FROM notes WHERE id IN (SELECT v FROM k)'],
    ['the hidden rowid', 'DELETE FROM loose WHERE rowid = 2'],
    ['ORDER BY and LIMIT', 'DELETE FROM notes ORDER BY n DESC LIMIT 1'],
    ['LIMIT and OFFSET', 'DELETE FROM notes ORDER BY n LIMIT 1, 1'],
    ['LIMIT with RETURNING', 'DELETE FROM notes ORDER BY id LIMIT 2 RETURNING slug'],
    ['a key of several columns with LIMIT', 'DELETE FROM pairs ORDER BY v, y LIMIT 2'],
    ['a bound LIMIT that is negative', ['DELETE FROM notes ORDER BY id LIMIT ?', -1n]],
    ['LIMIT alone, where nothing brings other rows first', 'DELETE FROM notes WHERE n > 1 LIMIT 1'],
    [
      'LIMIT alone of all rows, and of none',
      'DELETE FROM notes WHERE id = 5 LIMIT 1',
      'DELETE FROM notes LIMIT 0',
    ],
    ['a computed column does not matter', 'DELETE FROM made WHERE a = 1', 'DELETE FROM ruled'],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })

  test('children are not counted', async () => {
    expect(
      await differences(related, 'DELETE FROM authors WHERE id = 1', 'DELETE FROM books'),
    ).toEqual([])
  })
})

describe('a row that goes with one before it is neither counted nor returned', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    ['all rows', 'DELETE FROM tree'],
    ['what is returned', 'DELETE FROM tree RETURNING id, name'],
    ['a parent behind its child', 'DELETE FROM tree WHERE id IN (3, 9, 10)'],
    ['a grandchild without its parent', 'DELETE FROM tree WHERE id IN (1, 4)'],
    ['rows that have nothing to do with each other', `DELETE FROM tree WHERE name IN ('b', 'c')`],
    ['one row', 'DELETE FROM tree WHERE id = 1'],
    ['with LIMIT', 'DELETE FROM tree ORDER BY id DESC LIMIT 3'],
    [
      'with a common table',
      'WITH k(v) AS (SELECT 1 UNION SELECT 2) DELETE FROM tree WHERE id IN (SELECT v FROM k)',
    ],
    ['one row of tables that refer to each other', 'DELETE FROM one WHERE id = 1'],
  ])('%s', async (_, ...statements) => {
    expect(await differences(related, ...statements)).toEqual([])
  })

  test('and several rows of tables that refer to each other are refused', async () => {
    expect(await refusal(related, 'DELETE FROM one')).toMatch(/ON DELETE CASCADE/)
  })
})

describe('a DELETE that fails gives the same code', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    ['no such table', 'DELETE FROM nowhere'],
    ['no such column', 'DELETE FROM notes WHERE nothing = 1'],
    ['the table by its name where it has an alias', 'DELETE FROM notes AS t WHERE notes.id = 1'],
    ['ORDER BY without LIMIT', 'DELETE FROM notes ORDER BY id'],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })
})

describe('what is returned has the names of SQLite', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    [
      'columns, expressions and aliases',
      `DELETE FROM notes RETURNING id, N, upper( slug ), n+1 AS "a b", (n), notes.r, "b"`,
    ],
    ['all columns', 'DELETE FROM notes RETURNING *'],
    ['all columns without the hidden rowid', 'DELETE FROM loose RETURNING *'],
    ['the rowid by its names', 'DELETE FROM notes RETURNING rowid, _rowid_, oid, id'],
    ['the hidden rowid', 'DELETE FROM loose RETURNING rowid, *'],
    ['a column twice', 'DELETE FROM notes RETURNING id, id, *'],
    ['an alias of the table', 'DELETE FROM notes AS t RETURNING notes.id, n'],
    [
      'of an INSERT',
      `INSERT INTO notes (slug) VALUES ('a'), ('b') RETURNING *, id AS key, slug || '!'`,
    ],
    [
      'a subquery over another table',
      'DELETE FROM notes RETURNING id, (SELECT count(*) FROM people)',
    ],
    ['a parameter', ['DELETE FROM notes RETURNING id + ?', 5n]],
    ['nothing', 'DELETE FROM notes WHERE id > 100 RETURNING id'],
    ['the alias of the table is no name there', 'DELETE FROM notes AS t RETURNING t.id'],
    ['an aggregate is none', 'DELETE FROM notes RETURNING count(*)'],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })
})

describe('what PostgreSQL does not keep is refused', () => {
  test.each<[sql: string, reason: RegExp]>([
    ['INSERT INTO made (a) VALUES (3)', /generated column/],
    ['UPDATE made SET a = 3', /generated column/],
    ['INSERT INTO ruled VALUES (1)', /ON CONFLICT clause of their own/],
    ['DELETE FROM notes RETURNING (SELECT count(*) FROM notes)', /RETURNING/],
    [`DELETE FROM sqlite_sequence WHERE name = 'entries'`, /sqlite_sequence/],
  ])('%s', async (sql, reason) => {
    expect(await refusal(places, sql)).toMatch(reason)
  })
})

test('a write that does something else on one place is noticed in rows, counts and other tables', async () => {
  const { sqlite, postgres } = await places.outcomes([
    'DELETE FROM notes WHERE id = 1',
    `INSERT INTO loose (a) VALUES ('x')`,
  ])
  const [first, second] = sqlite
  expect(postgres).not.toEqual([first, { ...second, answer: { changes: 2, lastInsertRowid: 4n } }])
  expect(postgres).not.toEqual([{ ...first, state: second?.state }, second])
  expect(postgres[0]?.state['notes']).toHaveLength(2)
  expect(postgres[1]?.answer).toEqual({ changes: 1, lastInsertRowid: 4n })
})

test('LIMIT without ORDER BY is refused where an index may bring other rows first', async () => {
  await using indexed = await openPlaces(`
    CREATE TABLE jobs (id INTEGER PRIMARY KEY, due INTEGER, name TEXT); CREATE INDEX by_due ON jobs (due);
    INSERT INTO jobs VALUES (1, 9, 'a'), (2, 1, 'b'), (3, 5, 'c');`)
  expect(await differences(indexed, "DELETE FROM jobs WHERE name <> '' LIMIT 2")).toEqual([])
  expect(await differences(indexed, 'DELETE FROM jobs WHERE due > 0 LIMIT 3')).toEqual([])
  expect(await differences(indexed, 'DELETE FROM jobs WHERE due > 8 LIMIT 1 RETURNING id')).toEqual(
    [],
  )
  const statement = 'DELETE FROM jobs WHERE due > 0 LIMIT 1'
  expect(await refusal(indexed, statement)).toMatch(/^LIMIT without ORDER BY/)
  expect(await refusal(indexed, "UPDATE jobs SET name = '' WHERE due > 0 LIMIT 1")).toMatch(
    /^LIMIT/,
  )
  const { sqlite } = await indexed.outcomes([statement])
  expect(sqlite[0]?.state['jobs']).toHaveLength(2)
})

test('LIMIT without ORDER BY takes the first by the key of a table without rowids, and none where the key falls', async () => {
  const rows = "VALUES ('b', 1), ('A', 2), ('C', 3)"
  await using keyed = await openPlaces(`
    CREATE TABLE folded (word TEXT COLLATE NOCASE NOT NULL, n INTEGER, PRIMARY KEY (word)) WITHOUT ROWID;
    CREATE TABLE falling (word TEXT NOT NULL, n INTEGER, PRIMARY KEY (word DESC)) WITHOUT ROWID;
    INSERT INTO folded ${rows}; INSERT INTO falling ${rows};`)
  expect(await differences(keyed, 'DELETE FROM folded WHERE n > 0 LIMIT 2')).toEqual([])
  const statement = 'DELETE FROM falling WHERE n > 0 LIMIT 2'
  expect(await refusal(keyed, statement)).toMatch(/^LIMIT without ORDER BY/)
})

describe('a key that forbids (RESTRICT) what it refers to, in the same table', () => {
  let forbids: Places
  beforeAll(async () => {
    forbids = await openPlaces(`
      CREATE TABLE r (id INTEGER PRIMARY KEY, up INTEGER REFERENCES r (id) ON DELETE RESTRICT ON UPDATE RESTRICT, n INTEGER);
      INSERT INTO r VALUES (1, NULL, 1), (2, 1, 1), (3, 3, 1), (4, NULL, 2);`)
  })
  afterAll(() => forbids[Symbol.asyncDispose]())

  test.each([
    'DELETE FROM r',
    'DELETE FROM r WHERE id < 3 RETURNING id',
    'UPDATE r SET id = id + 10',
  ])(
    'is looked at between the rows of a statement on SQLite, which is refused: %s',
    async (statement) => {
      expect(await refusal(forbids, statement)).toMatch(/RESTRICT|ON UPDATE/)
    },
  )

  test('a row that no other one refers to goes, and one that does not', async () => {
    const { sqlite, postgres } = await forbids.outcomes([
      'DELETE FROM r WHERE id = 1',
      'DELETE FROM r WHERE id = 2',
      'DELETE FROM r WHERE id = 1',
      'DELETE FROM r WHERE id = 3',
      'UPDATE r SET n = 5',
      'UPDATE r SET id = 9 WHERE id = 4',
    ])
    expect(postgres.map(({ state }) => state)).toEqual(sqlite.map(({ state }) => state))
    expect(postgres.slice(1).map(({ answer }) => answer)).toEqual(
      sqlite.slice(1).map(({ answer }) => answer),
    )
  })
})
