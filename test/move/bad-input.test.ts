import { writeFileSync, cpSync, statSync, truncateSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { assess } from '../../src/steps/assess.ts'
import { createLockstep, type Lockstep, type LockstepOptions } from '../../src/index.ts'
import { openPair, travel, type Pair } from '../support/pair.ts'

const schema = `CREATE TABLE items (id INTEGER PRIMARY KEY, v TEXT UNIQUE); CREATE INDEX by_v ON items (v, id);
  INSERT INTO items VALUES (1, 'one')`

let pair: Pair
beforeEach(async () => {
  pair = await openPair({ schema, stage: 'plain' })
})
afterEach(() => pair.close())

/** Everything that is declared on either place. */
async function declared(): Promise<unknown> {
  const relations = await pair.pgRows(
    `SELECT n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname !~ '^pg_|information_schema' ORDER BY 1, 2`,
  )
  return [relations, pair.sqliteRows('SELECT type, name, sql FROM sqlite_schema ORDER BY 2')]
}

/** What a step is refused with; nothing may have changed by it. */
async function refusal(step: () => Promise<unknown>): Promise<{ code?: string; message: string }> {
  const before = await declared()
  const error = await step().then(
    () => ({ message: 'it succeeded' }),
    (failure: unknown) => failure as Error,
  )
  expect(await declared()).toEqual(before)
  return error
}

function open(options: Partial<LockstepOptions>): Promise<Lockstep> {
  const { path, url } = pair
  return createLockstep({ sqlite: { path }, postgres: { connectionString: url }, ...options })
}

async function assessed(): Promise<string> {
  const report = await pair.db.assess()
  expect(report.ok).toBe(false)
  const decisions = report.findings.filter(({ level }) => level === 'decision')
  return decisions.map(({ code, message }) => `${code} ${message}`).join('\n')
}

describe('a file that is no good', () => {
  const files: [what: string, code: string, make: (from: string, to: string) => void][] = [
    ['encrypted', 'SQLITE_NOTADB', (_, to) => writeFileSync(to, randomBytes(8192))],
    [
      'truncated in its pages',
      'SQLITE_CORRUPT',
      (from, to) => {
        const source = new Database(from)
        source.exec(
          `CREATE TABLE filler (a); INSERT INTO filler SELECT hex(zeroblob(400)) FROM (VALUES (1),(2),(3),(4),(5),(6),(7),(8)), (VALUES (1),(2),(3),(4),(5),(6),(7),(8))`,
        )
        source.pragma('wal_checkpoint(TRUNCATE)')
        source.close()
        cpSync(from, to)
        truncateSync(to, Math.floor(statSync(to).size / 8192) * 4096)
      },
    ],
    [
      'truncated in its head',
      'SQLITE_CORRUPT',
      (from, to) => (cpSync(from, to), truncateSync(to, 60)),
    ],
  ]

  test.each(files)('%s: assess and install refuse it with a code', async (_, code, make) => {
    const path = join(dirname(pair.path), 'bad.db')
    make(pair.path, path)
    const postgres = { connectionString: pair.url }
    for (const step of [
      () => assess({ sqlite: { path }, postgres }),
      async () => {
        await using db = await open({ sqlite: { path } })
        await db.install()
      },
    ])
      expect(await refusal(step)).toMatchObject({ name: 'LockstepError', code })
  })

  test('locked by another process: it is busy, for each step that writes, and nothing is changed', async () => {
    const other = new Database(pair.path)
    await using db = await open({ sqlite: { path: pair.path, busyTimeoutMs: 100 } })
    other.exec('BEGIN IMMEDIATE')
    expect(await refusal(() => db.install())).toMatchObject({ code: 'SQLITE_BUSY' })
    other.exec('ROLLBACK')
    other.close()
    await travel(db, 'mirrored')
    expect((await db.verify()).equal).toBe(true)
  })

  test('held by a program that lets nobody else in: it is busy, and says so', async () => {
    const path = join(dirname(pair.path), 'held.db')
    const other = new Database(path)
    other.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; CREATE TABLE t (a)')
    const busy = { code: 'SQLITE_BUSY', name: 'LockstepError' }
    const options = { path, busyTimeoutMs: 100 }
    expect(await refusal(() => open({ sqlite: options }))).toMatchObject(busy)
    const postgres = { connectionString: pair.url }
    expect(await refusal(() => assess({ sqlite: options, postgres }))).toMatchObject(busy)
    other.close()
  })

  test.each(['_lockstep_journal', '_LOCKSTEP_x', '_lockstep_control'])(
    'a table named like one of ours: %s',
    async (name) => {
      pair.sqlite.exec(`CREATE TABLE ${name} (a)`)
      await using db = await open({})
      expect(await refusal(() => db.install())).toMatchObject({
        code: 'SCHEMA_UNSUPPORTED',
        message: expect.stringContaining(name) as string,
      })
      expect(pair.sqliteRows(`SELECT * FROM ${name}`)).toEqual([])
    },
  )

  test.each([
    ['CREATE TABLE lockstep_pk_1 (a)', 'lockstep_pk_1'],
    ['CREATE INDEX lockstep_uq_1_1 ON items (v)', 'lockstep_uq_1_1'],
    ['CREATE TRIGGER lockstep_insert AFTER INSERT ON items BEGIN SELECT 1; END', 'lockstep_insert'],
    [`CREATE TABLE wide (${Array.from({ length: 2000 }, (_, at) => `c${at}`).join(', ')})`, '2001'],
    [`CREATE TABLE ${'n'.repeat(64)} (a)`, '63 bytes'],
    ['CREATE TABLE hidden (xmin TEXT)', 'system column'],
    ['CREATE TABLE pg_settings (name TEXT)', 'begin with pg_'],
  ])(
    'what PostgreSQL cannot have is refused by install, and told by assess: %.40s',
    async (sql, words) => {
      pair.sqlite.exec(sql)
      expect(await assessed()).toMatch(new RegExp(`^SCHEMA_UNSUPPORTED .*${words}`, 'm'))
      expect(await refusal(() => pair.db.install())).toMatchObject({
        code: 'SCHEMA_UNSUPPORTED',
        message: expect.stringContaining(words) as string,
      })
    },
  )

  test('1,599 columns, reserved words, quotes, line breaks and empty tables go through', async () => {
    pair.sqlite
      .exec(`CREATE TABLE "select" ("from" INTEGER PRIMARY KEY, "a""b" TEXT, "it's" TEXT, "x
y" TEXT, [group] TEXT DEFAULT 'order', "Ü😀" TEXT);
      CREATE UNIQUE INDEX "in""dex" ON "select" ("a""b" DESC, "group" COLLATE NOCASE) WHERE "it's" IS NOT NULL;
      INSERT INTO "select" VALUES (1, 'a', 'b', 'c', 'd', 'e');
      CREATE TABLE "or""der" ("select" REFERENCES "select" ("from"));
      CREATE TABLE "user" (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID;
      CREATE TABLE wide (${Array.from({ length: 1599 }, (_, at) => `c${at} INTEGER`).join(', ')});
      INSERT INTO wide (c0, c1598) VALUES (1, 2)`)
    await travel(pair.db, 'flipped')
    expect(await pair.db.verify()).toMatchObject({ equal: true, problems: [] })
    await pair.db.run(`INSERT INTO "or""der" VALUES (1)`)
    await pair.db.caughtUp()
    expect(await pair.differences()).toEqual([])
  }, 120_000)
})

describe('a PostgreSQL that cannot hold the copy', () => {
  test('another encoding', async () => {
    await pair.pg.query(`CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`)
    const url = new URL(pair.url)
    url.pathname = '/latin'
    const db = await open({ postgres: { connectionString: url.href } })
    expect((await db.assess()).ok).toBe(false)
    expect(await refusal(() => db.install())).toMatchObject({
      code: 'POSTGRES_UNSUITABLE',
      message: expect.stringContaining('LATIN1') as string,
    })
    await db.close()
    await pair.pg.query('DROP DATABASE latin WITH (FORCE)')
  })

  test('a schema that is not there', async () => {
    const db = await open({ postgres: { connectionString: pair.url, schema: 'nowhere' } })
    expect(await refusal(() => db.install())).toMatchObject({ code: 'POSTGRES_UNSUITABLE' })
    await db.close()
  })

  test('a role without rights, one by one', async () => {
    const role = `weak_${Date.now()}`
    await pair.pg.query(`CREATE ROLE ${role} LOGIN PASSWORD 'weak'; CREATE TABLE items (id bigint)`)
    const url = new URL(pair.url)
    url.username = role
    url.password = 'weak'
    const name = url.pathname.slice(1)
    const db = await open({ postgres: { connectionString: url.href } })
    const denied = async (words: string): Promise<void> => {
      const saysSo = expect.stringContaining(words) as string
      const assessed = { name: 'rights', ok: false, detail: saysSo }
      expect((await db.assess()).readiness).toContainEqual(assessed)
      const refused = { code: 'POSTGRES_DENIED', message: saysSo }
      expect(await refusal(() => db.install())).toMatchObject(refused)
    }
    await denied('may create no schema')
    await pair.pg.query(`GRANT CREATE ON DATABASE "${name}" TO ${role}`)
    await denied('may create no tables in schema public')
    await pair.pg.query(
      `GRANT CREATE ON SCHEMA public TO ${role}; REVOKE USAGE ON SCHEMA public FROM PUBLIC`,
    )
    await denied('may not use schema public')
    await pair.pg.query(`GRANT USAGE ON SCHEMA public TO ${role}`)
    await denied('does not own the table items')
    await pair.pg.query('DROP TABLE items')
    await travel(db, 'mirrored')
    expect((await db.verify()).equal).toBe(true)
    await pair.pg.query(`ALTER TABLE items OWNER TO CURRENT_USER; REVOKE ALL ON items FROM ${role}`)
    const blind = {
      code: 'POSTGRES_DENIED',
      message: expect.stringMatching(/no right.* items/) as string,
    }
    await expect(db.verify()).rejects.toMatchObject(blind)
    await pair.pg.query(`ALTER TABLE items OWNER TO ${role}`)
    await db.uninstall()
    await db.close()
    await pair.pg.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`)
  })

  const inTheWay: [what: string, sql: string, words: string][] = [
    [
      'a foreign table',
      `CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE items (id bigint) SERVER s`,
      'foreign table items',
    ],
    ['a view', 'CREATE VIEW items AS SELECT 1 AS id', 'view items'],
    [
      'a materialized view',
      'CREATE MATERIALIZED VIEW items AS SELECT 1 AS id',
      'materialized view items',
    ],
    [
      'a partitioned table',
      'CREATE TABLE items (id bigint) PARTITION BY RANGE (id)',
      'partitioned table items',
    ],
    ['a sequence', 'CREATE SEQUENCE items', 'sequence items'],
    ['a type', 'CREATE TYPE items AS (id bigint)', 'type items'],
    [
      'an index of another table',
      'CREATE TABLE other (id bigint); CREATE INDEX items ON other (id)',
      'index items',
    ],
    ['a table named as an index', 'CREATE TABLE by_v (id bigint)', 'table by_v'],
    [
      'a schema lockstep of another program',
      'CREATE SCHEMA lockstep; CREATE TABLE lockstep.theirs (a int)',
      'schema lockstep',
    ],
    [
      'a schema lockstep of another program, with a table of a name of ours',
      'CREATE SCHEMA lockstep; CREATE TABLE lockstep.control (a int)',
      'schema lockstep',
    ],
    ['a domain', 'CREATE DOMAIN items AS int', 'domain items'],
    ['an enum', `CREATE TYPE items AS ENUM ('a')`, 'enum items'],
    ['a range type', 'CREATE TYPE items AS RANGE (subtype = float8)', 'range type items'],
    ['a sequence named as ours', 'CREATE SEQUENCE lockstep_seq_1', 'sequence lockstep_seq_1'],
    [
      'a table named as a primary key of ours',
      'CREATE TABLE lockstep_pk_1 (a int)',
      'table lockstep_pk_1',
    ],
    [
      'a table of the right columns with a primary key',
      'CREATE TABLE items (id bigint PRIMARY KEY, v text COLLATE "C")',
      'primary key items_pkey of table items',
    ],
    [
      'an index of another table named as a unique index of ours',
      'CREATE TABLE other (a int); CREATE UNIQUE INDEX lockstep_uq_1_1 ON other (a)',
      'index lockstep_uq_1_1',
    ],
  ]

  test.each(inTheWay)('%s in the way', async (_, sql, words) => {
    await pair.pg.query(sql)
    expect((await pair.db.assess()).readiness).toContainEqual({
      name: 'empty',
      ok: false,
      detail: expect.stringContaining(words) as string,
    })
    expect(await refusal(() => pair.db.install())).toMatchObject({
      code: 'TARGET_NOT_EMPTY',
      message: expect.stringContaining(words) as string,
    })
  })

  test('a table with other columns in the way is refused by name, whenever it comes', async () => {
    await pair.pg.query('CREATE TABLE items (id bigint)')
    const asked = await refusal(() => pair.db.install())
    expect(asked).toMatchObject({
      code: 'TARGET_NOT_EMPTY',
      message: expect.stringMatching(/other columns: items\.\w+ \(wants/) as string,
    })
    expect(pair.sqliteRows("SELECT name FROM sqlite_schema WHERE name LIKE '%lockstep%'")).toEqual(
      [],
    )
    await pair.pg.query('DROP TABLE items')
    await pair.db.install()
    await pair.pg.query('CREATE TABLE items (id bigint PRIMARY KEY)')
    for (const step of [() => pair.db.applySchema(), () => pair.db.backfill()])
      expect(await refusal(step)).toMatchObject({
        code: 'SCHEMA_DRIFT',
        message: expect.stringMatching(/items\.\w+ \(wants \w+, is missing\)/) as string,
      })
  })

  test('a table whose texts compare otherwise is refused, before and behind the install', async () => {
    const sql = 'CREATE TABLE items (id bigint, v text)'
    await pair.pg.query(sql)
    expect(await refusal(() => pair.db.install())).toMatchObject({
      code: 'TARGET_NOT_EMPTY',
      message: expect.stringContaining('items.v (wants text, is text COLLATE "default"') as string,
    })
    await pair.pg.query('DROP TABLE items')
    await pair.db.install()
    await pair.pg.query(sql)
    for (const step of [() => pair.db.applySchema(), () => pair.db.backfill()])
      expect(await refusal(step)).toMatchObject({ code: 'SCHEMA_DRIFT' })
    await pair.db.syncSchema({ apply: true })
    await pair.db.backfill()
    expect(await pair.differences()).toEqual([])
  })

  test('a table that came with a primary key behind the install is refused before a row is copied', async () => {
    await pair.db.install()
    await pair.pg.query('CREATE TABLE items (id bigint PRIMARY KEY, v text COLLATE "C")')
    await pair.db.applySchema()
    expect(await refusal(() => pair.db.backfill())).toMatchObject({
      code: 'TARGET_NOT_EMPTY',
      message: expect.stringContaining('primary key items_pkey of table items') as string,
    })
    expect(await pair.pgRows('SELECT * FROM items')).toEqual([])
    await pair.pg.query('ALTER TABLE items DROP CONSTRAINT items_pkey')
    await pair.db.backfill()
    expect(await pair.differences()).toEqual([])
  })

  test.each(['installed', 'mirrored'] as const)(
    'what comes in the way later is refused with a code by each step, %s',
    async (stage) => {
      await travel(pair.db, stage)
      await pair.pg.query('DROP TABLE IF EXISTS items; CREATE VIEW items AS SELECT 1 AS id')
      const steps = {
        installed: [
          () => pair.db.applySchema(),
          () => pair.db.backfill(),
          () => pair.db.syncSchema({ apply: true }),
        ],
        mirrored: [
          () => pair.db.verify(),
          () => pair.db.applySchema(),
          () => pair.db.syncSchema({ apply: true }),
        ],
      }[stage]
      for (const step of steps)
        expect(await refusal(step)).toMatchObject({
          code: expect.stringMatching(/^(TARGET_NOT_EMPTY|SCHEMA_DRIFT)$/) as string,
        })
    },
  )
})
