import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AssessReport } from '../../src/api.ts'
import type { Finding } from '../../src/schema/model.ts'
import { maxKeys } from '../../src/schema/sample.ts'
import { createFile, type AssessedFile } from '../assess/shop.ts'

const schema = `
  CREATE TABLE counts (id INTEGER PRIMARY KEY, n INTEGER, price DECIMAL(10,2), flag BOOLEAN);
  INSERT INTO counts VALUES (1, 5, 1.5, 1), (2, '', 2, 0), (3, '\\N', 2.25, 1), (4, x'00ff', 3, 1), (5, 2.5, 4, 1),
    (6, 9007199254740992, 5, 1), (7, 9007199254740993, 6, 2), (8, -9223372036854775808, 'free', 1);
  CREATE TABLE texts (k TEXT PRIMARY KEY, v TEXT, any_value);
  INSERT INTO texts VALUES ('nul', 'a' || char(0) || 'b', 'x'), ('bytes', CAST(x'ff41' AS TEXT), 'y'), ('mark', 'a' || char(65533), 'z'),
    ('blob', x'01', 7), (NULL, 'first', 'v'), (NULL, 'second', 'w');
  CREATE TABLE parents (a INTEGER, b TEXT COLLATE NOCASE, UNIQUE (a, b));
  INSERT INTO parents VALUES (1, 'x');
  CREATE TABLE children (id TEXT PRIMARY KEY, a INTEGER, b TEXT, gone INTEGER REFERENCES nowhere (id), count INTEGER REFERENCES counts, n INTEGER REFERENCES counts (n),
    FOREIGN KEY (a, b) REFERENCES parents (a, b)) WITHOUT ROWID;
  INSERT INTO children VALUES ('fits', 1, 'X', NULL, 1, 5), ('half', NULL, 'y', NULL, 8, 77), ('lost', 1, 'y', NULL, 9, NULL), ('gone', NULL, NULL, 3, NULL, NULL);
  CREATE TABLE members (id INTEGER PRIMARY KEY, email TEXT, name TEXT, alive INTEGER);
  CREATE INDEX by_email ON members (email COLLATE NOCASE);
  CREATE INDEX by_name ON members (lower(name)) WHERE alive = 1;
  INSERT INTO members VALUES (1, 'ada@x.org', 'Ada', 1), (2, 'ADA@x.org', 'ADA', 0), (3, NULL, 'aDA', 1), (4, NULL, 'Grace', 1), (5, 'Ada@X.org', 'ada', 1);
  CREATE TABLE long_texts (id INTEGER PRIMARY KEY, v TEXT);
  CREATE INDEX by_v ON long_texts (v);
  INSERT INTO long_texts VALUES (1, 'short'), (2, hex(zeroblob(2000)));
  CREATE TABLE long_keys (k TEXT PRIMARY KEY, u TEXT UNIQUE);
  INSERT INTO long_keys VALUES ('k', hex(zeroblob(2000))), (hex(zeroblob(2000)), 'u');
  CREATE TABLE odd_keys (k TEXT PRIMARY KEY, v INTEGER) WITHOUT ROWID;
  INSERT INTO odd_keys VALUES (CAST(x'fe' AS TEXT), 1), (CAST(x'ff' AS TEXT), 'text'), ('plain', 3);
`

/** As a file becomes whose schema was changed by hand: the rows were never looked at. */
function forgeUnique(path: string): void {
  const db = new Database(path)
  db.unsafeMode(true)
  db.pragma('writable_schema = ON')
  db.exec(
    `UPDATE sqlite_schema SET sql = replace(sql, 'CREATE INDEX', 'CREATE UNIQUE INDEX') WHERE name IN ('by_email', 'by_name')`,
  )
  db.close()
}

describe('a file with every violation', () => {
  let file: AssessedFile
  let report: AssessReport
  beforeAll(async () => {
    file = createFile('')
    const db = new Database(file.path)
    db.pragma('foreign_keys = OFF')
    db.exec(schema)
    db.close()
    forgeUnique(file.path)
    report = await file.assess(undefined, {
      columns: { 'counts.flag': 'boolean', 'counts.price': 'double precision' },
    })
  })
  afterAll(() => file[Symbol.dispose]())

  const found = (code: string, table: string, column: string | null): Finding[] =>
    report.findings.filter(
      (each) => each.code === code && each.table === table && each.column === column,
    )

  test.each([
    ['MIXED_TYPES', 'counts', 'n', ['2', '3']],
    ['MIXED_TYPES', 'counts', 'n', ['4']],
    ['MIXED_TYPES', 'counts', 'n', ['5']],
    ['MIXED_TYPES', 'counts', 'price', ['8']],
    ['UPGRADE_MISFIT', 'counts', 'flag', ['7']],
    ['INTEGER_BEYOND_2_53', 'counts', 'n', ['7', '8']],
    ['NUL_IN_TEXT', 'texts', 'v', ['"nul"']],
    ['INVALID_UTF8', 'texts', 'v', ['"bytes"']],
    ['MIXED_TYPES', 'texts', 'v', ['"blob"']],
    ['MIXED_TYPES', 'texts', 'any_value', ['"blob"']],
    ['NULL_IN_KEY', 'texts', 'k', ['rowid 5', 'rowid 6']],
    ['ORPHANS', 'children', 'a', ['"lost"']],
    ['ORPHANS', 'children', 'gone', ['"gone"']],
    ['ORPHANS', 'children', 'count', ['"lost"']],
    ['FOREIGN_KEY_NOT_CARRIED', 'children', 'n', []],
    ['DUPLICATES', 'members', null, ['2', '5']],
    ['DUPLICATES', 'members', null, ['3', '5']],
    ['LONG_IN_INDEX', 'long_texts', 'v', ['2']],
    ['LONG_IN_INDEX', 'long_keys', 'u', ['"k"']],
    ['LONG_IN_INDEX', 'long_keys', 'k', [expect.stringMatching(/^"000/) as string]],
    ['INVALID_UTF8', 'odd_keys', 'k', ["CAST(x'fe' AS TEXT)", "CAST(x'ff' AS TEXT)"]],
    ['MIXED_TYPES', 'odd_keys', 'v', ["CAST(x'ff' AS TEXT)"]],
  ])('is told %s of %s.%s with the keys %j', (code, table, column, keys) => {
    expect(found(code, table, column).map((each) => each.keys)).toContainEqual(keys)
    for (const each of found(code, table, column)) expect(each.rows).toBe(each.keys.length)
  })

  test('needs a decision, and no other violation is told', () => {
    expect(report.ok).toBe(false)
    const keyed = report.findings.filter(({ keys }) => keys.length > 0)
    expect(keyed).toHaveLength(21)
  })

  test('gets no suggestion for what does not fit', () => {
    expect(report.suggestions).toEqual([])
    expect(report.configuration).toMatch(/# odd_keys\.v: text # would take all rows/)
  })
})

test.each([
  ['a table with a rowid', '', 'BINARY'],
  ['a table without one', 'WITHOUT ROWID', 'BINARY'],
  ['a table without one whose keys are equal in two spellings', 'WITHOUT ROWID', 'NOCASE'],
])(
  '%s: each key that is not UTF-8 is counted once, and named by its bytes',
  async (_, kind, own) => {
    const keys = ['ff', 'fe', '41ff', '61ff', 'c0', 'efbfbdff']
    const values = (where: string): string =>
      [...keys.map((key) => `CAST(x'${key}' AS TEXT)`), 'char(65533)', `'plain'`]
        .map((key) => `(${where.replace('?', key)})`)
        .join(', ')
    using file = createFile(`
    CREATE TABLE one (k TEXT COLLATE ${own}, v TEXT, PRIMARY KEY (k COLLATE BINARY)) ${kind};
    INSERT INTO one VALUES ${values('?, char(65533)')};
    CREATE TABLE two (a INTEGER, k TEXT COLLATE ${own}, v TEXT, PRIMARY KEY (a, k COLLATE BINARY)) ${kind};
    INSERT INTO two VALUES ${values(`1, ?, 'v'`)};
    INSERT INTO two SELECT 2, k, CAST(x'ff' AS TEXT) FROM two`)
    const { findings } = await file.assess()
    const found = (table: string, column: string): string[] =>
      findings
        .filter(
          (each) => each.code === 'INVALID_UTF8' && each.table === table && each.column === column,
        )
        .flatMap(
          (each) => (
            expect(each.rows).toBeGreaterThanOrEqual(each.keys.length),
            [...each.keys, String(each.rows)]
          ),
        )
    const named = keys.map((key) => `CAST(x'${key}' AS TEXT)`)
    expect(found('one', 'k').toSorted()).toEqual([...named, '6'].toSorted())
    expect(found('one', 'v')).toEqual([])
    expect(found('two', 'k')).toContain('12')
    expect(found('two', 'v').toSorted()).toEqual(
      [...[...named, '"\uFFFD"', '"plain"'].map((key) => `(2, ${key})`), '8'].toSorted(),
    )
  },
)

test('keys that only the key itself tells apart are counted, each once, from slice to slice', async () => {
  using file = createFile(`
    CREATE TABLE t (k TEXT COLLATE NOCASE, PRIMARY KEY (k COLLATE BINARY)) WITHOUT ROWID;
    WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 10000)
      INSERT INTO t SELECT spelling.value || i FROM c, json_each('["ab","aB","Ab"]') AS spelling`)
  const { tables } = await file.assess()
  expect(tables.map(({ rows }) => rows)).toEqual([30_000])
})

test('an integer beyond the type that was chosen is told with its key', async () => {
  using file = createFile(
    `CREATE TABLE t (id INTEGER PRIMARY KEY, v NUMERIC); INSERT INTO t VALUES (1, 0.5), (2, 9007199254740993), (3, 9007199254740994)`,
  )
  const { findings } = await file.assess(undefined, { columns: { 't.v': 'double precision' } })
  const [misfit] = findings.filter(({ code }) => code === 'MIXED_TYPES')
  expect(misfit).toMatchObject({ rows: 1, keys: ['2'], level: 'decision' })
  expect(misfit?.message).toContain('double precision cannot hold exactly')
})

test('all rows are counted, and a bounded number of keys is kept, each of bounded length', async () => {
  const long = 'k'.repeat(5000)
  using file = createFile(`CREATE TABLE t (k TEXT PRIMARY KEY, n INTEGER);
    WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 5000) INSERT INTO t SELECT '${long}' || i, 'x' FROM c`)
  const { findings } = await file.assess()
  const misfit = findings.find(({ code }) => code === 'MIXED_TYPES')
  expect(misfit?.rows).toBe(5000)
  expect(misfit?.keys).toHaveLength(maxKeys)
  for (const key of misfit?.keys ?? []) expect(key.length).toBeLessThan(200)
})

test('a table of 2,000 columns, names of any kind and empty tables are surveyed', async () => {
  const columns = Array.from({ length: 2000 }, (_, index) => `c${index} INTEGER`).join(', ')
  using file = createFile(`CREATE TABLE wide (${columns}); INSERT INTO wide (c1999) VALUES ('text');
    CREATE TABLE "select" ("from" TEXT, "a""b" TEXT, "x
y" TEXT, "ü 😀" TEXT); INSERT INTO "select" VALUES ('2024-01-01', '2024-01-01', '2024-01-01', '2024-01-01');
    CREATE TABLE empty (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID;
    CREATE TABLE hidden (rowid TEXT, _rowid_ TEXT, oid TEXT, k INTEGER, PRIMARY KEY (k, oid)); INSERT INTO hidden VALUES ('a', 'b', CAST(x'ff' AS TEXT), 'x')`)
  const { findings, tables, configuration } = await file.assess()
  expect(tables.map(({ table, rows }) => `${table} ${rows}`)).toEqual([
    'wide 1',
    'select 1',
    'empty 0',
    'hidden 1',
  ])
  const codes = findings.map(({ code, table, column }) => `${code} ${table}.${column}`)
  expect(codes).toContain('MIXED_TYPES wide.c1999')
  expect(codes).toContain('MIXED_TYPES hidden.k')
  expect(codes).toContain('INVALID_UTF8 hidden.oid')
  // A configuration cannot name a column with a line break in it.
  expect(configuration.match(/: date/g)).toHaveLength(3)
})
