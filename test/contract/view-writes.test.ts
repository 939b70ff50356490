import { afterEach, describe, expect, test } from 'vitest'
import { flip, openPair, rollback, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, rating REAL);
  CREATE TABLE books (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES authors (id), title TEXT, price DECIMAL(10,2),
    printed DATETIME, cover BLOB, plain);
  CREATE TABLE log (id INTEGER PRIMARY KEY, what TEXT, a, b TEXT);
  CREATE VIEW shelf AS SELECT b.id, a.name AS author, b.title, b.price, b.printed, b.cover, b.price * 2 AS twice,
    length(b.title) AS size, a.rating FROM books b JOIN authors a ON a.id = b.author;
  CREATE VIEW names (who, "no. of books") AS SELECT name, (SELECT count(*) FROM books WHERE author = authors.id) FROM authors;
  CREATE VIEW sealed AS SELECT * FROM shelf;
  CREATE VIEW merged AS SELECT id, title AS t FROM books UNION ALL SELECT -id, name FROM authors;
  INSERT INTO authors VALUES (1, 'Ann', 4.5), (2, 'Bob', NULL), (3, 'cid', 1);
  INSERT INTO books VALUES (1, 1, 'One', 9.5, '2020-01-01', x'00ff', 'p'), (2, 1, 'Two', 10, NULL, NULL, NULL), (3, 2, NULL, NULL, NULL, NULL, 'q');`
const triggers = [
  `CREATE TRIGGER shelf_added INSTEAD OF INSERT ON shelf BEGIN
     INSERT OR IGNORE INTO authors (name, rating) VALUES (NEW.author, NEW.rating);
     INSERT INTO books (author, title, price, printed, cover)
       SELECT id, NEW.title, NEW.price, NEW.printed, NEW.cover FROM authors WHERE name = NEW.author;
     INSERT INTO log (what, b) VALUES (typeof(NEW.id) || typeof(NEW.title) || typeof(NEW.price) || NEW.size, 'book ' || last_insert_rowid()); END`,
  `CREATE TRIGGER shelf_refused INSTEAD OF INSERT ON shelf WHEN NEW.author = 'BAD' OR NEW.price < 0 BEGIN
     INSERT INTO log (what) VALUES ('refusing ' || NEW.author);
     SELECT CASE WHEN NEW.price < 0 THEN RAISE(ABORT, 'it''s {negative}') ELSE RAISE(IGNORE) END; END`,
  `CREATE TRIGGER shelf_changed INSTEAD OF UPDATE ON shelf BEGIN
     UPDATE books SET title = NEW.title, price = NEW.price, printed = NEW.printed WHERE id = OLD.id;
     INSERT INTO log (what, b) VALUES (typeof(NEW.id) || typeof(NEW.price) || typeof(NEW.title) || typeof(NEW.twice) || typeof(NEW.rating),
       coalesce(OLD.title, '-') || '>' || coalesce(NEW.title, '-') || OLD.author || NEW.price || NEW.printed || (NEW.author = 'ANN')); END`,
  `CREATE TRIGGER shelf_moved INSTEAD OF UPDATE OF author, rating ON shelf BEGIN
     UPDATE books SET author = (SELECT id FROM authors WHERE name = NEW.author) WHERE id = OLD.id; END`,
  `CREATE TRIGGER shelf_gone INSTEAD OF DELETE ON shelf BEGIN
     DELETE FROM books WHERE id = OLD.id;
     INSERT INTO log (what, b) SELECT 'left', count(*) FROM books WHERE author = (SELECT id FROM authors WHERE name = OLD.author); END`,
  `CREATE TRIGGER named INSTEAD OF UPDATE OF who ON names BEGIN
     UPDATE authors SET name = NEW.who WHERE name = OLD.who; END`,
  `CREATE TRIGGER unnamed INSTEAD OF DELETE ON names WHEN OLD."no. of books" = 0 BEGIN DELETE FROM authors WHERE name = OLD.who; END`,
  `CREATE TRIGGER renamed INSTEAD OF INSERT ON names BEGIN SELECT 1; END`,
  `CREATE TRIGGER t1 INSTEAD OF UPDATE ON merged BEGIN UPDATE books SET title = NEW.t WHERE id = OLD.id;
     UPDATE authors SET name = NEW.t WHERE id = -OLD.id; END`,
]

type Write = readonly [sql: string, ...args: unknown[]]
const writes: readonly Write[] = [
  [`INSERT INTO log (what) VALUES ('first')`],
  ['INSERT INTO shelf (author, title, price) VALUES (?, ?, ?)', 'ann', 'Three', 12],
  ['INSERT INTO shelf (author, title, price, size) VALUES (?, ?, ?, ?)', 'Dan', 'Four', 12.5, 7n],
  [
    `INSERT INTO main.shelf (title, author, printed, cover, id) VALUES (5, 'EVE', '2021-02-03', x'01', NULL), ('6', 'eve', NULL, NULL, 8)`,
  ],
  [
    `INSERT INTO shelf SELECT id + 100, author, title || '!', price, printed, cover, twice, size, rating FROM shelf WHERE id < 3 ORDER BY id`,
  ],
  [`WITH c (t) AS (VALUES ('from c')) INSERT INTO shelf (author, title) SELECT 'Ann', t FROM c`],
  [`INSERT INTO shelf (author, price) VALUES ('bad', 1), ('Ann', 2)`],
  [`INSERT INTO shelf (author, price) VALUES ('Ann', 3), ('Ann', -1)`],
  ['INSERT INTO names DEFAULT VALUES'],
  ['UPDATE shelf SET price = ?, title = ? WHERE id = ?', 7, 'Uno', 1],
  [`UPDATE shelf SET title = shelf.title || '?', price = price + 0.5 WHERE shelf.author = 'ANN'`],
  ['UPDATE Shelf SET twice = 3, printed = ?, title = 8 WHERE id IN (1, 2)', '2022-02-02'],
  [`UPDATE shelf SET author = 'bob' WHERE id = 1`],
  [`UPDATE shelf SET author = 'Nobody' WHERE id = 2`],
  [`UPDATE shelf SET rating = 1, price = '7.50', printed = 'x' WHERE id = 2`],
  [`UPDATE shelf SET (price, title) = (price + 1, ?), printed = 'y' WHERE id = 1`, 'row'],
  ['UPDATE shelf SET (price, title) = (1, 2, 3)'],
  [`UPDATE names SET who = 'Cyd' WHERE who = 'CID'`],
  [`UPDATE names SET "no. of books" = 3`],
  ['DELETE FROM names'],
  [`DELETE FROM shelf WHERE author = 'eve' AND id IN (SELECT id FROM books)`],
  ['DELETE FROM shelf WHERE id = ?', 2],
  [`UPDATE merged SET t = t || '+' WHERE id IN (1, -1)`],
  ['INSERT INTO sealed (id) VALUES (1)'],
  ['INSERT INTO shelf VALUES (1, 2)'],
  ['INSERT INTO shelf (nothing) VALUES (1)'],
  ['UPDATE shelf SET nothing = 1'],
  ['DELETE FROM merged'],
]
const state = [
  'SELECT * FROM authors ORDER BY id',
  'SELECT * FROM books ORDER BY id',
  'SELECT what, a, b FROM log ORDER BY 1, 2, 3',
  'SELECT * FROM shelf ORDER BY id',
  'SELECT * FROM names ORDER BY 1',
]

let pair: Pair
afterEach(() => pair.close())

async function outcomes(): Promise<unknown[]> {
  const found: unknown[] = []
  for (const [sql, ...args] of writes) {
    const answer = await pair.db
      .run(sql, args)
      .catch((error: { code: string; message: string }) => [error.code, error.message])
    found.push([sql, answer])
  }
  for (const sql of state) found.push(await pair.db.values(sql))
  return found
}

describe('INSTEAD OF triggers', () => {
  test.each([
    ['that are there', [schema, ...triggers].join(';'), []],
    ['that are made later', schema, triggers],
  ])('%s do on PostgreSQL what they do on SQLite, in every stage', async (_, first, later) => {
    pair = await openPair({ schema: first })
    for (const sql of later) await pair.db.run(sql)
    const wanted = await outcomes()
    expect(await pair.differences()).toEqual([])
    await pair.close()
    pair = await openPair({ schema: first })
    await flip(pair.db)
    await pair.db.setFlags({ reads: { postgres: 100 } })
    for (const sql of later) await pair.db.run(sql)
    expect(await outcomes()).toEqual(wanted)
    expect(await pair.differences()).toEqual([])
    await rollback(pair.db)
    await pair.db.run(`INSERT INTO shelf (author, title) VALUES ('Zoe', 'Back')`)
    expect(await pair.db.values(`SELECT title FROM books WHERE title = 'Back'`)).toEqual([['Back']])
    expect(await pair.differences()).toEqual([])
  })
})

test.each([
  `INSERT INTO log (n) SELECT date('now', 'localtime')`,
  `SELECT RAISE(ABORT, 'no' || OLD.n)`,
  `UPDATE sealed SET id = 1`,
])('a trigger of a view that has no form there holds up the flip: %s', async (body) => {
  pair = await openPair({
    schema: `CREATE TABLE log (n); CREATE VIEW sealed AS SELECT 1 AS id; CREATE VIEW v AS SELECT n FROM log;
      CREATE TRIGGER t INSTEAD OF DELETE ON v BEGIN ${body}; END`,
  })
  const { gates } = await pair.db.ready()
  expect(gates.find(({ name }) => name === 'triggers')).toMatchObject({
    ok: false,
    detail: 'views whose triggers have no form there: v',
  })
})

test.each([
  'INSERT INTO v VALUES (1) RETURNING n',
  'INSERT OR IGNORE INTO v VALUES (1)',
  'DELETE FROM v LIMIT 1',
  'DELETE FROM v AS w',
  'UPDATE v SET n = log.n FROM log',
  'UPDATE v SET (n, m) = (SELECT 1, 2)',
])('a write of a view that has no faithful form is refused: %s', async (sql) => {
  const events = ['INSERT', 'UPDATE', 'DELETE']
  pair = await openPair({
    schema: `CREATE TABLE log (n, m); CREATE VIEW v AS SELECT n, m FROM log;
      ${events.map((event) => `CREATE TRIGGER ${event}_v INSTEAD OF ${event} ON v BEGIN SELECT 1; END`).join(';')}`,
    stage: 'flipped',
  })
  await expect(pair.db.run(sql)).rejects.toMatchObject({ code: 'SQL_UNSUPPORTED' })
})

test('a write of a view does nothing where a later row of it fails', async () => {
  pair = await openPair({
    schema: `CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER UNIQUE); CREATE VIEW v AS SELECT n FROM t;
      CREATE TRIGGER i INSTEAD OF INSERT ON v BEGIN INSERT INTO t (n) VALUES (NEW.n); END`,
    stage: 'flipped',
  })
  await pair.db.run('INSERT INTO v VALUES (1), (2)')
  await expect(pair.db.run('INSERT INTO v VALUES (3), (2)')).rejects.toMatchObject({
    code: 'SQLITE_CONSTRAINT_UNIQUE',
    message: 'UNIQUE constraint failed: t.n',
  })
  const kept = await pair.db.transaction(async (tx) => {
    await tx.run('INSERT INTO t VALUES (7, 7)')
    const { changes, lastInsertRowid } = await tx.run('INSERT INTO v VALUES (4)')
    return [changes, lastInsertRowid, await tx.values('SELECT changes(), last_insert_rowid()')]
  })
  expect(kept).toEqual([0, 7, [[0, 7]]])
  expect(await pair.db.values('SELECT n FROM t ORDER BY 1')).toEqual([[1], [2], [4], [7]])
  expect(await pair.differences()).toEqual([])
})
