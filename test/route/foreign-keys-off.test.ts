import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE parents (id INTEGER PRIMARY KEY, code TEXT UNIQUE, name TEXT);
  CREATE TABLE children (id INTEGER PRIMARY KEY, parent INT REFERENCES parents (id) ON DELETE CASCADE ON UPDATE SET NULL,
    code TEXT REFERENCES parents (code) ON UPDATE CASCADE);
  CREATE TABLE waiting (id INTEGER PRIMARY KEY, later INT REFERENCES later (id));
  CREATE TABLE requests (id INTEGER PRIMARY KEY, parent INT);
  CREATE TRIGGER requested AFTER INSERT ON requests BEGIN DELETE FROM parents WHERE id = NEW.parent; END;
  CREATE VIEW names AS SELECT id, name FROM parents;
  CREATE TRIGGER renamed INSTEAD OF DELETE ON names BEGIN DELETE FROM parents WHERE id = OLD.id; END;
  INSERT INTO parents VALUES (1, 'a', 'one'), (2, 'b', 'two'), (3, 'c', 'three');
  INSERT INTO children VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c');`

const read = [
  'SELECT * FROM parents ORDER BY id',
  'SELECT * FROM children ORDER BY id',
  'SELECT * FROM waiting',
  'SELECT * FROM requests',
]

/** Mean on PostgreSQL what they mean on SQLite, whatever foreign keys there are. */
const followed = [
  `INSERT INTO parents VALUES (4, 'd', 'four')`,
  `UPDATE parents SET name = 'uno' WHERE id = 1`,
  `INSERT INTO parents VALUES (1, 'a', 'eins') ON CONFLICT (id) DO UPDATE SET name = excluded.name`,
  `INSERT OR IGNORE INTO parents VALUES (1, 'a', 'I')`,
  `INSERT INTO children VALUES (9, 1, 'a')`,
  'DELETE FROM children WHERE id = 2',
  'UPDATE children SET parent = 3 WHERE id = 1',
  'INSERT INTO waiting VALUES (1, 5)',
]

const refused = [
  'DELETE FROM parents WHERE id = 1',
  'DELETE FROM parents',
  'UPDATE parents SET id = 20 WHERE id = 2',
  'UPDATE parents SET rowid = 20 WHERE id = 2',
  `UPDATE parents SET code = 'z' WHERE id = 2`,
  `UPDATE OR REPLACE parents SET name = 'x' WHERE id = 2`,
  `REPLACE INTO parents VALUES (1, 'a', 'again')`,
  `INSERT INTO parents VALUES (1, 'a', 'x') ON CONFLICT (id) DO UPDATE SET id = 30`,
  `INSERT INTO children VALUES (10, 99, 'a')`,
  'UPDATE children SET parent = 99 WHERE id = 1',
  'INSERT INTO requests VALUES (1, 1)',
  'DELETE FROM names WHERE id = 1',
]

describe.each(['mirrored', 'flipped'] as const)('while foreign keys are off, %s', (stage) => {
  let pair: Pair
  let plain: Database.Database
  beforeEach(async () => {
    pair = await openPair({ schema, stage })
    plain = new Database(':memory:')
    plain.exec(schema)
    plain.pragma('foreign_keys = OFF')
    await pair.db.run('PRAGMA foreign_keys = OFF')
  })
  afterEach(async () => {
    plain.close()
    await pair.close()
  })
  const rows = async (): Promise<unknown> => {
    const all: unknown[] = []
    for (const sql of read) all.push(await pair.db.values(sql))
    return all
  }
  const wanted = (): unknown => read.map((sql) => plain.prepare(sql).raw().all())

  test('a write does what it does on SQLite, or is refused and does nothing', async () => {
    for (const sql of [...followed, ...(stage === 'flipped' ? [] : refused)]) {
      plain.exec(sql)
      await pair.db.run(sql)
      expect([sql, await rows()]).toEqual([sql, wanted()])
    }
    for (const sql of stage === 'flipped' ? refused : []) {
      await expect(pair.db.run(sql)).rejects.toMatchObject({ code: 'SQL_UNSUPPORTED' })
      await expect(pair.db.transaction((tx) => tx.run(sql))).rejects.toMatchObject({
        code: 'SQL_UNSUPPORTED',
      })
    }
    expect(await rows()).toEqual(wanted())
    expect(await pair.differences()).toEqual([])
  })

  test('and foreign keys act again once they are on', async () => {
    for (const sql of ['PRAGMA foreign_keys = ON', 'DELETE FROM parents WHERE id = 1']) {
      plain.exec(sql)
      await pair.db.run(sql)
    }
    expect(await rows()).toEqual(wanted())
  })

  test('a table is made anew with its rows, as a migration does', async () => {
    const script = `
      CREATE TABLE new_children (id INTEGER PRIMARY KEY, parent INT REFERENCES parents (id) ON DELETE CASCADE, more TEXT);
      INSERT INTO new_children SELECT id, parent, 'm' FROM children;
      DROP TABLE children; ALTER TABLE new_children RENAME TO children;
      CREATE TABLE new_parents (id INTEGER PRIMARY KEY, code TEXT UNIQUE, name TEXT NOT NULL);
      INSERT INTO new_parents SELECT id, code, name FROM parents;
      DROP VIEW names; DROP TRIGGER requested;
      DROP TABLE parents; ALTER TABLE new_parents RENAME TO parents;`
    plain.exec(script)
    await pair.db.exec(`BEGIN; ${script} COMMIT; PRAGMA foreign_keys = ON`)
    expect(await rows()).toEqual(wanted())
    expect(await pair.differences()).toEqual([])
  })
})
