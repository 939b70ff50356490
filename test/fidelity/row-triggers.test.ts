import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFidelityServer, type FidelityServer } from './server.ts'
import { translator } from './suites.ts'
import { Twin } from './twin.ts'
import { verdicts } from './verdicts.ts'

const tables = `
  CREATE TABLE t (id INTEGER PRIMARY KEY, parent INTEGER, n INTEGER DEFAULT 0, name TEXT UNIQUE, main INTEGER);
  CREATE TABLE log (id INTEGER PRIMARY KEY, what TEXT, n INTEGER);
  INSERT INTO t (id, parent, n, name, main) VALUES (1, NULL, 2, 'a', 1), (2, 1, 0, 'b', 0), (3, 1, 0, 'c', 0), (4, 2, 0, 'd', NULL);`

const one = {
  insert: `INSERT INTO t (parent, name, main) VALUES (1, 'new', 1)`,
  update: `UPDATE t SET main = 1, name = 'x', parent = 3 WHERE id = 2`,
  delete: 'DELETE FROM t WHERE id = 2',
}
const several = {
  insert: `INSERT INTO t (parent, name, main) VALUES (1, 'new', 1), (2, 'newer', 1)`,
  update: 'UPDATE t SET main = 1, parent = 3 WHERE id < 4',
  delete: 'DELETE FROM t WHERE id IN (2, 3)',
}

/** Triggers that look at other rows of their table. */
const looking: readonly string[] = [
  `AFTER INSERT ON t BEGIN UPDATE t SET n = n + 1 WHERE id = NEW.parent; END`,
  `AFTER INSERT ON t WHEN NEW.main = 1 BEGIN UPDATE t SET main = 0 WHERE id <> NEW.id; END`,
  `BEFORE INSERT ON t BEGIN UPDATE t SET main = 0 WHERE main = 1; END`,
  `AFTER INSERT ON t BEGIN DELETE FROM t WHERE id <= NEW.id - 3; END`,
  `AFTER INSERT ON t BEGIN INSERT INTO log (what, n) SELECT 'rows', count(*) FROM t; END`,
  `AFTER INSERT ON t WHEN (SELECT count(*) FROM t) > 4 BEGIN DELETE FROM t WHERE id = (SELECT min(id) FROM t); END`,
  `BEFORE INSERT ON t WHEN (SELECT count(*) FROM t WHERE parent = NEW.parent) >= 2 BEGIN SELECT RAISE(ABORT, 'too many'); END`,
  `BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'no parent') WHERE NOT EXISTS (SELECT 1 FROM t WHERE id = NEW.parent); END`,
  `AFTER INSERT ON t BEGIN INSERT INTO t (parent, name) VALUES (NEW.id, NEW.name || '/child'); END`,
  `AFTER UPDATE OF main ON t WHEN NEW.main = 1 BEGIN UPDATE t SET main = 0 WHERE id <> NEW.id AND main = 1; END`,
  `AFTER UPDATE ON t BEGIN UPDATE t SET n = (SELECT count(*) FROM t AS c WHERE c.parent = t.id); END`,
  `BEFORE UPDATE ON t BEGIN UPDATE t SET n = n + 1 WHERE id = NEW.parent; END`,
  `BEFORE UPDATE ON t BEGIN DELETE FROM t WHERE id = 4; END`,
  `BEFORE UPDATE ON t BEGIN INSERT INTO t (name) VALUES ('before ' || OLD.name); END`,
  `AFTER DELETE ON t BEGIN DELETE FROM t WHERE parent = OLD.id; END`,
  `AFTER DELETE ON t BEGIN UPDATE t SET parent = OLD.parent WHERE parent = OLD.id; END`,
  `BEFORE DELETE ON t BEGIN DELETE FROM t WHERE parent = OLD.id; INSERT INTO log (n) SELECT count(*) FROM t; END`,
  `AFTER DELETE ON t BEGIN INSERT INTO t (id, name) VALUES (OLD.id + 100, OLD.name); END`,
]
/** Those whose row has its key on PostgreSQL before the trigger runs, and on SQLite after it. */
const keyed = `BEFORE INSERT ON t BEGIN INSERT INTO t (name) VALUES ('before ' || NEW.name); END`

/** Those that change the very row, which PostgreSQL refuses to do before the row is changed. */
const changing: readonly string[] = [
  `BEFORE UPDATE ON t BEGIN UPDATE t SET n = 9 WHERE id = OLD.id; END`,
  `BEFORE DELETE ON t BEGIN UPDATE t SET n = 9 WHERE id = OLD.id; END`,
]
const failing: readonly (readonly [string, 'identical' | 'refused'])[] = [
  [`BEFORE INSERT ON t WHEN NEW.parent = 1 BEGIN SELECT RAISE(FAIL, 'no'); END`, 'identical'],
  [`BEFORE UPDATE ON t BEGIN SELECT RAISE(FAIL, 'no') WHERE NEW.main = 1; END`, 'identical'],
  [`BEFORE DELETE ON t BEGIN SELECT RAISE(FAIL, 'no'); END`, 'identical'],
  [
    `BEFORE DELETE ON t BEGIN INSERT INTO log (what) VALUES ('kept'); SELECT RAISE(FAIL, 'no'); END`,
    'refused',
  ],
  [`BEFORE INSERT ON t BEGIN SELECT RAISE(ROLLBACK, 'gone'); END`, 'identical'],
  [`AFTER UPDATE ON t BEGIN SELECT RAISE(ROLLBACK, 'gone'); END`, 'identical'],
]

const family = `
  CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE log (id INTEGER PRIMARY KEY, n INTEGER);
  CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p ON DELETE CASCADE ON UPDATE CASCADE);
  INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1), (2, 2);`
const logC = 'BEGIN INSERT INTO log (n) SELECT count(*) FROM c; END'
const logRow = 'BEGIN INSERT INTO log (n) VALUES (NEW.id); END'
const two = 'INSERT INTO c VALUES (5, 1), (6, 1)'
/** What several rows bring about by way of other triggers, of foreign keys, and before and after each of them. */
const brought: readonly (readonly [string, string, string])[] = [
  [`CREATE TRIGGER "A" AFTER DELETE ON p ${logC}`, 'DELETE FROM p WHERE id = 1', 'identical'],
  [
    `CREATE TRIGGER "1" AFTER DELETE ON p ${logC}; CREATE TRIGGER b AFTER DELETE ON p ${logC}`,
    'DELETE FROM p WHERE id = 1',
    'identical',
  ],
  [`CREATE TRIGGER b AFTER DELETE ON p ${logC}`, 'DELETE FROM p', 'identical'],
  [`CREATE TRIGGER b BEFORE DELETE ON p ${logC}`, 'DELETE FROM p', 'refused'],
  [
    `CREATE TRIGGER b BEFORE UPDATE ON p BEGIN INSERT INTO log (n) SELECT sum(p) FROM c; END`,
    'UPDATE p SET id = id + 10',
    'refused',
  ],
  [
    `CREATE TRIGGER a AFTER INSERT ON c ${logRow}; CREATE TRIGGER l AFTER INSERT ON log BEGIN UPDATE c SET p = 2; END`,
    two,
    'refused',
  ],
  [
    `CREATE TRIGGER a AFTER INSERT ON c ${logRow}; CREATE TRIGGER l AFTER INSERT ON log WHEN NEW.n > 5 BEGIN UPDATE log SET n = (SELECT count(*) FROM c) WHERE id = NEW.id; END`,
    two,
    'refused',
  ],
  [
    `CREATE TRIGGER a AFTER INSERT ON c ${logRow}; CREATE TRIGGER l AFTER DELETE ON log BEGIN UPDATE c SET p = 2; END`,
    two,
    'identical',
  ],
  [
    `CREATE TRIGGER a AFTER INSERT ON c ${logRow}; CREATE TRIGGER b BEFORE INSERT ON c BEGIN UPDATE log SET n = n + 1; END`,
    two,
    'refused',
  ],
  [
    `CREATE TRIGGER a AFTER INSERT ON c ${logRow}; CREATE TRIGGER b BEFORE INSERT ON c WHEN (SELECT count(*) FROM log) > 0 BEGIN SELECT RAISE(ABORT, 'x'); END`,
    two,
    'refused',
  ],
]

let server: FidelityServer
beforeAll(async () => {
  server = await openFidelityServer()
})
afterAll(() => server[Symbol.asyncDispose]())

/** Of one statement. */
async function verdict(schema: string, sql: string): Promise<string> {
  return (await verdicts(server, schema, sql)).join()
}

function eventOf(trigger: string): keyof typeof one {
  return /INSERT|UPDATE|DELETE/.exec(trigger)?.[0].toLowerCase() as keyof typeof one
}

describe('a trigger that looks at other rows of its table', () => {
  test.each(looking)(
    'does the same for a single row, and refuses several unless it fails at the first: %s',
    async (trigger) => {
      const schema = `${tables} CREATE TRIGGER g ${trigger}`
      expect(await verdict(schema, one[eventOf(trigger)])).toBe('identical')
      expect(['refused', 'identical']).toContain(await verdict(schema, several[eventOf(trigger)]))
    },
  )

  test('is not carried where it inserts into its table before the row is there', async () => {
    expect(await verdict(`${tables} CREATE TRIGGER g ${keyed}`, one.insert)).toBe('refused')
  })

  test.each(changing)('is refused where it changes the very row first: %s', async (trigger) => {
    const schema = `${tables} CREATE TRIGGER g ${trigger}`
    expect(await verdict(schema, one[eventOf(trigger)])).toBe('refused')
  })

  test('says of one that changes the very row by way of another what is in the way', async () => {
    const twin = await Twin.open(server, { makeTranslator: translator })
    twin.sqlite
      .exec(`${tables} CREATE TRIGGER l AFTER INSERT ON log BEGIN UPDATE t SET n = n + 1; END;
      CREATE TRIGGER g BEFORE DELETE ON t BEGIN INSERT INTO log (n) VALUES (1); END`)
    const { outcome } = await twin.run(one.delete)
    expect(outcome).toMatchObject({
      verdict: 'refused',
      detail: expect.stringContaining('Make it an AFTER trigger') as string,
    })
    await twin.close()
    await server.renew()
  })

  test('takes single rows one after the other in one transaction', async () => {
    const twin = await Twin.open(server, { makeTranslator: translator })
    twin.sqlite.exec(`${tables} CREATE TRIGGER g ${looking[0]}; CREATE TRIGGER h ${looking[3]}`)
    for (const sql of [
      'BEGIN',
      one.insert.replace('new', 'm'),
      one.insert,
      'DELETE FROM t',
      'COMMIT',
    ])
      expect(['identical', undefined]).toContain((await twin.run(sql)).outcome?.verdict)
    await twin.close()
    await server.renew()
  })

  test('refuses several rows where its condition looks at them, whatever that says in the end', async () => {
    const trigger = `AFTER INSERT ON t WHEN (SELECT count(*) FROM t) = 5 BEGIN INSERT INTO log (n) VALUES (5); END`
    expect(await verdict(`${tables} CREATE TRIGGER g ${trigger}`, one.insert)).toBe('identical')
    expect(await verdict(`${tables} CREATE TRIGGER g ${trigger}`, several.insert)).toBe('refused')
  })

  test('lets several rows be where it does nothing for any of them', async () => {
    const schema = `${tables} CREATE TRIGGER g ${looking[1]}`
    expect(await verdict(schema, `INSERT INTO t (name) VALUES ('p'), ('q')`)).toBe('identical')
    expect(await verdict(schema, `INSERT INTO t (name, main) VALUES ('p', 0), ('q', 1)`)).toBe(
      'refused',
    )
  })

  test('refuses an upsert of several rows, of which it is not told all', async () => {
    const schema = `${tables} CREATE TRIGGER g ${looking[0]}`
    const upsert = (rows: string): string =>
      `INSERT INTO t (parent, name) VALUES ${rows} ON CONFLICT (name) DO UPDATE SET n = n + 1`
    expect(await verdict(schema, upsert(`(1, 'z'), (1, 'a')`))).toBe('refused')
    expect(await verdict(schema, upsert(`(1, 'z')`))).toBe('identical')
    expect(await verdict(schema, upsert(`(1, 'a')`))).toBe('identical')
  })
})

test.each(brought)(
  'what rows bring about is the same, or refused: %s, %s',
  async (triggers, sql, wanted) => {
    expect(await verdict(`${family} ${triggers}`, sql)).toBe(wanted)
  },
)

test.each(failing)(
  'RAISE(FAIL) and RAISE(ROLLBACK) are what they are on SQLite, or refused: %s',
  async (trigger, wanted) => {
    const schema = `${tables} CREATE TRIGGER g ${trigger}`
    expect(await verdict(schema, one[eventOf(trigger)])).toBe(wanted)
  },
)

test('RAISE(FAIL) behind another row is refused, as that row stays on SQLite', async () => {
  const schema = `${tables} CREATE TRIGGER g BEFORE INSERT ON t WHEN NEW.name = 'newer' BEGIN SELECT RAISE(FAIL, 'no'); END`
  expect(await verdict(schema, several.insert)).toBe('refused')
  const first = `${tables} CREATE TRIGGER g BEFORE INSERT ON t WHEN NEW.name = 'new' BEGIN SELECT RAISE(FAIL, 'no'); END`
  expect(await verdict(first, several.insert)).toBe('identical')
})

test('RAISE(FAIL) below another statement is refused, as what that has done stays on SQLite', async () => {
  const below = `${tables} CREATE TRIGGER f BEFORE INSERT ON log BEGIN SELECT RAISE(FAIL, 'no'); END;`
  const table = `${below} CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log (n) VALUES (1); END`
  expect(await verdict(table, one.insert)).toBe('refused')
  const view = `${below} CREATE VIEW v AS SELECT n FROM t; CREATE TRIGGER i INSTEAD OF INSERT ON v BEGIN
    UPDATE t SET n = 5 WHERE id = 1; INSERT INTO log (n) VALUES (1); END`
  expect(await verdict(view, 'INSERT INTO v VALUES (1)')).toBe('refused')
})
