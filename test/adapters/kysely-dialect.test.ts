import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import {
  Kysely,
  Migrator,
  SqliteDialect,
  sql,
  type Dialect,
  type Generated,
  type LogEvent,
  type Migration,
} from 'kysely'
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import { LockstepDialect } from '../../src/adapters/kysely/index.ts'
import { flip, openPair, rollback, type Pair } from '../support/pair.ts'

interface Tables {
  notes: { id: Generated<number>; body: string }
  tags: { name: string }
}

const ddl = `CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL UNIQUE);
  CREATE TABLE tags (name TEXT PRIMARY KEY NOT NULL);
  CREATE VIEW bodies AS SELECT body FROM notes`

let pair: Pair
afterEach(() => pair.close())

describe.each(['mirrored', 'flipped'] as const)('in stage %s', (stage) => {
  let db: Kysely<Tables>
  beforeEach(async () => {
    pair = await openPair({
      schema: ddl,
      stage,
      options: {
        flags: { initial: { reads: { postgres: stage === 'flipped' ? 100 : 0 } } },
        writes: { maxTransactionIdleMs: 400 },
      },
    })
    db = new Kysely<Tables>({ dialect: new LockstepDialect(pair.db) })
  })
  const bodies = async (): Promise<string[]> =>
    (await db.selectFrom('notes').select('body').orderBy('id').execute()).map(({ body }) => body)
  const insert = (on: Kysely<Tables>, body: string): Promise<unknown> =>
    on.insertInto('notes').values({ body }).execute()

  test('the schema is told as by the dialect for SQLite, without what is of Lockstep', async () => {
    const file = new Database(':memory:')
    file.exec(ddl)
    const plain = new Kysely<Tables>({ dialect: new SqliteDialect({ database: file }) })
    const expected = await plain.introspection.getTables()
    expect(await db.introspection.getTables()).toEqual(expected)
    await plain.destroy()
  })

  test('an insert tells its key where there is one, and nothing where nobody knows it', async () => {
    const note = await db.insertInto('notes').values({ body: 'a' }).executeTakeFirstOrThrow()
    expect(note).toMatchObject({ insertId: 1n, numInsertedOrUpdatedRows: 1n })
    const tag = await db.insertInto('tags').values({ name: 'a' }).executeTakeFirstOrThrow()
    expect(tag).toMatchObject({
      insertId: stage === 'mirrored' ? 1n : undefined,
      numInsertedOrUpdatedRows: 1n,
    })
  })

  test('a transaction that is steered by hand commits, and rolls back, as it is told', async () => {
    const kept = await db.startTransaction().execute()
    await insert(kept, 'kept')
    await kept.commit().execute()
    const gone = await db.startTransaction().execute()
    await insert(gone, 'gone')
    await gone.rollback().execute()
    expect(await bodies()).toEqual(['kept'])
    await expect(insert(gone, 'late')).rejects.toThrow('rolled back')
  })

  test('a transaction that is left open is rolled back in time, says so, and others go on', async () => {
    const left = await db.startTransaction().execute()
    await insert(left, 'left')
    await insert(db, 'other')
    await sleep(600)
    await expect(insert(left, 'late')).rejects.toMatchObject({ code: 'TRANSACTION_TIMEOUT' })
    await left.rollback().execute()
    expect(await bodies()).toEqual(['other'])
  })

  test('the log of an application has the steps of a transaction, as with the dialect for SQLite', async () => {
    const logOf = async (dialect: Dialect): Promise<string[]> => {
      const logged: string[] = []
      const log = ({ query }: LogEvent): void => {
        logged.push(query.sql)
      }
      const on = new Kysely<Tables>({ dialect, log })
      const tx = await on.startTransaction().execute()
      const inner = await tx.savepoint('part').execute()
      await inner.rollbackToSavepoint('part').execute()
      await tx.commit().execute()
      await (await on.startTransaction().execute()).rollback().execute()
      return logged
    }
    const database = new Database(':memory:')
    const expected = await logOf(new SqliteDialect({ database }))
    expect(await logOf(new LockstepDialect(pair.db))).toEqual(expected)
    database.close()
  })

  test('queries of one transaction that are sent at once run in their order', async () => {
    await db.transaction().execute(async (tx) => {
      await Promise.all([insert(tx, 'a'), insert(tx, 'b'), insert(tx, 'c')])
    })
    expect(await bodies()).toEqual(['a', 'b', 'c'])
  })

  test('a stream ends where its reader stops, and streams queries alone', async () => {
    for (const body of ['a', 'b', 'c']) await insert(db, body)
    const read: string[] = []
    for await (const { body } of db.selectFrom('notes').selectAll().orderBy('id').stream()) {
      read.push(body)
      if (body === 'b') break
    }
    expect(read).toEqual(['a', 'b'])
    const deleted = db.deleteFrom('notes').returningAll().stream()
    await expect(deleted[Symbol.asyncIterator]().next()).rejects.toThrow('only supports streaming')
    expect(await bodies()).toEqual(['a', 'b', 'c'])
  })

  test('BEGIN as a query of a connection is refused, and says what to use', async () => {
    await expect(sql`begin`.execute(db)).rejects.toThrow('instead of BEGIN')
  })
})

describe('on PostgreSQL', () => {
  let db: Kysely<Tables>
  beforeEach(async () => {
    pair = await openPair({ schema: ddl, stage: 'flipped' })
    db = new Kysely<Tables>({ dialect: new LockstepDialect({ database: pair.db }) })
    await db
      .insertInto('notes')
      .values([{ body: 'one' }, { body: 'two' }])
      .execute()
  })
  const rename = (on: Kysely<Tables>, id: number, body: string): Promise<unknown> =>
    on.updateTable('notes').set({ body }).where('id', '=', id).execute()
  const read = async (on: Kysely<Tables>, id: number): Promise<string> => {
    const query = on.selectFrom('notes').select('body').where('id', '=', id)
    return (await query.executeTakeFirstOrThrow()).body
  }

  test('a transaction that lost against another one goes on, where that changed nothing that it had read', async () => {
    const mine = await db.startTransaction().execute()
    expect(await read(mine, 1)).toBe('one')
    await rename(db, 2, 'theirs')
    // Its snapshot is older than the row that it writes now.
    await rename(mine, 2, 'mine')
    await mine.commit().execute()
    expect(await read(db, 2)).toBe('mine')
  })

  test('a transaction that has read what another one changed then is told to run again', async () => {
    const mine = await db.startTransaction().execute()
    const before = await read(mine, 2)
    await rename(db, 2, 'theirs')
    await expect(rename(mine, 2, `${before}, mine`)).rejects.toMatchObject({
      code: 'SERIALIZATION_FAILED',
      message: expect.stringContaining('Run it again from its start') as string,
    })
    await mine.rollback().execute()
    expect(await read(db, 2)).toBe('theirs')
  })

  test('of two transactions that no order could give one commits, and the other one is told', async () => {
    const skew = async (from: number, to: number): Promise<void> => {
      const tx = await db.startTransaction().execute()
      const body = await read(tx, from)
      await sleep(50)
      await rename(tx, to, `${body}!`)
      await sleep(50)
      await tx.commit().execute()
    }
    const ends = await Promise.allSettled([skew(1, 2), skew(2, 1)])
    // Whoever is told that it is committed is; nobody is told so of both, which no order gives.
    const done = ends.filter(({ status }) => status === 'fulfilled')
    expect(done).toHaveLength(1)
    const rows = await Promise.all([read(db, 1), read(db, 2)])
    expect([
      ['one', 'one!'],
      ['two!', 'two'],
    ]).toContainEqual(rows)
  })
})

test('migrations run once, forth and back, whichever place serves', async () => {
  const migrations: Record<string, Migration> = {
    a: {
      up: async (db: Kysely<unknown>) => {
        await db.schema
          .createTable('pets')
          .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
          .addColumn('name', 'text', (column) => column.notNull().unique())
          .execute()
      },
      down: (db: Kysely<unknown>) => db.schema.dropTable('pets').execute(),
    },
    b: {
      up: async (db: Kysely<unknown>) => {
        await db.schema.alterTable('pets').addColumn('age', 'integer').execute()
        await db.schema.createIndex('pets_age').on('pets').column('age').execute()
      },
      down: async (db: Kysely<unknown>) => {
        await db.schema.dropIndex('pets_age').execute()
        await db.schema.alterTable('pets').dropColumn('age').execute()
      },
    },
  }
  pair = await openPair({ schema: ddl })
  const db = new Kysely<Tables>({ dialect: new LockstepDialect({ database: pair.db }) })
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const names = async (
    run: Promise<Awaited<ReturnType<Migrator['migrateUp']>>>,
  ): Promise<string[]> => {
    const { error, results } = await run
    expect(error).toBeUndefined()
    return (results ?? []).map(({ migrationName, status }) => `${migrationName} ${status}`)
  }
  expect(await names(migrator.migrateUp())).toEqual(['a Success'])
  await flip(pair.db)
  const both = [names(migrator.migrateToLatest()), names(migrator.migrateToLatest())]
  expect((await Promise.all(both)).flat()).toEqual(['b Success'])
  expect(await names(migrator.migrateDown())).toEqual(['b Success'])
  await rollback(pair.db)
  expect(await names(migrator.migrateToLatest())).toEqual(['b Success'])
  await sql`INSERT INTO pets (name, age) VALUES ('Rex', 3)`.execute(db)
  expect(await pair.differences()).toEqual([])
})

test('the database may be opened with the first query, and is closed by destroy()', async () => {
  pair = await openPair({ schema: ddl, stage: 'plain' })
  let opened = 0
  const dialect = new LockstepDialect({
    database: async () => {
      opened++
      return pair.db
    },
    onCreateConnection: async (connection) => {
      expect(
        await connection.executeQuery(sql`PRAGMA cache_size = -2000`.compile(db)),
      ).toBeDefined()
    },
  })
  const db = new Kysely<Tables>({ dialect })
  expect(opened).toBe(0)
  expectTypeOf(await db.selectFrom('notes').selectAll().execute()).toEqualTypeOf<
    { id: number; body: string }[]
  >()
  await db.destroy()
  expect(opened).toBe(1)
  await expect(pair.db.run('DELETE FROM notes')).rejects.toMatchObject({ code: 'CLOSED' })
})

test('what is no database is told at once', async () => {
  pair = await openPair({ schema: ddl, stage: 'plain' })
  const promised = Promise.resolve(pair.db) as never
  expect(() => new LockstepDialect({ database: promised })).toThrow(
    'createLockstep() resolves with',
  )
})
