import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { flip, openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE p (id INTEGER PRIMARY KEY, v INTEGER);
  CREATE TABLE c (id INTEGER PRIMARY KEY, x INTEGER REFERENCES nowhere (id), y INTEGER);
  CREATE TRIGGER p_insert AFTER INSERT ON p BEGIN INSERT INTO c (y) VALUES (NEW.v); END;
  CREATE TRIGGER p_update AFTER UPDATE OF v ON p BEGIN UPDATE c SET y = NEW.v WHERE id = NEW.id; END;
  CREATE TRIGGER p_delete AFTER DELETE ON p BEGIN DELETE FROM c WHERE y = OLD.v; END;
  CREATE TABLE seen (id INTEGER PRIMARY KEY, n INTEGER);
  CREATE TRIGGER seen_update AFTER UPDATE OF n ON seen BEGIN UPDATE c SET x = 1 WHERE id = NEW.n; END;
  CREATE TABLE far (id INTEGER PRIMARY KEY);
  CREATE TRIGGER far_insert AFTER INSERT ON far BEGIN INSERT INTO p (v) VALUES (1); END;
  CREATE TABLE q (id INTEGER PRIMARY KEY, v INTEGER);
  CREATE TABLE k (q INTEGER REFERENCES q (id) ON DELETE CASCADE, n INTEGER REFERENCES nowhere (id));
  CREATE TABLE r (id INTEGER PRIMARY KEY, v INTEGER);
  CREATE TABLE s (r INTEGER REFERENCES r (id) ON DELETE SET NULL ON UPDATE CASCADE, n INTEGER REFERENCES nowhere (id));`

let pair: Pair
let plain: Database.Database
beforeAll(async () => {
  const setup = (db: Database.Database): unknown => db.pragma('foreign_keys = ON')
  pair = await openPair({ schema, setup })
  await flip(pair.db, { force: true })
  plain = new Database(':memory:')
  plain.exec(schema)
})
afterAll(async () => {
  plain.close()
  await pair.close()
})

test.each([
  'INSERT INTO p VALUES (1, 1)',
  'INSERT INTO p SELECT 1, 2 WHERE 0',
  'UPDATE p SET id = id',
  'UPDATE p SET v = 1',
  'DELETE FROM p WHERE 0',
  'INSERT INTO far VALUES (1)',
  'INSERT INTO seen VALUES (1, 1)',
  'UPDATE seen SET n = 2',
  'INSERT INTO seen VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET n = 3',
  'INSERT INTO q VALUES (1, 1)',
  'UPDATE q SET id = 2',
  'DELETE FROM q',
  'REPLACE INTO q VALUES (1, 2)',
  'INSERT INTO r VALUES (1, 1)',
  'UPDATE r SET id = 2',
  'REPLACE INTO r VALUES (2, 2)',
  'DELETE FROM r',
])(
  'where triggers or foreign keys lead to a parent that is not there, as on SQLite: %s',
  async (sql) => {
    const failed = await pair.db.run(sql).then(
      () => undefined,
      ({ code, message }: { code: string; message: string }) => ({ code, message }),
    )
    expect(failed).toEqual(onSqlite(sql))
  },
)

function onSqlite(sql: string): { code: string; message: string } | undefined {
  try {
    plain.exec(sql)
    return undefined
  } catch (error) {
    const { code, message } = error as Error & { code: string }
    return { code, message }
  }
}
