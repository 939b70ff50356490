import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { VerifyReport } from '../../src/api.ts'
import { gate } from '../../src/sqlite/control.ts'
import { flip, openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, email TEXT UNIQUE, price REAL, data BLOB);
  CREATE TABLE codes (code TEXT PRIMARY KEY COLLATE NOCASE, n INTEGER);
  CREATE TABLE lines (a REAL, b BLOB, note TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
  CREATE TABLE loose (note TEXT);
  WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 50)
  INSERT INTO users SELECT i, 'name ' || i, 'e' || i, i / 7.0, CAST('blob' || i AS BLOB) FROM k;
  INSERT INTO codes SELECT 'c"' || id, id FROM users;
  INSERT INTO lines SELECT id / 3.0, CAST(id AS BLOB), NULL FROM users;
  INSERT INTO loose SELECT name FROM users;
`

/** In words that both places understand. */
const corruptions: [what: string, sql: string][] = [
  ['missing rows', 'DELETE FROM users WHERE id IN (1, 25, 50)'],
  ['extra rows', `INSERT INTO users (id, name) VALUES (901, 'x'), (902, 'y')`],
  ['one byte of a text', `UPDATE users SET name = 'nAme 7' WHERE id = 7`],
  ['a trailing space', `UPDATE users SET name = name || ' ' WHERE id = 7`],
  ['one byte of a blob', `UPDATE users SET data = lines.b FROM lines WHERE id = 7 AND lines.a = 1`],
  ['the last bit of a real', 'UPDATE users SET price = 0.14285714285714288 WHERE id = 1'],
  ['NULL for an empty text', 'UPDATE users SET name = NULL WHERE id = 7'],
  ['swapped columns', 'UPDATE users SET name = email, email = name WHERE id = 7'],
  ['a wrong key', 'UPDATE users SET id = 903 WHERE id = 7'],
  ['a part of a key', 'UPDATE lines SET a = 0.5 WHERE a = 1'],
  ['the case of a key', `UPDATE codes SET code = 'C"7' WHERE code = 'c"7'`],
  ['a row of a table without a key', `UPDATE loose SET note = 'other' WHERE rowid = 7`],
  ['everything', 'DELETE FROM users'],
]

const equal = { equal: true, differences: [], problems: [] }
let pair: Pair
afterEach(() => pair.close())

async function expectRepaired(
  report: VerifyReport,
  rows: number = expect.any(Number) as number,
): Promise<void> {
  // As it comes out of a file.
  const from = JSON.parse(JSON.stringify(report)) as VerifyReport
  expect(await pair.db.repair({ from })).toMatchObject({ rows, unknown: [], problems: [] })
  await pair.db.caughtUp()
  expect(await pair.db.verify()).toMatchObject(equal)
}

const keysOf = ({ differences }: VerifyReport): number =>
  new Set(differences.map(({ table, key }) => `${table} ${key}`)).size

describe('everything that a verify found is repaired while SQLite is the primary', () => {
  beforeEach(async () => {
    pair = await openPair({ schema })
  })

  test.each(corruptions)('%s', async (_, sql) => {
    await pair.pg.query(`BEGIN; SET LOCAL lockstep.applying = 'on'; ${sql}; COMMIT`)
    const report = await pair.db.verify()
    expect(report.equal).toBe(false)
    await expectRepaired(report, keysOf(report))
  })

  test('rows that are there twice, with a NULL as their key, and without a unique index', async () => {
    await pair.pg
      .query(`ALTER TABLE lines DROP CONSTRAINT lockstep_pk_3, ALTER a DROP NOT NULL, ALTER b DROP NOT NULL;
      DROP INDEX lockstep_uq_1_1; BEGIN; SET LOCAL lockstep.applying = 'on';
      INSERT INTO lines SELECT * FROM lines WHERE a < 3; INSERT INTO lines SELECT a, b, 'other' FROM lines WHERE a < 2;
      INSERT INTO lines VALUES (NULL, NULL, 'x');
      UPDATE users SET email = 'e1'; COMMIT`)
    const report = await pair.db.verify()
    expect(report.problems.map(({ kind, table }) => `${kind} ${table}`)).toEqual([
      'index users',
      'key lines',
    ])
    await expectRepaired(report)
  })

  test('a row in quarantine, once it can be held', async () => {
    await pair.pg.query('ALTER TABLE users ADD CONSTRAINT short CHECK (length(name) < 9)')
    await pair.db.run(`UPDATE users SET name = 'much too long' WHERE id = 7`)
    await pair.db.caughtUp()
    expect((await pair.db.status()).quarantine).toBe(1)
    await pair.pg.query('ALTER TABLE users DROP CONSTRAINT short')
    const report = await pair.db.verify()
    expect(report.equal).toBe(false)
    await expectRepaired(report, 1)
    expect((await pair.db.status()).quarantine).toBe(0)
  })

  test('more differences than a report lists: the whole table', async () => {
    await pair.pg.query(`BEGIN; SET LOCAL lockstep.applying = 'on';
      INSERT INTO loose SELECT 1000 + i, 'x' FROM generate_series(1, 1500) AS i; COMMIT`)
    const report = await pair.db.verify()
    expect(report.differences).toHaveLength(1000)
    await expectRepaired(report)
  })

  test('what is not to be mended is told, and rows are shipped all the same', async () => {
    await pair.pg
      .query(`BEGIN; SET LOCAL lockstep.applying = 'on'; DELETE FROM users WHERE id = 7; COMMIT;
      ALTER TABLE users ADD CONSTRAINT never CHECK (id < 0) NOT VALID`)
    const report = await pair.db.verify()
    const repaired = await pair.db.repair({ from: report })
    expect(repaired.problems).toMatchObject([{ kind: 'constraint', table: 'users' }])
    expect(repaired.mended).toEqual([])
    await pair.pg.query('ALTER TABLE users DROP CONSTRAINT never')
    await pair.db.repair({ from: await pair.db.verify() })
    await pair.db.caughtUp()
    expect(await pair.db.verify()).toMatchObject(equal)
  })

  test('a report of places that are equal, and one of a table that is not there', async () => {
    expect(await pair.db.repair({ from: await pair.db.verify() })).toMatchObject({ rows: 0 })
    const gone = { table: 'gone', rows: 1, equal: false, missing: 1, extra: 0, different: 0 }
    const from = { tables: [gone], differences: [], problems: [] }
    await expect(pair.db.repair({ from })).rejects.toMatchObject({ code: 'TABLE_UNKNOWN' })
    const both = { table: 'users', from } as never
    await expect(pair.db.repair(both)).rejects.toThrow(TypeError)
    await expect(pair.db.repair({} as never)).rejects.toThrow(TypeError)
  })
})

describe('everything that a verify found is repaired while PostgreSQL is the primary', () => {
  beforeEach(async () => {
    pair = await openPair({ schema })
    await flip(pair.db)
  })

  /** Past the fence, as somebody does who takes the gate away. */
  function onSqlite(sql: string): void {
    pair.sqlite.exec(`BEGIN IMMEDIATE; UPDATE _lockstep_control SET gate = ${gate.applying}; ${sql};
      UPDATE _lockstep_control SET gate = ${gate.moved}; COMMIT`)
  }

  test.each(corruptions)('%s', async (_, sql) => {
    onSqlite(sql)
    const report = await pair.db.verify()
    expect(report.equal).toBe(false)
    await expectRepaired(report, keysOf(report))
  })

  test('sequences, indexes and keys of PostgreSQL', async () => {
    await pair.pg.query(`SELECT setval('lockstep_seq_1', 3); DROP INDEX lockstep_uq_1_1;
      ALTER TABLE codes DROP CONSTRAINT lockstep_pk_2;
      UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'lockstep_pk_3'::regclass`)
    const report = await pair.db.verify()
    const found = report.problems.map(({ kind, table }) => `${kind} ${table}`)
    expect(found.toSorted()).toEqual(['index lines', 'index users', 'key codes', 'sequence users'])
    await expectRepaired(report)
    const { lastInsertRowid } = await pair.db.run(`INSERT INTO users (name) VALUES ('next')`)
    expect(lastInsertRowid).toBe(51)
  })
})
