import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import { syncDatabase, type SyncDatabase } from '../../src/adapters/better-sqlite3/index.ts'
import { flip, openPair, rollback, type Pair } from '../support/pair.ts'

const ddl = `CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL UNIQUE);
  CREATE TABLE tags (name TEXT PRIMARY KEY NOT NULL)`

let pair: Pair
let db: SyncDatabase
afterEach(() => pair.close())

describe('a synchronous database', () => {
  beforeEach(async () => {
    pair = await openPair({ schema: ddl })
    db = syncDatabase(pair.db)
  })
  const insert = (body: string): Database.RunResult =>
    db.prepare('INSERT INTO notes (body) VALUES (?)').run(body)

  test('has every method of better-sqlite3, and its types', () => {
    expectTypeOf(db).toExtend<Database.Database>()
    const statement = db.prepare('SELECT id, body AS text FROM notes WHERE id = ?')
    expect(statement.columns().map(({ name, column, table }) => [name, column, table])).toEqual([
      ['id', 'id', 'notes'],
      ['text', 'body', 'notes'],
    ])
    expect([statement.reader, statement.readonly, statement.busy]).toEqual([true, true, false])
    expect(statement.source).toBe('SELECT id, body AS text FROM notes WHERE id = ?')
    expect(statement.database).toBe(db)
    expect(statement.safeIntegers().raw().bind(1)).toBe(statement)
    insert('one')
    expect(statement.get()).toEqual([1n, 'one'])
    expect(db.pragma('user_version', { simple: true })).toBe(0)
    expect(db.function('double', (value: number) => value * 2)).toBe(db)
    expect(db.prepare('SELECT double(4)').pluck().get()).toBe(8)
    expect([db.open, db.memory, db.inTransaction, db.name]).toEqual([true, false, false, pair.path])
    expect(() => statement.pluck('yes' as never)).toThrow('Expected first argument to be a boolean')
    expect(() => db.prepare('SELECT')).toThrow('incomplete input')
    expect(() => db.exec(7 as never)).toThrow('Expected first argument to be a string')
    expect(db.transaction(() => undefined)).toHaveProperty('immediate.database', db)
  })

  test('has its writes mirrored, and its reads counted and compared', async () => {
    await pair.db.setFlags({ shadow: { sample: 100 } })
    db.transaction(() => {
      insert('one')
      db.exec(`INSERT INTO notes (body) VALUES ('two'); INSERT INTO tags VALUES ('a')`)
    })()
    await pair.db.caughtUp({ timeoutMs: 20_000 })
    expect(await pair.pgRows('SELECT body FROM notes ORDER BY id')).toEqual([['one'], ['two']])
    const before = (await pair.db.status()).counters
    expect(db.prepare('SELECT body FROM notes ORDER BY id').pluck().all()).toEqual(['one', 'two'])
    await expect
      .poll(async () => (await pair.db.status()).counters.shadow.equal, { timeout: 20_000 })
      .toBe(1)
    const { reads, writes } = (await pair.db.status()).counters
    expect(reads.sqlite - before.reads.sqlite).toBe(1)
    expect(writes).toBe(3)
    expect(await pair.differences()).toEqual([])
  })

  test('sees its own transaction, and is not seen before it ends', async () => {
    db.exec('BEGIN')
    insert('mine')
    expect(db.prepare('SELECT count(*) FROM notes').pluck().get()).toBe(1)
    expect(await pair.db.get('SELECT count(*) AS n FROM notes')).toEqual({ n: 0 })
    db.exec('ROLLBACK')
    expect(db.prepare('SELECT count(*) FROM notes').pluck().get()).toBe(0)
  })

  test.each(['the whole', 'a table'] as const)(
    'refuses a read that the flags could move, of %s, and names the line that makes it',
    async (what) => {
      const read = db.prepare('SELECT body FROM notes')
      await pair.db.setFlags({
        reads: what === 'the whole' ? { postgres: 1 } : { tables: { notes: 100 } },
      })
      let refused: unknown
      try {
        read.all()
      } catch (error) {
        refused = error
      }
      const here = relative(process.cwd(), fileURLToPath(import.meta.url))
      expect(refused).toMatchObject({
        code: 'SYNC_UNAVAILABLE',
        message: expect.stringMatching(`reads of notes.*${here}:\\d+.*asyncDatabase`) as string,
      })
      expect(insert('still written').changes).toBe(1)
      await pair.db.setFlags({ reads: { postgres: 0, tables: { notes: 0 } } })
      expect(read.all()).toHaveLength(1)
    },
  )

  test('serves reads of the tables that the flags leave where they are', async () => {
    await pair.db.setFlags({ reads: { tables: { notes: 100 } } })
    expect(db.prepare('SELECT name FROM tags').all()).toEqual([])
  })

  test('refuses reads and writes while PostgreSQL is the primary, and serves again after a rollback', async () => {
    insert('before')
    const none = db.prepare('DELETE FROM notes WHERE id = 99')
    await flip(pair.db)
    const refused = expect.objectContaining({ code: 'SYNC_UNAVAILABLE' }) as Error
    expect(() => insert('lost')).toThrow(refused)
    expect(() => none.run()).toThrow(refused)
    expect(() => db.exec('DELETE FROM notes')).toThrow(refused)
    expect(() => db.transaction(() => insert('lost'))()).toThrow(refused)
    expect(() => db.prepare('SELECT 1 FROM notes').get()).toThrow(refused)
    expect(db.inTransaction).toBe(false)
    await rollback(pair.db)
    insert('after')
    expect(db.prepare('SELECT body FROM notes ORDER BY id').pluck().all()).toEqual([
      'before',
      'after',
    ])
    expect(await pair.differences()).toEqual([])
  })

  test('refuses a change of the schema, and takes one that changes nothing', async () => {
    expect(() => db.exec('CREATE TABLE IF NOT EXISTS notes (id)')).not.toThrow()
    expect(() => db.exec('CREATE TEMP TABLE scratch (id)')).not.toThrow()
    const refused = expect.objectContaining({
      code: 'SYNC_UNAVAILABLE',
      message: expect.stringContaining('await db.lockstep.exec') as string,
    }) as Error
    expect(() => db.exec('CREATE TABLE more (id INTEGER PRIMARY KEY)')).toThrow(refused)
    expect(() => db.prepare('DROP TABLE tags').run()).toThrow(refused)
    expect(db.inTransaction).toBe(false)
    await db.lockstep.exec('CREATE TABLE more (id INTEGER PRIMARY KEY)')
    db.exec('INSERT INTO more VALUES (1)')
    expect(await pair.differences()).toEqual([])
  })

  test('refuses an async function in a transaction, before anything of it runs', () => {
    let ran = false
    expect(() =>
      db.transaction(async () => {
        ran = true
      }),
    ).toThrow('Use await db.lockstep.transaction')
    const hidden = db.transaction(() => Promise.resolve(insert('lost')))
    expect(() => hidden()).toThrow('cannot return a promise')
    expect(ran).toBe(false)
    expect(db.prepare('SELECT count(*) FROM notes').pluck().get()).toBe(0)
  })

  test('is closed with Lockstep, and closes it', async () => {
    expect(db.close()).toBe(db)
    expect(() => insert('late')).toThrow('The database connection is not open')
    await db.lockstep.close()
    await expect(pair.db.run('SELECT 1')).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

test('before the install it is the plain driver, schema and all', async () => {
  pair = await openPair({ schema: ddl, stage: 'plain' })
  db = syncDatabase(pair.db)
  db.exec('CREATE TABLE more (id INTEGER PRIMARY KEY); INSERT INTO more VALUES (7)')
  expect(db.prepare('SELECT * FROM more').all()).toEqual([{ id: 7 }])
})
