import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differences } from './compare.ts'
import { openPlaces, type Places, type Statement } from './places.ts'

const schema = `
  CREATE TABLE ages (id INTEGER PRIMARY KEY, age INTEGER CHECK (age > 0 AND age < 150), name TEXT NOT NULL DEFAULT 'anon' UNIQUE,
    CONSTRAINT named CHECK (name <> 'root' OR age = 1));
  INSERT INTO ages VALUES (1, 30, 'ann'), (2, NULL, 'bob');
`

let places: Places
beforeAll(async () => {
  places = await openPlaces(schema)
})
afterAll(() => places[Symbol.asyncDispose]())

describe('a CHECK is kept by every write', () => {
  test.each<[law: string, fails: boolean, ...statements: Statement[]]>([
    ['a row that holds it', false, 'INSERT INTO ages (age) VALUES (5)'],
    ['NULL holds it', false, 'INSERT INTO ages (age) VALUES (NULL)'],
    ['a row that breaks it', true, 'INSERT INTO ages (age) VALUES (0)'],
    ['a bound row that breaks it', true, ['INSERT INTO ages (age) VALUES (?)', -1n]],
    ['one of several rows', true, `INSERT INTO ages (age, name) VALUES (1, 'x'), (200, 'y')`],
    ['one of several CHECKs', true, `INSERT INTO ages (age, name) VALUES (2, 'root')`],
    [
      'a row of a query',
      true,
      `INSERT INTO ages (age, name) SELECT age - 30, name || '!' FROM ages`,
    ],
    [
      'a row that a join leaves out',
      false,
      `INSERT INTO ages (age, name) SELECT a.age - 30, a.name || '!' FROM ages a JOIN ages b ON a.id + b.id = 1000`,
      `INSERT INTO ages (age, name) SELECT -a.id, a.name || '!' FROM ages a WHERE a.name IN (SELECT name || '?' FROM ages)`,
      `INSERT OR REPLACE INTO ages (age, name) SELECT -a.id, 'ann' FROM ages a JOIN ages b ON a.id + b.id = 1000`,
    ],
    ['NULL is looked at before', true, 'INSERT INTO ages (age, name) VALUES (0, NULL)'],
    ['keys are looked at behind', true, `INSERT INTO ages (id, age, name) VALUES (1, 0, 'ann')`],
    [
      'a row that would do nothing',
      true,
      `INSERT INTO ages (age, name) VALUES (0, 'ann') ON CONFLICT DO NOTHING`,
    ],
    [
      'a row that would update',
      true,
      `INSERT INTO ages (age, name) VALUES (0, 'ann') ON CONFLICT (name) DO UPDATE SET age = 5`,
    ],
    [
      'what an upsert makes of a row',
      true,
      `INSERT INTO ages (name) VALUES ('ann') ON CONFLICT (name) DO UPDATE SET age = age - 30`,
    ],
    [
      'an upsert that holds it',
      false,
      `INSERT INTO ages (age, name) VALUES (3, 'ann'), (4, 'new') ON CONFLICT (name) DO UPDATE SET age = excluded.age RETURNING *`,
    ],
    ['OR REPLACE', true, `INSERT OR REPLACE INTO ages (age, name) VALUES (0, 'ann')`],
    [
      'OR REPLACE of several rows',
      true,
      `INSERT OR REPLACE INTO ages (id, age) VALUES (8, 0), (8, 5)`,
    ],
    [
      'OR REPLACE that holds it',
      false,
      `INSERT OR REPLACE INTO ages (age, name) VALUES (9, 'ann')`,
    ],
    [
      'OR IGNORE leaves the row out',
      false,
      `INSERT OR IGNORE INTO ages (age, name) VALUES (0, 'x'), (7, 'y')`,
    ],
    ['UPDATE', true, 'UPDATE ages SET age = 0 WHERE id = 2'],
    ['UPDATE of another column in it', true, `UPDATE ages SET name = 'root' WHERE id = 1`],
    ['UPDATE of a column that is in none', false, 'UPDATE ages SET id = 70 WHERE id = 1'],
    ['UPDATE of no rows', false, 'UPDATE ages SET age = 0 WHERE id = 99'],
    [
      'UPDATE that holds it, with what it returns',
      false,
      'UPDATE ages SET age = 2 RETURNING id, age',
    ],
    ['UPDATE OR REPLACE', true, `UPDATE OR REPLACE ages SET age = 0, name = 'ann' WHERE id = 2`],
    ['UPDATE OR IGNORE leaves the row', false, 'UPDATE OR IGNORE ages SET age = age - 30'],
    ['UPDATE ... FROM', true, 'UPDATE ages SET age = v FROM (SELECT 0 AS v) AS s'],
  ])('%s', async (_, fails, ...statements) => {
    expect(await differences(places, ...statements)).toEqual([])
    const { sqlite } = await places.outcomes(statements)
    expect(Object.keys(sqlite[0]?.answer ?? {}).includes('error')).toBe(fails)
  })
})
