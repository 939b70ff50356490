import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPlainTranslator } from '../../support/plain-translator.ts'
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

describe('an UPDATE leaves the same rows and count on both places', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    ['of all rows', 'UPDATE notes SET n = n + 1'],
    ['of some', 'UPDATE notes SET n = 0, r = n WHERE id > 1'],
    ['of none', 'UPDATE notes SET n = 0 WHERE id > 100'],
    ['a row that stays as it is counts', 'UPDATE notes SET n = n'],
    ['an alias', 'UPDATE notes AS t SET n = t.n + 1 WHERE t.id = 1'],
    ['parameters', ['UPDATE notes SET n = n + ?, slug = ? WHERE id = ?', 5, 'p', 1]],
    ['affinity', `UPDATE notes SET n = '12', r = 3, slug = 4 WHERE id = 1`],
    ['a condition as a value', 'UPDATE notes SET n = (n > 1)'],
    ['a row of columns', 'UPDATE notes SET (n, r) = (4, 5) WHERE id = 1'],
    [
      'a row of a subquery',
      'UPDATE notes SET (n, r) = (SELECT id, id * 2 FROM people WHERE people.id = notes.id) WHERE id < 3',
    ],
    [
      'a row of a subquery without rows',
      'UPDATE notes SET (slug, r) = (SELECT name, id FROM people WHERE id > 10)',
    ],
    ['a column twice', 'UPDATE notes SET n = 4, n = 5'],
    ['both columns from the old row', 'UPDATE slots SET room = hour, hour = room WHERE id = 1'],
    [
      'a subquery over another table',
      'UPDATE notes SET n = (SELECT count(*) FROM people WHERE people.id <= notes.id)',
    ],
    [
      'a subquery over the table with one answer',
      'UPDATE notes SET n = (SELECT max(n) FROM notes)',
    ],
    [
      'a subquery over columns that stay',
      'UPDATE notes SET n = (SELECT count(*) FROM notes AS other WHERE other.id <= notes.id)',
    ],
    [
      'a subquery over the table in WHERE',
      'UPDATE notes SET n = n + 1 WHERE n < (SELECT max(n) FROM notes)',
    ],
    ['a common table', 'WITH k(v) AS (SELECT 40) UPDATE notes SET n = (SELECT v FROM k)'],
    ['the hidden rowid', `UPDATE loose SET a = 'x' WHERE rowid = 2`],
    ['ORDER BY and LIMIT', 'UPDATE notes SET n = 100 ORDER BY id DESC LIMIT 2'],
    ['LIMIT and OFFSET', 'UPDATE notes SET n = 100 WHERE id > 0 ORDER BY id LIMIT 1 OFFSET 1'],
    [
      'LIMIT of zero and of less',
      'UPDATE notes SET n = 100 LIMIT 0',
      'UPDATE notes SET n = 101 LIMIT -1',
    ],
    ['a bound LIMIT', ['UPDATE notes SET n = 100 ORDER BY id LIMIT ?', 1n]],
    ['ties broken by the rowid', 'UPDATE loose SET b = 9 ORDER BY 1 LIMIT 1'],
    ['INDEXED BY', `UPDATE notes INDEXED BY sqlite_autoindex_notes_1 SET n = 3 WHERE slug = 'one'`],
    [
      'OR ABORT and OR FAIL of one row',
      'UPDATE OR ABORT notes SET n = 4',
      'UPDATE OR FAIL notes SET n = 4 WHERE id = 1',
    ],
    ['RETURNING', 'UPDATE notes SET n = n + 1 WHERE id < 3 RETURNING id, n, n * 2 AS twice'],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })
})

describe('an UPDATE of a key that cannot hang on the order of the rows is the same', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    ['one row', `UPDATE notes SET id = 30 WHERE id = 1`, 'INSERT INTO notes (n) VALUES (0)'],
    ['one row by another key', `UPDATE notes SET slug = 'uno' WHERE slug = 'one'`],
    ['one row that collides', `UPDATE notes SET id = 2 WHERE id = 1`],
    ['one bound row that collides', ['UPDATE notes SET slug = ? WHERE id = ?', 'two', 1n]],
    ['all rows far away', 'UPDATE notes SET id = id + 100', 'INSERT INTO notes (n) VALUES (0)'],
    ['all rows to the negative', 'UPDATE notes SET id = -id'],
    ['all rows the same', `UPDATE notes SET slug = 'same'`],
    ['to what a row outside has', `UPDATE notes SET slug = 'two' WHERE id IN (1, 5)`],
    ['in another case', `UPDATE words SET w = upper(w)`],
    ['out of a partial key', 'UPDATE slots SET live = 0'],
    ['into a partial key', 'UPDATE slots SET live = 1'],
    [
      'with a common table',
      `WITH k(v) AS (SELECT 'z') UPDATE notes SET slug = (SELECT v FROM k) || id`,
    ],
    ['with ON UPDATE CASCADE', 'UPDATE notes SET id = 31 WHERE id = 5'],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })

  test('references follow the key', async () => {
    expect(
      await differences(
        related,
        'UPDATE authors SET id = id + 50',
        'UPDATE authors SET id = 7 WHERE id = 51',
      ),
    ).toEqual([])
  })
})

describe('an UPDATE whose answer hangs on the order of the rows is refused', () => {
  test.each<[law: string, sql: string]>([
    ['every key one further', 'UPDATE notes SET id = id + 1'],
    ['every key one back', 'UPDATE slots SET hour = hour - 1'],
    [
      'two rows that swap',
      `UPDATE notes SET slug = CASE slug WHEN 'one' THEN 'two' ELSE 'one' END WHERE slug IN ('one', 'two')`,
    ],
  ])('%s', async (_, sql) => {
    expect(await refusal(places, sql)).toMatch(/order/)
  })

  test.each<[law: string, sql: string]>([
    [
      'what the rows before were changed to',
      'UPDATE notes SET n = (SELECT max(other.n) FROM notes AS other WHERE other.id <> notes.id) + 1',
    ],
    [
      'everything that is there',
      'UPDATE notes SET n = (SELECT count(*) FROM (SELECT * FROM notes AS other WHERE other.id < notes.id))',
    ],
  ])('a subquery that sees %s', async (_, sql) => {
    expect(await refusal(places, sql)).toMatch(/reads what the same UPDATE changes/)
  })
})

describe('what is refused would be answered otherwise by PostgreSQL', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    ['a key one further', 'UPDATE notes SET n = n WHERE id = 1', 'UPDATE notes SET id = id + 1'],
    [
      'several rows that disagree',
      'UPDATE notes SET slug = pairs.y FROM pairs WHERE pairs.x = notes.id AND notes.id = 1',
    ],
    [
      'what the rows before were changed to',
      'UPDATE notes SET n = 100 * (SELECT count(*) FROM notes AS o WHERE o.n < notes.n)',
    ],
  ])('%s', async (_, ...statements) => {
    await using plain = await openPlaces(tables, createPlainTranslator)
    const found = await differences(plain, ...statements)
    expect(found.map(({ statement }) => statement)).toEqual([statements.at(-1)])
    expect(await refusal(places, statements.at(-1) as Statement)).not.toMatch(/^\{/)
  })
})

describe('a key that rows of the same table follow', () => {
  const several = 'UPDATE paths SET id = id || parent WHERE parent IS NOT NULL'

  test('is refused for several rows: SQLite has changed the later ones when it comes to them', async () => {
    await using plain = await openPlaces(family, createPlainTranslator)
    expect(await differences(plain, several)).not.toEqual([])
    expect(await refusal(related, several)).toMatch(/follow/)
  })

  test('is changed for one row, and what nobody follows for several', async () => {
    expect(
      await differences(
        related,
        `UPDATE paths SET id = 'top' WHERE id = 'root'`,
        `UPDATE paths SET name = name || coalesce(parent, '-')`,
      ),
    ).toEqual([])
  })
})

describe('UPDATE ... FROM', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    [
      'one row for each',
      'UPDATE notes SET n = people.id + 50 FROM people WHERE people.id = notes.id',
    ],
    ['an alias on both', 'UPDATE notes AS t SET n = t.n + p.id FROM people AS p WHERE p.id = t.id'],
    ['several rows that agree', 'UPDATE notes SET n = 77 FROM pairs WHERE pairs.x = notes.id'],
    [
      'a subquery',
      'UPDATE notes SET n = s.c FROM (SELECT x, count(*) AS c FROM pairs GROUP BY x) AS s WHERE s.x = notes.id',
    ],
    [
      'a join',
      'UPDATE notes SET n = pairs.x + people.id FROM people JOIN pairs ON pairs.x = people.id WHERE people.id = notes.id',
    ],
    ['the table itself', 'UPDATE notes SET n = o.n FROM notes AS o WHERE o.id = notes.id + 1'],
    [
      'a common table',
      'WITH k(i, v) AS (VALUES (1, 10), (2, 20)) UPDATE notes SET n = k.v FROM k WHERE k.i = notes.id',
    ],
    [
      'RETURNING columns of the table only',
      'UPDATE notes SET n = p.id FROM people AS p WHERE p.id = notes.id RETURNING *',
    ],
    ['a key', `UPDATE notes SET slug = people.name FROM people WHERE people.id = notes.id`],
    ['the table under its own name', 'UPDATE notes SET n = 1 FROM notes'],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })

  test('several rows that disagree are refused', async () => {
    expect(
      await refusal(places, 'UPDATE notes SET slug = pairs.y FROM pairs WHERE pairs.x = notes.id'),
    ).toMatch(/meets several rows/)
  })
})

describe('an UPDATE that fails gives the same code and changes nothing', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    ['NULL where it is refused', 'UPDATE notes SET n = NULL'],
    ['no such table', 'UPDATE nowhere SET n = 1'],
    ['no such column', 'UPDATE notes SET nothing = 1'],
    ['no such column in WHERE', 'UPDATE notes SET n = 1 WHERE nothing = 1'],
    [
      'the table by its name where it has an alias',
      'UPDATE notes AS t SET n = 1 WHERE notes.id = 1',
    ],
    ['a row of another length', 'UPDATE notes SET (n, r) = (1, 2, 3)'],
    ['a row of one value', 'UPDATE notes SET (n, r) = 5'],
    ['a subquery of another length', 'UPDATE notes SET (n, r) = (SELECT 1, 2, 3)'],
    ['ORDER BY without LIMIT', 'UPDATE notes SET n = 1 ORDER BY id'],
    ['TABLE.* in RETURNING', 'UPDATE notes SET n = 1 RETURNING notes.*'],
    ['another table in RETURNING', 'UPDATE notes SET n = 1 FROM people RETURNING people.id'],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })

  test('a reference to nobody', async () => {
    expect(await differences(related, 'UPDATE books SET author = 99')).toEqual([])
  })
})

describe('UPDATE OR IGNORE leaves what would break a rule as it is', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    ['a unique value', `UPDATE OR IGNORE notes SET slug = 'one', n = 9 WHERE id = 2`],
    ['of several rows', `UPDATE OR IGNORE pairs SET x = 2 WHERE x = 1`],
    ['NULL where it is refused', 'UPDATE OR IGNORE notes SET n = nullif(n, 2)'],
    ['a CHECK', 'UPDATE OR IGNORE checked SET age = age - 30'],
    ['a partial key', `UPDATE OR IGNORE slots SET live = 1, tag = 'blue' WHERE id = 2`],
    ['nothing', 'UPDATE OR IGNORE notes SET n = 4'],
    ['RETURNING', `UPDATE OR IGNORE pairs SET x = 2 WHERE x = 1 RETURNING y`],
    ['all but the first that take one value', `UPDATE OR IGNORE notes SET slug = 'same', n = id`],
    [
      'all but the first by the key of a table without rowids',
      `UPDATE OR IGNORE pairs SET y = 'k' WHERE v IS NOT 1.5 OR v = 1.5 RETURNING x, v`,
    ],
    ['those that take what another keeps', 'UPDATE OR IGNORE notes SET id = 5, r = id'],
    [
      'and not the first that nothing holds back',
      `UPDATE OR IGNORE checked SET id = 7, age = id - 1`,
      `INSERT INTO checked (age) VALUES (2), (3)`,
      `UPDATE OR IGNORE checked SET id = 70, age = id - 7`,
    ],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })

  test('and is refused where two rows want the same key, and an index may bring either first', async () => {
    for (const sql of [
      `UPDATE OR IGNORE notes SET slug = 'same' WHERE slug <> ''`,
      `UPDATE OR IGNORE notes SET slug = 'same' WHERE id = 5 OR id < 3`,
      `UPDATE OR IGNORE notes SET slug = CASE id WHEN 1 THEN 'two' ELSE 'same' END`,
      `UPDATE OR IGNORE people SET email = 'x', id = 9`,
    ])
      expect(await refusal(places, sql)).toMatch(/order/)
  })
})

describe('UPDATE OR REPLACE deletes what is in the way', () => {
  test.each<[law: string, ...statements: Statement[]]>([
    ['a unique value', `UPDATE OR REPLACE notes SET slug = 'one' WHERE id = 2`],
    ['the rowid', `UPDATE OR REPLACE notes SET id = 1 WHERE id = 2`],
    ['of several rows', `UPDATE OR REPLACE pairs SET x = 2 WHERE x = 1`],
    ['by two keys', `UPDATE OR REPLACE slots SET room = 1, hour = 9, tag = 'blue' WHERE id = 2`],
    [
      'the default for NULL where NULL is refused',
      'UPDATE OR REPLACE notes SET n = NULL WHERE id = 1',
    ],
    ['nothing', 'UPDATE OR REPLACE notes SET n = 4'],
    ['RETURNING', `UPDATE OR REPLACE notes SET slug = 'one' WHERE id = 2 RETURNING *`],
    [
      'a rowid that is none',
      'UPDATE OR REPLACE notes SET id = r WHERE id = 1',
      'UPDATE OR IGNORE notes SET id = r WHERE id = 1',
    ],
  ])('%s', async (_, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
  })

  test.each<[law: string, ...statements: Statement[]]>([
    ['children of a row in the way', `UPDATE OR REPLACE authors SET name = 'Ann' WHERE id = 2`],
    ['children that move to its key', `UPDATE OR REPLACE authors SET id = 1 WHERE id = 2`],
    ['children of children', `UPDATE OR REPLACE books SET id = 10 WHERE id = 12 RETURNING *`],
    ['no key at all', `UPDATE OR REPLACE authors SET born = 5`],
    [
      'no key of a table that refers to itself',
      `UPDATE OR REPLACE chain SET next = 2 WHERE id = 3`,
    ],
    [
      'a reference that is missing then',
      `UPDATE OR REPLACE books SET id = 10, author = 77 WHERE id = 12`,
    ],
  ])('and takes with it %s', async (_, ...statements) => {
    expect(await differences(related, ...statements)).toEqual([])
  })

  test('and is refused where two rows want one key, or where what goes comes back', async () => {
    expect(await refusal(places, `UPDATE OR REPLACE notes SET slug = 'same'`)).toMatch(/order/)
    const other = 'UPDATE OR REPLACE notes SET id = CASE id WHEN 1 THEN 2 WHEN 5 THEN 5 END'
    expect(await refusal(places, other)).toMatch(/order/)
    for (const sql of [
      `UPDATE OR REPLACE chain SET id = 1 WHERE id = 2`,
      `UPDATE OR REPLACE authors SET name = (SELECT max(title) FROM books) WHERE id = 2`,
      `UPDATE OR REPLACE authors SET name = 'Ann' WHERE id = 2 RETURNING (SELECT count(*) FROM books)`,
    ]) {
      expect(await refusal(related, sql)).toMatch(/which refer to this one/)
    }
  })
})

test.each<[sql: string, reason: RegExp]>([
  ['UPDATE OR ROLLBACK notes SET n = 1', /OR ROLLBACK/],
  ['UPDATE OR FAIL notes SET n = 1', /OR FAIL/],
  ['UPDATE notes SET n = 1 FROM people LIMIT 1', /LIMIT/],
])('refused: %s', async (sql, reason) => {
  expect(await refusal(places, sql)).toMatch(reason)
})
