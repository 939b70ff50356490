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

test('takes every key as verify and quarantine write it', async () => {
  await using pair = await openPair({
    schema: `CREATE TABLE bytes (k BLOB PRIMARY KEY);
      INSERT INTO bytes VALUES (x'ff'), (x'');
      CREATE TABLE words (k TEXT PRIMARY KEY);
      INSERT INTO words VALUES ('[1]'), ('x''ff'''), ('"'), ('NULL'), ('5.0'), ('(1, 2)'), ('…' || char(10, 127));
      CREATE TABLE reals (k PRIMARY KEY);
      INSERT INTO reals VALUES (5.0), (1.5), (1e300), (-0.0);
      CREATE TABLE three (a INTEGER, b TEXT, c BLOB, PRIMARY KEY (a, b, c)) WITHOUT ROWID;
      INSERT INTO three VALUES (1, 'a, b', x'00'), (-1, '', x'')`,
  })
  const tables = ['bytes', 'words', 'reals', 'three']
  await pair.pg.query(`SET lockstep.applying = 'on';
    ${tables.map((name) => `DELETE FROM ${name};`).join('')} RESET lockstep.applying`)
  const { differences } = await pair.db.verify()
  expect(differences).toHaveLength(15)
  for (const table of tables) {
    const found = differences.filter((one) => one.table === table)
    const keys = found.map(({ key }) => ({ written: key }))
    expect(await pair.db.repair({ table, keys })).toEqual({ rows: keys.length, unknown: [] })
  }
  await pair.db.caughtUp({ timeoutMs: 10_000 })
  expect(await pair.db.verify()).toMatchObject({ equal: true })
})

test('a number without quotes is the text that SQLite would make of it', async () => {
  await using pair = await openPair({
    schema: `CREATE TABLE words (k TEXT PRIMARY KEY); INSERT INTO words VALUES ('5.0'), ('5')`,
  })
  const keys = ['5.0', '5'].map((written) => ({ written }))
  expect(await pair.db.repair({ table: 'words', keys })).toEqual({ rows: 2, unknown: [] })
})

test.each([
  ['too few values', [[1]], /A key of lines has 2 values \(a, b\), not 1/],
  ['too many values', [{ written: '(1, "a", 2)' }], /has 2 values \(a, b\), not 3/],
  ['what nobody has written', [{ written: '(1' }], /not a key as verify writes it: \(1/],
])('a key of %s is misuse', async (_, keys, message) => {
  await using pair = await openPair({ schema })
  const failed = pair.db.repair({ table: 'lines', keys })
  await expect(failed).rejects.toThrow(TypeError)
  await expect(failed).rejects.toThrow(message)
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
