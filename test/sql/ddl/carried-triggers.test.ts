import Database from 'better-sqlite3'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresError } from '../../../src/postgres/errors.ts'
import { createTriggers } from '../../../src/schema/postgres-triggers.ts'
import { carry, modelOf, run } from '../../schema/carry.ts'
import { createDatabase, type TestDatabase } from '../../support/postgres.ts'

let database: TestDatabase
let client: Client

beforeAll(async () => {
  database = await createDatabase('compat')
  client = new Client({ connectionString: database.url })
  await client.connect()
})

afterAll(async () => {
  await client.end()
  await database.drop()
})

/** What a trigger has logged on SQLite and on PostgreSQL, and what was found in the schema. */
async function logged(
  schema: string,
  change: string,
): Promise<{ sqlite: unknown[]; postgres: unknown[]; findings: string[] }> {
  const db = new Database(':memory:')
  db.exec(schema)
  const { tables } = modelOf(db).schema
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
  await carry(client, db, { tables })
  const findings: string[] = []
  for (const table of tables)
    findings.push(
      ...(await run(client, createTriggers(table, tables, 'public'))).map((f) => f.code),
    )
  db.exec(change)
  await client.query(change)
  const { rows } = await client.query<{ what: string }>('SELECT what FROM log ORDER BY what')
  const sqlite = db.prepare('SELECT what FROM log ORDER BY what').all()
  db.close()
  return { sqlite, postgres: rows, findings }
}

test('NEW and OLD may be NULL, and a trigger knows it', async () => {
  const { sqlite, postgres, findings } = await logged(
    `CREATE TABLE t (id INTEGER PRIMARY KEY, x REAL, s TEXT); CREATE TABLE log (what TEXT);
     INSERT INTO t VALUES (9, NULL, 'old');
     CREATE TRIGGER a AFTER INSERT ON t WHEN NEW.x IS NULL BEGIN INSERT INTO log VALUES ('x is ' || typeof(NEW.x)); END;
     CREATE TRIGGER b AFTER INSERT ON t BEGIN INSERT INTO log SELECT coalesce(NEW.s, 'no s'); END;
     CREATE TRIGGER c AFTER UPDATE ON t WHEN OLD.x IS NOT NEW.x BEGIN INSERT INTO log VALUES ('changed'); END;`,
    `INSERT INTO t VALUES (1, NULL, NULL); INSERT INTO t VALUES (2, 1.5, 's'); UPDATE t SET x = 3 WHERE id = 9`,
  )
  expect(findings).toEqual([])
  expect(sqlite).toHaveLength(4)
  expect(postgres).toEqual(sqlite)
})

test('NEW and OLD have no affinity, unless they are the rowid', async () => {
  const { sqlite, postgres, findings } = await logged(
    `CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s TEXT); CREATE TABLE log (what TEXT);
     CREATE TRIGGER a AFTER INSERT ON t WHEN NEW.s = 5 BEGIN INSERT INTO log VALUES ('text is number'); END;
     CREATE TRIGGER b AFTER INSERT ON t WHEN NEW.n = '5' BEGIN INSERT INTO log VALUES ('number is text'); END;
     CREATE TRIGGER c AFTER INSERT ON t WHEN NEW.id = '1' BEGIN INSERT INTO log VALUES ('rowid is text'); END;`,
    `INSERT INTO t VALUES (1, 5, '5')`,
  )
  expect(findings).toEqual([])
  expect(sqlite).toEqual([{ what: 'rowid is text' }])
  expect(postgres).toEqual(sqlite)
})

test('the collation of NEW and OLD is that of a column, and so of two columns the left one’s counts', async () => {
  const compared = [
    'NEW.w = NEW.k',
    'NEW.k = NEW.w',
    'NEW.w < NEW.k',
    'NEW.w IS NEW.k',
    'NEW.w BETWEEN NEW.k AND NEW.k',
    '(NEW.w, 1) = (NEW.k, 1)',
    'CASE NEW.w WHEN NEW.k THEN 1 ELSE 0 END',
    'CASE NEW.k WHEN NEW.w THEN 1 ELSE 0 END',
    'nullif(NEW.w, NEW.k) IS NULL',
    'NEW.w IN (SELECT k FROM a)',
    'NEW.k IN (SELECT w FROM a)',
    'EXISTS (SELECT 1 FROM a WHERE a.w = NEW.k)',
    'EXISTS (SELECT 1 FROM a WHERE a.k = NEW.w)',
    'EXISTS (SELECT 1 FROM a WHERE NEW.w = a.k)',
    `NEW.r = 'ADA'`,
    'NEW.r = NEW.w',
    'NEW.w = NEW.r',
    `NEW.k COLLATE BINARY = 'ADA'`,
    `NEW.w = 'ADA' COLLATE NOCASE`,
    'NEW.i = NEW.k',
    'NEW.k = NEW.i',
  ]
  const triggers = compared.map(
    (each, index) =>
      `CREATE TRIGGER t${index} AFTER INSERT ON n BEGIN INSERT INTO log VALUES (NEW.id || ' ${each.replaceAll("'", "''")} ' || coalesce(${each}, 'NULL')); END;
       CREATE TRIGGER w${index} AFTER INSERT ON n WHEN ${each} BEGIN INSERT INTO log VALUES (NEW.id || ' when ${index}'); END;`,
  )
  const columns = `id INTEGER PRIMARY KEY, k TEXT COLLATE NOCASE, w TEXT, r TEXT COLLATE RTRIM, i INTEGER`
  const { sqlite, postgres, findings } = await logged(
    `CREATE TABLE a (${columns}); CREATE TABLE n (${columns}); CREATE TABLE log (what TEXT);
     INSERT INTO a VALUES (1, 'Ada', 'ADA', 'x', 5), (2, 'bob', 'Bob', 'x', 5); ${triggers.join('\n')}`,
    `INSERT INTO n VALUES (1, 'ada', 'Ada', 'ADA  ', 5); INSERT INTO n VALUES (2, 'BOB', 'bob', 'bob ', NULL);
     INSERT INTO n VALUES (3, NULL, 'ADA', 'ADA ', 7); INSERT INTO n VALUES (4, '5', NULL, NULL, 5)`,
  )
  expect(findings).toEqual([])
  expect(sqlite.length).toBeGreaterThan(4 * compared.length)
  expect(postgres).toEqual(sqlite)
})

test('a column without a type is carried as what it holds', async () => {
  const { sqlite, postgres, findings } = await logged(
    `CREATE TABLE t (id INTEGER PRIMARY KEY, a); CREATE TABLE log (what TEXT);
     INSERT INTO t VALUES (1, 'x');
     CREATE TRIGGER a AFTER INSERT ON t BEGIN INSERT INTO log VALUES (NEW.a || typeof(NEW.a)); END;`,
    `INSERT INTO t VALUES (2, 'y'); INSERT INTO t VALUES (3, '7')`,
  )
  expect(findings).toEqual([])
  expect(postgres).toEqual(sqlite)
})

test('NEW and OLD of a NUMERIC column are INTEGER or REAL by their row, and a date is text', async () => {
  const { sqlite, postgres, findings } = await logged(
    `CREATE TABLE t (id INTEGER PRIMARY KEY, price DECIMAL(10,2), at DATETIME); CREATE TABLE log (what TEXT);
     CREATE TABLE copy (id INTEGER PRIMARY KEY, price DECIMAL, at DATETIME, n INTEGER);
     INSERT INTO t VALUES (1, 5, '2020-01-01'), (2, 5.25, NULL), (3, NULL, 'x');
     CREATE TRIGGER a AFTER UPDATE ON t BEGIN
       INSERT INTO log VALUES (OLD.id || typeof(OLD.price) || quote(OLD.price) || '>' || typeof(NEW.price) || quote(NEW.price) || NEW.price);
       INSERT INTO log VALUES (typeof(OLD.at) || quote(NEW.at) || coalesce(NEW.at > '2020', 'null') || coalesce(NEW.price > 5, 'null'));
       INSERT INTO copy (price, at, n) VALUES (NEW.price, NEW.at, round(NEW.price));
       INSERT INTO log SELECT typeof(price) || quote(price) || quote(at) || typeof(n) FROM copy WHERE price = NEW.price; END;`,
    `UPDATE t SET price = price * 2 WHERE id = 1; UPDATE t SET price = 7 WHERE id = 2; UPDATE t SET at = '2021-05-05', price = 0.5 WHERE id = 3`,
  )
  expect(findings).toEqual([])
  expect(sqlite).toHaveLength(9)
  expect(postgres).toEqual(sqlite)
})

test('a trigger that reads a table whose rows are going by way of foreign keys is not carried', async () => {
  const { findings } = await logged(
    `CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE log (what TEXT);
     CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p (id) ON DELETE CASCADE);
     CREATE TRIGGER a AFTER DELETE ON c BEGIN INSERT INTO log SELECT count(*) FROM p; END;`,
    'DELETE FROM p',
  )
  expect(findings).toEqual(['TRIGGER_NOT_CARRIED'])
})

test('a trigger that no action of a foreign key fires is carried, whatever it reads', async () => {
  const { sqlite, postgres, findings } = await logged(
    `CREATE TABLE forums (id INTEGER PRIMARY KEY, posts INTEGER DEFAULT 0); CREATE TABLE log (what TEXT);
     CREATE TABLE posts (id INTEGER PRIMARY KEY, deleted INTEGER DEFAULT 0,
       forum INTEGER REFERENCES forums (id) ON DELETE CASCADE ON UPDATE CASCADE);
     INSERT INTO forums (id) VALUES (1), (2);
     CREATE TRIGGER added AFTER INSERT ON posts BEGIN
       UPDATE forums SET posts = posts + 1 WHERE id = NEW.forum;
       INSERT INTO log SELECT 'added ' || posts FROM forums WHERE id = NEW.forum; END;
     CREATE TRIGGER hidden AFTER UPDATE OF deleted ON posts BEGIN
       UPDATE forums SET posts = posts - 1 WHERE id = NEW.forum;
       INSERT INTO log SELECT 'hidden ' || posts FROM forums WHERE id = NEW.forum; END;`,
    `INSERT INTO posts (id, forum) VALUES (1, 1); INSERT INTO posts (id, forum) VALUES (2, 1); UPDATE posts SET deleted = 1 WHERE id = 2`,
  )
  expect(findings).toEqual([])
  expect(sqlite).toHaveLength(3)
  expect(postgres).toEqual(sqlite)
})

test.each(['UPDATE', 'UPDATE OF forum'])(
  'a trigger of %s that ON DELETE SET NULL fires is not carried where it reads the parent',
  async (event) => {
    const { findings } = await logged(
      `CREATE TABLE forums (id INTEGER PRIMARY KEY); CREATE TABLE log (what TEXT);
       CREATE TABLE posts (id INTEGER PRIMARY KEY, forum INTEGER REFERENCES forums (id) ON DELETE SET NULL);
       CREATE TRIGGER a AFTER ${event} ON posts BEGIN INSERT INTO log SELECT count(*) FROM forums; END;`,
      'DELETE FROM forums',
    )
    expect(findings).toEqual(['TRIGGER_NOT_CARRIED'])
  },
)

test('VALUES of several rows is a compound in a trigger, as it is in a statement with a WITH', async () => {
  const list = "(VALUES ('a'), ('x' COLLATE NOCASE))"
  const { sqlite, postgres, findings } = await logged(
    `CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT); CREATE TABLE log (what TEXT);
     CREATE TRIGGER a AFTER INSERT ON t WHEN 'X' IN ${list} BEGIN INSERT INTO log VALUES (NEW.s IN ${list}); END;`,
    `INSERT INTO t VALUES (1, 'X')`,
  )
  expect(findings).toEqual([])
  expect(sqlite).toEqual([{ what: '1' }])
  expect(postgres).toEqual(sqlite)
})

test('what a trigger writes into a STRICT table fails there as on SQLite, in the same words', async () => {
  const db = new Database(':memory:')
  db.exec(
    `CREATE TABLE t (id INTEGER PRIMARY KEY, into_ TEXT, x TEXT, r REAL, b BLOB);
     CREATE TABLE strict (k INTEGER PRIMARY KEY, i INT, r REAL, s TEXT, b BLOB) STRICT;
     INSERT INTO strict VALUES (1, 1, 1.5, 'a', x'00');
     CREATE TRIGGER i AFTER INSERT ON t WHEN NEW.into_ = 'i' BEGIN INSERT INTO strict (k, i) VALUES (NEW.id, NEW.x); END;
     CREATE TRIGGER b AFTER INSERT ON t WHEN NEW.into_ = 'b' BEGIN INSERT INTO strict (k, b) VALUES (NEW.id, NEW.x); END;
     CREATE TRIGGER s AFTER INSERT ON t WHEN NEW.into_ = 's' BEGIN INSERT INTO strict (k, s) VALUES (NEW.id, NEW.b); END;
     CREATE TRIGGER r BEFORE INSERT ON t WHEN NEW.into_ = 'r' BEGIN UPDATE strict SET r = NEW.x WHERE k = 1; END;
     CREATE TRIGGER n AFTER INSERT ON t WHEN NEW.into_ = 'n' BEGIN UPDATE strict SET i = NEW.r; END;`,
  )
  const { tables } = modelOf(db).schema
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
  await carry(client, db, { tables })
  for (const table of tables) {
    const findings = await run(client, createTriggers(table, tables, 'public'))
    expect(findings.filter(({ code }) => code !== 'TRIGGER_ONE_ROW')).toEqual([])
  }
  const answers = { sqlite: [] as string[], postgres: [] as string[] }
  for (const [id, row] of [
    `'i', '5', NULL, NULL`,
    `'i', 'x', NULL, NULL`,
    `'b', 'x', NULL, NULL`,
    `'b', NULL, NULL, NULL`,
    `'s', NULL, NULL, '\\x41'`,
    `'r', '2.5', NULL, NULL`,
    `'r', 'x', NULL, NULL`,
    `'n', NULL, 2.0, NULL`,
    `'n', NULL, 2.5, NULL`,
  ].entries()) {
    const sql = `INSERT INTO t VALUES (${id + 10}, ${row})`
    try {
      db.exec(sql.replace(String.raw`'\x41'`, `x'41'`))
      answers.sqlite.push('done')
    } catch (error) {
      answers.sqlite.push(`${(error as { code: string }).code}: ${(error as Error).message}`)
    }
    const failed = await client.query(sql).then(
      () => null,
      (error: unknown) => postgresError(error) as Error & { code: string },
    )
    answers.postgres.push(failed === null ? 'done' : `${failed.code}: ${failed.message}`)
  }
  const rows = 'SELECT k, i, r, s FROM strict ORDER BY k'
  const shown = (found: unknown[]): string[] =>
    found.map((row) =>
      Object.values(row as object)
        .map(String)
        .join(' '),
    )
  answers.sqlite.push(...shown(db.prepare(rows).all()))
  answers.postgres.push(...shown((await client.query(rows)).rows))
  db.close()
  expect(answers.sqlite.filter((answer) => answer.includes('_DATATYPE'))).toHaveLength(5)
  expect(answers.postgres).toEqual(answers.sqlite)
})

/**
 * A parent whose rows take children with them, which a trigger of theirs counts. `held` is older and refers to the
 * children, so that it goes behind them.
 */
const counting = `
  CREATE TABLE p (id INTEGER PRIMARY KEY, v);
  CREATE TABLE held (id INTEGER PRIMARY KEY, p INT $ACTION, c INT REFERENCES c (id));
  CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p (id) ON DELETE CASCADE ON UPDATE CASCADE);
  CREATE TABLE counts (id INTEGER PRIMARY KEY, n INT); CREATE TABLE log (what TEXT);
  CREATE TRIGGER of_c AFTER DELETE ON c BEGIN UPDATE counts SET n = n + 1; END;`

test.each([
  ['CASCADE', 'AFTER DELETE ON p BEGIN INSERT INTO log SELECT n FROM counts; END', true],
  ['CASCADE', 'AFTER DELETE ON p WHEN (SELECT n FROM counts) > 1 BEGIN DELETE FROM log; END', true],
  ['CASCADE', 'AFTER DELETE ON p BEGIN UPDATE counts SET n = n * 2; END', true],
  ['CASCADE', 'AFTER DELETE ON p BEGIN INSERT INTO log VALUES (OLD.id); END', false],
  ['CASCADE', 'AFTER UPDATE ON p BEGIN INSERT INTO log SELECT n FROM counts; END', false],
  ['CASCADE', 'BEFORE DELETE ON p BEGIN INSERT INTO counts (n) SELECT 1; END', false],
  ['NO ACTION', 'AFTER DELETE ON p BEGIN UPDATE counts SET n = n * 2; END', false],
  [
    'NO ACTION',
    'AFTER DELETE ON p BEGIN UPDATE counts SET n = 2; DELETE FROM held WHERE p = OLD.id; END',
    true,
  ],
])(
  'a trigger that has to run behind what a key would look at too early is not carried: %s, %s',
  (action, text, isRefused) => {
    const db = new Database(':memory:')
    const tables = counting.replace('$ACTION', `REFERENCES p (id) ON DELETE ${action}`)
    db.exec(`${tables} CREATE TRIGGER of_p ${text}`)
    const { schema } = modelOf(db)
    const findings = schema.tables.flatMap(
      (table) => createTriggers(table, schema.tables, 'public').findings,
    )
    db.close()
    const refused = findings.filter(({ code }) => code === 'TRIGGER_NOT_CARRIED')
    expect(refused.map(({ message }) => /"of_p" has.*: it writes or reads/.test(message))).toEqual(
      isRefused ? [true] : [],
    )
  },
)
