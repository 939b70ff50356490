import { afterEach, describe, expect, test } from 'vitest'
import { flip, openPair, type Pair } from '../support/pair.ts'

const tables = `
  CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT COLLATE NOCASE, n INTEGER, weight REAL, touched INTEGER DEFAULT 0);
  CREATE TABLE log (id INTEGER PRIMARY KEY, what TEXT, body TEXT, n);
  CREATE TABLE sums (name TEXT PRIMARY KEY, total INTEGER);
  CREATE TABLE made (a INTEGER, twice INTEGER AS (a * 2));
  INSERT INTO sums VALUES ('n', 0);`
const triggers = [
  `CREATE TRIGGER logged AFTER INSERT ON notes BEGIN INSERT INTO log (what, body) VALUES ('insert', NEW.body); END`,
  `CREATE TRIGGER summed AFTER INSERT ON notes WHEN NEW.n > 5 OR NEW.body = 'COUNT' BEGIN
     UPDATE sums SET total = total + coalesce(NEW.n, 0) WHERE name = 'n';
     DELETE FROM log WHERE body = NEW.body AND what = 'old'; END`,
  `CREATE TRIGGER changed AFTER UPDATE OF body, n ON notes BEGIN
     INSERT INTO log (what, body) SELECT 'from ' || OLD.body, 'to ' || NEW.body;
     UPDATE notes SET touched = touched + 1 WHERE id = NEW.id; END`,
  `CREATE TRIGGER gone BEFORE DELETE ON notes BEGIN INSERT INTO log (what, body) VALUES ('gone', OLD.body); END`,
  `CREATE TRIGGER checked BEFORE UPDATE ON notes BEGIN
     SELECT CASE WHEN NEW.n < 0 THEN RAISE(ABORT, 'it''s negative') WHEN NEW.n > 1000 THEN RAISE(IGNORE) END; END`,
  `CREATE TRIGGER heavy BEFORE INSERT ON notes WHEN NEW.weight >= 100.5 BEGIN SELECT RAISE(ABORT, 'too heavy'); END`,
]
const statements = [
  `INSERT INTO notes (body, n, weight) VALUES ('a', 1, 1.0), ('b', 7, 2.0), ('count', NULL, NULL)`,
  `UPDATE notes SET body = body || '!' WHERE n > 0`,
  `UPDATE notes SET n = -1 WHERE id = 1`,
  `UPDATE notes SET n = 2000`,
  `UPDATE notes SET n = n + 1, weight = 5`,
  `UPDATE notes SET weight = 6`,
  `INSERT INTO notes (body, weight) VALUES ('heavy', 100.5)`,
  `INSERT INTO notes (id, body, weight) VALUES (9, 'light', 100.4)`,
  `DELETE FROM notes WHERE id = 2`,
]

let pair: Pair
afterEach(() => pair.close())

async function outcomes(): Promise<unknown[]> {
  const found: unknown[] = []
  for (const sql of statements) {
    found.push(
      await pair.db
        .run(sql)
        .catch(({ code, message }: { code: string; message: string }) => [code, message]),
    )
  }
  // A statement changes its rows in an order of its own on each place, and so the log numbers them.
  for (const query of ['* FROM notes', 'what, body, n FROM log', '* FROM sums'])
    found.push(await pair.db.values(`SELECT ${query} ORDER BY 1, 2`))
  return found
}

describe('the triggers of the application', () => {
  test.each([
    ['are carried over with the tables', `${tables}${triggers.join(';')}`, []],
    ['are carried over when they are made later', tables, triggers],
  ])('%s, and do on PostgreSQL what they do on SQLite', async (_, schema, later) => {
    pair = await openPair({ schema })
    for (const sql of later) await pair.db.run(sql)
    const wanted = await outcomes()
    expect(await pair.differences()).toEqual([])
    await pair.close()
    pair = await openPair({ schema })
    await flip(pair.db)
    await pair.db.setFlags({ reads: { postgres: 100 } })
    for (const sql of later) await pair.db.run(sql)
    expect(await outcomes()).toEqual(wanted)
    expect(await pair.differences()).toEqual([])
    await pair.db.run('DROP TRIGGER logged')
    await pair.db.run(`INSERT INTO notes (body) VALUES ('unlogged')`)
    expect(await pair.db.get(`SELECT 1 FROM log WHERE body = 'unlogged'`)).toBeUndefined()
    expect(await pair.differences()).toEqual([])
  })

  const inOrder = (names: readonly string[]): string[] =>
    names.map(
      (name) =>
        `CREATE TRIGGER ${name} AFTER INSERT ON notes BEGIN INSERT INTO log (what) VALUES ('${name}'); END`,
    )
  const fired = async (): Promise<unknown> => {
    await pair.db.run('DELETE FROM log')
    await pair.db.run('INSERT INTO notes (body) VALUES (NULL)')
    return (await pair.db.values('SELECT what FROM log ORDER BY id')).flat()
  }

  test.each(['mirrored', 'flipped'] as const)(
    'run in the order in which SQLite alone runs them in stage %s',
    async (stage) => {
      pair = await openPair({ schema: `${tables}${inOrder(['m', 'z', 'a']).join(';')}` })
      if (stage === 'flipped') await flip(pair.db)
      expect(await fired()).toEqual(['a', 'z', 'm'])
      for (const sql of inOrder(['k'])) await pair.db.run(sql)
      expect(await fired()).toEqual(['k', 'a', 'z', 'm'])
      await pair.db.exec('DROP TRIGGER z; ALTER TABLE notes RENAME COLUMN weight TO heft')
      expect(await fired()).toEqual(['k', 'a', 'm'])
      await pair.db.run('DROP TRIGGER a')
      for (const sql of inOrder(['b'])) await pair.db.run(sql)
      expect(await fired()).toEqual(['b', 'k', 'm'])
      expect((await pair.db.ready()).gates.find(({ name }) => name === 'triggers')).toMatchObject({
        ok: true,
      })
      expect(await pair.differences()).toEqual([])
      if (stage === 'flipped') return
      await pair.db.uninstall()
      expect(await fired()).toEqual(['b', 'k', 'm'])
    },
  )

  test.each([
    `CREATE TRIGGER t BEFORE INSERT ON notes BEGIN INSERT INTO notes (body) VALUES ('before'); END`,
    `CREATE TRIGGER t BEFORE INSERT ON notes BEGIN INSERT INTO log (n) VALUES (NEW.id); END`,
    `CREATE TRIGGER t AFTER INSERT ON notes BEGIN SELECT RAISE(FAIL, 'no'); END`,
    `CREATE TRIGGER t BEFORE INSERT ON made BEGIN INSERT INTO log (n) VALUES (NEW.twice); END`,
  ])('are not carried where they would do another thing, and hold up the flip: %s', async (sql) => {
    pair = await openPair({ schema: tables })
    await pair.db.run(sql)
    const { gates } = await pair.db.ready()
    expect(gates.find(({ name }) => name === 'triggers')).toMatchObject({ ok: false })
  })

  test.each(['mirrored', 'flipped'] as const)(
    'know of those that are made later what several rows would bring about, in stage %s',
    async (stage) => {
      pair = await openPair({ schema: `${tables}${triggers[0]}`, stage })
      const several = `INSERT INTO notes (body) VALUES ('x'), ('y')`
      await pair.db.run(several)
      await pair.db.run(
        `CREATE TRIGGER later AFTER INSERT ON log BEGIN UPDATE notes SET n = 1; END`,
      )
      if (stage === 'mirrored') await flip(pair.db)
      await expect(pair.db.run(several)).rejects.toMatchObject({
        code: 'SQL_UNSUPPORTED',
        message: expect.stringContaining('"logged"') as string,
      })
      await pair.db.run(`INSERT INTO notes (body) VALUES ('z')`)
      await pair.db.run('DROP TRIGGER later')
      await pair.db.run(several)
      expect(await pair.differences()).toEqual([])
    },
  )
})
