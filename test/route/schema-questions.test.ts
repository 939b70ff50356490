import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { flip, openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE parents (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE COLLATE NOCASE, n REAL DEFAULT 1.5);
  CREATE TABLE "odd ""name" (a TEXT, b BLOB, c INTEGER GENERATED ALWAYS AS (length(a)), PRIMARY KEY (a, b)) WITHOUT ROWID;
  CREATE TABLE children (
    id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    note TEXT CHECK (length(note) < 100)
  );
  CREATE INDEX by_note ON children (note DESC, lower(note)) WHERE note IS NOT NULL;
  CREATE VIEW notes AS SELECT note FROM children;
  CREATE TRIGGER touched AFTER UPDATE ON children WHEN NEW.note <> 'x' BEGIN SELECT 1; END;
  INSERT INTO parents (email) VALUES ('a@b');
  PRAGMA user_version = 7`

const questions = [
  'PRAGMA table_info(parents)',
  'PRAGMA main.table_info("odd ""name")',
  'PRAGMA table_xinfo("odd ""name")',
  'PRAGMA table_info(PARENTS)',
  'PRAGMA table_info(nowhere)',
  'PRAGMA table_info(notes)',
  'PRAGMA table_list',
  'PRAGMA table_list(children)',
  'PRAGMA foreign_key_list(children)',
  'PRAGMA index_list(children)',
  'PRAGMA index_list(parents)',
  'PRAGMA index_info(by_note)',
  'PRAGMA index_xinfo(by_note)',
  'PRAGMA foreign_keys',
  'PRAGMA user_version',
  'PRAGMA application_id',
  'PRAGMA encoding',
  'PRAGMA foreign_key_check',
  `SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name`,
  `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by 1`,
  `SELECT m.name, p.name AS column, p.pk FROM main.sqlite_master AS m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY 1, p.cid`,
  `SELECT sqlite_master.name FROM sqlite_master WHERE sqlite_master.type = 'trigger'`,
  `SELECT count(*) FROM sqlite_master`,
  `SELECT name FROM pragma_table_list WHERE schema = 'main' ORDER BY name`,
  `SELECT * FROM pragma_index_info('by_note')`,
  `WITH t AS (SELECT name FROM sqlite_master WHERE type = 'view') SELECT * FROM t`,
  `SELECT name FROM sqlite_master WHERE name = ?1 OR name = ?2 ORDER BY rowid`,
]

/** The order in which SQLite made the objects is not the application's to see, and Lockstep's are among them. */
const unordered = new Set(['PRAGMA table_list'])

describe.each(['plain', 'mirrored', 'flipped'] as const)('in stage %s', (stage) => {
  let pair: Pair
  let plain: Database.Database

  beforeAll(async () => {
    pair = await openPair({ schema, stage: stage === 'flipped' ? 'mirrored' : stage })
    // A trigger stands in the way of a flip.
    if (stage === 'flipped') await flip(pair.db, { force: true })
    plain = new Database(':memory:')
    plain.exec(schema)
  })
  afterAll(async () => {
    plain.close()
    await pair.close()
  })

  test.each(questions)('%s is answered as SQLite does without Lockstep', async (sql) => {
    const args = sql.includes('?1') ? [['children', 'notes']] : []
    const wanted = sql.includes('?1')
      ? plain.prepare(sql).all({ 1: 'children', 2: 'notes' })
      : plain.prepare(sql).all()
    const own = (row: unknown): boolean => !JSON.stringify(row).includes('pair-')
    const sorted = (rows: unknown[]): unknown[] =>
      unordered.has(sql)
        ? rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
        : rows
    const got = await pair.db.all(sql, args[0])
    expect(sorted(got.filter(own))).toEqual(sorted(wanted))
    const inside = await pair.db.transaction((tx) => tx.all(sql, args[0]))
    expect(sorted(inside.filter(own))).toEqual(sorted(wanted))
    expect(await pair.db.get(sql, args[0])).toBeTypeOf(wanted.length === 0 ? 'undefined' : 'object')
  })

  test('a setting of the connection holds for what is read and what is written', async () => {
    expect(await pair.db.get('PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 })
    await pair.db.run('PRAGMA foreign_keys = OFF')
    expect(await pair.db.get('PRAGMA foreign_keys')).toEqual({ foreign_keys: 0 })
    await pair.db.run('PRAGMA foreign_keys = ON')
    expect(await pair.db.get('PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 })
  })
})

describe('while PostgreSQL is the primary', () => {
  let pair: Pair
  beforeAll(async () => {
    pair = await openPair({ schema: 'CREATE TABLE t (id INTEGER PRIMARY KEY)', stage: 'flipped' })
    await pair.db.setFlags({ reads: { postgres: 100 } })
  })
  afterAll(() => pair.close())

  test('what Lockstep asks the file shows no second database', async () => {
    await pair.db.all('PRAGMA table_list')
    expect(await pair.db.all('PRAGMA database_list')).toMatchObject([{ seq: 0, name: 'main' }])
    expect(await pair.db.values('PRAGMA database_list')).toHaveLength(1)
  })

  test.each([
    'PRAGMA nonsense',
    'PRAGMA nonsense = 1',
    'PRAGMA recursive_triggers = ON',
    'PRAGMA legacy_alter_table = ON',
    'PRAGMA case_sensitive_like = 1',
    'PRAGMA journal_mode = DELETE',
    'PRAGMA schema_version = 3',
    "ATTACH 'other.db' AS other",
    "VACUUM INTO 'copy.db'",
    'EXPLAIN SELECT 1',
    'SELECT * FROM t, pragma_table_list',
  ])('%s is refused with what it is', async (sql) => {
    await expect(pair.db.run(sql)).rejects.toMatchObject({
      code: expect.stringMatching(/^SQL_UNSUPPORTED$|^SQLITE_ERROR$/),
    })
  })

  test.each([
    'PRAGMA case_sensitive_like = 1',
    "ATTACH 'other.db' AS other",
    "VACUUM INTO 'copy.db'",
    'CREATE TEMP TABLE passing (a)',
    'CREATE VIRTUAL TABLE passing USING fts5(a)',
  ])('%s is refused with the place where it stands', async (sql) => {
    await expect(pair.db.run(`-- a remark\n  ${sql}`)).rejects.toMatchObject({
      code: 'SQL_UNSUPPORTED',
      message: expect.stringContaining(', at line 2, column 3. ') as string,
      details: { line: 2, column: 3 },
    })
  })

  test('upkeep of the file is not for PostgreSQL, and no error', async () => {
    for (const sql of [
      'VACUUM',
      'REINDEX',
      'ANALYZE',
      'PRAGMA optimize',
      'PRAGMA recursive_triggers = OFF',
    ])
      await expect(pair.db.exec(sql)).resolves.toBeUndefined()
  })

  test("EXPLAIN QUERY PLAN shows PostgreSQL's plan in SQLite's columns", async () => {
    const rows = await pair.db.all('EXPLAIN QUERY PLAN SELECT * FROM t WHERE id = ?', [1n])
    expect(rows[0]).toEqual({
      id: 1,
      parent: 0,
      notused: 0,
      detail: expect.stringMatching(/Scan.* on .*t/) as string,
    })
  })
})

test('while PostgreSQL is the primary the schema is there beside the rows of tables, without what Lockstep has added', async () => {
  await using pair = await openPair({ schema, stage: 'mirrored' })
  await flip(pair.db, { force: true })
  await pair.db.setFlags({ reads: { postgres: 100 } })
  const plain = new Database(':memory:')
  plain.exec(schema)
  for (const sql of [
    `SELECT m.type, m.name, m.sql, p.email FROM sqlite_master m LEFT JOIN parents p ON m.tbl_name = p.email ORDER BY m.name`,
    `SELECT p.email, c.name, c.type FROM parents p, pragma_table_info('children') c ORDER BY c.cid`,
    `SELECT i.name FROM parents p, sqlite_master m, pragma_index_list(m.name) i WHERE p.id = 1 ORDER BY 1`,
  ])
    expect(await pair.db.all(sql)).toEqual(plain.prepare(sql).all())
  await pair.db.exec('CREATE TABLE later (id INTEGER PRIMARY KEY)')
  const [{ count }] = (await pair.db.all(
    `SELECT count(*) AS count FROM parents, sqlite_master WHERE name = 'later'`,
  )) as [{ count: number }]
  expect(count).toBe(1)
  plain.close()
})
