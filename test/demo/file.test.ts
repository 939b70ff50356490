import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lookAtSqlite } from '../../src/demo/direct.ts'
import { createFileScenario } from '../../src/demo/file-scenario.ts'
import { checkLedger } from '../../src/demo/ledger-check.ts'
import { createLedger, type Ledger } from '../../src/demo/ledger.ts'
import { createRandom } from '../../src/demo/random.ts'
import type { Scenario } from '../../src/demo/scenario.ts'
import { startTraffic, type TrafficCounters } from '../../src/demo/traffic.ts'
import { describeWithData } from '../support/data.ts'
import { plainDatabase } from './plain-database.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-test-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function makeFile(name: string, script: string): string {
  const file = join(folder, `${name}.db`)
  const db = new Database(file)
  db.exec(script)
  db.close()
  return file
}

async function tryFile(
  original: string,
): Promise<{ scenario: Scenario; counters: TrafficCounters; ledger: Ledger }> {
  const work = mkdtempSync(join(folder, 'work-'))
  const scenario = await createFileScenario(work, original, 5)
  const random = createRandom(5)
  const db = plainDatabase(scenario.file)
  const ledger = createLedger()
  const traffic = startTraffic({
    db,
    writers: scenario.writers(4, random),
    readers: scenario.readers(2, random),
    ledger,
    random,
    thinkMs: 0,
  })
  const begin = performance.now()
  while (ledger.acknowledged < 1_000 && traffic.counters.errors.size === 0) {
    await pause(10)
    if (performance.now() - begin > 3_000) break
  }
  await traffic.stop()
  db.close()
  return { scenario, counters: traffic.counters, ledger }
}

async function expectClean({
  scenario,
  counters,
  ledger,
}: Awaited<ReturnType<typeof tryFile>>): Promise<void> {
  expect([...counters.errors]).toEqual([])
  expect(counters.staleReads).toBe(0)
  expect(ledger.acknowledged).toBeGreaterThan(200)
  const look = lookAtSqlite(scenario.file)
  const check = await checkLedger(ledger.expectations(), look.read)
  await look.close()
  expect(check).toMatchObject({ lost: 0, doubled: 0, stale: 0, undead: 0, examples: [] })
}

function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

function tablesWritten(ledger: Ledger): string[] {
  return [...new Set(ledger.expectations().map(({ table }) => table))].toSorted()
}

describe.each([
  [
    'chinook.sqlite',
    [
      'Album',
      'Artist',
      'Customer',
      'Employee',
      'Genre',
      'Invoice',
      'InvoiceLine',
      'MediaType',
      'Playlist',
      'PlaylistTrack',
      'Track',
    ],
  ],
  [
    'northwind.sqlite',
    [
      'Categories',
      'CustomerDemographics',
      'Customers',
      'EmployeeTerritories',
      'Employees',
      'Order Details',
      'Orders',
      'Products',
      'Regions',
      'Shippers',
      'Suppliers',
      'Territories',
    ],
  ],
])('generic traffic on %s', (name, tables) => {
  describeWithData(name, (path) => {
    test('makes no error, leaves what the ledger says, in every table, and the file as it was', async () => {
      const before = digest(path)
      const result = await tryFile(path)
      await expectClean(result)
      expect(tablesWritten(result.ledger)).toEqual(tables)
      expect(result.scenario.setAside).toBe(0)
      expect(digest(path)).toBe(before)
    })
  })
})

describe('generic traffic', () => {
  test('copes with every kind of key and of constraint', async () => {
    const file = makeFile(
      'kinds',
      `CREATE TABLE keyless (a TEXT, b INTEGER);
       CREATE TABLE "with rowid" (rowid TEXT, a TEXT);
       CREATE TABLE "Composite Key" ("First Part" TEXT, second INTEGER, note TEXT, PRIMARY KEY ("First Part", second)) WITHOUT ROWID;
       CREATE TABLE blobs (k BLOB PRIMARY KEY, n REAL NOT NULL);
       CREATE TABLE parents (id INTEGER PRIMARY KEY, email TEXT, code TEXT UNIQUE CHECK (length(code) = 5));
       CREATE UNIQUE INDEX parents_email ON parents (lower(email)) WHERE email IS NOT NULL;
       CREATE TABLE children (id INTEGER PRIMARY KEY REFERENCES parents (id) ON DELETE CASCADE, note TEXT);
       CREATE TABLE pairs (a INTEGER REFERENCES parents, b INTEGER REFERENCES parents, PRIMARY KEY (a, b));
       CREATE TABLE tree (id TEXT PRIMARY KEY NOT NULL, up TEXT REFERENCES tree (id) DEFERRABLE INITIALLY DEFERRED);
       CREATE TABLE made (id INTEGER PRIMARY KEY, a INTEGER, twice INTEGER AS (a * 2) STORED UNIQUE);
       CREATE TABLE full (id INTEGER PRIMARY KEY CHECK (id < 4), a TEXT);
       CREATE TABLE fixed (name TEXT PRIMARY KEY CHECK (name IN ('only')));
       CREATE TABLE empty (id INTEGER PRIMARY KEY, a TEXT);
       CREATE VIRTUAL TABLE words USING fts5 (body);
       INSERT INTO keyless VALUES ('x', 1), ('x', 1), ('y', 9007199254740993);
       INSERT INTO "with rowid" VALUES ('x', 'one'), (NULL, 'two');
       INSERT INTO "Composite Key" VALUES ('a', 1, 'x'), ('b', 2, 'y');
       INSERT INTO blobs VALUES (x'0001', 0.1), (x'', 1e300);
       WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30)
         INSERT INTO parents SELECT i, CASE WHEN i % 2 THEN 'Me' || i || '@x.org' END, printf('A%04d', i) FROM n;
       INSERT INTO children SELECT id, 'note ' || id FROM parents WHERE id <= 10;
       INSERT INTO pairs SELECT id, id FROM parents;
       INSERT INTO tree VALUES ('root', NULL), ('leaf', 'root');
       INSERT INTO made (a) VALUES (1), (2);
       INSERT INTO full VALUES (1, 'one'), (2, 'two'), (3, 'three');
       INSERT INTO fixed VALUES ('only');
       INSERT INTO words VALUES ('hello');`,
    )
    const result = await tryFile(file)
    await expectClean(result)
    expect(tablesWritten(result.ledger)).toEqual([
      'Composite Key',
      'blobs',
      'children',
      'empty',
      'full',
      'keyless',
      'pairs',
      'parents',
      'tree',
      'with rowid',
    ])
    expect(result.scenario.leftOut).toEqual([
      'made: column "twice" is generated, which PostgreSQL does not compute',
    ])
    expect(result.scenario.notices).toEqual([
      'left out: made: column "twice" is generated, which PostgreSQL does not compute',
      'read only in this demo: fixed',
      'updates only, as no clone of a row is accepted: full',
    ])
  })

  test('writes to no table whose rows triggers of other tables change, and says so', async () => {
    const file = makeFile(
      'touched',
      `CREATE TABLE items (id INTEGER PRIMARY KEY, t TEXT);
       CREATE TABLE stats (id INTEGER PRIMARY KEY, n INTEGER, word TEXT);
       INSERT INTO items (t) VALUES ('p'), ('q'); INSERT INTO stats (n, word) VALUES (1, 'a'), (2, 'b');
       CREATE TRIGGER counted AFTER UPDATE ON items BEGIN UPDATE stats SET n = n + 1, word = NEW.t WHERE id = 1; END;`,
    )
    const result = await tryFile(file)
    await expectClean(result)
    expect(tablesWritten(result.ledger)).toEqual(['items'])
    expect(result.scenario.notices).toContain(
      'read only, as triggers of other tables change them: stats',
    )
  })

  test('clones no row of a table that has room for one alone', async () => {
    const file = makeFile(
      'single',
      `CREATE TABLE items (id INTEGER PRIMARY KEY, t TEXT); INSERT INTO items (t) VALUES ('p'), ('q');
       CREATE TABLE settings (id INTEGER PRIMARY KEY CHECK (id = 1), theme TEXT)`,
    )
    const result = await tryFile(file)
    await expectClean(result)
    expect(tablesWritten(result.ledger)).toEqual(['items'])
  })

  test('clones no row of a table whose keys have an end that the traffic would meet', async () => {
    const file = makeFile(
      'bounded',
      `CREATE TABLE items (id INTEGER PRIMARY KEY, t TEXT); INSERT INTO items (t) VALUES ('p'), ('q');
       CREATE TABLE bounded (id INTEGER PRIMARY KEY CHECK (id <= 200), n TEXT);
       CREATE TABLE numbered (id INTEGER PRIMARY KEY, number INTEGER UNIQUE CHECK (number < 300));
       CREATE TABLE last (id INTEGER PRIMARY KEY, n TEXT);
       WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100)
         INSERT INTO bounded SELECT i, 'x' FROM c;
       INSERT INTO numbered VALUES (1, 1), (2, 2);
       INSERT INTO last VALUES (9223372036854775800, 'x'), (9223372036854775801, 'y');`,
    )
    const result = await tryFile(file)
    await expectClean(result)
    expect(result.scenario.notices).toContain(
      'updates only, as no clone of a row is accepted: bounded, last',
    )
  })

  test('copes with columns called true and false, and with a reference to a table that is gone', async () => {
    const file = makeFile(
      'odd-names',
      `PRAGMA foreign_keys = OFF;
       CREATE TABLE t (id INTEGER PRIMARY KEY, "true" INTEGER, "false" TEXT, "null" TEXT);
       INSERT INTO t VALUES (1, 2, 'a', 'x'), (2, 3, 'b', 'y');
       CREATE TABLE dangling (id INTEGER PRIMARY KEY, z INTEGER REFERENCES nosuch (id), n TEXT);
       INSERT INTO dangling (id, n) VALUES (1, 'p'), (2, 'q');`,
    )
    const result = await tryFile(file)
    await expectClean(result)
    expect(tablesWritten(result.ledger)).toContain('t')
  })

  test('says so where no table can be written to', async () => {
    const file = makeFile(
      'nothing-written',
      `CREATE TABLE fixed (name TEXT PRIMARY KEY CHECK (name IN ('only'))); INSERT INTO fixed VALUES ('only')`,
    )
    const work = mkdtempSync(join(folder, 'work-'))
    await expect(createFileScenario(work, file, 1)).rejects.toThrow(
      /no table that the demo can write to/,
    )
  })

  test('plans around triggers that refuse', async () => {
    const file = makeFile(
      'triggers',
      `CREATE TABLE a (id INTEGER PRIMARY KEY, t TEXT);
       CREATE TABLE b (id INTEGER PRIMARY KEY, t TEXT);
       INSERT INTO a (t) VALUES ('p'), ('q');
       INSERT INTO b (t) VALUES ('p'), ('q');
       CREATE TRIGGER a_stays BEFORE DELETE ON a BEGIN SELECT RAISE(ABORT, 'no'); END;
       CREATE TRIGGER b_upper AFTER UPDATE OF t ON b BEGIN UPDATE b SET t = upper(NEW.t) WHERE id = NEW.id; END;`,
    )
    const result = await tryFile(file)
    await expectClean(result)
    expect(tablesWritten(result.ledger)).toContain('b')
  })

  test('leaves out, and names, each table that cannot be carried, and those that refer to it', async () => {
    const long = 'n'.repeat(64)
    const file = makeFile(
      'uncarried',
      `CREATE TABLE fine (id INTEGER PRIMARY KEY, a TEXT);
       CREATE TABLE made (id INTEGER PRIMARY KEY, a INTEGER, twice INTEGER AS (a * 2) UNIQUE);
       CREATE TABLE Child (id INTEGER PRIMARY KEY, up INTEGER REFERENCES MADE (id), a TEXT);
       CREATE TABLE grandchild (id INTEGER PRIMARY KEY, up INTEGER REFERENCES Child (id));
       CREATE TABLE ${long} (id INTEGER PRIMARY KEY);
       CREATE TABLE "long column" (id INTEGER PRIMARY KEY, ${long} TEXT);
       CREATE TABLE systems (id INTEGER PRIMARY KEY, xmin TEXT, ctid TEXT);
       CREATE TABLE hidden (rowid TEXT, _rowid_ TEXT, oid TEXT);
       CREATE TABLE coded (id INTEGER PRIMARY KEY, a TEXT);
       CREATE UNIQUE INDEX first_letters ON coded (substr(a, 1, 1));
       CREATE VIEW seen AS SELECT * FROM made;
       INSERT INTO fine (a) VALUES ('x'), ('y');
       INSERT INTO made (a) VALUES (1);
       INSERT INTO Child (up, a) VALUES (1, 'z');`,
    )
    const result = await tryFile(file)
    await expectClean(result)
    expect(tablesWritten(result.ledger)).toEqual(['fine'])
    expect(result.scenario.leftOut.map((line) => line.replace(long, 'LONG'))).toEqual([
      expect.stringMatching(/^hidden: .*hide the rowid/),
      expect.stringMatching(/^made: column "twice" is generated/),
      expect.stringMatching(/^Child: it refers to "MADE", which is left out/),
      expect.stringMatching(/^grandchild: it refers to "Child", which is left out/),
      expect.stringMatching(/^LONG: .*at most 63 bytes/),
      expect.stringMatching(/^long column: column .*at most 63 bytes/),
      expect.stringMatching(/^systems: column "xmin" .*system column/),
      expect.stringMatching(/^coded: unique index "first_letters"/),
    ])
    const db = new Database(file, { readonly: true })
    expect(db.prepare('SELECT count(*) FROM made').pluck().get()).toBe(1)
    db.close()
  })

  test('leaves out a table with a conflict clause in a constraint, which only SQLite keeps', async () => {
    const file = makeFile(
      'conflict-clause',
      `CREATE TABLE fine (id INTEGER PRIMARY KEY, a TEXT, b TEXT UNIQUE ON CONFLICT ABORT);
       CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE ON CONFLICT REPLACE);
       CREATE TABLE notes (id INTEGER PRIMARY KEY, who INTEGER REFERENCES users (id), t TEXT);
       INSERT INTO fine (a) VALUES ('x'), ('y');
       INSERT INTO users (email) VALUES ('a@x.org'), ('b@x.org');
       INSERT INTO notes (who, t) VALUES (1, 'z');`,
    )
    const result = await tryFile(file)
    await expectClean(result)
    expect(tablesWritten(result.ledger)).toEqual(['fine'])
    expect(result.scenario.leftOut).toEqual([
      'users: a constraint has an ON CONFLICT clause, which PostgreSQL does not keep',
      'notes: it refers to "users", which is left out',
    ])
  })

  test('says so where nothing is left to move', async () => {
    const file = makeFile(
      'nothing-left',
      'CREATE TABLE t (a INTEGER, b INTEGER AS (a) STORED UNIQUE)',
    )
    const work = mkdtempSync(join(folder, 'work-'))
    await expect(createFileScenario(work, file, 1)).rejects.toThrow(
      /no table that could be moved: t: column "b" is generated/,
    )
  })

  test('deletes nothing where a trigger may give the key to a row of its own', async () => {
    const file = makeFile(
      'reused',
      `CREATE TABLE notes (id INTEGER PRIMARY KEY, t TEXT);
       CREATE TABLE log (id INTEGER PRIMARY KEY, t TEXT);
       CREATE TABLE never (id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT);
       INSERT INTO notes (t) VALUES ('p'), ('q'); INSERT INTO log (t) VALUES ('p'), ('q');
       INSERT INTO never (t) VALUES ('p'), ('q');
       CREATE TRIGGER logged AFTER UPDATE ON notes BEGIN
         INSERT INTO LOG (t) VALUES (NEW.t); INSERT INTO never (t) VALUES (NEW.t); END;`,
    )
    const result = await tryFile(file)
    await expectClean(result)
    const gone = result.ledger.expectations().filter(({ row }) => row === null)
    expect([...new Set(gone.map(({ table }) => table))].toSorted()).toEqual(['never', 'notes'])
    expect(result.scenario.notices).toContain(
      'no deletes, as a trigger may give their keys again: log',
    )
  })

  test('sets aside, and counts, what a typed column cannot hold', async () => {
    const file = makeFile(
      'misfits',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s TEXT, d DATETIME, r REAL);
       INSERT INTO t (n, s, d, r) VALUES (1, 'fine', '2020-01-01', 1.5), (2, 'fine', '2020-01-02', 2.5);
       INSERT INTO t (n, s) VALUES ('', 'text in an integer'), (1.5, 'a fraction goes');
       INSERT INTO t (n, s) VALUES (5, x'00ff'), (6, 'nul ' || char(0)), (7, CAST(x'ff' AS TEXT));
       INSERT INTO t (n, s, d) VALUES (8, 'a number among dates goes', 12345);
       CREATE TABLE child (id INTEGER PRIMARY KEY, up INTEGER REFERENCES t (id), x TEXT);
       INSERT INTO child (up, x) VALUES (1, 'stays'), (3, 'goes'), (2, 'stays too');`,
    )
    const { scenario } = await tryFile(file)
    expect(scenario.setAside).toBe(7)
    const db = new Database(file, { readonly: true })
    expect(db.prepare('SELECT count(*) FROM t').pluck().get()).toBe(8)
    db.close()
  })
})

describe('the copy of a file', () => {
  test('holds what is still in the write-ahead log', async () => {
    const file = join(folder, 'wal.db')
    const db = new Database(file)
    db.pragma('journal_mode = WAL')
    db.pragma('wal_autocheckpoint = 0')
    db.exec(
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t (a) VALUES ('x'), ('y')`,
    )
    const { scenario } = await tryFile(file)
    expect(scenario.title).toContain(', 2 rows')
    db.close()
  })
})
