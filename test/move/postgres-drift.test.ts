import { describe, expect, test } from 'vitest'
import type { Gate } from '../../src/api.ts'
import { flip, openPair, type Pair } from '../support/pair.ts'

const schema = `CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, kind TEXT NOT NULL DEFAULT 'plain');
  CREATE TABLE tags (name TEXT PRIMARY KEY);
  INSERT INTO notes (id, body) VALUES (1, 'one'), (2, 'two')`

async function schemaGate({ db }: Pair): Promise<Gate | undefined> {
  return (await db.ready()).gates.find(({ name }) => name === 'schema')
}

describe('DDL on PostgreSQL behind the back of Lockstep', () => {
  const changes = [
    ['a new column', 'ALTER TABLE notes ADD COLUMN astray text', 'notes.astray (is not in SQLite)'],
    [
      'a column that is gone',
      'ALTER TABLE notes DROP COLUMN body',
      'notes.body (wants text, is missing)',
    ],
    [
      'another type',
      'ALTER TABLE notes ALTER COLUMN body TYPE bytea USING NULL',
      'notes.body (wants text, is bytea)',
    ],
    [
      'another order of texts',
      'ALTER TABLE notes ALTER COLUMN body TYPE text COLLATE "default"',
      'notes.body (wants text, is text COLLATE "default" instead of "C")',
    ],
    [
      'another primary key',
      'ALTER TABLE notes DROP CONSTRAINT lockstep_pk_1, ADD PRIMARY KEY (id, body)',
      'notes (wants the primary key (id), has (id, body))',
    ],
    [
      'a key that takes no values',
      'ALTER TABLE notes ALTER COLUMN id SET GENERATED ALWAYS',
      'notes.id (wants bigint, is bigint GENERATED ALWAYS AS IDENTITY)',
    ],
    ['a table that is gone', 'DROP TABLE tags', 'tags.name (wants text, is missing)'],
  ] as const

  test.each(changes)('is noticed by verify and by the gates: %s', async (_, sql, words) => {
    await using pair = await openPair({ schema })
    expect(await schemaGate(pair)).toMatchObject({ ok: true })
    await pair.pg.query(sql)
    const verified = pair.db.verify()
    await expect(verified).rejects.toMatchObject({ code: 'SCHEMA_DRIFT' })
    await expect(verified).rejects.toThrow(words)
    const gate = await schemaGate(pair)
    expect(gate).toMatchObject({ ok: false })
    expect(gate?.detail).toContain(words)
    await expect(pair.db.flip('postgres')).rejects.toMatchObject({ code: 'GATE_REFUSED' })
  })

  test.each(['mirrored', 'flipped'] as const)(
    'that lets a column be NULL which SQLite does not is noticed by the gates: %s',
    async (stage) => {
      await using pair = await openPair({ schema, stage })
      const to = stage === 'mirrored' ? 'postgres' : 'sqlite'
      await pair.pg.query('ALTER TABLE notes ALTER COLUMN kind DROP NOT NULL')
      // Its rows are equal all the same.
      expect((await pair.db.verify()).equal).toBe(true)
      const words = 'notes.kind (wants text NOT NULL, is text)'
      expect(await schemaGate(pair)).toMatchObject({
        ok: false,
        detail: expect.stringContaining(words) as string,
      })
      await expect(pair.db.flip(to)).rejects.toMatchObject({ code: 'GATE_REFUSED' })
      await pair.db.syncSchema({ apply: true })
      expect(await schemaGate(pair)).toMatchObject({ ok: true })
    },
  )

  test('is nothing to worry about where PostgreSQL computes the column itself', async () => {
    await using pair = await openPair({ schema })
    await pair.pg.query(
      'ALTER TABLE notes ADD COLUMN size integer GENERATED ALWAYS AS (length(body)) STORED',
    )
    expect((await pair.db.verify()).equal).toBe(true)
    expect(await schemaGate(pair)).toMatchObject({ ok: true })
  })

  test('is refused by schema --apply as well', async () => {
    await using pair = await openPair({ schema })
    await pair.pg.query('ALTER TABLE notes ADD COLUMN astray text')
    await expect(pair.db.applySchema()).rejects.toThrow('astray (is not in SQLite)')
  })

  test('on a PostgreSQL primary: the values come over once SQLite has the column too', async () => {
    await using pair = await openPair({ schema })
    await flip(pair.db)
    await pair.pg.query(`ALTER TABLE notes ADD COLUMN later text COLLATE "C";
      UPDATE notes SET later = 'kept' WHERE id = 2`)
    await expect(pair.db.verify()).rejects.toMatchObject({ code: 'SCHEMA_DRIFT' })
    await expect(pair.db.rollback()).rejects.toMatchObject({ code: 'GATE_REFUSED' })
    pair.sqlite.exec('ALTER TABLE notes ADD COLUMN later TEXT')
    await pair.db.install()
    expect(await pair.differences()).toEqual([])
    expect(pair.sqliteRows('SELECT id, later FROM notes')).toEqual([
      [1n, null],
      [2n, 'kept'],
    ])
  })
})
