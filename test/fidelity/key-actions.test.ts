import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFidelityServer, type FidelityServer } from './server.ts'
import { verdicts } from './verdicts.ts'

let server: FidelityServer
beforeAll(async () => {
  server = await openFidelityServer()
})
afterAll(() => server[Symbol.asyncDispose]())

/** Parents with children and grandchildren, a log, and a number that triggers change. */
function family(onDelete: string, onUpdate = 'CASCADE'): string {
  const actions = `ON DELETE ${onDelete} ON UPDATE ${onUpdate}`
  return `
    CREATE TABLE p (id INTEGER PRIMARY KEY, v INT);
    CREATE TABLE c (id INTEGER PRIMARY KEY, p INT DEFAULT 9 REFERENCES p ${actions}, v INT);
    CREATE TABLE g (id INTEGER PRIMARY KEY, c INT REFERENCES c ON DELETE CASCADE ON UPDATE CASCADE);
    CREATE TABLE log (k INTEGER PRIMARY KEY, what TEXT, n INT); CREATE TABLE cnt (n INT); INSERT INTO cnt VALUES (1);
    INSERT INTO p VALUES (1, 0), (2, 0), (3, 0), (9, 0); INSERT INTO c VALUES (1, 1, 0), (2, 1, 0), (3, 2, 0);
    INSERT INTO g VALUES (1, 1), (2, 1), (3, 3);`
}

function logging(table: string, event = 'DELETE'): string {
  return `CREATE TRIGGER ${table}_${event} AFTER ${event} ON ${table} BEGIN INSERT INTO log (what, n) VALUES ('${table}', OLD.id); END;`
}

describe('AFTER triggers of a row run behind those of the rows that foreign keys change with it', () => {
  const deletes = ['DELETE FROM p WHERE id = 1', 'DELETE FROM p WHERE id IN (2, 3)']
  test.each([
    [family('CASCADE') + logging('p') + logging('c') + logging('g')],
    [family('CASCADE') + logging('p') + logging('g')],
    [family('CASCADE') + logging('c') + logging('g')],
    [family('SET NULL') + logging('p') + logging('c', 'UPDATE')],
    [family('SET DEFAULT') + logging('p') + logging('c', 'UPDATE') + logging('p', 'UPDATE')],
  ])('in one log: %s', async (schema) => {
    expect(await verdicts(server, schema, ...deletes)).toEqual(['identical', 'identical'])
  })

  test.each([
    ['UPDATE cnt SET n = n + 1', 'UPDATE cnt SET n = n * 10'],
    ['UPDATE cnt SET n = n + 1', 'INSERT INTO log (n) SELECT n FROM cnt'],
    ['INSERT INTO log (n) SELECT n FROM cnt', 'UPDATE cnt SET n = n + 1'],
    ['UPDATE cnt SET n = 0', 'UPDATE cnt SET n = 7'],
  ])('and what one writes the other finds: %s; %s', async (ofChild, ofParent) => {
    const schema = `${family('CASCADE')}
      CREATE TRIGGER of_c AFTER DELETE ON c BEGIN ${ofChild}; END;
      CREATE TRIGGER of_p AFTER DELETE ON p BEGIN ${ofParent}; END;`
    expect(await verdicts(server, schema, 'DELETE FROM p WHERE id = 1')).toEqual(['identical'])
  })

  test('when a key changes, whichever of several triggers is fired', async () => {
    const schema = `${family('CASCADE')} ${logging('c', 'UPDATE')} ${logging('p', 'UPDATE')}
      CREATE TRIGGER newer AFTER UPDATE OF v ON p BEGIN INSERT INTO log (what) VALUES ('newer'); END;`
    const updates = ['SET id = 11 WHERE id = 1', 'SET id = 12, v = 1 WHERE id = 2', 'SET v = 2']
    expect(await verdicts(server, schema, ...updates.map((each) => `UPDATE p ${each}`))).toEqual(
      updates.map(() => 'identical'),
    )
  })

  test('in a table that refers to itself, the deepest first', async () => {
    const schema = `CREATE TABLE t (id INTEGER PRIMARY KEY, up INT REFERENCES t ON DELETE CASCADE);
      CREATE TABLE log (k INTEGER PRIMARY KEY, what TEXT, n INT);
      INSERT INTO t VALUES (1, NULL), (2, 1), (3, 2), (4, 1), (5, NULL), (6, 5); ${logging('t')}`
    expect(await verdicts(server, schema, 'DELETE FROM t WHERE id = 1', 'DELETE FROM t')).toEqual([
      'identical',
      'identical',
    ])
  })

  test('also where another key forbids that the row goes', async () => {
    const schema = `${family('CASCADE')} ${logging('p')} ${logging('c')}
      CREATE TABLE r (id INTEGER PRIMARY KEY, p INT REFERENCES p ON DELETE RESTRICT); INSERT INTO r VALUES (1, 1);
      CREATE TRIGGER mends AFTER DELETE ON p BEGIN DELETE FROM r WHERE p = OLD.id; END;`
    expect(await verdicts(server, schema, ...deletes)).toEqual(['identical', 'identical'])
  })

  test('and nothing is done to the children where foreign keys are off', async () => {
    const schema = `PRAGMA foreign_keys = OFF; ${family('CASCADE')} ${logging('p')} ${logging('c')}`
    expect(await verdicts(server, schema, ...deletes)).toEqual(['identical', 'identical'])
  })
})

describe('a DELETE of rows that refer to each other with ON DELETE SET NULL', () => {
  const tree = `CREATE TABLE t (id INTEGER PRIMARY KEY, up INT DEFAULT 1 REFERENCES t ON DELETE SET NULL, at TEXT);
    CREATE TABLE log (k INTEGER PRIMARY KEY, n INT); INSERT INTO t VALUES (1, NULL, ''), (2, 1, ''), (3, 2, ''), (4, NULL, ''), (5, NULL, '');`
  const inserts = (row: string): string => `BEGIN INSERT INTO log (n) VALUES (${row}); END;`
  test.each([
    ['', 'DELETE FROM t RETURNING id, up', 'refused'],
    ['', 'DELETE FROM t WHERE id > 3 RETURNING id, up', 'identical'],
    ['', 'DELETE FROM t WHERE id IN (1, 3) RETURNING id, up', 'identical'],
    ['', 'DELETE FROM t', 'identical'],
    [`CREATE TRIGGER g AFTER UPDATE ON t ${inserts('OLD.up')}`, 'DELETE FROM t', 'refused'],
    [
      `CREATE TRIGGER g AFTER UPDATE ON t ${inserts('OLD.up')}`,
      'DELETE FROM t WHERE id = 1',
      'identical',
    ],
    [
      `CREATE TRIGGER g AFTER UPDATE ON t ${inserts('OLD.up')}`,
      'DELETE FROM t WHERE id > 3',
      'identical',
    ],
    [`CREATE TRIGGER g AFTER UPDATE OF at ON t ${inserts('OLD.up')}`, 'DELETE FROM t', 'identical'],
    [`CREATE TRIGGER g AFTER DELETE ON t ${inserts('OLD."up"')}`, 'DELETE FROM t', 'refused'],
    [
      `CREATE TRIGGER g BEFORE DELETE ON t ${inserts('OLD.up')}`,
      'DELETE FROM t WHERE id < 3',
      'refused',
    ],
    [`CREATE TRIGGER g AFTER DELETE ON t ${inserts('OLD.id')}`, 'DELETE FROM t', 'identical'],
    [
      `CREATE TRIGGER g AFTER UPDATE ON t BEGIN UPDATE t SET at = 'now' WHERE id = NEW.id; END;`,
      'DELETE FROM t WHERE id < 3',
      'identical',
    ],
  ])('is refused where it is seen what is set in them: %s %s', async (trigger, sql, wanted) => {
    expect(await verdicts(server, tree + trigger, sql)).toEqual([wanted])
  })

  test('so it is with ON DELETE SET DEFAULT', async () => {
    const schema = tree.replace('SET NULL', 'SET DEFAULT')
    expect(await verdicts(server, schema, 'DELETE FROM t RETURNING id, up')).toEqual(['refused'])
  })
})

describe('the actions of several keys come in SQLite’s order, the newest first', () => {
  const log = `CREATE TABLE log (k INTEGER PRIMARY KEY, what TEXT); CREATE TABLE x (id INTEGER PRIMARY KEY); INSERT INTO x VALUES (1), (2);`
  const key = 'REFERENCES x ON DELETE SET NULL ON UPDATE CASCADE'
  const logs = (table: string): string =>
    `CREATE TRIGGER ${table}_u AFTER UPDATE ON ${table} BEGIN INSERT INTO log (what) VALUES ('${table}' || coalesce(NEW.p, '-') || coalesce(NEW.q, '-')); END;`
  const table = (name: string, row = '1, 2, 2'): string =>
    `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, p INT ${key}, q INT ${key}); INSERT INTO ${name} VALUES (${row}); ${logs(name)}`
  const statements = ['UPDATE x SET id = 3 WHERE id = 2', 'DELETE FROM x WHERE id = 3']

  test.each([
    ['of one table', log + table('y')],
    ['of two', log + table('y') + table('a')],
    [
      'of two, below a trigger of the parent',
      `${log + table('y', '1, 2, 1') + table('a', '1, 2, 1')}
       CREATE TRIGGER of_x AFTER DELETE ON x BEGIN INSERT INTO log (what) VALUES ('x'); END;`,
    ],
  ])('%s', async (_, schema) => {
    expect(await verdicts(server, schema, ...statements)).toEqual(['identical', 'identical'])
  })
})

describe('a trigger’s conflict clause counts for nothing below an action that sets columns, and below one that deletes', () => {
  const schema = `CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE log (n INT PRIMARY KEY, k INT);
    CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p ON DELETE CASCADE, q INT REFERENCES p ON DELETE SET NULL ON UPDATE CASCADE);
    CREATE TABLE far (id INTEGER PRIMARY KEY);
    INSERT INTO p VALUES (1), (2), (3), (4); INSERT INTO c VALUES (1, 1, NULL), (2, 2, NULL), (3, NULL, 3), (4, NULL, 4); INSERT INTO far VALUES (3); INSERT INTO log (k, n) VALUES (7, 1), (8, 3);`
  const gone = 'CREATE TRIGGER g AFTER DELETE ON c BEGIN'
  const set = 'CREATE TRIGGER u BEFORE UPDATE ON c BEGIN'
  const ignoring = 'INSERT OR IGNORE INTO log (n) VALUES (OLD.id)'
  test.each([
    `${gone} ${ignoring}; END`,
    `${gone} INSERT INTO log (n) VALUES (9); REPLACE INTO log (n) VALUES (OLD.id); END`,
    `${gone} /* a */ INSERT /* b */ OR /* c */ replace INTO log (n) VALUES (OLD.id); END`,
    `${gone} UPDATE OR IGNORE log SET n = OLD.id WHERE k = 8; END`,
    `${gone} INSERT INTO log (n) VALUES (OLD.id) ON CONFLICT DO NOTHING; END`,
    `${gone} INSERT INTO far VALUES (OLD.id + 5); END; CREATE TRIGGER f AFTER INSERT ON far BEGIN INSERT OR IGNORE INTO log (n) VALUES (NEW.id - 5); END`,
    `${set} ${ignoring}; END`,
    `${set.replace('BEFORE', 'AFTER')} ${ignoring}; END`,
    `${set} INSERT INTO far VALUES (OLD.id + 5); END; CREATE TRIGGER f AFTER INSERT ON far BEGIN INSERT OR IGNORE INTO log (n) VALUES (NEW.id - 5); END`,
    `${set} DELETE FROM far WHERE id = OLD.id; END; CREATE TRIGGER f AFTER DELETE ON far BEGIN INSERT OR IGNORE INTO log (n) VALUES (OLD.id); END`,
  ])('%s', async (triggers) => {
    const statements = [
      'DELETE FROM p WHERE id = 1',
      'DELETE FROM p WHERE id = 2',
      'DELETE FROM p WHERE id = 3',
      'UPDATE p SET id = 5 WHERE id = 3',
      'UPDATE p SET id = 6 WHERE id = 4',
      'UPDATE c SET q = NULL WHERE id = 3',
      'DELETE FROM c WHERE id IN (1, 3)',
    ]
    expect(await verdicts(server, `${schema} ${triggers}`, ...statements)).toEqual(
      statements.map(() => 'identical'),
    )
  })
})
