import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { openPair } from '../support/pair.ts'

const schema = `
  CREATE TABLE owners (id INTEGER PRIMARY KEY);
  CREATE TABLE pets (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES owners (id) DEFERRABLE INITIALLY DEFERRED,
    age INTEGER CONSTRAINT born CHECK (age >= 0) CHECK (age < 200), legs INTEGER CHECK (legs <> 3),
    CONSTRAINT "sound body" CHECK (legs > 0 OR age = 0), CHECK (id > 0));
  CREATE TABLE cages (size INTEGER, bars INTEGER CONSTRAINT closed CHECK (bars > 0), CHECK (bars < 90),
    CONSTRAINT wide CHECK (size > 0) CHECK (size <> 5) /* , */ -- ,
    CHECK (size < 90), CHECK (size <> 7));
  INSERT INTO owners VALUES (1);`

const broken = [
  'INSERT INTO pets VALUES (1, 1, -1, 4)',
  'INSERT INTO pets VALUES (1, 1, 200, 4)',
  'INSERT INTO pets VALUES (1, 1, 2, 3)',
  'INSERT INTO pets VALUES (1, 1, 2, 0)',
  'INSERT INTO pets VALUES (-1, 1, 2, 4)',
  'INSERT INTO pets VALUES (1, 9, 2, 4)',
  'INSERT INTO cages VALUES (1, 0)',
  'INSERT INTO cages VALUES (1, 90)',
  'INSERT INTO cages VALUES (0, 1)',
  'INSERT INTO cages VALUES (5, 1)',
  'INSERT INTO cages VALUES (90, 1)',
  'INSERT INTO cages VALUES (7, 1)',
]

test('a constraint that is broken is called what SQLite calls it, also at COMMIT', async () => {
  await using pair = await openPair({
    schema,
    stage: 'flipped',
    setup: (db) => db.pragma('foreign_keys = ON'),
  })
  const plain = new Database(':memory:')
  plain.pragma('foreign_keys = ON')
  plain.exec(schema)
  for (const sql of broken) {
    const expected = failure(() => plain.prepare(sql).run())
    await expect(pair.db.run(sql)).rejects.toMatchObject(expected)
    await expect(pair.db.transaction((tx) => tx.run(sql))).rejects.toMatchObject(expected)
  }
  plain.close()
})

function failure(run: () => unknown): { code: string; message: string } {
  try {
    run()
  } catch (error) {
    const { code, message } = error as Error & { code: string }
    return { code, message }
  }
  throw new Error('SQLite took it')
}
