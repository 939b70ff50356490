import { afterAll, beforeAll, expect, test } from 'vitest'
import { isSame, openQueries, type Queries, type Query } from './queries.ts'

let queries: Queries
beforeAll(async () => {
  queries = await openQueries(`
    CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE, n INTEGER COLLATE NOCASE);
    CREATE INDEX by_name ON t (name);
    INSERT INTO t (name, n) VALUES ('Ann', 1), ('ANNA', 12), ('anz', 3), ('b', NULL), (NULL, 10), ('', 0), ('Änn', 1), ('änn', 1),
      ('a_b', 1), ('a%b', 1), ('[x', 1), ('zz', 1), ('\u{10ffff}\u{10ffff}x', 1), ('\u{d7ff}a', 1), ('\u{e000}a', 1), ('o''x', 1), ('a\\b', 1);
  `)
})
afterAll(() => queries[Symbol.asyncDispose]())

const patterns = [
  'an%',
  'AN%',
  'ann',
  '%n',
  '_n%',
  '',
  '%',
  'ä%',
  'Ä%',
  'a_b',
  '[%',
  'z%',
  '\u{10ffff}%',
  '\u{d7ff}%',
  `o'%`,
  'a\\%',
  '1%',
  'no%',
]

test.each(patterns.map((pattern) => [pattern]))(
  'LIKE %s in a NOCASE column matches what it matches on SQLite',
  async (pattern) => {
    const literal = `'${pattern.replaceAll("'", "''")}'`
    const asked: Query[] = ['name', 'n'].flatMap((column): Query[] => [
      `SELECT id FROM t WHERE ${column} LIKE ${literal}`,
      [`SELECT id FROM t WHERE ${column} LIKE ?`, pattern],
      `SELECT id, ${column} LIKE ${literal}, ${column} NOT LIKE ${literal} FROM t`,
      [`SELECT id, ${column} LIKE ?, ${column} NOT LIKE ? FROM t`, pattern, pattern],
      [`SELECT id FROM t WHERE ? LIKE ${column}`, pattern],
      `SELECT id FROM t WHERE ${column} LIKE ${literal} ESCAPE '!'`,
    ])
    for (const query of asked) expect(await queries.postgres(query)).toEqual(queries.sqlite(query))
  },
)

test.each([[null], [5n], [1.5]])(
  'LIKE %s, which is no text, is what it is on SQLite',
  async (pattern) => {
    const query: Query = ['SELECT id, name LIKE ?, n LIKE ? FROM t', pattern, pattern]
    expect(await queries.postgres(query)).toEqual(queries.sqlite(query))
  },
)

test.each(['\\', '!', "'", 'é', '\u{1f600}', 'n', '', '!!', null])(
  'LIKE with ESCAPE %j bound as a parameter answers as on SQLite',
  async (escape) => {
    const asked: Query[] = [`a${escape}_b`, 'a_b', `a${escape}%b`, 'An%', `%${escape}n%`].flatMap(
      (pattern): Query[] => [
        ['SELECT id FROM t WHERE name LIKE ? ESCAPE ?', pattern, escape],
        ['SELECT id, name NOT LIKE ? ESCAPE ? FROM t', pattern, escape],
        [`SELECT id FROM t WHERE name LIKE '${pattern.replaceAll("'", "''")}' ESCAPE ?`, escape],
      ],
    )
    for (const query of asked) {
      const [expected, actual] = [queries.sqlite(query), await queries.postgres(query)]
      expect(isSame(expected, actual) ? expected : actual).toEqual(expected)
    }
  },
)

test('a pattern that ends with its bound escape character is refused', async () => {
  const query: Query = ["SELECT 'ab' LIKE ? ESCAPE ?", 'a!', '!']
  expect(await queries.postgres(query)).toMatchObject({ error: 'SQL_UNSUPPORTED' })
})

test.each(['%', '_'])('ESCAPE %s is refused, bound or written', async (escape) => {
  const error = { error: 'SQL_UNSUPPORTED' }
  const bound: Query = ["SELECT id FROM t WHERE name LIKE 'a%' ESCAPE ?", escape]
  expect(await queries.postgres(bound)).toMatchObject(error)
  const written = `SELECT id FROM t WHERE name LIKE 'a%' ESCAPE '${escape}'`
  expect(await queries.postgres(written)).toMatchObject(error)
})
