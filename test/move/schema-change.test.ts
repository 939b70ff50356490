import { expect, test } from 'vitest'
import { openPair, travel } from '../support/pair.ts'

const schema = `CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);
  INSERT INTO notes VALUES (1, 'one'), (2, 'two')`

test('a table that is made after the backfill is carried over with its keys and indexes', async () => {
  await using pair = await openPair({ schema })
  const { db } = pair
  await db.exec(`CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
    INSERT INTO tags VALUES (1, 'red'), (2, 'blue')`)
  await db.install()
  await db.run(`INSERT INTO tags (name) VALUES ('green')`)
  await db.applySchema()
  await db.backfill()
  await db.run(`UPDATE tags SET name = 'grey' WHERE id = 1`)
  expect(await pair.differences()).toEqual([])
  expect(await pair.pgRows('SELECT id, name FROM tags ORDER BY id')).toEqual([
    ['1', 'grey'],
    ['2', 'blue'],
    ['3', 'green'],
  ])
  expect(await pair.pgRows(`SELECT count(*) FROM pg_indexes WHERE tablename = 'tags'`)).toEqual([
    ['2'],
  ])
})

test('a table or a column that is dropped does not stand in the way of the next install', async () => {
  await using pair = await openPair({
    schema: `${schema}; CREATE TABLE old (id INTEGER PRIMARY KEY, a, b); INSERT INTO old VALUES (1, 2, 3)`,
  })
  const { db } = pair
  // Of another program: through Lockstep PostgreSQL would follow by itself.
  pair.sqlite.exec('DROP TABLE old; ALTER TABLE notes DROP COLUMN body')
  await pair.pg.query('ALTER TABLE notes DROP COLUMN body')
  expect((await db.install()).tables).toEqual(['notes'])
  await db.run('INSERT INTO notes (id) VALUES (3)')
  expect(await pair.differences()).toEqual([])
})

test('what was written to a table between its making anew and the next install arrives', async () => {
  await using pair = await openPair({ schema })
  const { db } = pair
  pair.sqlite.exec(`CREATE TABLE notes_new (id INTEGER PRIMARY KEY, body TEXT);
    INSERT INTO notes_new SELECT * FROM notes; DROP TABLE notes; ALTER TABLE notes_new RENAME TO notes;
    UPDATE notes SET body = 'unseen' WHERE id = 1; DELETE FROM notes WHERE id = 2`)
  await db.install()
  expect(await pair.differences()).toEqual([])
  expect(await pair.pgRows('SELECT body FROM notes')).toEqual([['unseen']])
})

test('a backfill that was stopped after its indexes were made goes on', async () => {
  let stop = true
  await using pair = await openPair({
    schema: `${schema}; CREATE UNIQUE INDEX one_body ON notes (body); CREATE INDEX some ON notes (body, id)`,
    stage: 'installed',
    options: {
      testing: {
        reach: (point) => {
          if (stop && point === 'backfill:indexes-created') throw new Error('stopped')
        },
      },
    },
  })
  await pair.db.applySchema()
  await expect(pair.db.backfill()).rejects.toThrow('stopped')
  stop = false
  expect((await pair.db.backfill()).findings).toEqual([])
  expect(await pair.differences()).toEqual([])
})

test('a process whose applier is not enabled ships nothing by itself', async () => {
  await using pair = await openPair({
    schema,
    stage: 'plain',
    options: { applier: { enabled: false } },
  })
  await travel(pair.db, 'mirrored')
  await pair.db.run(`INSERT INTO notes (body) VALUES ('three')`)
  await expect(pair.db.caughtUp({ timeoutMs: 300 })).rejects.toMatchObject({
    code: 'CAUGHT_UP_TIMEOUT',
  })
  expect((await pair.db.status()).applier).toMatchObject({ leader: false, state: 'stopped' })
  expect(await pair.pgRows('SELECT count(*) FROM notes')).toEqual([['2']])
})

test('the functions that setup makes are there for the triggers that the applier prepares', async () => {
  await using pair = await openPair({
    schema: `${schema}; CREATE TABLE log (id INTEGER PRIMARY KEY, body TEXT);
      CREATE TRIGGER logged AFTER INSERT ON notes BEGIN INSERT INTO log (body) VALUES (shout(NEW.body)); END`,
    stage: 'plain',
    setup: (database) => void database.function('shout', (text) => `${String(text)}!`),
  })
  await travel(pair.db, 'mirrored')
  await pair.db.flip('postgres', { force: true, pauseBudgetMs: 10_000 })
  await pair.db.run(`INSERT INTO notes (body) VALUES ('three')`)
  await pair.db.caughtUp()
  expect(pair.sqliteRows('SELECT count(*) FROM notes')).toEqual([[3n]])
})
