import Database from 'better-sqlite3'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresError } from '../../../src/postgres/errors.ts'
import { createTriggers } from '../../../src/schema/postgres-triggers.ts'
import { quoteIdentifier as quote } from '../../../src/schema/quote.ts'
import { carry, modelOf, run } from '../../schema/carry.ts'
import { createDatabase, type TestDatabase } from '../../support/postgres.ts'

let database: TestDatabase
let client: Client

beforeAll(async () => {
  database = await createDatabase('compat')
  client = new Client({ connectionString: database.url })
  await client.connect()
})

afterAll(async () => {
  await client.end()
  await database.drop()
})

/** What each place says to a change of such tables, and what they hold then. */
async function outcomes(
  schema: string,
  change: string,
): Promise<{ sqlite: unknown; postgres: unknown }> {
  const db = new Database(':memory:')
  db.pragma('foreign_keys = ON')
  db.exec(schema)
  const { tables } = modelOf(db).schema
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
  await carry(client, db, { tables })
  for (const table of tables)
    expect(await run(client, createTriggers(table, tables, 'public'))).toEqual([])
  const sqlite: unknown[] = []
  const postgres: unknown[] = []
  try {
    db.exec(change)
  } catch (error) {
    sqlite.push((error as { code: string }).code)
  }
  await client.query(change).catch((error: unknown) => {
    postgres.push((postgresError(error) as Error & { code: string }).code)
  })
  for (const { name } of tables) {
    const rows = `SELECT * FROM ${quote(name)} ORDER BY 1`
    sqlite.push(...db.prepare(rows).raw().all().map(String))
    const found = await client.query({ text: rows, rowMode: 'array' })
    postgres.push(...found.rows.map(String))
  }
  db.close()
  return { sqlite, postgres }
}

const family = `
  CREATE TABLE p(id INTEGER PRIMARY KEY, v INTEGER);
  CREATE TABLE c(id INTEGER PRIMARY KEY, pid INTEGER REFERENCES p(id));
  INSERT INTO p VALUES (1, 1), (2, 2), (3, 3);
  INSERT INTO c VALUES (1, 1), (2, 1), (3, 2);`
const clears =
  'CREATE TRIGGER clears AFTER DELETE ON p BEGIN DELETE FROM c WHERE pid = OLD.id; END;'
const forgets =
  'CREATE TRIGGER forgets AFTER DELETE ON p BEGIN UPDATE c SET pid = NULL WHERE pid = OLD.id; END;'
const follows =
  'CREATE TRIGGER follows AFTER UPDATE OF id ON p BEGIN UPDATE c SET pid = NEW.id WHERE pid = OLD.id; END;'
const makes =
  'CREATE TRIGGER makes AFTER INSERT ON c WHEN NEW.pid > 5 BEGIN INSERT INTO p VALUES (NEW.pid, 0); END;'

test.each([
  [clears, 'DELETE FROM p WHERE id = 1'],
  [clears, 'DELETE FROM p'],
  [forgets, 'DELETE FROM p WHERE id < 3'],
  [follows, 'UPDATE p SET id = 9 WHERE id = 1'],
  [follows, 'UPDATE p SET id = id + 10'],
  [makes, 'INSERT INTO c VALUES (8, 8), (9, 9)'],
  [makes, 'INSERT INTO c VALUES (8, 8), (9, 4)'],
  [
    `${clears} CREATE TRIGGER stops AFTER DELETE ON p WHEN OLD.id = 1 BEGIN SELECT RAISE(ABORT, 'no'); END;`,
    'DELETE FROM p WHERE id = 1',
  ],
  [
    `CREATE TABLE g(id INTEGER PRIMARY KEY, cid INTEGER REFERENCES c(id) ON DELETE CASCADE); INSERT INTO g VALUES (1, 1);
     ${clears}`,
    'DELETE FROM p WHERE id = 1',
  ],
])('%s is over before foreign keys are looked at: %s', async (triggers, change) => {
  const { sqlite, postgres } = await outcomes(`${family} ${triggers}`, change)
  expect(postgres).toEqual(sqlite)
})

test('a trigger runs behind what a foreign key carries on from the same change', async () => {
  const { sqlite, postgres } = await outcomes(
    `CREATE TABLE p(id INTEGER PRIMARY KEY);
     CREATE TABLE c(id INTEGER PRIMARY KEY, pid INTEGER REFERENCES p(id) ON DELETE SET NULL);
     CREATE TABLE log(n INTEGER PRIMARY KEY, left_over INTEGER);
     INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1), (2, NULL);
     CREATE TRIGGER a AFTER DELETE ON p BEGIN
       INSERT INTO log(left_over) SELECT count(*) FROM c WHERE pid IS NULL;
       UPDATE c SET pid = NULL WHERE id = 1;
     END;`,
    'DELETE FROM p',
  )
  expect(postgres).toEqual(sqlite)
})

test('RESTRICT forbids a change before a trigger could make it right', async () => {
  const { sqlite, postgres } = await outcomes(
    `${family.replace('REFERENCES p(id)', 'REFERENCES p(id) ON DELETE RESTRICT')} ${clears}`,
    'DELETE FROM p WHERE id = 1',
  )
  expect(sqlite).toHaveLength(7)
  expect((postgres as unknown[])[0]).toMatch(/^SQLITE_CONSTRAINT_(?:FOREIGNKEY|TRIGGER)$/)
  expect((postgres as unknown[]).slice(1)).toEqual((sqlite as unknown[]).slice(1))
})

test.each([
  ['ON DELETE CASCADE', 'DELETE', 'OLD', 'DELETE FROM p WHERE id = 1'],
  ['ON DELETE SET NULL', 'UPDATE', 'NEW', 'DELETE FROM p WHERE id = 1'],
  ['ON UPDATE CASCADE', 'UPDATE OF pid', 'NEW', 'UPDATE p SET id = 9 WHERE id = 1'],
])(
  'RAISE(IGNORE) of a row that a foreign key changes (%s) leaves no row without its parent',
  async (action, event, row, change) => {
    const { sqlite, postgres } = await outcomes(
      `${family.replace('REFERENCES p(id)', `REFERENCES p(id) ${action}`)}
       CREATE TRIGGER keeps BEFORE ${event} ON c WHEN ${row}.id = 2 BEGIN SELECT RAISE(IGNORE); END;`,
      change,
    )
    expect(sqlite).toContain('SQLITE_CONSTRAINT_FOREIGNKEY')
    expect(postgres).toEqual(['SQL_UNSUPPORTED', ...(sqlite as unknown[]).slice(1)])
  },
)

test('RAISE(IGNORE) leaves out a row that the statement itself changes', async () => {
  const { sqlite, postgres } = await outcomes(
    `${family.replace('REFERENCES p(id)', 'REFERENCES p(id) ON DELETE CASCADE')}
     CREATE TRIGGER keeps BEFORE DELETE ON c WHEN OLD.id = 2 BEGIN SELECT RAISE(IGNORE); END;`,
    'DELETE FROM c',
  )
  expect(postgres).toEqual(sqlite)
})
