import Database from 'better-sqlite3'
import * as fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE t (
    id INTEGER PRIMARY KEY, a TEXT UNIQUE, b TEXT COLLATE NOCASE, n INTEGER, m INTEGER,
    UNIQUE (b, n)
  );
  CREATE UNIQUE INDEX u ON t (m % 5) WHERE m > 2;
  CREATE TABLE log (n INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT);
  CREATE TRIGGER t_insert AFTER INSERT ON t BEGIN INSERT INTO log (what) VALUES ('+' || NEW.id); END;
  CREATE TRIGGER t_delete AFTER DELETE ON t BEGIN INSERT INTO log (what) VALUES ('-' || OLD.id); END;
  INSERT INTO t VALUES (1, 'a', 'x', 1, 1), (2, 'b', 'X', 2, 3), (3, 'c', 'y', 1, 4), (9, 'd', 'z', 9, 5);
`

let pair: Pair
afterEach(() => pair.close())

/** What an application sees of one statement: its result or its error, and SQLite's own counters. */
function observe(db: Database.Database, sql: string): unknown {
  let outcome: unknown
  try {
    const statement = db.prepare(sql)
    outcome = statement.reader ? statement.all() : statement.run()
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    outcome = { code, message }
  }
  return {
    outcome,
    counters: db.prepare('SELECT changes(), last_insert_rowid()').raw().get(),
    rows: db.prepare('SELECT * FROM t ORDER BY id').raw().all(),
    log: db.prepare('SELECT * FROM log ORDER BY n').raw().all(),
  }
}

function twin(): Database.Database {
  const db = new Database(':memory:')
  db.exec(schema)
  db.defaultSafeIntegers(true)
  return db
}

const statements = [
  `INSERT INTO t VALUES (10, 'e', 'w', 0, NULL)`,
  `INSERT INTO t (a) VALUES ('f'), ('g'), ('h')`,
  `INSERT OR REPLACE INTO t VALUES (20, 'a', 'Y', 1, 7)`,
  `INSERT OR IGNORE INTO t VALUES (21, 'b', 'q', 5, NULL)`,
  `INSERT OR IGNORE INTO t VALUES (22, 'i', 'q', 5, NULL), (23, 'i', 'q', 6, NULL)`,
  `INSERT INTO t VALUES (24, 'b', 'v', 5, NULL)`,
  `INSERT INTO t VALUES (2, 'z', 'v', 5, NULL) ON CONFLICT (id) DO UPDATE SET n = n + 100`,
  `INSERT INTO t VALUES (25, 'c', 'v', 5, NULL) ON CONFLICT (a) DO UPDATE SET id = 26`,
  `INSERT INTO t VALUES (27, 'c', 'v', 5, NULL) ON CONFLICT DO NOTHING`,
  `UPDATE OR REPLACE t SET a = 'a' WHERE id = 9`,
  `UPDATE OR IGNORE t SET a = 'f'`,
  `UPDATE t SET n = n + 1`,
  `UPDATE t SET n = n WHERE id = 404`,
  `REPLACE INTO t (id, a, m) VALUES (1, 'k', 8) RETURNING id, a`,
  `INSERT OR ROLLBACK INTO t VALUES (1, NULL, NULL, NULL, NULL)`,
  `DELETE FROM t WHERE id > 20 RETURNING id`,
  `DELETE FROM t`,
]

describe('while Lockstep is installed', () => {
  test('results, errors, changes() and last_insert_rowid() are what they are without it', async () => {
    pair = await openPair({ schema })
    const plain = twin()
    expect(pair.sqlite.pragma('recursive_triggers', { simple: true })).toBe(0n)
    for (const sql of statements) expect(observe(pair.sqlite, sql)).toEqual(observe(plain, sql))
    plain.close()
    expect(await pair.differences()).toEqual([])
  })

  test('an application that has recursive triggers on sees what it saw, and is captured', async () => {
    pair = await openPair({ schema })
    const plain = twin()
    for (const db of [pair.sqlite, plain]) db.pragma('recursive_triggers = ON')
    for (const sql of statements) expect(observe(pair.sqlite, sql)).toEqual(observe(plain, sql))
    plain.close()
    expect(await pair.differences()).toEqual([])
  })

  test('the same holds through db.run', async () => {
    pair = await openPair({ schema })
    const plain = twin()
    plain.defaultSafeIntegers(false)
    for (const sql of statements.filter((text) => !text.includes('RETURNING'))) {
      const run = await pair.db.run(sql).catch((error: { code: string }) => error.code)
      let expected: unknown
      try {
        expected = plain.prepare(sql).run()
      } catch (error) {
        expected = (error as { code: string }).code
      }
      expect(run).toEqual(expected)
    }
    plain.close()
    expect(await pair.differences()).toEqual([])
  })

  test('any sequence of writes through clashing indexes does the same, and arrives', async () => {
    pair = await openPair({ schema })
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 1, maxLength: 25 }), async (writes) => {
        const plain = twin()
        const reset = `DELETE FROM t; DELETE FROM log; DELETE FROM sqlite_sequence;`
        for (const db of [pair.sqlite, plain]) db.exec(reset)
        plain.prepare('INSERT INTO t (id) VALUES (1)').run()
        pair.sqlite.prepare('INSERT INTO t (id) VALUES (1)').run()
        for (const sql of writes) expect(observe(pair.sqlite, sql)).toEqual(observe(plain, sql))
        plain.close()
        expect(await pair.differences()).toEqual([])
      }),
      { numRuns: 40 },
    )
  })
})

const id = fc.integer({ min: 1, max: 5 }).map(String)
const letter = fc.constantFrom('NULL', `'a'`, `'A'`, `'b'`, `'B'`, `'c'`)
const number = fc.constantFrom('NULL', '1', '2', '3', '6', '8')
const row = fc
  .tuple(fc.oneof(id, fc.constant('NULL')), letter, letter, number, number)
  .map((values) => `(${values.join(', ')})`)
const conflict = fc.constantFrom('', 'OR REPLACE', 'OR REPLACE', 'OR IGNORE', 'OR FAIL', 'OR ABORT')
const assignment = fc.oneof(
  id.map((value) => `id = ${value}`),
  letter.map((value) => `a = ${value}`),
  letter.map((value) => `b = ${value}`),
  number.map((value) => `n = ${value}`),
  number.map((value) => `m = ${value}`),
)
const condition = fc.oneof(
  id.map((value) => `id = ${value}`),
  letter.map((value) => `b IS ${value}`),
  fc.constant('TRUE'),
)
const write = fc.oneof(
  fc
    .tuple(conflict, fc.array(row, { minLength: 1, maxLength: 3 }))
    .map(([or, rows]) => `INSERT ${or} INTO t VALUES ${rows.join(', ')}`),
  fc
    .tuple(
      conflict,
      fc.uniqueArray(assignment, { minLength: 1, maxLength: 2, selector: column }),
      condition,
    )
    .map(([or, set, where]) => `UPDATE ${or} t SET ${set.join(', ')} WHERE ${where}`),
  fc
    .tuple(row, fc.constantFrom('id', 'a', 'b, n'), assignment)
    .map(
      ([values, on, set]) =>
        `INSERT INTO t VALUES ${values} ON CONFLICT (${on}) DO UPDATE SET ${set}`,
    ),
  condition.map((where) => `DELETE FROM t WHERE ${where}`),
)

function column(text: string): string {
  return text.slice(0, text.indexOf(' '))
}
