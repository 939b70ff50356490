import Database from 'better-sqlite3'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Schema, Table } from '../../src/schema/model.ts'
import {
  addForeignKeys,
  dropForeignKeys,
  validateForeignKeys,
} from '../../src/schema/postgres-foreign-keys.ts'
import { createTable } from '../../src/schema/postgres-tables.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { carry, modelOf, run, type Carried } from './carry.ts'

let database: TestDatabase
let client: Client
let db: Database.Database

beforeAll(async () => {
  database = await createDatabase()
  client = new Client({ connectionString: database.url })
  await client.connect()
}, 60_000)

afterAll(async () => {
  await client.end()
  await database.drop()
})

beforeEach(async () => {
  db = new Database(':memory:')
  await client.query(
    'ROLLBACK; SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public',
  )
  return () => db.close()
})

async function carrySql(sql: string): Promise<Carried & { schema: Schema; codes: string[] }> {
  db.exec(sql)
  const { schema, findings } = modelOf(db)
  const carried = await carry(client, db, schema)
  const all = [...findings, ...carried.findings]
  // Most tables here declare no types, which these tests are not about.
  const codes = all.map(({ code }) => code).filter((code) => code !== 'UNDECLARED_TYPE')
  return { ...carried, schema, findings: all, codes }
}

async function column(sql: string): Promise<unknown[]> {
  const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' })
  return rows.map((row) => row[0])
}

const indexDefinitions = `SELECT pg_get_indexdef(indexrelid) FROM pg_index
  WHERE indrelid = 't'::regclass ORDER BY 1`

test('hostile names, values and keys arrive as they are', async () => {
  const { unencodable, codes } = await carrySql(`
    CREATE TABLE "dro""p 'table' [x] 😀" ("se""lect" TEXT, [group by] BLOB, \`a'b\` INTEGER, "%s $1" REAL,
      PRIMARY KEY ("se""lect", [group by]));
    CREATE INDEX "in""dex; --" ON "dro""p 'table' [x] 😀" (lower("se""lect"), [group by] DESC)
      WHERE \`a'b\` > 0;
    INSERT INTO "dro""p 'table' [x] 😀" VALUES ('\\N', x'00ff5c', 1, 0.1), ('', x'', NULL, 9e999),
      (char(9, 10, 13, 92), x'0a', -9223372036854775808, 5e-324);
    CREATE TABLE "user" (rowid, "DESC");
    INSERT INTO "user" (_rowid_, rowid, "DESC") VALUES (-5, 5, 'x'), (7, 5.0, NULL)`)
  expect(unencodable).toEqual([])
  expect(codes).toEqual([])
  expect(await column('SELECT _rowid_ FROM "user" ORDER BY 1')).toEqual(['-5', '7'])
})

test.each<[string, RegExp]>([
  [`CREATE TABLE "${'t'.repeat(64)}" (a)`, /table "t{64}".*63 bytes/],
  [`CREATE TABLE t ("${'é'.repeat(32)}" INTEGER)`, /column "é{32}" of table "t".*63 bytes/],
  [
    'CREATE TABLE t (id INTEGER PRIMARY KEY, xmin TEXT)',
    /column "xmin" of table "t".*system column/,
  ],
  ['CREATE TABLE t ("" TEXT)', /column "" of table "t".*empty/],
])('a name that PostgreSQL cannot take is refused and named: %s', (sql, message) => {
  db.exec(sql)
  const { schema } = modelOf(db)
  const attempt = (): unknown => createTable(schema.tables[0] as Table, 'public')
  expect(attempt).toThrow(message)
  expect(attempt).toThrow(expect.objectContaining({ code: 'SCHEMA_UNSUPPORTED' }))
})

test('names that databases make up collide with none of the application', async () => {
  const long = 'i'.repeat(70)
  const { codes } = await carrySql(`
    CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE, b UNIQUE, XMIN);
    CREATE TABLE t_pkey (a UNIQUE); CREATE TABLE t_id_seq (a UNIQUE); CREATE TABLE t_a_key (a);
    CREATE INDEX t_id_seq1 ON t (a, b); CREATE INDEX t_a_b_idx ON t (b, a);
    CREATE INDEX ${long}1 ON t (b); CREATE INDEX ${long}2 ON t (a)`)
  expect(codes).toEqual([])
  const [count] = await column(`SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass`)
  expect(count).toBe('7')
})

test('indexes sort NULL as SQLite does, and say nothing where there is none', async () => {
  await carrySql(`CREATE TABLE t (k INTEGER PRIMARY KEY, a INTEGER, b TEXT NOT NULL);
    CREATE INDEX i1 ON t (a, b, k); CREATE INDEX i2 ON t (a DESC, b DESC)`)
  const definitions = (await column(indexDefinitions)).join('\n')
  expect(definitions).toContain('(a NULLS FIRST, b, k)')
  expect(definitions).toContain('(a DESC NULLS LAST, b DESC)')
  await client.query('SET enable_seqscan = off; SET enable_sort = off')
  const plan = await column('EXPLAIN SELECT a FROM t ORDER BY a NULLS FIRST, b')
  await client.query('RESET ALL')
  expect(plan.join('\n')).toMatch(/using i[12]/)
  expect(plan.join('\n')).not.toMatch(/Sort/)
})

test('what SQLite refuses as a duplicate PostgreSQL refuses, and takes what it takes', async () => {
  const { codes, findings } = await carrySql(`
    CREATE TABLE t (id INTEGER PRIMARY KEY, mail TEXT COLLATE NOCASE UNIQUE, tag TEXT, active BOOLEAN, n INT);
    CREATE UNIQUE INDEX tags ON t (lower(tag)) WHERE active AND NOT n IS NULL;
    CREATE UNIQUE INDEX trimmed ON t (tag COLLATE RTRIM, n);
    CREATE TABLE k (id TEXT COLLATE NOCASE PRIMARY KEY)`)
  expect(codes.filter((code) => code !== 'COLLATION')).toEqual([])
  expect(findings).toHaveLength(2)
  const rows: [string, unknown[]][] = [
    ['INSERT INTO t VALUES ($1, $2, $3, $4, $5)', [1, 'A@x', 'Tag', 1, 1]],
    ['INSERT INTO t VALUES ($1, $2, $3, $4, $5)', [2, 'a@X', 'other', 1, 1]],
    ['INSERT INTO t VALUES ($1, $2, $3, $4, $5)', [3, 'É', 'tAG', 1, 2]],
    ['INSERT INTO t VALUES ($1, $2, $3, $4, $5)', [4, 'É', 'tAG', 0, 2]],
    ['INSERT INTO t VALUES ($1, $2, $3, $4, $5)', [5, 'é', 'tAG  ', 0, 2]],
    ['INSERT INTO t VALUES ($1, $2, $3, $4, $5)', [6, 'é', 'tAG', 1, null]],
    ['INSERT INTO t VALUES ($1, $2, $3, $4, $5)', [7, null, null, 1, 9]],
    ['INSERT INTO t VALUES ($1, $2, $3, $4, $5)', [8, null, null, 1, 9]],
    ['INSERT INTO k VALUES ($1)', ['Key']],
    ['INSERT INTO k VALUES ($1)', ['kEY']],
    ['INSERT INTO k VALUES ($1)', ['É']],
    ['INSERT INTO k VALUES ($1)', ['é']],
  ]
  for (const [sql, params] of rows) {
    const onSqlite = attempt(() => db.prepare(sql.replaceAll(/\$\d/g, '?')).run(...params))
    const onPostgres = await attemptAsync(async () => await client.query(sql, params))
    expect([params, onPostgres]).toEqual([params, onSqlite])
  }
})

function attempt(work: () => unknown): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}

async function attemptAsync(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch {
    return false
  }
}

test.each([
  'CREATE UNIQUE INDEX i ON t (n / 2)',
  "CREATE INDEX i ON t (s) WHERE s LIKE 'a%'",
  "CREATE UNIQUE INDEX i ON t (json_extract(s, '$.a'))",
  'CREATE INDEX i ON t (CAST(s AS INTEGER))',
  'CREATE INDEX i ON t (n) WHERE s > 5',
  "CREATE INDEX i ON t (n) WHERE c = 'x'",
  'CREATE INDEX i ON t (n) WHERE s',
  'CREATE INDEX i ON t (n || s)',
  'CREATE INDEX i ON t (date(s))',
])('an index whose meaning may differ is left out and named: %s', async (sql) => {
  const { findings } = await carrySql(
    `CREATE TABLE t (id INTEGER PRIMARY KEY, n INT, s TEXT, c TEXT COLLATE NOCASE); ${sql}`,
  )
  const found = findings.filter((finding) => finding.code === 'INDEX_NOT_CARRIED')
  expect(found).toHaveLength(1)
  expect(found[0]).toMatchObject({ level: 'decision', table: 't' })
  expect(await column(indexDefinitions)).toHaveLength(1)
})

test('an index that PostgreSQL refuses is a finding, and the rest goes on', async () => {
  const { codes, findings } = await carrySql(`CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT);
    CREATE INDEX too_wide ON t (s); CREATE INDEX fine ON t (id, s) WHERE id > 5;
    INSERT INTO t VALUES (1, hex(randomblob(20000)))`)
  expect(codes).toEqual(['INDEX_REFUSED'])
  expect(findings[0]?.message).toMatch(/"too_wide"/)
  expect(await column(indexDefinitions)).toHaveLength(2)
})

describe('foreign keys', () => {
  const family = `
    CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE, x INT, y INT, UNIQUE (x, y));
    CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p ON DELETE CASCADE,
      code VARCHAR REFERENCES P (CODE) ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
      x INT, y INT, FOREIGN KEY (y, x) REFERENCES p (y, x) ON DELETE RESTRICT);
    INSERT INTO p VALUES (1, 'a', 1, 2), (2, 'b', 3, 4); INSERT INTO c VALUES (1, NULL, 'b', 1, 2);`

  test('work on PostgreSQL with their actions and their timing', async () => {
    const { codes } = await carrySql(family)
    expect(codes).toEqual([])
    await expect(client.query('INSERT INTO c VALUES (2, 9, NULL, NULL, NULL)')).rejects.toThrow(
      /lockstep_fk_2_1/,
    )
    await expect(client.query('DELETE FROM p WHERE id = 1')).rejects.toThrow(/lockstep_fk_2_3/)
    await client.query(`BEGIN; INSERT INTO c VALUES (2, 2, 'later', NULL, NULL)`)
    await client.query(`INSERT INTO p VALUES (3, 'later', 5, 6); COMMIT`)
    await client.query('DELETE FROM p WHERE id = 3')
    expect(await column('SELECT code FROM c WHERE id = 2')).toEqual([null])
    expect(await column('SELECT count(*) FROM pg_constraint WHERE NOT convalidated')).toEqual(['0'])
  })

  test('come and go any number of times, and find the orphans when they are validated', async () => {
    const { schema } = await carrySql(family)
    const child = schema.tables[1] as Table
    for (const plan of [dropForeignKeys(child, 'public'), dropForeignKeys(child, 'public')]) {
      await run(client, plan)
    }
    await client.query('INSERT INTO c VALUES (9, 99, NULL, NULL, NULL)')
    await run(client, addForeignKeys(child, schema, 'public'))
    await expect(run(client, validateForeignKeys(child, schema, 'public'))).rejects.toThrow(
      /lockstep_fk_2_1/,
    )
  })

  test.each([
    ['CREATE TABLE c (a REFERENCES missing)', 'not mirrored'],
    ['CREATE TABLE p (a, b); CREATE TABLE c (a REFERENCES p (b))', 'no primary key or unique'],
    [
      'CREATE TABLE p (a PRIMARY KEY); CREATE TABLE c (a INT, b INT, FOREIGN KEY (a, b) REFERENCES p)',
      'another length',
    ],
    ['CREATE TABLE p (a TEXT PRIMARY KEY); CREATE TABLE c (a INT REFERENCES p)', 'another type'],
    [
      'CREATE TABLE p (a TEXT COLLATE NOCASE UNIQUE); CREATE TABLE c (a TEXT REFERENCES p (a))',
      'no primary key or unique',
    ],
    [
      'CREATE TABLE p (a TEXT COLLATE NOCASE PRIMARY KEY); CREATE TABLE c (a TEXT REFERENCES p)',
      'apart by NOCASE',
    ],
    [
      'CREATE TABLE p (a TEXT); CREATE UNIQUE INDEX i ON p (a) WHERE a > 1; CREATE TABLE c (a TEXT REFERENCES p (a))',
      'no primary key or unique',
    ],
  ])('that PostgreSQL cannot have are named: %s', async (sql, reason) => {
    const { findings } = await carrySql(sql)
    const found = findings.filter((finding) => finding.code === 'FOREIGN_KEY_NOT_CARRIED')
    expect(found).toHaveLength(1)
    expect(found[0]?.message).toContain(reason)
  })

  test('between bigint and wider types are made', async () => {
    const { codes } = await carrySql(`
      CREATE TABLE p (a NUMERIC PRIMARY KEY, b UNIQUE); INSERT INTO p VALUES (1, 1), (0.5, 0.5);
      CREATE TABLE c (a INT REFERENCES p (a), b INT REFERENCES p (b))`)
    expect(codes).toEqual([])
    expect(await column(`SELECT count(*) FROM pg_constraint WHERE contype = 'f'`)).toEqual(['2'])
  })
})

test('a generated column that PostgreSQL cannot compute becomes a plain one, and is named', async () => {
  const { codes, rows } = await carrySql(`
    CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT AS (a || '!') STORED, c TEXT AS (b || '?'), d TEXT AS (a || a) UNIQUE);
    INSERT INTO t (a) VALUES ('x')`)
  expect(codes).toEqual(['GENERATED_COLUMN', 'GENERATED_COLUMN'])
  expect(rows).toBe(1)
  await client.query(`UPDATE t SET a = 'y'`)
  expect(await column(`SELECT b || ' ' || c || ' ' || d FROM t`)).toEqual(['y! x!? xx'])
})

test('rows without a key get the next one, and rows with one keep it', async () => {
  await carrySql('CREATE TABLE t (id INTEGER PRIMARY KEY, a); CREATE TABLE u (a)')
  await client.query(`INSERT INTO t (id, a) VALUES (-5, 'x'); INSERT INTO t (a) VALUES ('y')`)
  await client.query(`INSERT INTO u (a) VALUES ('x'), ('y')`)
  expect(await column('SELECT id FROM t ORDER BY id')).toEqual(['-5', '1'])
  expect(await column('SELECT rowid FROM u ORDER BY rowid')).toEqual(['1', '2'])
  expect(await column(`SELECT pg_get_serial_sequence('t', 'id')`)).toEqual([
    'public.lockstep_seq_1',
  ])
})
