import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readSchema } from '../../src/schema/read.ts'
import { countOrphans } from '../../src/sqlite/orphans.ts'
import { readerOf } from '../schema/carry.ts'
import type { Table } from '../../src/schema/model.ts'

let db: Database.Database

beforeEach(() => {
  db = new Database(':memory:')
  db.pragma('foreign_keys = OFF')
})

afterEach(() => {
  db.close()
})

function count(): Promise<number> {
  // Only names, columns and foreign keys are looked at.
  return countOrphans(db, readSchema(readerOf(db)).tables as unknown as readonly Table[])
}

describe('orphans are counted as PRAGMA foreign_key_check does', () => {
  test.each([
    [
      'none',
      `CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p); INSERT INTO c VALUES (NULL)`,
      0,
    ],
    [
      'a parent that is gone',
      `CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p);
      INSERT INTO p VALUES (1); INSERT INTO c VALUES (1), (2), (3)`,
      2,
    ],
    [
      'a table that is not there',
      `CREATE TABLE c (a REFERENCES nowhere (x)); INSERT INTO c VALUES (1), (NULL)`,
      1,
    ],
    [
      'text that looks like the number of its parent',
      `CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p);
      INSERT INTO p VALUES (1); INSERT INTO c VALUES ('1'), ('x')`,
      1,
    ],
    [
      'a number for a parent of text',
      `CREATE TABLE p (k TEXT PRIMARY KEY); CREATE TABLE c (p INTEGER REFERENCES p);
      INSERT INTO p VALUES ('1'), ('02'); INSERT INTO c VALUES (1), (2)`,
      1,
    ],
    [
      'the collation of the parent',
      `CREATE TABLE p (k TEXT COLLATE NOCASE PRIMARY KEY); CREATE TABLE c (p TEXT REFERENCES p);
      INSERT INTO p VALUES ('Ada'); INSERT INTO c VALUES ('ada'), ('bob')`,
      1,
    ],
    [
      'not the collation of the child',
      `CREATE TABLE p (k TEXT PRIMARY KEY); CREATE TABLE c (p TEXT COLLATE NOCASE REFERENCES p);
      INSERT INTO p VALUES ('Ada'); INSERT INTO c VALUES ('ada')`,
      1,
    ],
    [
      'keys of several columns',
      `CREATE TABLE p (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID;
      CREATE TABLE c (a, b, FOREIGN KEY (a, b) REFERENCES p);
      INSERT INTO p VALUES (1, 1); INSERT INTO c VALUES (1, 1), (1, 2), (1, NULL)`,
      1,
    ],
    [
      'two keys broken by one row, and names that must be quoted',
      `CREATE TABLE "a ""b" ("x y" PRIMARY KEY);
      CREATE TABLE c (p REFERENCES "a ""b", q REFERENCES "A ""B" ("X Y")); INSERT INTO c VALUES (1, 2)`,
      2,
    ],
    [
      'a table that refers to itself',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, up REFERENCES t); INSERT INTO t VALUES (1, 1), (2, 3)`,
      1,
    ],
  ])('%s', async (_, sql, expected) => {
    db.exec(sql)
    expect(db.pragma('foreign_key_check')).toHaveLength(expected)
    expect(await count()).toBe(expected)
  })
})

test('others run while a large table is looked through', async () => {
  db.exec(`CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
      INSERT INTO c SELECT i, i FROM n`)
  let turns = 0
  const tick = (): void => void (turns++, (ticking = setImmediate(tick)))
  let ticking = setImmediate(tick)
  expect(await count()).toBe(100_000)
  clearImmediate(ticking)
  expect(turns).toBeGreaterThan(5)
})
