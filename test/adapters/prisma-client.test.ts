import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import { PrismaLockstep } from '../../src/adapters/prisma/index.ts'
import type { Lockstep } from '../../src/api.ts'
import { openPair, type Pair } from '../support/pair.ts'
import { createTags, queries, remakeTags, schema } from './prisma-queries.ts'
import { plainAdapter, prismaOf } from './prisma-shop.ts'
import type { Prisma, PrismaClient } from './prisma/generated/client.js'

let pair: Pair
afterEach(() => pair.close())

/** An answer or an error, with all that an application can see of it. */
async function seen(running: Promise<unknown>): Promise<unknown> {
  try {
    return { value: await running }
  } catch (error) {
    const { name, message, code, meta } = error as Error & { code?: unknown; meta?: unknown }
    return { name, message, code, meta: meta === undefined ? undefined : plainly(meta) }
  }
}

/** Errors with what they were made of, and without who made them. */
function plainly(meta: unknown): unknown {
  return JSON.parse(JSON.stringify(meta))
}

describe.each(['mirrored', 'flipped'] as const)('in stage %s', (stage) => {
  let db: PrismaClient
  beforeEach(async () => {
    const reads = { postgres: stage === 'flipped' ? 100 : 0 }
    const options = { flags: { initial: { reads } } }
    pair = await openPair({ schema, stage, safeIntegers: true, options })
    db = prismaOf(new PrismaLockstep(pair.db))
  })
  const names = async (): Promise<string[]> =>
    (await db.user.findMany({ orderBy: { id: 'asc' } })).map(({ name }) => name)

  test('each query gives what it gives with the adapter for better-sqlite3, errors included', async () => {
    const plain = prismaOf(plainAdapter(schema))
    for (const [what, run] of queries)
      expect([what, await seen(run(db))]).toEqual([what, await seen(run(plain))])
    await plain.$disconnect()
    await pair.db.caughtUp({ timeoutMs: 20_000 })
    expect(await pair.differences()).toEqual([])
  })

  test('instants may be numbers, as with the adapter for better-sqlite3', async () => {
    const timestampFormat = 'unixepoch-ms'
    const exact = prismaOf(new PrismaLockstep(pair.db, { timestampFormat }))
    const at = new Date(1234)
    await exact.thing.create({ data: { at, updated: at } })
    expect(await exact.thing.findMany({ where: { at } })).toMatchObject([{ at, updated: at }])
    expect(await pair.db.values('SELECT at FROM things')).toEqual([[1234n]])
  })

  test('a transaction that takes longer than its client allows leaves nothing, and others go on', async () => {
    const held = db.$transaction(
      async (tx) => {
        await tx.user.create({ data: { name: 'held' } })
        await sleep(300)
        await tx.user.create({ data: { name: 'late' } })
      },
      { timeout: 100 },
    )
    await expect(held).rejects.toMatchObject({ code: 'P2028' })
    await db.user.create({ data: { name: 'other' } })
    expect(await names()).toEqual(['other'])
  })

  test('queries see others outside of a transaction, which go on while it is open', async () => {
    await db.$transaction(async (tx) => {
      await tx.user.create({ data: { name: 'inside' } })
      expect(await names()).toEqual([])
    })
    expect(await names()).toEqual(['inside'])
  })

  test('what a changed schema returns is told by its columns as they are then', async () => {
    const read = (on: Pick<PrismaClient, '$queryRaw'>): Promise<unknown> =>
      on.$queryRaw`SELECT * FROM settings`
    await db.setting.create({ data: { key: 'a', value: 'b' } })
    expect(await read(db)).toEqual([{ key: 'a', value: 'b' }])
    await db.$executeRaw`ALTER TABLE settings ADD COLUMN at DATETIME DEFAULT '2024-02-29T00:00:00.000Z'`
    const at = new Date('2024-02-29')
    expect(await read(db)).toEqual([{ key: 'a', value: 'b', at }])
    const changing = db.$transaction(async (tx) => {
      await tx.$executeRaw`ALTER TABLE settings ADD COLUMN more TEXT`
      await read(tx)
    })
    await expect(changing).rejects.toMatchObject({ code: 'SQL_UNSUPPORTED' })
    expect(await read(db)).toEqual([{ key: 'a', value: 'b', at }])
  })

  test('the migrations that Prisma writes run on both places', async () => {
    const adapter = await new PrismaLockstep(pair.db).connect()
    await adapter.executeScript(createTags)
    const refused = await adapter.executeScript(remakeTags).catch((error: Error) => error.message)
    const told: unknown = expect.stringContaining('PRAGMA defer_foreign_keys')
    expect(refused).toEqual(stage === 'mirrored' ? undefined : told)
    await adapter.executeScript(remakeTags.replaceAll(/^PRAGMA defer_foreign_keys.*$/gm, ''))
    await db.$executeRaw`INSERT INTO Tag (name) VALUES ('b')`
    const rows = await db.$queryRaw`SELECT name, more FROM Tag ORDER BY id`
    expect(rows).toEqual(['a', 'b'].map((name) => ({ name, more: 'none' })))
    await pair.db.caughtUp({ timeoutMs: 20_000 })
    expect(await pair.differences()).toEqual([])
  })

  test('an error of Lockstep that Prisma has no kind for comes with its code and its words', async () => {
    await expect(db.$executeRaw`BEGIN`).rejects.toThrow('instead of BEGIN')
    const virtual = db.$executeRaw`CREATE VIRTUAL TABLE words USING fts5 (body)`
    await expect(virtual).rejects.toMatchObject({
      code: 'SQL_UNSUPPORTED',
      message: expect.stringContaining('CREATE VIRTUAL TABLE') as string,
    })
  })
})

describe('of transactions that no order could give', () => {
  let db: PrismaClient
  beforeEach(async () => {
    pair = await openPair({ schema, stage: 'flipped', safeIntegers: true })
    db = prismaOf(new PrismaLockstep(pair.db))
    await db.user.createMany({ data: [{ name: 'one' }, { name: 'two' }] })
  })
  const read = async (on: Prisma.TransactionClient, id: number): Promise<string> =>
    (await on.user.findUniqueOrThrow({ where: { id } })).name
  const rename = (on: Prisma.TransactionClient, id: number, name: string): Promise<unknown> =>
    on.user.update({ where: { id }, data: { name } })

  test('one is told by the code of Prisma for it, where a statement fails', async () => {
    const mine = db.$transaction(async (tx) => {
      const name = await read(tx, 2)
      await rename(db, 2, 'theirs')
      await rename(tx, 2, `${name}, mine`)
    })
    await expect(mine).rejects.toMatchObject({
      name: 'PrismaClientKnownRequestError',
      code: 'P2034',
    })
    expect(await read(db, 2)).toBe('theirs')
  })

  test('one is told by that code where the commit fails, of which Prisma makes no error of its own', async () => {
    const skew = (from: number, to: number): Promise<void> =>
      db.$transaction(async (tx) => {
        const name = await read(tx, from)
        await sleep(50)
        await rename(tx, to, `${name}!`)
        await sleep(50)
      })
    const ends = await Promise.allSettled([skew(1, 2), skew(2, 1)])
    const lost = ends.filter(({ status }) => status === 'rejected')
    const message: unknown = expect.stringContaining('Run it again from its start')
    expect(lost).toMatchObject([{ reason: { code: 'P2034', message } }])
  })
})

test('a client may open Lockstep when it connects, closes it with $disconnect(), and opens it again', async () => {
  pair = await openPair({ schema, stage: 'plain', safeIntegers: true })
  const opened: Lockstep[] = []
  const open = async (): Promise<Lockstep> => {
    const { createLockstep } = await import('../../src/index.ts')
    opened.push(
      await createLockstep({
        sqlite: { path: pair.path, safeIntegers: true },
        postgres: { connectionString: pair.url },
      }),
    )
    return opened.at(-1) as Lockstep
  }
  const db = prismaOf(new PrismaLockstep(open))
  expect(opened).toHaveLength(0)
  expectTypeOf(await db.setting.findMany()).toEqualTypeOf<{ key: string; value: string }[]>()
  await db.$disconnect()
  await expect(opened[0]?.run('DELETE FROM users')).rejects.toMatchObject({ code: 'CLOSED' })
  expect(await db.user.count()).toBe(0)
  expect(opened).toHaveLength(2)
  await db.$disconnect()
})

test('what it cannot work with is told at once', async () => {
  pair = await openPair({ schema, stage: 'plain' })
  const promised = Promise.resolve(pair.db) as never
  expect(() => new PrismaLockstep(promised)).toThrow('createLockstep() resolves with')
  expect(() => new PrismaLockstep(pair.db)).toThrow('sqlite.safeIntegers: true')
  const later = new PrismaLockstep(async () => pair.db)
  await expect(later.connect()).rejects.toThrow('sqlite.safeIntegers: true')
  const timestampFormat = 'iso' as never
  expect(() => new PrismaLockstep(pair.db, { timestampFormat })).toThrow('iso8601, unixepoch-ms')
})
