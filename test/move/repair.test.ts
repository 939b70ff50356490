import { describe, expect, test } from 'vitest'
import { flip, openPair, type Pair } from '../support/pair.ts'

const schema = `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE codes (code TEXT PRIMARY KEY, n INTEGER);
  CREATE TABLE lines (a INTEGER, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
  INSERT INTO users VALUES (1, 'one'), (2, 'two');
  INSERT INTO codes VALUES ('7', 1), ('x', 2);
  INSERT INTO lines VALUES (1, 'a')`

/** A row that only PostgreSQL has, and one that it has not. */
async function disturb({ pg }: Pair): Promise<void> {
  await pg.query(`SET lockstep.applying = 'on'; INSERT INTO users VALUES (9, 'astray');
    DELETE FROM users WHERE id = 1; RESET lockstep.applying`)
}

describe.each(['mirrored', 'flipped'] as const)('repair of keys, %s', (stage) => {
  test('counts the rows that either place has, and names the keys that neither has', async () => {
    await using pair = await openPair({ schema })
    await disturb(pair)
    if (stage === 'flipped') await flip(pair.db)
    const repaired = await pair.db.repair({ table: 'users', keys: [[1], [2], [9], [404], [null]] })
    expect(repaired).toEqual({ rows: 3, unknown: ['404', 'NULL'] })
    expect(await pair.differences()).toEqual([])
  })

  test('takes keys as the column would store them', async () => {
    await using pair = await openPair({ schema, stage })
    expect(await pair.db.repair({ table: 'codes', keys: [[7], 'x'] })).toEqual({
      rows: 2,
      unknown: [],
    })
    expect(await pair.db.repair({ table: 'users', keys: [['2']] })).toEqual({
      rows: 1,
      unknown: [],
    })
    const lines = await pair.db.repair({
      table: 'lines',
      keys: [
        [1, 'a'],
        [1, 'b'],
      ],
    })
    expect(lines).toMatchObject({ rows: 1, unknown: [expect.stringContaining('b')] })
  })
})

test.each([
  ['verify', ({ db }: Pair) => db.verify({ tables: ['users', 'usres'] })],
  ['repair', ({ db }: Pair) => db.repair({ table: 'usres' })],
])('%s of a table that is not mirrored says which tables are', async (_, step) => {
  await using pair = await openPair({ schema })
  const failed = step(pair)
  await expect(failed).rejects.toMatchObject({ code: 'TABLE_UNKNOWN', details: { table: 'usres' } })
  await expect(failed).rejects.toThrow(
    'no mirrored table usres; there are users, codes, lines. Did you mean "users"?',
  )
})
