import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { asc, DrizzleQueryError, eq, sql } from 'drizzle-orm'
import { Cache, type MutationOption } from 'drizzle-orm/cache/core'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { drizzle, migrate, type LockstepDatabase } from '../../src/adapters/drizzle/index.ts'
import { flip, openPair, rollback, type Pair } from '../support/pair.ts'

const notes = sqliteTable('notes', {
  id: integer().primaryKey({ autoIncrement: true }),
  body: text().notNull().unique(),
})
const tags = sqliteTable('tags', { name: text().primaryKey() })

const ddl = `CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, body TEXT NOT NULL UNIQUE);
  CREATE TABLE tags (name TEXT PRIMARY KEY NOT NULL)`

let pair: Pair
afterEach(() => pair.close())

describe.each(['mirrored', 'flipped'] as const)('in stage %s', (stage) => {
  let db: LockstepDatabase
  beforeEach(async () => {
    pair = await openPair({
      schema: ddl,
      stage,
      options: { flags: { initial: { reads: { postgres: stage === 'flipped' ? 100 : 0 } } } },
    })
    db = drizzle(pair.db)
  })
  const bodies = async (): Promise<string[]> =>
    (await db.select().from(notes).orderBy(asc(notes.id))).map(({ body }) => body)

  test('a batch is one transaction, and each query has the answer that it has alone', async () => {
    const answers = await db.batch([
      db.insert(notes).values({ body: 'one' }).returning({ id: notes.id }),
      db.insert(notes).values({ body: 'two' }),
      db.select().from(notes).where(eq(notes.body, 'two')),
      db.all(sql`SELECT body FROM notes ORDER BY id`),
      db.get(sql`SELECT count(*) AS n FROM notes`),
      db.values(sql`SELECT body, 1 FROM notes ORDER BY id`),
      db.run(sql`DELETE FROM notes WHERE body = ${'one'}`),
    ])
    expect(answers).toEqual([
      [{ id: 1 }],
      { changes: 1, lastInsertRowid: 2 },
      [{ id: 2, body: 'two' }],
      [{ body: 'one' }, { body: 'two' }],
      { n: 2 },
      [
        ['one', 1],
        ['two', 1],
      ],
      { changes: 1, lastInsertRowid: 2 },
    ])
    const failing = db.batch([
      db.insert(notes).values({ body: 'three' }),
      db.insert(notes).values({ body: 'two' }),
    ])
    await expect(failing).rejects.toThrow(DrizzleQueryError)
    expect(await bodies()).toEqual(['two'])
  })

  test('an insert into a table whose rows have no number answers, also where nobody knows lastInsertRowid', async () => {
    const result = await db.insert(tags).values({ name: 'a' })
    expect(result.changes).toBe(1)
    expect(await db.insert(tags).values({ name: 'b' }).returning()).toEqual([{ name: 'b' }])
  })

  test('rollback() takes the transaction back, that of a nested one its part', async () => {
    await db.transaction(async (tx) => {
      await tx.insert(notes).values({ body: 'kept' })
      const inner = tx.transaction(async (part) => {
        await part.insert(notes).values({ body: 'gone' })
        part.rollback()
      })
      await expect(inner).rejects.toThrow('Rollback')
      await tx.transaction(async (part) => {
        await part.insert(notes).values({ body: 'kept too' })
        await part.transaction((deeper) => deeper.insert(notes).values({ body: 'deep' }))
      })
    })
    const all = db.transaction(async (tx) => {
      await tx.delete(notes)
      tx.rollback()
    })
    await expect(all).rejects.toThrow('Rollback')
    expect(await bodies()).toEqual(['kept', 'kept too', 'deep'])
  })

  test('a query of the outer transaction is refused while a nested one is open', async () => {
    const crossed = db.transaction((tx) =>
      tx.transaction(async () => {
        await tx.insert(notes).values({ body: 'crossed' })
      }),
    )
    await expect(crossed.catch((error: Error) => error.cause)).resolves.toMatchObject({
      message: expect.stringContaining('use the transaction that its function gets') as string,
    })
    expect(await bodies()).toEqual([])
  })

  test('nested transactions side by side are refused, and nothing is committed', async () => {
    const beside = db.transaction(async (tx) => {
      const insert = (body: string): Promise<unknown> =>
        tx.transaction((part) => part.insert(notes).values({ body }))
      await Promise.all([insert('a'), insert('b')])
    })
    await expect(beside).rejects.toThrow('run one after the other')
    expect(await bodies()).toEqual([])
  })

  test('a nested transaction that is left open is told, and nothing is committed', async () => {
    let inner: Promise<unknown> | undefined
    const outer = db.transaction(async (tx) => {
      inner = tx.transaction(async (part) => {
        await part.insert(notes).values({ body: 'half' })
        await sleep(100)
        await part.insert(notes).values({ body: 'other half' })
      })
      inner.catch(() => undefined)
      await sleep(50)
    })
    await expect(outer).rejects.toThrow('Await the nested transaction')
    await expect(inner).rejects.toThrow(DrizzleQueryError)
    expect(await bodies()).toEqual([])
  })

  test('queries of one transaction that are sent at once run in their order', async () => {
    await db.transaction(async (tx) => {
      const [, , count] = await Promise.all([
        tx.insert(notes).values({ body: 'first' }),
        tx.insert(notes).values({ body: 'second' }),
        tx.$count(notes),
      ])
      expect(count).toBe(2)
    })
    expect(await bodies()).toEqual(['first', 'second'])
  })

  test('a write with the database inside of its transaction is refused, and says what to use', async () => {
    const wrong = db.transaction(() => db.insert(notes).values({ body: 'lost' }))
    await expect(wrong.catch((error: Error) => error.cause)).resolves.toMatchObject({
      message: expect.stringContaining('write with tx, not with db') as string,
    })
  })
})

test('a transaction on PostgreSQL runs again after a serialization failure, whatever drizzle makes of it', async () => {
  pair = await openPair({ schema: ddl, stage: 'flipped' })
  const db = drizzle(pair.db)
  await db.insert(notes).values({ body: '' })
  const append = (letter: string): Promise<unknown> =>
    db.transaction(async (tx) => {
      const [note] = await tx.select().from(notes).where(eq(notes.id, 1))
      await sleep(20)
      await tx.update(notes).set({ body: `${note?.body}${letter}` })
    })
  await Promise.all(['a', 'b', 'c', 'd'].map(append))
  expect((await db.select().from(notes))[0]?.body.split('').toSorted().join('')).toBe('abcd')
})

test('the logger sees each query, and the cache serves it until its table changes', async () => {
  pair = await openPair({ schema: ddl })
  const logged: string[] = []
  const kept = new Map<string, unknown[]>()
  class MapCache extends Cache {
    strategy(): 'all' {
      return 'all'
    }
    async get(key: string): Promise<unknown[] | undefined> {
      return kept.get(key)
    }
    async put(key: string, response: unknown): Promise<void> {
      kept.set(key, response as unknown[])
    }
    async onMutate(_changed: MutationOption): Promise<void> {
      kept.clear()
    }
  }
  const logger = { logQuery: (query: string): void => void logged.push(query) }
  const cache = new MapCache()
  const db = drizzle(pair.db, { logger, cache })
  // Itself, as with drizzle's drivers: who watches it sees what is put there.
  expect(db.$cache).toBe(cache)
  expect(await db.select().from(notes)).toEqual([])
  await pair.db.run(`INSERT INTO notes (body) VALUES ('unseen')`)
  expect(await db.select().from(notes)).toEqual([])
  await db.$cache?.invalidate({ tables: notes })
  expect(await db.select().from(notes)).toEqual([{ id: 1, body: 'unseen' }])
  await db.insert(notes).values({ body: 'seen' })
  expect(await db.select().from(notes)).toHaveLength(2)
  expect(logged).toHaveLength(5)
})

test('the migrator runs each migration once, on both places', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-migrate-'))
  cpSync(join(import.meta.dirname, '../migrators/drizzle'), folder, { recursive: true })
  try {
    pair = await openPair({ schema: ddl })
    const db = drizzle(pair.db)
    await flip(pair.db)
    await migrate(db, { migrationsFolder: folder })
    await rollback(pair.db)
    await migrate(db, { migrationsFolder: folder })
    expect(await db.get(sql`SELECT count(*) AS n FROM __drizzle_migrations`)).toEqual({ n: 4 })
    expect(await pair.differences()).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a client that was not awaited is told at once', async () => {
  pair = await openPair({ schema: ddl, stage: 'plain' })
  expect(() => drizzle(Promise.resolve(pair.db) as never)).toThrow('await it first')
})
