import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { flip, openPair, rollback, type Pair } from '../support/pair.ts'

/** Two tables whose keys SQLite gives by itself, and one that has no key of its own. */
const schema = `
  CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT UNIQUE);
  CREATE TABLE entries (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT);
  CREATE TABLE loose (body TEXT);
  CREATE TABLE below (id INTEGER PRIMARY KEY, body TEXT);
  CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT);
  INSERT INTO notes (body) VALUES ('first');
  INSERT INTO entries (body) VALUES ('first');
`

let pair: Pair
beforeEach(async () => {
  pair = await openPair({ schema, stage: 'flipped' })
})
afterEach(() => pair.close())

const insert = async (table = 'notes'): Promise<number | bigint> =>
  (await pair.db.run(`INSERT INTO ${table} DEFAULT VALUES`)).lastInsertRowid

describe('on a PostgreSQL primary an automatic key goes on from the highest one', () => {
  test('after an explicit key: the next one, one far ahead, and one below', async () => {
    await pair.db.run('INSERT INTO notes (id) VALUES (2)')
    expect(await insert()).toBe(3)
    await pair.db.run('INSERT INTO notes (id) VALUES (5000000000)')
    expect(await insert()).toBe(5_000_000_001)
    await pair.db.run('INSERT INTO notes (id) VALUES (-7)')
    expect(await insert()).toBe(5_000_000_002)
    await pair.db.caughtUp()
    expect(await pair.differences()).toEqual([])
  })

  test('after a key was changed to a higher one', async () => {
    await pair.db.run('UPDATE notes SET id = 40 WHERE id = 1')
    expect(await insert()).toBe(41)
  })

  test('inside of one statement, of a transaction, and of one that was rolled back', async () => {
    await pair.db.run(`INSERT INTO notes (id, body) VALUES (9, 'a'), (NULL, 'b'), (NULL, 'c')`)
    expect(await pair.db.values('SELECT id FROM notes ORDER BY id')).toEqual([[1], [9], [10], [11]])
    const inside = await pair.db.transaction(async (tx) => {
      await tx.run('INSERT INTO notes (id) VALUES (?)', [20])
      return tx.run('INSERT INTO notes DEFAULT VALUES')
    })
    expect(inside.lastInsertRowid).toBe(21)
    const undone = pair.db.transaction(async (tx) => {
      await tx.run('INSERT INTO notes (id) VALUES (30)')
      throw new Error('no')
    })
    await expect(undone).rejects.toThrow('no')
    expect(await insert()).toBeGreaterThan(21)
  })

  test('so that ON CONFLICT DO NOTHING drops no row whose key is automatic', async () => {
    await pair.db.run('INSERT INTO notes (id) VALUES (2)')
    await pair.db.run(`INSERT INTO notes (body) VALUES ('kept') ON CONFLICT DO NOTHING`)
    expect(await pair.db.values(`SELECT id FROM notes WHERE body = 'kept'`)).toEqual([[3]])
  })

  test('for writers that do not go through Lockstep, and that have no right on its schema', async () => {
    await pair.pg.query(`CREATE ROLE "${role()}"; GRANT SELECT, INSERT ON notes TO "${role()}"`)
    await pair.pg.query(`SET ROLE "${role()}"`)
    await pair.pg.query('INSERT INTO notes (id) VALUES (2), (77)')
    const { rows } = await pair.pg.query('INSERT INTO notes DEFAULT VALUES RETURNING id::int')
    await pair.pg.query(`RESET ROLE; DROP OWNED BY "${role()}"; DROP ROLE "${role()}"`)
    expect(rows).toEqual([{ id: 78 }])
  })

  test('when many insert explicit and automatic keys at once', async () => {
    const work = Array.from({ length: 120 }, (_, index) => {
      if (index % 3 === 0)
        return pair.db.run('INSERT INTO notes (id) VALUES (?)', [1000 + 500 * (index % 24) + index])
      return insert()
    })
    await Promise.all(work)
    const { rows } = await pair.pg.query('SELECT max(id)::int AS highest FROM notes')
    expect(await insert()).toBeGreaterThan((rows[0] as { highest: number }).highest)
  })

  test('and the largest key there is does not end them', async () => {
    await pair.db.run('INSERT INTO notes (id) VALUES (9223372036854775807)')
    expect(await insert()).toBe(2)
  })

  test('below 0, where all keys are negative: up to 0, and then on from 1', async () => {
    await pair.db.run('INSERT INTO loose (rowid) VALUES (-12)')
    expect(await insert('loose')).toBe(-11)
    const rows = `INSERT INTO below (id, body) VALUES (-2, 'a'), (NULL, 'b')`
    expect(await pair.db.values(`${rows} RETURNING id`)).toEqual([[-2], [-1]])
    await pair.db.run('INSERT INTO below (id) VALUES (-7)')
    expect([await insert('below'), await insert('below')]).toEqual([0, 1])
    await pair.db.caughtUp()
    expect(await pair.differences()).toEqual([])
  })

  test('but never below 1 with AUTOINCREMENT', async () => {
    await pair.db.run('INSERT INTO counted (id) VALUES (-2)')
    expect(await insert('counted')).toBe(1)
  })

  test('after a rollback and another flip', async () => {
    await pair.db.run('INSERT INTO entries (id) VALUES (70)')
    await pair.db.run('DELETE FROM entries WHERE id = 70')
    await pair.db.caughtUp()
    await rollback(pair.db)
    // AUTOINCREMENT never gives a key again, wherever the row with it was.
    expect(await insert('entries')).toBe(71)
    await pair.db.run('INSERT INTO notes (id) VALUES (90)')
    await pair.db.caughtUp()
    await flip(pair.db)
    expect(await insert()).toBe(91)
    expect(await pair.differences()).toEqual([])
  })

  test('and after complete, when nothing else of Lockstep stands on the tables', async () => {
    await pair.db.complete()
    await pair.db.run('INSERT INTO notes (id) VALUES (8)')
    expect(await insert()).toBe(9)
  })

  test('which is the work of a trigger: without it the next key is taken', async () => {
    await pair.pg.query('DROP TRIGGER lockstep_key ON notes')
    await pair.db.run('INSERT INTO notes (id) VALUES (2)')
    await expect(insert()).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_PRIMARYKEY' })
  })
})

describe('NULL for an automatic key', () => {
  test.each(['notes', 'entries'])('gives the next one in %s, as on SQLite', async (table) => {
    const sql = `INSERT INTO ${table} (id, body) VALUES (NULL, 'second')`
    expect(await pair.db.run(sql)).toEqual({ changes: 1, lastInsertRowid: 2 })
    const bound = `INSERT INTO ${table} (id, body) VALUES (?, ?)`
    expect((await pair.db.run(bound, [null, 'third'])).lastInsertRowid).toBe(3)
    const returned = `INSERT INTO ${table} (id) VALUES (NULL) RETURNING id`
    expect(await pair.db.get(returned)).toEqual({ id: 4 })
    await pair.db.caughtUp()
    expect(await pair.differences()).toEqual([])
  })

  test('is refused in an UPDATE, on both places', async () => {
    await expect(pair.db.run('UPDATE notes SET id = NULL')).rejects.toThrow('datatype mismatch')
    await rollback(pair.db)
    await expect(pair.db.run('UPDATE notes SET id = NULL')).rejects.toThrow('datatype mismatch')
  })
})

function role(): string {
  return `role_of_${new URL(pair.url).pathname.slice(1)}`
}
