import { expect, test } from 'vitest'
import { openPair } from '../support/pair.ts'

const schema = 'CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL)'

/** As the file of a migration has it. */
const migration = `-- adds tags
  PRAGMA foreign_keys = OFF;
  BEGIN TRANSACTION;
  CREATE TABLE tags (name TEXT PRIMARY KEY);
  INSERT INTO tags VALUES ('a;b');
  SAVEPOINT part; INSERT INTO tags VALUES ('gone'); ROLLBACK TO part; RELEASE part;
  COMMIT;
  INSERT INTO notes VALUES (1, 'behind');`

test.each(['mirrored', 'flipped'] as const)(
  'what a script has between BEGIN and COMMIT is one transaction: %s',
  async (stage) => {
    await using pair = await openPair({ schema, stage })
    const { db } = pair
    await db.exec(migration)
    expect(await db.all('SELECT name FROM tags')).toEqual([{ name: 'a;b' }])
    expect(await db.all('SELECT * FROM notes')).toEqual([{ id: 1, body: 'behind' }])
    const broken = `BEGIN; INSERT INTO notes VALUES (2, 'undone'); INSERT INTO notes VALUES (3, NULL); COMMIT`
    await expect(db.exec(broken)).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_NOTNULL' })
    expect(await db.all('SELECT id FROM notes')).toEqual([{ id: 1 }])
    expect(await pair.differences()).toEqual([])
  },
)

test.each([
  ['has no end', 'INSERT INTO notes VALUES (1, 1); BEGIN; INSERT INTO notes VALUES (2, 2)'],
  ['has no beginning', 'INSERT INTO notes VALUES (1, 1); COMMIT'],
  ['is undone', 'BEGIN; INSERT INTO notes VALUES (1, 1); ROLLBACK'],
  ['begins twice', 'BEGIN; BEGIN; COMMIT'],
])('a script whose transaction %s is refused before anything has run', async (_, script) => {
  await using pair = await openPair({ schema, stage: 'plain' })
  await expect(pair.db.exec(script)).rejects.toThrow('from BEGIN to COMMIT')
  expect(await pair.db.all('SELECT * FROM notes')).toEqual([])
})
