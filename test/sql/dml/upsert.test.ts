import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differences, refusal } from './compare.ts'
import { openPlaces, type Places, type Statement } from './places.ts'
import { tables } from './tables.ts'

let places: Places
beforeAll(async () => {
  places = await openPlaces(tables)
})
afterAll(() => places[Symbol.asyncDispose]())

const probe = 'INSERT INTO notes (n) VALUES (0)'

describe('ON CONFLICT leaves the same rows, count and rowid on both places', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    [
      'DO NOTHING, and the rowid is not used up',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT DO NOTHING`,
      probe,
    ],
    [
      'DO NOTHING for one key',
      `INSERT INTO notes (slug) VALUES ('one'), ('new') ON CONFLICT (slug) DO NOTHING`,
      probe,
    ],
    [
      'DO NOTHING for one key, when another collides',
      `INSERT INTO notes (id, slug) VALUES (1, 'new') ON CONFLICT (slug) DO NOTHING`,
    ],
    [
      'DO NOTHING for several keys by name',
      `INSERT INTO notes (id, slug) VALUES (1, 'a'), (30, 'one'), (31, 'b') ON CONFLICT (slug) DO NOTHING ON CONFLICT (id) DO NOTHING`,
    ],
    [
      'several clauses for several rows, the update behind',
      `INSERT INTO notes (id, slug, n) VALUES (1, 'p', 5), (30, 'one', 6), (31, 'new', 8), (2, 'one more', 9) ON CONFLICT (id) DO NOTHING ON CONFLICT (slug) DO UPDATE SET n = excluded.n`,
      probe,
    ],
    [
      'several clauses for several rows, of which the last has not the highest rowid',
      `INSERT INTO notes (id, slug, n) VALUES (90, 'r', 1), (-7, 's', 1), (80, 't', 1), (20, 'u', 1), (70, 'v', 1), (30, 'w', 1) ON CONFLICT (id) DO NOTHING ON CONFLICT (slug) DO UPDATE SET n = 4`,
    ],
    [
      'several clauses for several rows, the update in front',
      `INSERT INTO notes (id, slug, n) VALUES (1, 'p', 5), (30, 'one', 6), (31, 'new', 8), (2, 'q', 9) ON CONFLICT (slug) DO UPDATE SET n = excluded.n WHERE excluded.n < 7 ON CONFLICT (id) DO NOTHING`,
      probe,
    ],
    [
      'several clauses for several rows with automatic rowids',
      `INSERT INTO notes (id, slug, n) VALUES (NULL, 'p', 5), (1, 'x', 6), (NULL, 'one', 8), (NULL, 'q', 9) ON CONFLICT (id) DO NOTHING ON CONFLICT (slug) DO UPDATE SET n = excluded.n`,
      probe,
    ],
    [
      'a rowid that is given and used, and rows that get theirs',
      `INSERT INTO notes (id, slug) VALUES (60, 'x'), (NULL, 'one'), (NULL, 'q') ON CONFLICT (slug) DO UPDATE SET n = 4`,
    ],
    [
      'DO NOTHING with a row that comes twice',
      `INSERT INTO settings VALUES ('z', '1'), ('z', '2') ON CONFLICT DO NOTHING`,
    ],
    [
      'a bare name is the old row',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET n = n + 10`,
      probe,
    ],
    [
      'excluded is the new row',
      `INSERT INTO notes (slug, n) VALUES ('one', 50) ON CONFLICT (slug) DO UPDATE SET n = notes.n + excluded.n, r = EXCLUDED.n`,
    ],
    [
      'an alias of the table',
      `INSERT INTO notes AS t (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET n = t.n * 2`,
    ],
    [
      'the target qualified',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (notes.slug) DO UPDATE SET n = 3`,
    ],
    [
      'rows that collide beside rows that do not',
      `INSERT INTO notes (slug, n) VALUES ('one', 8), ('new', 9) ON CONFLICT (slug) DO UPDATE SET n = excluded.n`,
      probe,
    ],
    [
      'WHERE keeps a row as it is',
      `INSERT INTO notes (slug) VALUES ('one'), ('two') ON CONFLICT (slug) DO UPDATE SET n = 99 WHERE n = 2`,
    ],
    [
      'WHERE over excluded',
      `INSERT INTO notes (slug, n) VALUES ('one', 0) ON CONFLICT (slug) DO UPDATE SET n = excluded.n WHERE excluded.n > notes.n`,
    ],
    [
      'by the rowid',
      `INSERT INTO notes (id, slug) VALUES (2, 'zwei') ON CONFLICT (id) DO UPDATE SET slug = excluded.slug`,
    ],
    [
      'by the rowid under another name',
      `INSERT INTO notes (rowid, slug) VALUES (2, 'zwei') ON CONFLICT (rowid) DO UPDATE SET slug = excluded.slug`,
    ],
    [
      'a key of two columns, in any order',
      `INSERT INTO pairs VALUES (1, 'a', 9) ON CONFLICT (y, x) DO UPDATE SET v = excluded.v`,
    ],
    [
      'a key that ignores case',
      `INSERT INTO words VALUES ('APPLE', 5) ON CONFLICT (w) DO UPDATE SET c = c + excluded.c`,
    ],
    [
      'a key that ignores case, with its COLLATE',
      `INSERT INTO words VALUES ('APPLE', 5) ON CONFLICT (w COLLATE NOCASE) DO UPDATE SET w = excluded.w`,
    ],
    [
      'a key of an expression',
      `INSERT INTO people (email, name) VALUES ('ANN@X.ORG', 'A') ON CONFLICT (lower(email)) DO UPDATE SET name = excluded.name`,
    ],
    [
      'a key of an expression, spelled otherwise',
      `INSERT INTO people (email, name) VALUES ('ANN@X.ORG', 'A') ON CONFLICT (LOWER( people.email )) DO UPDATE SET name = 'B'`,
    ],
    [
      'a partial key',
      `INSERT INTO slots (tag, room) VALUES ('red', 8) ON CONFLICT (tag) WHERE live = 1 DO UPDATE SET room = excluded.room`,
    ],
    [
      'a partial key that the row is not in',
      `INSERT INTO slots (tag, live) VALUES ('red', 0) ON CONFLICT (tag) WHERE live = 1 DO UPDATE SET room = 8`,
    ],
    [
      'no target where one key can collide',
      `INSERT INTO settings VALUES ('theme', 'light') ON CONFLICT DO UPDATE SET v = excluded.v`,
    ],
    [
      'no target where the rowid is automatic',
      `INSERT INTO notes (slug) VALUES ('two') ON CONFLICT DO UPDATE SET n = 4`,
    ],
    [
      'a key that is NULL collides with nothing',
      `INSERT INTO notes (slug) VALUES (NULL) ON CONFLICT (slug) DO UPDATE SET n = 4`,
    ],
    [
      'a row of columns assigned',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET (n, r) = (4, 5)`,
    ],
    [
      'a row of a subquery assigned',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET (n, r) = (SELECT id, id FROM people WHERE name = excluded.slug OR id = 2)`,
    ],
    [
      'a column assigned twice',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET n = 4, n = 5`,
    ],
    [
      'a subquery over another table',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET n = (SELECT count(*) FROM people)`,
    ],
    [
      'a subquery over the table, of one row',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET n = (SELECT max(n) FROM notes) + 1`,
    ],
    [
      'the rowid assigned',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET id = 70`,
      probe,
    ],
    [
      'the rowid that the new row would have had',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET n = excluded.id`,
    ],
    [
      'rows of a query',
      `INSERT INTO notes (slug, n) SELECT 'one', 20 WHERE true ON CONFLICT (slug) DO UPDATE SET n = excluded.n`,
    ],
    [
      'parameters',
      [
        'INSERT INTO settings VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v || ?3',
        'lang',
        'de',
        '!',
      ],
    ],
    [
      'affinity in SET',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET n = '12', r = 3`,
    ],
    [
      'the first clause that collides decides: it updates',
      `INSERT INTO notes (id, slug) VALUES (1, 'one') ON CONFLICT (slug) DO UPDATE SET n = 4 ON CONFLICT (id) DO NOTHING`,
    ],
    [
      'the first clause that collides decides: it does nothing',
      `INSERT INTO notes (id, slug) VALUES (1, 'one') ON CONFLICT (id) DO NOTHING ON CONFLICT (slug) DO UPDATE SET n = 4`,
    ],
    [
      'a later clause decides where the first does not collide',
      `INSERT INTO notes (id, slug) VALUES (1, 'q') ON CONFLICT (slug) DO UPDATE SET n = 4 ON CONFLICT DO NOTHING`,
    ],
    [
      'a clause for a key that cannot collide',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (id) DO UPDATE SET n = 3 ON CONFLICT (slug) DO UPDATE SET n = 4`,
    ],
    [
      'OR FAIL beside it',
      `INSERT OR FAIL INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET n = 3`,
    ],
    [
      'RETURNING both kinds of rows',
      `INSERT INTO notes (slug) VALUES ('one'), ('new') ON CONFLICT (slug) DO UPDATE SET n = n + 1 RETURNING id, slug, n`,
    ],
    [
      'RETURNING leaves out what WHERE kept',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET n = 0 WHERE n > 5 RETURNING *`,
    ],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })
})

describe('ON CONFLICT that fails gives the same code', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    [
      'another key collides',
      `INSERT INTO notes (id, slug) VALUES (1, 'new') ON CONFLICT (slug) DO UPDATE SET n = 1`,
    ],
    [
      'the update collides',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET slug = 'two'`,
    ],
    [
      'NULL is refused before the key is looked at',
      `INSERT INTO notes (slug, n) VALUES ('one', NULL) ON CONFLICT (slug) DO UPDATE SET n = 1`,
    ],
    [
      'the update gives NULL where it is refused',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET n = NULL`,
    ],
    ['no such key', `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (n) DO NOTHING`],
    [
      'a partial key without its WHERE',
      `INSERT INTO slots (tag) VALUES ('red') ON CONFLICT (tag) DO NOTHING`,
    ],
    [
      'a partial key with another WHERE',
      `INSERT INTO slots (tag) VALUES ('red') ON CONFLICT (tag) WHERE live = 2 DO NOTHING`,
    ],
    [
      'another COLLATE',
      `INSERT INTO words (w) VALUES ('x') ON CONFLICT (w COLLATE BINARY) DO NOTHING`,
    ],
    [
      'no such column in the target',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (nothing) DO NOTHING`,
    ],
    [
      'no such column in SET',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET nothing = 1`,
    ],
    [
      'no such column of excluded',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET n = excluded.nothing`,
    ],
    [
      'the table by its name where it has an alias',
      `INSERT INTO notes AS t (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET n = notes.n`,
    ],
    [
      'excluded in RETURNING',
      `INSERT INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET n = 1 RETURNING excluded.n`,
    ],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })
})

describe('what PostgreSQL cannot do as SQLite does is refused', () => {
  test.each<[law: string, reason: RegExp, sql: string]>([
    [
      'several clauses for rows that collide with each other',
      /two of the rows are alike in a key/,
      `INSERT INTO notes (id, slug) VALUES (6, 'q'), (6, 'one') ON CONFLICT (id) DO NOTHING ON CONFLICT (slug) DO UPDATE SET n = 4`,
    ],
    [
      'several clauses for several rows, of which one gives a row another key',
      /Several ON CONFLICT clauses for/,
      `INSERT INTO notes (id, slug) VALUES (6, 'q'), (7, 'one') ON CONFLICT (id) DO NOTHING ON CONFLICT (slug) DO UPDATE SET slug = 'q'`,
    ],
    [
      'two clauses that update',
      /Several ON CONFLICT/,
      `INSERT INTO notes (id, slug) VALUES (1, 'one') ON CONFLICT (id) DO UPDATE SET n = 1 ON CONFLICT (slug) DO UPDATE SET n = 2`,
    ],
    [
      'no target where several keys can collide',
      /without a target/,
      `INSERT INTO notes (id, slug) VALUES (1, 'one') ON CONFLICT DO UPDATE SET n = 1`,
    ],
    [
      'OR IGNORE beside ON CONFLICT',
      /OR IGNORE/,
      `INSERT OR IGNORE INTO notes (slug) VALUES ('one') ON CONFLICT (slug) DO UPDATE SET n = 1`,
    ],
    [
      'a subquery over the table while several rows come',
      /reads the table/,
      `INSERT INTO notes (slug) VALUES ('one'), ('two') ON CONFLICT (slug) DO UPDATE SET n = (SELECT max(n) FROM notes) + 1`,
    ],
    [
      'a rowid that is given and not used, before one that is not given',
      /a rowid is given for a row that is updated/,
      `INSERT INTO notes (id, slug) VALUES (60, 'one'), (NULL, 'q') ON CONFLICT (slug) DO UPDATE SET n = 4`,
    ],
    [
      'one row twice in a statement',
      /second time/,
      `INSERT INTO notes (slug) VALUES ('one'), ('one') ON CONFLICT (slug) DO UPDATE SET n = n + 1`,
    ],
  ])('%s', async (_, reason, sql) => {
    expect(await refusal(places, sql)).toMatch(reason)
  })
})
