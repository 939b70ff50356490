import { afterEach, describe, expect, test } from 'vitest'
import { dropTrigger, openPair, rollback, type Pair } from '../support/pair.ts'

/** Every action of a foreign key, a chain of two, and a table that refers to itself. */
const schema = `
  CREATE TABLE teams (code TEXT PRIMARY KEY, name TEXT);
  CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    team TEXT REFERENCES teams (code) ON DELETE CASCADE ON UPDATE CASCADE,
    boss INTEGER REFERENCES people (id) ON DELETE SET NULL
  );
  CREATE TABLE badges (
    person INTEGER, no INTEGER, colour TEXT DEFAULT 'grey',
    PRIMARY KEY (person, no),
    FOREIGN KEY (person) REFERENCES people (id) ON DELETE CASCADE ON UPDATE CASCADE
  ) WITHOUT ROWID;
  CREATE TABLE notes (
    id INTEGER PRIMARY KEY, about INTEGER DEFAULT 0 REFERENCES people (id) ON DELETE SET DEFAULT
  );
  INSERT INTO teams VALUES ('red', 'Red'), ('blue', 'Blue');
  INSERT INTO people VALUES (0, NULL, NULL), (1, 'red', NULL), (2, 'red', 1), (3, 'blue', 1), (4, 'blue', 3);
  INSERT INTO badges VALUES (1, 1, 'x'), (1, 2, 'y'), (2, 1, 'z'), (3, 1, 'w'), (4, 9, 'v');
  INSERT INTO notes VALUES (1, 1), (2, 2), (3, 4);
`

const writes = [
  `UPDATE teams SET code = 'scarlet' WHERE code = 'red'`,
  `DELETE FROM people WHERE id = 1`,
  `UPDATE people SET id = 30 WHERE id = 2`,
  `DELETE FROM teams WHERE code = 'blue'`,
]

const left = {
  teams: [['scarlet', 'Red']],
  people: [
    [0n, null, null],
    [30n, 'scarlet', null],
  ],
  badges: [[30n, 1n, 'z']],
}

let pair: Pair
afterEach(() => pair.close())

function contents(): unknown {
  return {
    teams: pair.sqliteRows('SELECT * FROM teams'),
    people: pair.sqliteRows('SELECT * FROM people ORDER BY id'),
    badges: pair.sqliteRows('SELECT * FROM badges ORDER BY person, no'),
  }
}

const deferring = writes.filter((sql) => !sql.includes('id = 30'))

describe('cascades leave the same rows on both sides', () => {
  test('while SQLite is the primary', async () => {
    pair = await openPair({ schema })
    await pair.db.run('UPDATE notes SET about = NULL WHERE about = 2')
    for (const sql of writes) await pair.db.run(sql)
    expect(contents()).toEqual(left)
    expect(pair.sqliteRows('SELECT * FROM notes')).toEqual([
      [1n, 0n],
      [2n, null],
      [3n, 0n],
    ])
    expect(await pair.differences()).toEqual([])
  })

  test('while PostgreSQL is the primary, and SQLite then has the rows that it would have had', async () => {
    pair = await openPair({ schema, stage: 'flipped' })
    await pair.db.run('UPDATE notes SET about = NULL WHERE about = 2')
    for (const sql of writes) await pair.db.run(sql)
    await pair.db.caughtUp()
    expect(contents()).toEqual(left)
    expect(await pair.differences()).toEqual([])
  })

  test('while they come one entry at a time, in either direction', async () => {
    for (const stage of ['mirrored', 'flipped'] as const) {
      pair = await openPair({ schema, stage, options: { applier: { maxEntries: 1 } } })
      for (const sql of deferring) await pair.db.run(sql)
      expect(await pair.differences()).toEqual([])
      if (stage === 'mirrored') await pair.close()
    }
  })

  test('after a rollback, when SQLite cascades again', async () => {
    pair = await openPair({ schema, stage: 'flipped' })
    await pair.db.run(writes[0] as string)
    await rollback(pair.db)
    for (const sql of writes.slice(1)) await pair.db.run(sql.replace('id = 2', 'id = 2 AND 0'))
    expect(await pair.differences()).toEqual([])
  })
})

test.each(['delete', 'update'])(
  'a cascade without its %s trigger is missed, and a verify says so',
  async (event) => {
    pair = await openPair({ schema })
    dropTrigger(pair, `_lockstep_3_${event}`)
    await pair.db.run('DELETE FROM notes')
    await pair.db.run(
      event === 'delete'
        ? 'DELETE FROM people WHERE id = 4'
        : 'UPDATE people SET id = 40 WHERE id = 2',
    )
    const { tables } = await pair.db.verify()
    expect(tables.filter(({ equal }) => !equal).map(({ table }) => table)).toEqual(['badges'])
  },
)

test('a foreign key that is broken when it is checked leaves nothing on either side', async () => {
  for (const stage of ['mirrored', 'flipped'] as const) {
    pair = await openPair({ schema, stage })
    const code = 'SQLITE_CONSTRAINT_FOREIGNKEY'
    await expect(pair.db.run(`INSERT INTO people VALUES (9, 'none', NULL)`)).rejects.toMatchObject({
      code,
    })
    await expect(pair.db.run(`UPDATE people SET boss = 404 WHERE id = 2`)).rejects.toMatchObject({
      code,
    })
    expect(await pair.differences()).toEqual([])
    if (stage === 'mirrored') await pair.close()
  }
})
