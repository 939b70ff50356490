import { afterEach, describe, expect, test } from 'vitest'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import { until } from '../cutover/rig.ts'
import { flip, openPair, rollback, travel, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE items (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE COLLATE NOCASE, up TEXT AS (upper(name)));
  CREATE TABLE "odd ""name" (a TEXT, b REAL, PRIMARY KEY (a, b)) WITHOUT ROWID;
  CREATE TABLE keyless (x);
  CREATE TABLE audit (what TEXT);
  CREATE INDEX items_lower ON items (lower(name)) WHERE id > 0;
  CREATE VIEW names AS SELECT name FROM items;
  CREATE TRIGGER plain AFTER INSERT ON items BEGIN INSERT INTO audit VALUES ('+'); END;
  CREATE TRIGGER /* BEGIN */ conditional   AFTER UPDATE OF name ON items
	WHEN OLD.name <> NEW.name OR NEW.name IS NULL -- a comment, BEGIN
  BEGIN
    INSERT INTO audit VALUES ('~; END');   SELECT 'BEGIN';
  END;
  create trigger "quoted ""one" before delete on "odd ""name" for each row when old.b > 1 begin select raise(ignore); end;
  CREATE TRIGGER IF NOT EXISTS main.qualified AFTER DELETE ON items BEGIN DELETE FROM audit; END;
  CREATE TRIGGER on_view INSTEAD OF INSERT ON names BEGIN INSERT INTO items (name) VALUES (NEW.name); END;
  INSERT INTO items (name) VALUES ('one'), ('two');
  INSERT INTO "odd ""name" VALUES ('x', 0.5);
  INSERT INTO keyless VALUES (1), ('two'), (x'03'), (NULL);
`

let pair: Pair
afterEach(() => pair.close())

/** Everything that the file says of itself, but for where its pages lie. */
function dumpSqlite(): unknown {
  return {
    schema: pair.sqliteRows(
      'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name',
    ),
    sequences: pair.sqliteRows('SELECT * FROM sqlite_sequence ORDER BY name'),
    pragmas: ['user_version', 'application_id', 'journal_mode', 'auto_vacuum', 'encoding'].map(
      (name) => pair.sqlite.pragma(name),
    ),
    rows: ['items', '"odd ""name"', 'keyless', 'audit'].map((name) =>
      pair.sqliteRows(`SELECT * FROM ${name}`),
    ),
  }
}

/** Every object of PostgreSQL outside of its own catalogs. */
async function dumpPostgres(): Promise<unknown> {
  const objects = `
    SELECT 'schema', nspname, '' FROM pg_namespace WHERE nspname !~ '^pg_'
    UNION ALL SELECT 'relation', oid::regclass::text, relkind::text FROM pg_class
     WHERE relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
    UNION ALL SELECT 'function', oid::regprocedure::text, md5(prosrc) FROM pg_proc
     WHERE pronamespace::regnamespace::text !~ '^(pg_|information_schema)'
    UNION ALL SELECT 'trigger', tgname, tgrelid::regclass || ' ' || tgenabled::text FROM pg_trigger
     WHERE NOT tgisinternal
    UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
     WHERE connamespace::regnamespace::text !~ '^(pg_|information_schema)'
    UNION ALL SELECT 'setting', '', array_to_string(setconfig, ',') FROM pg_db_role_setting
      JOIN pg_database ON pg_database.oid = setdatabase AND datname = current_database()
    UNION ALL SELECT 'slot', slot_name, '' FROM pg_replication_slots
    UNION ALL SELECT 'lock', objid::text, mode FROM pg_locks JOIN pg_database d ON d.oid = database
     WHERE locktype = 'advisory' AND d.datname = current_database()
    ORDER BY 1, 2, 3`
  return pair.pgRows(objects)
}

describe('uninstall', () => {
  test('leaves both sides as they were before install, to the letter', async () => {
    pair = await openPair({ schema, stage: 'plain' })
    const before = [dumpSqlite(), await dumpPostgres()]
    await pair.db.install()
    expect(dumpSqlite()).not.toEqual(before[0])
    expect(await dumpPostgres()).not.toEqual(before[1])
    await pair.db.uninstall()
    expect([dumpSqlite(), await dumpPostgres()]).toEqual(before)
  })

  test('after installing twice leaves both sides as they were before the first', async () => {
    pair = await openPair({ schema, stage: 'plain' })
    const before = [dumpSqlite(), await dumpPostgres()]
    await pair.db.install()
    await pair.db.install()
    await pair.db.uninstall()
    await pair.db.uninstall()
    expect([dumpSqlite(), await dumpPostgres()]).toEqual(before)
  })

  test('leaves SQLite as it was after the whole journey there and back', async () => {
    pair = await openPair({ schema, stage: 'plain' })
    const before = dumpSqlite()
    await travel(pair.db, 'mirrored')
    await flip(pair.db, { force: true })
    await rollback(pair.db, { force: true })
    await pair.db.uninstall()
    expect(dumpSqlite()).toEqual(before)
  })

  test('leaves nothing but the tables on PostgreSQL after the journey, with their rows', async () => {
    pair = await openPair({ schema, stage: 'mirrored' })
    await pair.db.uninstall()
    const dump = JSON.stringify(await dumpPostgres())
    expect(dump).not.toMatch(/"(trigger|function|lock|setting|slot)"/)
    expect(dump).not.toContain('"schema","lockstep"')
    expect(await pair.pgRows('SELECT id, name FROM items ORDER BY id')).toEqual([
      ['1', 'one'],
      ['2', 'two'],
    ])
    await pair.pg.query(`INSERT INTO items (id, name) VALUES (3, 'three')`)
  })

  test('changes nothing where the file cannot be written', async () => {
    pair = await openPair({ schema })
    pair.sqlite.exec('BEGIN IMMEDIATE')
    await expect(pair.db.uninstall()).rejects.toMatchObject({ code: 'SQLITE_BUSY' })
    pair.sqlite.exec('ROLLBACK')
    expect((await pair.db.status()).installed).toBe(true)
    expect(await pair.pgRows('SELECT backfill FROM lockstep.control')).toEqual([['done']])
  })

  test('says that it is half done where the file cannot be written any more, as every step does then, and is run again', async () => {
    const reach = async (point: string): Promise<void> => {
      if (point === 'uninstall:postgres-done' && !pair.sqlite.inTransaction)
        pair.sqlite.exec('BEGIN IMMEDIATE')
    }
    pair = await openPair({ schema, options: { testing: { reach } } })
    await expect(pair.db.uninstall()).rejects.toMatchObject({
      code: 'SQLITE_BUSY',
      message: expect.stringMatching(/PostgreSQL is rid of Lockstep.*uninstall.* again/) as string,
    })
    const half = {
      code: 'NOT_INSTALLED',
      message: expect.stringMatching(/half done.*Run `lockstep uninstall` .*again/) as string,
    }
    for (const step of ['status', 'ready', 'verify', 'install'] as const)
      await expect(pair.db[step]()).rejects.toMatchObject(half)
    pair.sqlite.exec('ROLLBACK')
    // A command opens the half that is left, as the application that is open does.
    const other = await createLockstep({
      sqlite: { path: pair.path },
      postgres: { connectionString: pair.url },
    })
    await other.uninstall()
    await other.close()
    expect(
      pair.sqliteRows(`SELECT name FROM sqlite_schema WHERE name LIKE '\\_lockstep%' ESCAPE '\\'`),
    ).toEqual([])
  })

  test('that PostgreSQL did not take is no half of one: another database is told from that of before', async () => {
    pair = await openPair({ schema })
    pair.sqlite.exec(
      `INSERT INTO _lockstep_audit (at_ms, action, detail) VALUES (1, 'uninstall-begun', '{"force":false}')`,
    )
    expect((await pair.db.status()).installed).toBe(true)
    await pair.db.verify()
    await pair.pg.query('DROP SCHEMA lockstep CASCADE')
    await expect(pair.db.status()).rejects.toMatchObject({ code: 'PAIR_MISMATCH' })
  })

  test('keeps a trigger that the application made anew while Lockstep was installed', async () => {
    pair = await openPair({ schema, stage: 'installed' })
    const text = `CREATE TRIGGER plain AFTER INSERT ON items BEGIN INSERT INTO audit VALUES ('anew'); END`
    pair.sqlite.exec(`DROP TRIGGER plain; ${text}`)
    await pair.db.uninstall()
    expect(pair.sqliteRows(`SELECT sql FROM sqlite_schema WHERE name = 'plain'`)).toEqual([[text]])
  })

  test('does not bring back a trigger that the application dropped meanwhile', async () => {
    pair = await openPair({ schema, stage: 'installed' })
    pair.sqlite.exec('DROP TRIGGER plain')
    await pair.db.uninstall()
    expect(pair.sqliteRows(`SELECT name FROM sqlite_schema WHERE name = 'plain'`)).toEqual([])
  })

  test('gives triggers on PostgreSQL the state back that they had', async () => {
    pair = await openPair({ schema, stage: 'mirrored' })
    await pair.pg.query(`
      CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
      CREATE TRIGGER mine AFTER INSERT ON items FOR EACH ROW EXECUTE FUNCTION noop();
      CREATE TRIGGER resting AFTER INSERT ON items FOR EACH ROW EXECUTE FUNCTION noop();
      ALTER TABLE items DISABLE TRIGGER resting`)
    await pair.db.install()
    const states = `SELECT tgname, tgenabled FROM pg_trigger WHERE tgname IN ('mine', 'resting') ORDER BY 1`
    expect(await pair.pgRows(states)).toEqual([
      ['mine', 'D'],
      ['resting', 'D'],
    ])
    await pair.db.uninstall()
    expect(await pair.pgRows(states)).toEqual([
      ['mine', 'O'],
      ['resting', 'D'],
    ])
  })
})

test('uninstall leaves a trigger usable whose text SQLite rewrote for a renamed column', async () => {
  pair = await openPair({ schema, stage: 'installed' })
  pair.sqlite.exec('DROP VIEW names; ALTER TABLE items RENAME COLUMN name TO title')
  await pair.db.uninstall()
  const texts = pair.sqliteRows(`SELECT sql FROM sqlite_schema WHERE type = 'trigger'`).flat()
  expect(texts).toHaveLength(4)
  expect(texts.join()).not.toContain('lockstep')
  pair.sqlite.exec(
    `INSERT INTO items (title) VALUES ('a'); UPDATE items SET title = 'b' WHERE title = 'a'`,
  )
  expect(pair.sqliteRows('SELECT what FROM audit')).toEqual([['+'], ['+'], ['+'], ['~; END']])
})

test('a trigger that the application makes anew stops the mirror until it is installed again', async () => {
  pair = await openPair({ schema, stage: 'mirrored' })
  const text = `CREATE TRIGGER plain AFTER INSERT ON items BEGIN INSERT INTO audit VALUES ('+'); END`
  pair.sqlite.exec(`DROP TRIGGER plain; ${text}`)
  expect((await pair.db.ready()).gates).toContainEqual(
    expect.objectContaining({ name: 'schema', ok: false }),
  )
  await pair.db.install()
  expect((await pair.db.ready()).gates).toContainEqual(
    expect.objectContaining({ name: 'schema', ok: true }),
  )
  await pair.db.uninstall()
  expect(pair.sqliteRows(`SELECT sql FROM sqlite_schema WHERE name = 'plain'`)).toEqual([[text]])
})

test('while installed the application sees no new table but those of Lockstep', async () => {
  pair = await openPair({ schema, stage: 'mirrored' })
  const names = pair.sqliteRows(
    `SELECT name FROM sqlite_schema WHERE name NOT LIKE '%lockstep%' ORDER BY name`,
  )
  await pair.db.uninstall()
  expect(names).toEqual(pair.sqliteRows('SELECT name FROM sqlite_schema ORDER BY name'))
})

describe('an application that is open when Lockstep is taken out', () => {
  const open = (): Promise<Lockstep> =>
    createLockstep({ sqlite: { path: pair.path }, postgres: { connectionString: pair.url } })
  const table = 'CREATE TABLE t (id INTEGER PRIMARY KEY)'
  /** In between status may find half of it gone. */
  const taken = (db: Lockstep): Promise<boolean> =>
    db.status().then(
      ({ epoch }) => epoch === 0,
      () => false,
    )

  test('goes on with the SQLite file, without an error, where that is the primary', async () => {
    pair = await openPair({ schema: table })
    await using other = await open()
    let id = 0
    const write = (): Promise<unknown> => other.run('INSERT INTO t VALUES (?)', [BigInt(++id)])
    await write()
    const uninstalled = pair.db.uninstall()
    await until('it knows', async () => (await write(), taken(other)))
    await uninstalled
    await other.transaction(async (tx) => tx.run('INSERT INTO t VALUES (?)', [BigInt(++id)]))
    expect(await other.get('SELECT count(*) AS n FROM t')).toEqual({ n: id })
    expect(pair.sqliteRows('SELECT count(*) FROM t')).toEqual([[BigInt(id)]])
  })

  test('goes on where it is the one that ships, before it knows of it', async () => {
    pair = await openPair({
      schema: table,
      options: { flags: { initial: { shadow: { rehearse: 100 } } } },
    })
    await pair.db.caughtUp()
    await using other = await open()
    await other.uninstall()
    await pair.db.run('INSERT INTO t VALUES (1)')
    expect(pair.sqliteRows('SELECT count(*) FROM t')).toEqual([[1n]])
  })

  test.each(['complete', 'force'] as const)(
    'is refused every statement where PostgreSQL was the primary: %s',
    async (how) => {
      pair = await openPair({ schema: table, stage: 'flipped' })
      await using other = await open()
      await other.run('INSERT INTO t VALUES (1)')
      await pair.db.caughtUp()
      if (how === 'complete') await pair.db.complete()
      await pair.db.uninstall({ force: how === 'force' })
      await until('it knows', () => taken(other))
      for (const db of [other, pair.db]) {
        const refused = [
          () => db.run('INSERT INTO t VALUES (2)'),
          () => db.exec('INSERT INTO t VALUES (2)'),
          () => db.batch([{ sql: 'INSERT INTO t VALUES (2)' }]),
          () => db.transaction(async (tx) => tx.run('INSERT INTO t VALUES (2)')),
          () => db.get('SELECT * FROM t'),
          () => db.prepare('SELECT * FROM t').all(),
        ]
        for (const statement of refused)
          await expect(statement()).rejects.toMatchObject({ code: 'NOT_INSTALLED' })
      }
      expect(pair.sqliteRows('SELECT id FROM t')).toEqual([[1n]])
      expect(await pair.pgRows('SELECT id FROM t')).toEqual([['1']])
      // Whoever begins now has no trace to go by: it is a plain client of the file.
      await using fresh = await open()
      expect(await fresh.all('SELECT id FROM t')).toEqual([{ id: 1 }])
    },
  )
})
