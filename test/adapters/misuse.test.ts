import { setTimeout as sleep } from 'node:timers/promises'
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import knex, { type Knex } from 'knex'
import { Kysely, type Generated } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { asyncDatabase, type AsyncDatabase } from '../../src/adapters/better-sqlite3/index.ts'
import { drizzle } from '../../src/adapters/drizzle/index.ts'
import { lockstepClient } from '../../src/adapters/knex/index.ts'
import { LockstepDialect } from '../../src/adapters/kysely/index.ts'
import { PrismaLockstep } from '../../src/adapters/prisma/index.ts'
import type { Lockstep } from '../../src/api.ts'
import { openPair, type Pair } from '../support/pair.ts'
import { prismaOf } from './prisma-shop.ts'
import type { Prisma } from './prisma/generated/client.js'
import { outcome } from './suite.ts'

const maxTransactionIdleMs = 400
const ddl = 'CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL)'

/** A database, or a transaction on it, in the words of no driver. */
interface Client {
  insert(body: string): Promise<unknown>
  transaction(work: (tx: Client) => Promise<unknown>): Promise<unknown>
}

const notes = sqliteTable('notes', { id: integer().primaryKey(), body: text().notNull() })

const onDrizzle = (on: BaseSQLiteDatabase<'async', unknown>): Client => ({
  insert: async (body) => on.insert(notes).values({ body }),
  transaction: (work) => on.transaction((tx) => work(onDrizzle(tx))),
})

interface Tables {
  notes: { id: Generated<number>; body: string }
}

const onKysely = (on: Kysely<Tables>): Client => ({
  insert: (body) => on.insertInto('notes').values({ body }).execute(),
  transaction: async (work) => on.transaction().execute((tx) => work(onKysely(tx))),
})

const onKnex = (on: Knex): Client => ({
  insert: async (body) => on('notes').insert({ body }),
  transaction: (work) => on.transaction((tx) => work(onKnex(tx))),
})

const onBetterSqlite3 = (on: AsyncDatabase): Client => ({
  insert: (body) => on.prepare('INSERT INTO notes (body) VALUES (?)').run(body),
  transaction: (work) => on.transaction(() => work(onBetterSqlite3(on)))(),
})

const onPrisma = (on: Prisma.TransactionClient): Client => ({
  insert: (body) => on.$executeRaw`INSERT INTO notes (body) VALUES (${body})`,
  transaction: (work) => on.$transaction((tx) => work(onPrisma(tx))),
})

const clients: Record<string, (db: Lockstep) => Client> = {
  drizzle: (db) => onDrizzle(drizzle(db)),
  kysely: (db) => onKysely(new Kysely<Tables>({ dialect: new LockstepDialect(db) })),
  knex: (db) => onKnex(knex({ client: lockstepClient(db), useNullAsDefault: true })),
  'better-sqlite3': (db) => onBetterSqlite3(asyncDatabase(db)),
  prisma: (db) => onPrisma(prismaOf(new PrismaLockstep(db))),
}

/** What each says of a nested transaction that its outer one does not wait for. */
const leftOpen: Record<string, RegExp> = {
  drizzle: /Await the nested transaction/,
  kysely: /calling the transaction method for a Transaction is not supported/,
  knex: /Await the nested transaction/,
  'better-sqlite3': /Await the nested transaction/,
  prisma: /Cannot close transaction while a nested transaction is still active/,
}

describe.each(['mirrored', 'flipped'] as const)('in stage %s', (stage) => {
  let pair: Pair
  const bodies = async (): Promise<unknown[]> =>
    (await pair.db.values<[string]>('SELECT body FROM notes ORDER BY id')).map(([body]) => body)
  beforeAll(async () => {
    const options = { writes: { maxTransactionIdleMs } }
    pair = await openPair({ schema: ddl, stage, options, safeIntegers: true })
  })
  afterEach(() => pair.db.run('DELETE FROM notes'))
  afterAll(() => pair.close())

  describe.each(Object.keys(clients))('%s', (name) => {
    const open = (): Client => (clients[name] as (db: Lockstep) => Client)(pair.db)

    test('a transaction that is idle for too long is rolled back, and says which bound that was', async () => {
      const held = open().transaction(async (tx) => {
        await tx.insert('held')
        await sleep(maxTransactionIdleMs * 2)
        await tx.insert('late')
      })
      expect(await outcome(held)).toMatchObject({
        error: {
          code: 'TRANSACTION_TIMEOUT',
          message: expect.stringContaining('maxTransactionIdleMs') as string,
        },
      })
      expect(await bodies()).toEqual([])
    })

    test('queries of one transaction that are sent at once run in their order', async () => {
      await open().transaction((tx) => Promise.all(['a', 'b', 'c'].map((body) => tx.insert(body))))
      expect(await bodies()).toEqual(['a', 'b', 'c'])
    })

    test('a nested transaction that is left open is told, and nothing of it stays', async () => {
      const told: unknown[] = []
      let inner: Promise<unknown> = Promise.resolve()
      const outer = open().transaction(async (tx) => {
        await tx.insert('outer')
        let started: () => void = () => undefined
        const starts = new Promise<void>((resolve) => (started = resolve))
        inner = tx.transaction(async (part) => {
          await part.insert('inner')
          started()
          await outer.catch(() => undefined)
          await part.insert('late')
        })
        inner.catch((error: unknown) => {
          told.push(error)
          started()
        })
        await starts
      })
      await outer.catch((error: unknown) => told.push(error))
      await inner.catch(() => undefined)
      expect(told.map(String).join('\n')).toMatch(leftOpen[name] as RegExp)
      expect(await bodies()).not.toContain('inner')
      expect(await bodies()).not.toContain('late')
    })
  })
})
