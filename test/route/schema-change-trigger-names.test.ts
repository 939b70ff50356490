import { expect, test } from 'vitest'
import { flip, openPair } from '../support/pair.ts'

test('a trigger that a new foreign key has run earlier is made anew, and is off until PostgreSQL is the primary', async () => {
  await using pair = await openPair({
    schema: `
      CREATE TABLE p(id INTEGER PRIMARY KEY);
      CREATE TABLE c(id INTEGER PRIMARY KEY, pid INTEGER);
      CREATE TABLE log(n INTEGER PRIMARY KEY, what TEXT);
      CREATE TRIGGER clears AFTER DELETE ON p BEGIN
        DELETE FROM c WHERE pid = OLD.id;
        INSERT INTO log(what) VALUES (OLD.id);
      END;
      INSERT INTO p VALUES (1), (2);`,
    setup: (db) => db.pragma('foreign_keys = ON'),
  })
  const triggers = async (): Promise<unknown[]> => {
    const { rows } = await pair.pg.query<{ name: string }>(
      "SELECT tgname || ' ' || tgenabled::text AS name FROM pg_trigger WHERE tgrelid = 'p'::regclass AND NOT tgisinternal AND tgname NOT LIKE 'lockstep%'",
    )
    return rows.map(({ name }) => name)
  }
  expect(await triggers()).toEqual(['clears D'])
  await pair.db.run('ALTER TABLE c ADD COLUMN own INTEGER REFERENCES p(id)')
  expect(await triggers()).toEqual(['A1_clears D'])
  await flip(pair.db)
  expect(await triggers()).toEqual(['A1_clears O'])
  await pair.db.run('INSERT INTO c(id, pid, own) VALUES (1, 1, 1)')
  await pair.db.run('DELETE FROM p WHERE id = 1')
  expect(await pair.db.values('SELECT what FROM log')).toEqual([['1']])
  expect(await pair.db.values('SELECT * FROM c')).toEqual([])
  expect(await pair.differences()).toEqual([])
})
