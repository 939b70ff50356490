import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SchemaSyncReport } from '../../src/api.ts'
import { createLockstep } from '../../src/index.ts'
import { flip, openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE parents (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL UNIQUE, at TEXT DEFAULT CURRENT_TIMESTAMP);
  CREATE TABLE children (
    id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parents ON DELETE CASCADE,
    name TEXT COLLATE NOCASE DEFAULT 'none', price REAL, flag BOOLEAN NOT NULL DEFAULT 0,
    total REAL AS (price * 2) STORED);
  CREATE INDEX by_name ON children (name COLLATE NOCASE, price DESC);
  CREATE UNIQUE INDEX flagged ON children (parent, name) WHERE flag = 1;
  CREATE INDEX lowered ON children (lower(name));
  CREATE TABLE log (id INTEGER PRIMARY KEY, child INTEGER);
  CREATE TABLE bare (a TEXT, b BLOB);
  CREATE TRIGGER logged AFTER INSERT ON children BEGIN INSERT INTO log (child) VALUES (NEW.id); END;
  INSERT INTO parents (code) VALUES ('a'), ('b');
  INSERT INTO children (parent, name, price, flag) VALUES (1, 'One', 1.5, 1), (2, 'two', 2.5, 0), (2, NULL, NULL, 0);
  INSERT INTO bare VALUES ('x', x'00ff');
`

let pair: Pair
const sync = (): Promise<SchemaSyncReport> => pair.db.syncSchema()
const apply = (): Promise<SchemaSyncReport> => pair.db.syncSchema({ apply: true })

/** What is not in step: something to do on either place, or rows that differ. */
async function outOfStep(): Promise<unknown[]> {
  const { statements, obstacles, sqlite, shipped } = await sync()
  await pair.db.caughtUp()
  return [...statements, ...obstacles, ...sqlite, ...shipped, ...(await pair.differences())]
}

/** What somebody did to PostgreSQL behind Lockstep's back, and what of the DDL that mends it is looked for. */
const onEither: [what: string, sql: string, mends: RegExp][] = [
  ['a default that is gone', 'ALTER TABLE children ALTER name DROP DEFAULT', /SET DEFAULT/],
  ['another default', 'ALTER TABLE children ALTER flag SET DEFAULT 1', /SET DEFAULT/],
  ['a default too many', 'ALTER TABLE children ALTER price SET DEFAULT 1', /DROP DEFAULT/],
  ['NOT NULL that is gone', 'ALTER TABLE children ALTER flag DROP NOT NULL', /SET NOT NULL/],
  ['NOT NULL too many', 'ALTER TABLE log ALTER child SET NOT NULL', /DROP NOT NULL/],
  ['an identity that is gone', 'ALTER TABLE parents ALTER id DROP IDENTITY', /AS IDENTITY/],
  ['an index that is gone', 'DROP INDEX by_name', /CREATE INDEX "by_name"/],
  [
    'an index in another order',
    'DROP INDEX by_name; CREATE INDEX by_name ON children (lower(name COLLATE "C") NULLS FIRST, price NULLS FIRST)',
    /DROP INDEX[\s\S]*CREATE INDEX "by_name"/,
  ],
  [
    'a unique index that is none',
    'DROP INDEX flagged; CREATE INDEX flagged ON children (parent, name NULLS FIRST) WHERE flag <> 0',
    /CREATE UNIQUE INDEX "flagged"/,
  ],
  [
    'a partial index with another condition',
    'DROP INDEX flagged; CREATE UNIQUE INDEX flagged ON children (parent, lower(name COLLATE "C") NULLS FIRST) WHERE flag = 2',
    /CREATE UNIQUE INDEX "flagged"/,
  ],
  [
    'an index on another expression',
    'DROP INDEX lowered; CREATE INDEX lowered ON children (upper(name) NULLS FIRST)',
    /CREATE INDEX "lowered"/,
  ],
  [
    'an index that is invalid',
    `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'by_name'::regclass`,
    /REINDEX INDEX "public"\."by_name"/,
  ],
  [
    'a primary key that is gone',
    'ALTER TABLE log DROP CONSTRAINT lockstep_pk_3',
    /ADD CONSTRAINT "lockstep_pk_3" PRIMARY KEY/,
  ],
  [
    'a primary key of another name',
    'ALTER TABLE log RENAME CONSTRAINT lockstep_pk_3 TO log_pkey',
    /RENAME CONSTRAINT "log_pkey" TO "lockstep_pk_3"/,
  ],
  ['a trigger that is gone', 'DROP TRIGGER logged ON children', /CREATE TRIGGER "logged"/],
  [
    'a generated column of another expression',
    'ALTER TABLE children DROP total; ALTER TABLE children ADD total double precision GENERATED ALWAYS AS (price * 3) STORED',
    /ADD COLUMN "total" double precision GENERATED ALWAYS/,
  ],
]

const asCopy: typeof onEither = [
  [
    'a column that is gone',
    'ALTER TABLE children DROP price CASCADE',
    /ADD COLUMN "price" double precision[\s\S]*ADD COLUMN "total"/,
  ],
  [
    'a column of another type',
    "ALTER TABLE bare ALTER b TYPE text USING encode(b, 'hex')",
    /ALTER COLUMN "b" TYPE bytea/,
  ],
  [
    'a column of another collation',
    'ALTER TABLE bare ALTER a TYPE text COLLATE "default"',
    /ALTER COLUMN "a" TYPE text COLLATE "C"/,
  ],
  [
    'a boolean',
    'ALTER TABLE children ALTER flag DROP DEFAULT, ALTER flag TYPE boolean USING flag <> 0',
    /TYPE bigint/,
  ],
  [
    'a generated column that is a plain one',
    'ALTER TABLE children ALTER total DROP EXPRESSION',
    /DROP COLUMN "total"[\s\S]*ADD COLUMN "total"/,
  ],
  [
    'a table that is gone',
    'DROP TABLE children',
    /CREATE TABLE "public"\."children"[\s\S]*PRIMARY KEY[\s\S]*TRIGGER/,
  ],
]

describe('while SQLite is the primary', () => {
  beforeEach(async () => {
    pair = await openPair({ schema })
  })
  afterEach(() => pair.close())

  test('there is nothing to do behind a backfill', async () => {
    expect(await outOfStep()).toEqual([])
  })

  test.each([...onEither, ...asCopy])('%s is shown, and mended: %s', async (_, sql, mends) => {
    if (sql.includes('flag TYPE boolean')) await pair.pg.query('DROP INDEX flagged')
    await pair.pg.query(sql)
    const shown = await sync()
    expect(shown.obstacles).toEqual([])
    expect(shown.statements.join(';\n')).toMatch(mends)
    // Nothing is changed by looking.
    expect((await sync()).statements).toEqual(shown.statements)
    expect(await apply()).toMatchObject({ applied: true, statements: shown.statements })
    await pair.db.caughtUp()
    // NOT NULL of a column whose rows had to come first.
    await apply()
    expect(await outOfStep()).toEqual([])
  })

  test('a column that only PostgreSQL has is named with a way out, and nothing is changed', async () => {
    await pair.pg.query('ALTER TABLE log ADD COLUMN astray text; DROP INDEX by_name')
    const shown = await sync()
    expect(shown.obstacles).toMatchObject([{ table: 'log', column: 'astray' }])
    expect(shown.obstacles[0]?.message).toContain('DROP COLUMN "astray"')
    const applied = apply()
    await expect(applied).rejects.toMatchObject({ code: 'SCHEMA_DRIFT' })
    await expect(applied).rejects.toThrow('add it to SQLite')
    expect(await pair.pgRows(`SELECT 1 FROM pg_class WHERE relname = 'by_name'`)).toEqual([])
    await pair.pg.query('ALTER TABLE log DROP COLUMN astray')
    await apply()
    expect(await outOfStep()).toEqual([])
  })

  test('constraints of PostgreSQL alone are told, and stay', async () => {
    await pair.pg.query(
      'ALTER TABLE log ADD CONSTRAINT small CHECK (child < 100), ADD UNIQUE (child)',
    )
    const { findings } = await sync()
    const told = findings.filter(({ code }) => code === 'POSTGRES_CONSTRAINT')
    expect(told.map(({ message }) => message).join()).toMatch(/log_child_key.*constraint small/)
    expect(await outOfStep()).toEqual([])
  })

  test('what another program did to SQLite comes over: columns, indexes, a table', async () => {
    pair.sqlite.exec(`ALTER TABLE children ADD COLUMN note TEXT NOT NULL DEFAULT 'n';
      ALTER TABLE bare DROP COLUMN b; DROP INDEX lowered; CREATE INDEX by_price ON children (price);
      UPDATE children SET note = name WHERE name IS NOT NULL;
      CREATE TABLE fresh (id INTEGER PRIMARY KEY, v TEXT UNIQUE); INSERT INTO fresh VALUES (1, 'f')`)
    const shown = await sync()
    expect(shown.sqlite).toEqual(['children', 'bare', 'fresh'])
    expect(shown.statements.join(';\n')).toMatch(
      /ADD COLUMN "note"[\s\S]*CREATE INDEX "by_price"[\s\S]*DROP COLUMN "b"[\s\S]*CREATE TABLE "public"."fresh"/,
    )
    const { findings } = await apply()
    expect(findings.map(({ code }) => code)).toContain('BACKFILL_NEEDED')
    await pair.db.backfill()
    expect(await outOfStep()).toEqual([])
    expect(await pair.pgRows('SELECT note FROM children ORDER BY id')).toEqual([
      ['One'],
      ['two'],
      ['n'],
    ])
  })

  test('a process that dies between the places leaves what the next run ends', async () => {
    pair.sqlite.exec(`ALTER TABLE children ADD COLUMN note TEXT; UPDATE children SET note = 'x'`)
    // As it is where SQLite's half was installed alone.
    await pair.db.install()
    await apply()
    expect(await outOfStep()).toEqual([])
  })

  test('a change that PostgreSQL does not take is an error with a code, and changes nothing', async () => {
    await pair.pg.query(`ALTER TABLE bare ALTER b TYPE point USING NULL; DROP INDEX by_name;
      CREATE VIEW looks AS SELECT b FROM bare`)
    await expect(apply()).rejects.toMatchObject({ code: 'SCHEMA_DRIFT' })
    expect(await pair.pgRows(`SELECT 1 FROM pg_class WHERE relname = 'by_name'`)).toEqual([])
    await pair.pg.query('DROP VIEW looks; DROP TABLE bare')
    await apply()
    expect(await outOfStep()).toEqual([])
  })
})

describe('while PostgreSQL is the primary', () => {
  beforeEach(async () => {
    pair = await openPair({ schema })
    await flip(pair.db)
  })
  afterEach(() => pair.close())

  const itsOwn: typeof onEither = [
    [
      'a foreign key that is gone',
      'ALTER TABLE children DROP CONSTRAINT lockstep_fk_2_1',
      /ADD CONSTRAINT "lockstep_fk_2_1"[\s\S]*VALIDATE/,
    ],
    [
      'a foreign key with another action',
      'ALTER TABLE children DROP CONSTRAINT lockstep_fk_2_1, ADD CONSTRAINT lockstep_fk_2_1 FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE SET NULL',
      /DROP CONSTRAINT[\s\S]*ON DELETE CASCADE/,
    ],
  ]

  test('there is nothing to do behind a flip', async () => {
    expect(await outOfStep()).toEqual([])
  })

  test.each([...onEither, ...itsOwn])('%s is shown, and mended: %s', async (_, sql, mends) => {
    await pair.pg.query(sql)
    expect((await sync()).statements.join(';\n')).toMatch(mends)
    await apply()
    expect(await outOfStep()).toEqual([])
    // The key that PostgreSQL gives is the next one.
    await pair.db.run(`INSERT INTO parents (code) VALUES ('new')`)
    expect(await pair.pgRows('SELECT max(id) FROM parents')).toEqual([['3']])
  })

  test('what would lose rows of PostgreSQL is named, and nothing is changed', async () => {
    await pair.pg.query("ALTER TABLE bare ALTER b TYPE text USING encode(b, 'hex')")
    const { obstacles } = await sync()
    expect(obstacles).toMatchObject([{ table: 'bare', column: 'b' }])
    await expect(apply()).rejects.toMatchObject({ code: 'SCHEMA_DRIFT' })
    expect(await pair.pgRows('SELECT b FROM bare')).toEqual([['00ff']])
  })
})

describe('a table that gets another key on SQLite', () => {
  const keyed = 'CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, v REAL)'
  beforeEach(async () => {
    pair = await openPair({ schema: `${keyed}; INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2)` })
    pair.sqlite.exec(`CREATE TABLE other (name TEXT PRIMARY KEY, id INTEGER, v REAL);
      INSERT INTO other SELECT name, id, v FROM t; DROP TABLE t; ALTER TABLE other RENAME TO t`)
  })
  afterEach(() => pair.close())

  test('gets it on PostgreSQL too, and a key behind a flip is taken once', async () => {
    await apply()
    await pair.db.caughtUp()
    expect(await outOfStep()).toEqual([])
    await flip(pair.db)
    await pair.db.run(`INSERT INTO t VALUES ('c', NULL, 3)`)
    await expect(pair.db.run(`INSERT INTO t VALUES ('a', 9, 9)`)).rejects.toMatchObject({
      code: 'SQLITE_CONSTRAINT_PRIMARYKEY',
    })
    await pair.db.caughtUp()
    expect(pair.sqliteRows('SELECT * FROM t ORDER BY name')).toHaveLength(3)
  })

  test('flips nowhere while PostgreSQL has the old one, whatever became of the sync', async () => {
    await pair.pg.query('BEGIN; LOCK TABLE t IN ACCESS SHARE MODE')
    const refused = apply()
    await expect(refused).rejects.toMatchObject({ code: 'SCHEMA_DRIFT' })
    await expect(refused).rejects.toThrow(/Another session holds .* run this again/)
    await pair.pg.query('COMMIT')
    await expect(pair.db.verify()).rejects.toThrow('t (wants the primary key (name), has (id))')
    await expect(pair.db.flip('postgres')).rejects.toMatchObject({ code: 'GATE_REFUSED' })
    await apply()
    expect(await outOfStep()).toEqual([])
  })
})

test('a type that the configuration chooses later reaches a column that is mirrored already', async () => {
  const flags =
    'CREATE TABLE flags (id INTEGER PRIMARY KEY, flag BOOLEAN NOT NULL); INSERT INTO flags VALUES (1, 0), (2, 1)'
  pair = await openPair({ schema: flags })
  const { path, url } = pair
  await pair.db.close()
  const columns = { 'flags.flag': 'boolean' } as const
  const db = await createLockstep({
    sqlite: { path },
    postgres: { connectionString: url },
    columns,
    applier: { leaderPollMs: 10 },
  })
  const { statements } = await db.syncSchema({ apply: true })
  expect(statements.join(';')).toMatch(/"flag" TYPE boolean/)
  await db.caughtUp()
  expect(await db.verify()).toMatchObject({ equal: true })
  expect(await pair.pgRows('SELECT flag FROM flags ORDER BY id')).toEqual([['f'], ['t']])
  await db.close()
  await pair.close()
})

test('before there are any tables it makes them bare, and goes on where an earlier run made some', async () => {
  pair = await openPair({ schema, stage: 'installed' })
  const { statements } = await sync()
  expect(statements.filter((sql) => sql.startsWith('CREATE TABLE'))).toHaveLength(4)
  await apply()
  await pair.pg.query('DROP TABLE log')
  expect((await pair.db.applySchema()).statements).toHaveLength(1)
  await pair.db.backfill()
  expect(await outOfStep()).toEqual([])
  await pair.close()
})
