import { afterEach, expect, test } from 'vitest'
import { openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY);
  CREATE TABLE notes (author INTEGER, FOREIGN KEY (author) REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED);
  INSERT INTO users VALUES (1), (2);
  INSERT INTO notes VALUES (1);
  ${Array.from({ length: 5 }, (_, at) => `CREATE TABLE old_${at} (id INTEGER PRIMARY KEY);`).join('\n')}`

let pair: Pair
afterEach(() => pair.close())

async function tablesThere(): Promise<unknown[]> {
  const rows = await pair.pgRows(
    `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1`,
  )
  return rows.flat()
}

test('a change of the schema that SQLite does not commit never happens on PostgreSQL, whoever follows the log meanwhile', async () => {
  pair = await openPair({ schema, setup: (db) => db.pragma('foreign_keys = ON') })
  for (let at = 0; at < 5; at++) {
    // The applier looks for the step of this one while the next one is open.
    await pair.db.run(`DROP TABLE old_${at}`)
    await expect(pair.db.run('DROP TABLE users')).rejects.toMatchObject({
      code: 'SQLITE_CONSTRAINT_FOREIGNKEY',
    })
    await expect(
      pair.db.transaction(async (tx) => {
        await tx.run('DROP TABLE notes')
        await pair.db.status()
        throw new Error('undone')
      }),
    ).rejects.toThrow('undone')
  }
  await pair.db.run('INSERT INTO users VALUES (3)')
  expect(await pair.differences()).toEqual([])
  expect(await tablesThere()).toEqual(['notes', 'users'])
})
