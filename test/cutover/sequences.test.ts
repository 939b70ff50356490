import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { flip, openPair, rollback, type Pair } from '../support/pair.ts'

/** Rows at 1 to 3, of which the highest is gone: only AUTOINCREMENT remembers it. */
const schema = `
  CREATE TABLE kept (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT);
  CREATE TABLE plain (id INTEGER PRIMARY KEY, v TEXT);
  CREATE TABLE bare (v TEXT);
  CREATE TABLE unused (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT);
  CREATE TABLE high (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT);
  CREATE TABLE negative (id INTEGER PRIMARY KEY, v TEXT);
  INSERT INTO kept (v) VALUES ('a'), ('b'), ('c'); DELETE FROM kept WHERE id = 3;
  INSERT INTO plain (v) VALUES ('a'), ('b'); INSERT INTO bare VALUES ('a'), ('b');
  INSERT INTO high VALUES (9007199254740993, 'far'); DELETE FROM high;
  INSERT INTO negative VALUES (-5, 'below');
`
let pair: Pair
beforeEach(async () => {
  pair = await openPair({ schema, safeIntegers: true })
})
afterEach(() => pair.close())

const insert = async (table: string): Promise<unknown> =>
  (await pair.db.run(`INSERT INTO ${table} (v) VALUES ('new')`)).lastInsertRowid

describe('after a flip', () => {
  test.each([
    ['kept', 4n],
    ['plain', 3n],
    ['bare', 3n],
    ['unused', 1n],
    ['high', 9007199254740994n],
    ['negative', -4n],
  ])('an insert without an id into %s works at once, and gets %d', async (table, next) => {
    await flip(pair.db)
    expect(await insert(table)).toBe(next)
    expect(await insert(table)).toBe(next + 1n)
    await pair.db.caughtUp()
    expect(await pair.differences()).toEqual([])
  })

  test('an AUTOINCREMENT that has no id left says what SQLite says', async () => {
    await pair.db.run(`INSERT INTO kept VALUES (9223372036854775807, 'last')`)
    const full = { code: 'SQLITE_FULL', message: 'database or disk is full' }
    await expect(insert('kept')).rejects.toMatchObject(full)
    await flip(pair.db)
    await expect(insert('kept')).rejects.toMatchObject(full)
  })

  test('so it is for a program of its own, which does not name the id', async () => {
    await flip(pair.db)
    const { rows } = await pair.pg.query(`INSERT INTO kept (v) VALUES ('theirs') RETURNING id`)
    expect(rows).toEqual([{ id: '4' }])
  })
})

/** What PostgreSQL has done with keys that it gave. */
const spent: [what: string, spend: () => Promise<unknown>][] = [
  ['are there', async () => undefined],
  ['were deleted', () => pair.db.run('DELETE FROM kept WHERE id > 3')],
  ['are of a table that was emptied', () => pair.db.run('DELETE FROM kept')],
  ['are of a table that was truncated', () => pair.pg.query('TRUNCATE kept')],
  [
    'were rolled back',
    () =>
      pair.db
        .transaction(async (tx) => {
          await tx.run(`INSERT INTO kept (v) VALUES ('x')`)
          throw new Error('undone')
        })
        .catch(() => undefined),
  ],
  [
    'were chosen, and deleted',
    async () => {
      await pair.db.run(`INSERT INTO kept VALUES (500, 'chosen')`)
      await pair.db.run('DELETE FROM kept WHERE id = 500')
    },
  ],
]

describe('after a rollback AUTOINCREMENT never gives an id again that PostgreSQL gave out', () => {
  test.each(spent)('whose rows %s', async (_, spend) => {
    await flip(pair.db)
    const given = [await insert('kept'), await insert('kept')]
    expect(given).toEqual([4n, 5n])
    await spend()
    const { rows } = await pair.pg.query<{ last: string }>(
      `SELECT pg_sequence_last_value('lockstep_seq_1') AS last`,
    )
    await rollback(pair.db)
    expect(await insert('kept')).toBe(BigInt(rows[0]?.last ?? 0) + 1n)
    // And there again.
    const highest = (await insert('kept')) as bigint
    await pair.db.run('DELETE FROM kept')
    await flip(pair.db)
    expect(await insert('kept')).toBe(highest + 1n)
    await pair.db.caughtUp()
    expect(await pair.differences()).toEqual([])
  })

  test('of a table that neither place had given one', async () => {
    await flip(pair.db)
    await insert('unused')
    await pair.db.run('DELETE FROM unused')
    await rollback(pair.db)
    expect(await insert('unused')).toBe(2n)
  })

  test('which is the work of sqlite_sequence: without it the id comes again', async () => {
    await flip(pair.db)
    await insert('unused')
    await pair.db.run('DELETE FROM unused')
    await rollback(pair.db)
    pair.sqlite.exec(`DELETE FROM sqlite_sequence WHERE name = 'unused'`)
    expect(await insert('unused')).toBe(1n)
  })
})
