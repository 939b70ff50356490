import { expect, test } from 'vitest'
import { flip, openPair } from '../support/pair.ts'

const schema = `
  CREATE TABLE named (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE UNIQUE, code TEXT UNIQUE);
  CREATE TABLE child (id INTEGER PRIMARY KEY, named INTEGER REFERENCES named (id), of TEXT REFERENCES named (name));
  INSERT INTO named VALUES (1, 'a', 'x');
  INSERT INTO child VALUES (1, 1, 'a')`

test('a foreign key that PostgreSQL cannot have holds up the flip, where SQLite enforces it', async () => {
  await using pair = await openPair({ schema, stage: 'mirrored' })
  const { db } = pair
  const held = {
    name: 'foreignKeys',
    ok: false,
    value: 1,
    bound: 0,
    detail: expect.stringContaining('the foreign key (of) to "named" is not carried') as string,
  }
  expect((await db.ready()).gates).toContainEqual(held)
  await expect(flip(db)).rejects.toMatchObject({ code: 'GATE_REFUSED', details: { gates: [held] } })
  await flip(db, { force: true })
  expect((await db.ready()).gates).toContainEqual(
    expect.objectContaining({ name: 'foreignKeys', ok: true }),
  )
})

test.each([
  'k TEXT PRIMARY KEY COLLATE NOCASE)',
  'k TEXT COLLATE RTRIM PRIMARY KEY) WITHOUT ROWID',
])('so does one to a primary key that takes several texts for one: %s', async (key) => {
  const child = 'CREATE TABLE child (id INTEGER PRIMARY KEY, k TEXT REFERENCES parent (k))'
  await using pair = await openPair({
    schema: `CREATE TABLE parent (${key}; ${child}`,
    stage: 'mirrored',
  })
  expect((await pair.db.ready()).gates).toContainEqual(
    expect.objectContaining({ name: 'foreignKeys', ok: false, value: 1 }),
  )
  await pair.db.run('DROP TABLE child')
  await flip(pair.db)
  await expect(pair.db.run(child)).rejects.toMatchObject({ code: 'SQL_UNSUPPORTED' })
})

test('and not where the application has them off', async () => {
  await using pair = await openPair({
    schema,
    stage: 'mirrored',
    setup: (database) => database.pragma('foreign_keys = OFF'),
  })
  expect((await pair.db.ready()).gates).toContainEqual(
    expect.objectContaining({ name: 'foreignKeys', ok: true }),
  )
})
