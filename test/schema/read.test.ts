import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fingerprint } from '../../src/schema/fingerprint.ts'
import { quoteIdentifier } from '../../src/schema/quote.ts'
import { readSchema } from '../../src/schema/read.ts'
import type { SourceSchema, SourceTable } from '../../src/schema/source.ts'
import { readerOf } from './carry.ts'

let db: Database.Database

beforeEach(() => {
  db = new Database(':memory:')
})

afterEach(() => {
  db.close()
})

function read(sql: string): SourceSchema {
  db.exec(sql)
  return readSchema(readerOf(db))
}

function fingerprintOf(sql: string): string {
  const other = new Database(':memory:')
  other.exec(sql)
  const print = fingerprint(readSchema(readerOf(other)))
  other.close()
  return print
}

function readOne(sql: string): SourceTable {
  const [table] = read(sql).tables
  if (table === undefined) throw new Error('no table was read')
  return table
}

describe('the key of a table', () => {
  test.each<[string, string, SourceTable['key']]>([
    [
      'an INTEGER PRIMARY KEY is the rowid',
      'id INTEGER PRIMARY KEY',
      { kind: 'integer', columns: ['id'] },
    ],
    [
      'so is one in a table constraint',
      'a, "Id" integer, PRIMARY KEY (id DESC)',
      { kind: 'integer', columns: ['Id'] },
    ],
    [
      'INTEGER PRIMARY KEY DESC is not',
      'id INTEGER PRIMARY KEY DESC',
      { kind: 'declared', columns: ['id'] },
    ],
    ['INT PRIMARY KEY is not', 'id INT PRIMARY KEY', { kind: 'declared', columns: ['id'] }],
    ['BIGINT PRIMARY KEY is not', 'id BIGINT PRIMARY KEY', { kind: 'declared', columns: ['id'] }],
    [
      'columns come in key order',
      'a, b, c, PRIMARY KEY (c, a)',
      { kind: 'declared', columns: ['c', 'a'] },
    ],
    ['a keyless table has its rowid', 'a, b', { kind: 'rowid', columns: ['rowid'] }],
    ['a column may hide the rowid', 'a, RowID', { kind: 'rowid', columns: ['_rowid_'] }],
    ['two columns may', '_ROWID_, rowid', { kind: 'rowid', columns: ['oid'] }],
  ])('%s', (_, columns, key) => {
    expect(readOne(`CREATE TABLE t (${columns})`).key).toEqual(key)
  })

  test('a table WITHOUT ROWID has its declared key, an INTEGER one too', () => {
    const table = readOne('CREATE TABLE t (id INTEGER PRIMARY KEY, v) WITHOUT ROWID')
    expect(table.key).toEqual({ kind: 'declared', columns: ['id'] })
    expect(table.withoutRowid).toBe(true)
  })

  test('a table whose rowid has no name left is refused by name', () => {
    db.exec('CREATE TABLE "my t" (rowid, _rowid_, oid)')
    expect(() => readSchema(readerOf(db))).toThrow(
      expect.objectContaining({
        code: 'SCHEMA_UNSUPPORTED',
        message: expect.stringMatching(/"my t".*primary key/) as string,
      }),
    )
  })
})

test('AUTOINCREMENT is seen in the declaration only', () => {
  const { tables } = read(`
    CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT);
    CREATE TABLE b (id INTEGER PRIMARY KEY, "autoincrement" TEXT DEFAULT 'AUTOINCREMENT')`)
  expect(tables.map((table) => table.autoincrement)).toEqual([true, false])
})

test('hostile names come out as they were declared', () => {
  const names = ['a "quoted" one', "o'clock", 'select', '[x', 'Größe 😀', 'semi;colon --', ' ']
  const columns = names.map((name) => `${quoteIdentifier(name)} TEXT`).join(', ')
  const table = readOne(
    `CREATE TABLE "dro""p [table]" (${columns}, PRIMARY KEY (${names.map(quoteIdentifier).join(', ')}));
     CREATE UNIQUE INDEX "in""dex" ON "dro""p [table]" (lower("select") || 'O''Brien', [[x] DESC)
       WHERE "o'clock" IS NOT NULL -- why`,
  )
  expect(table.name).toBe('dro"p [table]')
  expect(table.columns.map((column) => column.name)).toEqual(names)
  expect(table.key.columns).toEqual(names)
  expect(table.indexes.find((index) => index.origin === 'c')).toEqual({
    name: 'in"dex',
    unique: true,
    origin: 'c',
    parts: [
      {
        column: null,
        expression: `lower("select") || 'O''Brien'`,
        descending: false,
        collation: 'BINARY',
      },
      { column: '[x', expression: null, descending: true, collation: 'BINARY' },
    ],
    where: `"o'clock" IS NOT NULL`,
  })
})

test('an expression keeps its text, offsets counted behind other scripts', () => {
  const table = readOne(`
    CREATE TABLE t (a TEXT, b TEXT COLLATE NOCASE);
    CREATE INDEX "😀 é" ON t (a || '😀', (b) COLLATE rtrim, trim(a) COLLATE NOCASE DESC, b) WHERE a > '中'`)
  const [index] = table.indexes
  expect(index?.parts).toEqual([
    { column: null, expression: `a || '😀'`, descending: false, collation: 'BINARY' },
    { column: 'b', expression: null, descending: false, collation: 'RTRIM' },
    { column: null, expression: 'trim(a)', descending: true, collation: 'NOCASE' },
    { column: 'b', expression: null, descending: false, collation: 'NOCASE' },
  ])
  expect(index?.where).toBe(`a > '中'`)
  expect(table.columns.map((column) => column.collation)).toEqual([undefined, 'NOCASE'])
})

test('indexes say which constraint made them', () => {
  const { indexes } = readOne(
    'CREATE TABLE t (a PRIMARY KEY, b UNIQUE, c); CREATE INDEX x ON t (c)',
  )
  expect(indexes.map(({ origin, unique }) => [origin, unique])).toEqual([
    ['pk', true],
    ['u', true],
    ['c', false],
  ])
})

test('foreign keys keep their order, their actions and when they are checked', () => {
  const { tables } = read(`
    CREATE TABLE "Parent" ("Id" INTEGER PRIMARY KEY, x, "Y y", UNIQUE (x, "Y y"));
    CREATE TABLE child (
      a REFERENCES parent ON DELETE CASCADE,
      b REFERENCES PARENT (id) DEFERRABLE INITIALLY DEFERRED NOT NULL,
      c, d REFERENCES missing,
      FOREIGN KEY (c, d) REFERENCES parent (x, "y Y") ON UPDATE SET NULL DEFERRABLE INITIALLY IMMEDIATE)`)
  const rest = { onUpdate: 'NO ACTION', onDelete: 'NO ACTION', deferred: false }
  expect(tables[1]?.foreignKeys).toEqual([
    { ...rest, columns: ['a'], parent: 'Parent', parentColumns: ['Id'], onDelete: 'CASCADE' },
    { ...rest, columns: ['b'], parent: 'Parent', parentColumns: ['Id'], deferred: true },
    { ...rest, columns: ['d'], parent: 'missing', parentColumns: [] },
    {
      ...rest,
      columns: ['c', 'd'],
      parent: 'Parent',
      parentColumns: ['x', 'Y y'],
      onUpdate: 'SET NULL',
    },
  ])
})

test('what is not mirrored is named, and nothing of SQLite or Lockstep is read', () => {
  const { tables, findings } = read(`
    CREATE TABLE kept (id INTEGER PRIMARY KEY AUTOINCREMENT, n CHECK (n > 0), u UNIQUE ON CONFLICT REPLACE);
    CREATE TABLE "_LOCKSTEP_journal" (a);
    CREATE TABLE xlockstep_y (a);
    CREATE VIRTUAL TABLE words USING fts5 (w);
    CREATE VIEW seen AS SELECT * FROM kept;
    CREATE TEMP TABLE passing (a);
    CREATE TRIGGER app AFTER INSERT ON Kept BEGIN SELECT 1; END;
    CREATE TRIGGER _lockstep_1 AFTER INSERT ON kept BEGIN SELECT 1; END;
    ANALYZE`)
  expect(tables.map((table) => table.name)).toEqual(['kept', 'xlockstep_y'])
  expect(tables[0]?.triggers.map((trigger) => trigger.name)).toEqual(['app'])
  expect(findings.map(({ level, code, table }) => [level, code, table])).toEqual([
    ['decision', 'CHECK_NOT_CARRIED', 'kept'],
    ['warning', 'CONFLICT_CLAUSE', 'kept'],
    ['decision', 'VIRTUAL_TABLE', 'words'],
    ['decision', 'TEMP_TABLE', 'passing'],
  ])
})

test('columns added later, generated ones and STRICT tables are read as they are', () => {
  const { tables } = read(`
    CREATE TABLE t (a INTEGER, UNIQUE (a));
    ALTER TABLE t ADD COLUMN b DATETIME DEFAULT CURRENT_TIMESTAMP;
    ALTER TABLE t ADD COLUMN c TEXT AS (a || 'x') VIRTUAL;
    CREATE TABLE s (a ANY, b INT NOT NULL DEFAULT (1 + 1)) STRICT;
    CREATE TABLE n (a ANY)`)
  const facts = tables.map((table) =>
    table.columns.map(({ name, affinity, defaultSql, generated, notNull }) =>
      [name, affinity, defaultSql, generated, notNull].join(' '),
    ),
  )
  expect(facts).toEqual([
    ['a integer  false false', 'b numeric CURRENT_TIMESTAMP false false', 'c text  true false'],
    ['a blob  false false', 'b integer 1 + 1 false true'],
    ['a numeric  false false'],
  ])
})

describe('the fingerprint of a schema', () => {
  const base = 'CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE b (w REFERENCES a); '
  test.each([
    'ALTER TABLE a ADD COLUMN x',
    'ALTER TABLE a RENAME COLUMN v TO u',
    'CREATE INDEX i ON a (v)',
    'CREATE TABLE c (x)',
    'DROP TABLE b',
  ])('changes with %s', (change) => {
    expect(fingerprintOf(base + change)).not.toBe(fingerprintOf(base))
  })

  test('does not change with data, triggers, views or the order of creation', () => {
    const reordered =
      'CREATE TABLE b (w REFERENCES a); CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT); '
    expect(
      fingerprintOf(`${reordered} CREATE VIEW s AS SELECT 1; INSERT INTO a VALUES (1, 2);
      CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END`),
    ).toBe(fingerprintOf(base))
  })
})
