import { afterAll, beforeAll, expect, test } from 'vitest'
import { openFidelityServer, type FidelityServer } from './server.ts'
import { translator } from './suites.ts'
import { Twin } from './twin.ts'

const tables = `
  CREATE TABLE p (id INTEGER PRIMARY KEY);
  CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, n INTEGER NOT NULL DEFAULT 0 CHECK (n < 9), p REFERENCES p);
  CREATE TABLE log (id INTEGER PRIMARY KEY, what TEXT UNIQUE, n INTEGER);
  INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 'a', 1, 1), (2, 'b', 2, NULL); INSERT INTO log VALUES (7, 'known', 0);`
const added = `CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log (what) VALUES (NEW.name); END`
const changed = `CREATE TRIGGER g AFTER UPDATE ON t BEGIN INSERT INTO log (what) VALUES (OLD.name || NEW.name); END`
const before = `CREATE TRIGGER g BEFORE INSERT ON t BEGIN INSERT INTO log (n) VALUES (1); END`
const beforeUpdate = before.replace('INSERT ON', 'UPDATE ON')
const own = `CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t WHERE name = 'b'; END`
const touching = `CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET n = n + 1 WHERE id = NEW.id; END`
const policy = added.replace('INSERT INTO', 'INSERT OR REPLACE INTO')
const counting = `CREATE TRIGGER g AFTER INSERT ON p BEGIN INSERT INTO log (what, n) VALUES ('rows', 1)
  ON CONFLICT (what) DO UPDATE SET n = n + 1; END`
const kept = `CREATE TRIGGER h BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'in use'); END`
const upsert = `INSERT INTO t (name) VALUES ('a') ON CONFLICT (name) DO UPDATE SET n = 5`

let server: FidelityServer
beforeAll(async () => {
  server = await openFidelityServer()
})
afterAll(() => server[Symbol.asyncDispose]())

test.each<[triggers: string, sql: string, verdict: 'identical' | 'refused']>([
  [
    added,
    `INSERT OR IGNORE INTO t (name, n) VALUES ('c', 1), ('a', 1), ('c', 2), ('d', 9), ('e', NULL)`,
    'identical',
  ],
  [added, `INSERT OR IGNORE INTO t (id, name) VALUES (1, 'x'), (NULL, 'y')`, 'identical'],
  [
    added,
    `INSERT OR IGNORE INTO t (name) SELECT what FROM log WHERE what <> 'known' UNION ALL SELECT 'a'`,
    'identical',
  ],
  [added, `INSERT OR IGNORE INTO t (name) VALUES ('known')`, 'refused'],
  [added, `INSERT OR IGNORE INTO t (name, p) VALUES ('z', 5)`, 'identical'],
  [
    `${added}; CREATE TRIGGER h AFTER INSERT ON log BEGIN UPDATE t SET n = NULL; END`,
    `INSERT OR IGNORE INTO t (name) VALUES ('z')`,
    'refused',
  ],
  [
    `${added}; CREATE TRIGGER h AFTER INSERT ON log BEGIN UPDATE t SET n = 9; END`,
    `INSERT OR IGNORE INTO t (name) VALUES ('z')`,
    'refused',
  ],
  [before, `INSERT OR IGNORE INTO log (id, what) VALUES (7, 'x')`, 'identical'],
  [before.replace('ON t', 'ON p'), `INSERT OR IGNORE INTO p VALUES (1), (2)`, 'identical'],
  [before, `INSERT OR IGNORE INTO t (name) VALUES ('a')`, 'refused'],
  // What a trigger has done before the row fails stays done on SQLite.
  [before, `INSERT OR FAIL INTO t (name) VALUES ('a')`, 'refused'],
  [added, `INSERT OR FAIL INTO t (name) VALUES ('known')`, 'refused'],
  [beforeUpdate, `UPDATE OR FAIL t SET name = 'a' WHERE id = 2`, 'refused'],
  ['', `INSERT OR FAIL INTO t (name) VALUES ('a')`, 'identical'],
  [own, `INSERT OR IGNORE INTO t (name) VALUES ('c'), ('b')`, 'refused'],
  [own, `INSERT OR IGNORE INTO t (name) VALUES ('b')`, 'identical'],
  [own, `INSERT OR IGNORE INTO t (name) VALUES ('c')`, 'identical'],
  [touching, `INSERT OR IGNORE INTO t (name, n) VALUES ('c', 3)`, 'identical'],
  [touching, `INSERT OR IGNORE INTO t (name, n) VALUES ('c', 8)`, 'refused'],
  [policy, `INSERT OR IGNORE INTO t (name) VALUES ('c')`, 'refused'],
  // A clause counts where the statement can fire its trigger, and nowhere else.
  [`${counting}; ${touching.replace('g AFTER', 'i AFTER')}`, upsert, 'identical'],
  [`${counting}; ${kept}`, 'INSERT INTO p VALUES (3), (4)', 'identical'],
  [
    `${counting}; ${kept}`,
    `INSERT OR IGNORE INTO log (what) VALUES ('known'), ('new')`,
    'identical',
  ],
  [
    `${counting}; ${added.replace('g AFTER', 'i AFTER').replace('log (what) VALUES (NEW.name)', 'p (id) VALUES (NULL)')}`,
    upsert,
    'refused',
  ],
  [changed, `UPDATE OR IGNORE t SET name = 'b' WHERE id = 1`, 'identical'],
  [changed, `UPDATE OR IGNORE t SET name = name || 'x', n = n + 7`, 'identical'],
  [changed, `UPDATE OR IGNORE t SET name = 'known' WHERE id = 1`, 'identical'],
  [
    changed.replace('OLD.name || ', ''),
    `UPDATE OR IGNORE t SET name = 'known' WHERE id = 1`,
    'refused',
  ],
  [beforeUpdate, `UPDATE OR IGNORE t SET name = 'b' WHERE id = 1`, 'refused'],
  [own.replace('INSERT', 'UPDATE'), `UPDATE OR IGNORE t SET name = name || 'c'`, 'refused'],
])(
  'OR IGNORE over triggers does the same, or is refused: %s; %s',
  async (triggers, sql, wanted) => {
    const twin = await Twin.open(server, { makeTranslator: translator })
    try {
      twin.sqlite.pragma('foreign_keys = ON')
      twin.sqlite.exec(`${tables} ${triggers}`)
      const { outcome } = await twin.run(sql)
      expect(outcome).toMatchObject({ verdict: wanted })
    } finally {
      await twin.close()
      await server.renew()
    }
  },
)
