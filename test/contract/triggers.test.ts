import { afterEach, describe, expect, test } from 'vitest'
import { flip, openPair, rollback, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, qty INTEGER NOT NULL, touched INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT NULL, item INTEGER);
  CREATE VIEW stock AS SELECT id, name FROM items WHERE qty > 0;
  CREATE TRIGGER items_added AFTER INSERT ON items
  BEGIN
    INSERT INTO audit (what, item) VALUES ('added', NEW.id);
  END;
  CREATE TRIGGER items_touch AFTER UPDATE OF name, qty ON items
    WHEN OLD.qty <> NEW.qty OR OLD.name IS NOT NEW.name
  BEGIN
    UPDATE items SET touched = touched + 1 WHERE id = NEW.id;
    INSERT INTO audit (what, item) VALUES ('changed', NEW.id);
  END;
  create /* BEGIN */ trigger "items gone" -- BEGIN, or WHEN
    before delete on [items] /* it's */ for each row begin insert into audit (what, item) values ('gone;BEGIN', old.id); end;
  CREATE TRIGGER stock_insert INSTEAD OF INSERT ON stock
  BEGIN
    INSERT INTO items (id, name, qty) VALUES (NEW.id, NEW.name, 1);
  END;
  INSERT INTO items (id, name, qty) VALUES (1, 'nail', 5), (2, 'bolt', 0);
`

/** What an operator writes for the time after the flip. */
const twins = `
  CREATE FUNCTION items_added() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO audit (what, item) VALUES ('added', NEW.id); RETURN NULL; END $$;
  CREATE FUNCTION items_touch() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE items SET touched = touched + 1 WHERE id = NEW.id;
      INSERT INTO audit (what, item) VALUES ('changed', NEW.id);
      RETURN NULL;
    END $$;
  CREATE FUNCTION items_gone() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO audit (what, item) VALUES ('gone;BEGIN', OLD.id); RETURN OLD; END $$;
  CREATE OR REPLACE TRIGGER items_added AFTER INSERT ON items FOR EACH ROW EXECUTE FUNCTION items_added();
  CREATE OR REPLACE TRIGGER items_touch AFTER UPDATE OF name, qty ON items FOR EACH ROW
    WHEN (OLD.qty <> NEW.qty OR OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION items_touch();
  CREATE OR REPLACE TRIGGER "items gone" BEFORE DELETE ON items FOR EACH ROW EXECUTE FUNCTION items_gone();
`

const writes = [
  `INSERT INTO items (id, name, qty) VALUES (3, 'nut', 7), (4, 'pin', 8)`,
  `UPDATE items SET qty = qty + 1 WHERE id < 4`,
  `UPDATE items SET name = name WHERE id = 1`,
  `DELETE FROM items WHERE id = 3`,
]

const items = [
  [1n, 'nail', 6n, 1n],
  [2n, 'bolt', 1n, 1n],
  [4n, 'pin', 8n, 0n],
]
const audited = [
  ['added', 1n],
  ['added', 2n],
  ['added', 3n],
  ['added', 4n],
  ['changed', 1n],
  ['changed', 2n],
  ['changed', 3n],
  ['gone;BEGIN', 3n],
]

let pair: Pair
afterEach(() => pair.close())

/** Neither place promises in which order triggers run for the rows of one statement. */
function expectRows(): void {
  expect(pair.sqliteRows('SELECT * FROM items ORDER BY id')).toEqual(items)
  expect(pair.sqliteRows('SELECT what, item FROM audit ORDER BY what, item')).toEqual(audited)
}

async function openWithTwins(byHand = true): Promise<void> {
  pair = await openPair({ schema })
  if (!byHand) return
  await pair.pg.query(twins)
  // The operator says it is done by installing again, which switches the twins off until the flip.
  await pair.db.install()
}

describe.each([
  ['carried over', false],
  ['with twins written by hand', true],
])('the triggers of the application, %s, run once, on the primary alone', (_, byHand) => {
  test('while SQLite is the primary', async () => {
    await openWithTwins(byHand)
    for (const sql of writes) await pair.db.run(sql)
    await pair.db.caughtUp()
    expectRows()
    expect(await pair.differences()).toEqual([])
  })

  test('while PostgreSQL is the primary', async () => {
    await openWithTwins(byHand)
    await flip(pair.db)
    for (const sql of writes) await pair.db.run(sql)
    await pair.db.caughtUp()
    expectRows()
    expect(await pair.differences()).toEqual([])
  })

  test('after a rollback and another flip', async () => {
    await openWithTwins(byHand)
    await flip(pair.db)
    await pair.db.run(writes[0] as string)
    await rollback(pair.db)
    await pair.db.run(writes[1] as string)
    await flip(pair.db)
    await pair.db.run(writes[2] as string)
    await pair.db.run(writes[3] as string)
    await rollback(pair.db)
    expectRows()
    expect(await pair.differences()).toEqual([])
  })

  test('and for a write by another program on either side', async () => {
    await openWithTwins(byHand)
    for (const sql of writes.slice(0, 2)) pair.sqlite.exec(sql)
    await flip(pair.db)
    for (const sql of writes.slice(2)) await pair.pg.query(sql)
    await pair.db.caughtUp()
    expectRows()
    expect(await pair.differences()).toEqual([])
  })
})

test('INSTEAD OF triggers on views are left as they are, and what they write is captured', async () => {
  const text = `SELECT sql FROM sqlite_schema WHERE name = 'stock_insert'`
  pair = await openPair({ schema })
  expect(pair.sqliteRows(text)[0]?.[0]).not.toContain('lockstep')
  pair.sqlite.exec(`INSERT INTO stock VALUES (9, 'cog')`)
  expect(pair.sqliteRows('SELECT what FROM audit WHERE item = 9')).toEqual([['added']])
  expect(await pair.differences()).toEqual([])
})

test('a flip is refused while a trigger has no twin on PostgreSQL', async () => {
  pair = await openPair({ schema })
  await pair.pg.query('DROP TRIGGER items_added ON items; DROP TRIGGER "items gone" ON items')
  await expect(flip(pair.db)).rejects.toMatchObject({
    code: 'GATE_REFUSED',
    message: expect.stringContaining('items gone, items_added') as string,
  })
})

test('without the guard a trigger runs a second time on the rows that arrive, and a verify says so', async () => {
  await openWithTwins()
  await flip(pair.db)
  const original = /CREATE TRIGGER items_added[\s\S]*?END;/.exec(schema)?.[0] ?? ''
  pair.sqlite.exec(`DROP TRIGGER items_added; ${original}`)
  const version = pair.sqlite.pragma('schema_version', { simple: true })
  pair.sqlite.prepare('UPDATE _lockstep_control SET schema_version = ?').run(version)
  await pair.db.run(`INSERT INTO items (id, name, qty) VALUES (5, 'rod', 1)`)
  await pair.db.caughtUp()
  const twice = pair.sqliteRows('SELECT count(*) FROM audit WHERE item = 5')
  expect({ twice, equal: (await pair.db.verify()).equal }).toEqual({ twice: [[2n]], equal: false })
})

test('without the switch a twin runs a second time on the rows that arrive, and a verify says so', async () => {
  await openWithTwins()
  await pair.pg.query('ALTER TABLE items ENABLE TRIGGER items_touch')
  await pair.db.run('UPDATE items SET qty = 6 WHERE id = 1')
  await pair.db.caughtUp()
  const touched = await pair.pgRows('SELECT touched FROM items WHERE id = 1')
  expect(touched).toEqual([['2']])
  expect(await pair.differences()).toContainEqual({
    table: 'items',
    key: '1',
    column: 'touched',
    class: 'value',
  })
})
