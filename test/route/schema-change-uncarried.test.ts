import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE base (id INTEGER PRIMARY KEY, a TEXT, n INTEGER);
  CREATE TABLE log (x TEXT);
  CREATE TABLE named (name TEXT COLLATE NOCASE UNIQUE);
  CREATE VIEW seen AS SELECT id, a FROM base;
  INSERT INTO base VALUES (1, 'x', 1), (2, 'y', NULL)`

let pair: Pair
beforeAll(async () => {
  pair = await openPair({ schema, stage: 'flipped' })
})
afterAll(() => pair.close())

const schemaOf = async (): Promise<unknown> => [
  pair.sqliteRows('SELECT name, sql FROM sqlite_master ORDER BY name'),
  await pair.pgRows(`SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public' ORDER BY 1, 2`),
  await pair.pgRows(`SELECT indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`),
  await pair.pgRows('SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1'),
  await pair.pgRows('SELECT version FROM lockstep.schema_log ORDER BY 1'),
]

describe('while PostgreSQL is the primary', () => {
  test.each([
    [
      'trigger',
      `CREATE TRIGGER k AFTER INSERT ON log BEGIN DELETE FROM log WHERE rowid <= NEW.rowid - 1; INSERT INTO log VALUES (last_insert_rowid()); END`,
    ],
    [
      'trigger',
      `CREATE TRIGGER k BEFORE DELETE ON base BEGIN SELECT RAISE(ABORT, 'no ' || OLD.a); END`,
    ],
    [
      'trigger',
      `CREATE TRIGGER k AFTER UPDATE ON base BEGIN INSERT INTO log VALUES (datetime('now', 'localtime')); END`,
    ],
    [
      'view',
      `CREATE TRIGGER k INSTEAD OF INSERT ON seen BEGIN INSERT INTO log VALUES (datetime('now', 'localtime')); END`,
    ],
    ['generated column', `CREATE TABLE made (a TEXT, k TEXT AS (upper(b)), b TEXT AS (trim(a)))`],
    ['generated column', `ALTER TABLE base ADD COLUMN k AS (datetime(a, 'localtime'))`],
    ['column', `ALTER TABLE base ADD COLUMN k DEFAULT TRUE`],
    ['unique index', `CREATE UNIQUE INDEX k ON base (substr(a, 1, 1))`],
    ['unique index', `CREATE UNIQUE INDEX k ON base (n) WHERE a LIKE 'x%'`],
    ['table', `CREATE TABLE k (a TEXT CHECK (datetime(a, 'localtime') > '2000'))`],
    ['table', `CREATE TABLE k (a TEXT UNIQUE ON CONFLICT REPLACE)`],
    ['table', `ALTER TABLE base ADD COLUMN k TEXT CHECK (k <> datetime(a, 'localtime'))`],
    ['view', `CREATE VIEW k AS SELECT datetime(a, 'localtime') FROM base`],
    ['foreign key', `CREATE TABLE k (a TEXT REFERENCES named (name))`],
  ])('a %s that it could not have is made on neither place: %s', async (kind, sql) => {
    const before = await schemaOf()
    const refusal = {
      code: 'SQL_UNSUPPORTED',
      message: expect.stringMatching(
        new RegExp(`^The ${kind} "\\w+" .* at line 1, column \\d+\\. `),
      ),
      details: { construct: expect.any(String), line: 1, column: expect.any(Number) },
    }
    await expect(pair.db.run(sql)).rejects.toMatchObject(refusal)
    await pair.db.transaction(async (tx) => {
      await expect(tx.run(sql)).rejects.toMatchObject(refusal)
      await tx.run('INSERT INTO base (n) VALUES (7)')
    })
    expect(await schemaOf()).toEqual(before)
    expect(await pair.differences()).toEqual([])
  })

  test('a message of RAISE that a trigger puts together is the reason that is given', async () => {
    const sql = `CREATE TRIGGER k BEFORE DELETE ON base BEGIN SELECT RAISE(ABORT, 'no ' || OLD.a); END`
    await expect(pair.db.run(sql)).rejects.toThrow(
      'RAISE(ABORT) has a message that is only known when it runs',
    )
  })

  test('a twin that somebody has made first is enough', async () => {
    await pair.pg.query(`
      CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'no %', OLD.x; END$$;
      CREATE TRIGGER guarded BEFORE DELETE ON log FOR EACH ROW EXECUTE FUNCTION no();
      CREATE UNIQUE INDEX firsts ON log (substr(x, 1, 1))`)
    await pair.db.exec(`
      CREATE TRIGGER guarded BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'no ' || OLD.x); END;
      CREATE UNIQUE INDEX firsts ON log (substr(x, 1, 1));
      INSERT INTO log VALUES ('ab')`)
    await expect(pair.db.run(`INSERT INTO log VALUES ('ac')`)).rejects.toMatchObject({
      code: 'SQLITE_CONSTRAINT_UNIQUE',
    })
    await pair.db.run('ALTER TABLE log RENAME TO lines')
    await pair.db.run('ALTER TABLE lines RENAME TO log')
    expect(await pair.differences()).toEqual([])
  })

  test('what changes no answer is taken: a plain index, a table that is empty, a view', async () => {
    await pair.db.exec(`
      CREATE INDEX plain ON base (substr(a, 1, 1));
      CREATE TABLE none (id INTEGER PRIMARY KEY);
      ALTER TABLE none ADD COLUMN k DEFAULT TRUE;
      CREATE VIEW later AS SELECT * FROM not_there_yet;
      ALTER TABLE base ADD COLUMN next INTEGER AS (n + 1)`)
    expect(await pair.db.values('SELECT next FROM base ORDER BY id')).toContainEqual([2])
    expect(await pair.differences()).toEqual([])
  })

  test('what is taken and PostgreSQL has not is told once it is committed', async () => {
    const told: unknown[] = []
    const off = pair.db.on('finding', ({ code, table }) => told.push([code, table]))
    await pair.db.run('CREATE INDEX loose ON base (substr(a, 1, 2))')
    await pair.db.run('CREATE INDEX carried ON base (n)')
    await pair.db.run('CREATE VIEW afar AS SELECT * FROM not_there_yet')
    const undone = pair.db.transaction(async (tx) => {
      await tx.run('CREATE INDEX undone ON base (substr(a, 1, 3))')
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(told).toEqual([
      ['INDEX_NOT_CARRIED', 'base'],
      ['VIEW_NOT_CARRIED', 'afar'],
    ])
    off()
  })

  test('duplicates that only PostgreSQL has are no index of expressions on either place', async () => {
    await expect(
      pair.db.transaction(async (tx) => {
        await tx.run(`INSERT INTO base (a) VALUES ('same'), ('SAME')`)
        await tx.run('CREATE UNIQUE INDEX one_lower ON base (lower(a))')
      }),
    ).rejects.toMatchObject({ code: 'SQL_UNSUPPORTED' })
    expect(await pair.differences()).toEqual([])
  })
})
