import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, expectTypeOf, test } from 'vitest'
import {
  asyncDatabase,
  type AsyncDatabase,
  type AsyncTransaction,
} from '../../src/adapters/better-sqlite3/index.ts'
import type { RunResult } from '../../src/api.ts'
import { openPair, type Pair } from '../support/pair.ts'

const ddl = `CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL UNIQUE, size REAL)`
const rows = `INSERT INTO notes VALUES (1, 'one', 1.5), (9007199254740993, 'big', 2.0)`

let pair: Pair
afterEach(() => pair.close())

describe.each(['mirrored', 'flipped'] as const)('in stage %s', (stage) => {
  const open = async (safeIntegers = false): Promise<AsyncDatabase> => {
    pair = await openPair({
      schema: `${ddl}; ${rows}`,
      stage,
      safeIntegers,
      options: {
        flags: { initial: { reads: { postgres: stage === 'flipped' ? 100 : 0 } } },
        writes: { maxTransactionIdleMs: 400 },
      },
    })
    return asyncDatabase(pair.db)
  }

  test('a statement gives what better-sqlite3 gives, in every shape and with every kind of number', async () => {
    const db = await open(true)
    const file = new Database(':memory:')
    file.exec(`${ddl}; ${rows}`)
    const sql = 'SELECT id, body, size, 7 AS seven FROM notes ORDER BY id'
    for (const shape of ['raw', 'pluck', 'expand'] as const)
      for (const exact of [true, false]) {
        const theirs = file.prepare(sql).safeIntegers(exact)
        const ours = db.prepare(sql).safeIntegers(exact)
        expect(await ours.all()).toEqual(theirs.all())
        expect(await ours.get()).toEqual(theirs.get())
        expect(await ours[shape]().all()).toEqual(theirs[shape]().all())
        expect(await ours.get()).toEqual(theirs.get())
        expect(await ours[shape](false).all()).toEqual(theirs[shape](false).all())
      }
    expect(db.prepare(sql).columns()).toEqual(file.prepare(sql).columns())
    const insert = `INSERT INTO notes (id, body) VALUES (50, 'fifty')`
    expect(await db.prepare(insert).run()).toEqual(file.prepare(insert).run())
    file.close()
  })

  test('integers that had lost their digits are not called exact', async () => {
    const db = await open()
    expect(() => db.prepare('SELECT 1').safeIntegers()).toThrow('sqlite.safeIntegers: true')
    expect(() => db.defaultSafeIntegers()).toThrow('sqlite.safeIntegers: true')
    expect(db.prepare('SELECT 1').safeIntegers(false)).toBeDefined()
  })

  test('statements inside of a transaction belong to it, wherever they were prepared', async () => {
    const db = await open()
    const insert = db.prepare('INSERT INTO notes (body) VALUES (?)')
    const count = db.prepare<number>('SELECT count(*) FROM notes').pluck()
    const failing = db.transaction(async (body: string) => {
      await insert.run(body)
      expect(db.inTransaction).toBe(true)
      expect(await count.get()).toBe(3)
      throw new Error('never mind')
    })
    expect(db.inTransaction).toBe(false)
    await expect(failing.immediate('gone')).rejects.toThrow('never mind')
    expect(await count.get()).toBe(2)
    expect(await db.transaction((body: string) => insert.run(body)).deferred('kept')).toMatchObject(
      {
        changes: 1,
      },
    )
    expect(await count.get()).toBe(3)
  })

  test('a transaction that is held for too long is rolled back, and says so', async () => {
    const db = await open()
    const held = db.transaction(async () => {
      await db.prepare('DELETE FROM notes').run()
      await sleep(2000)
    })
    await expect(held()).rejects.toMatchObject({ code: 'TRANSACTION_TIMEOUT' })
    expect(await db.prepare('SELECT count(*) FROM notes').pluck().get()).toBe(2)
  })

  test('pragmas, scripts and copies of the file work', async () => {
    const db = await open()
    expect(await db.pragma('table_info(notes)')).toHaveLength(3)
    expect(await db.pragma('foreign_keys', { simple: true })).toBe(1)
    expect(await db.pragma('foreign_keys = ON')).toEqual([])
    expect(await db.exec(`DELETE FROM notes WHERE id = 1; SELECT 1`)).toBe(db)
    const copy = `${pair.path}.copy`
    expect(await db.backup(copy)).toMatchObject({ remainingPages: 0 })
    expect(new Database(copy).prepare('SELECT body FROM notes').pluck().all()).toContain('big')
  })

  test('a function of the application is called where SQLite serves, and is named where it cannot be', async () => {
    const db = await open()
    expect(db.function('shout', (text: string) => `${text}!`)).toBe(db)
    const call = db.prepare<string>('SELECT shout(body) FROM notes WHERE id = 1').pluck().get()
    const answer = await call.catch((error: Error & { code: string }) => [
      error.code,
      error.message,
    ])
    const refused = ['SQLITE_ERROR', expect.stringContaining('no such function: shout')]
    expect(answer).toEqual(stage === 'mirrored' ? 'one!' : refused)
    expect(() => db.loadExtension()).toThrow('sqlite.setup')
  })

  test('what is wrong is said in the words of better-sqlite3', async () => {
    const db = await open()
    expect(() => db.prepare(7 as never)).toThrow('Expected first argument to be a string')
    expect(() => db.transaction(7 as never)).toThrow('Expected first argument to be a function')
    expect(() => db.prepare('DELETE FROM notes').pluck()).toThrow('only for statements that return')
    expect(() => db.prepare('SELECT ?').bind(1).bind(2)).toThrow('can only be invoked once')
    await expect(db.prepare('SELECT ?').all()).rejects.toThrow('Too few parameter values')
    await expect(db.prepare('SELECT ?').bind(1).get(2)).rejects.toThrow('already has bound')
    await expect(db.prepare('DELETE FROM notes').all()).rejects.toThrow('does not return data')
  })
})

test('a function that runs in a transaction is what that of better-sqlite3 is', async () => {
  pair = await openPair({ schema: ddl, stage: 'plain' })
  const db = asyncDatabase(pair.db)
  const itself = { name: 'it' }
  const inside = db.transaction(function (this: unknown, ...args: unknown[]) {
    return [this, ...args]
  })
  expect(await inside.call(itself, 1, 'two')).toEqual([itself, 1, 'two'])
  for (const kind of ['default', 'deferred', 'immediate', 'exclusive'] as const) {
    expect(inside.immediate[kind]).toBe(inside[kind])
    expect(inside[kind].database).toBe(db)
  }
  expect(inside.default).toBe(inside)
})

test('arguments that better-sqlite3 would not take are refused in its words', async () => {
  pair = await openPair({ schema: ddl, stage: 'plain' })
  const db = asyncDatabase(pair.db)
  const file = new Database(':memory:')
  const wrong = [
    (on: AsyncDatabase): unknown => on.exec(7 as never),
    (on: AsyncDatabase): unknown => on.exec(Object('SELECT 1') as never),
    (on: AsyncDatabase): unknown => on.pragma(7 as never),
    (on: AsyncDatabase): unknown => on.pragma('user_version', true as never),
    (on: AsyncDatabase): unknown => on.pragma('user_version', { simple: 1 as never }),
  ]
  for (const call of wrong) {
    const words = await said(async () => call(file as unknown as AsyncDatabase))
    expect(words).toMatch(/^TypeError: Expected/)
    expect(await said(async () => call(db))).toBe(words)
  }
  file.close()
})

async function said(call: () => Promise<unknown>): Promise<string> {
  return call().then(() => 'nothing', String)
}

test('the types are those of the rows that the application names', async () => {
  pair = await openPair({ schema: ddl, stage: 'plain' })
  const db = asyncDatabase(pair.db)
  expectTypeOf(db.prepare<{ id: number }>('SELECT 1').get()).resolves.toEqualTypeOf<
    { id: number } | undefined
  >()
  expectTypeOf(db.prepare('SELECT 1').all()).resolves.toEqualTypeOf<unknown[]>()
  const transaction = db.transaction(async (id: number) => id)
  expectTypeOf(transaction).toEqualTypeOf<AsyncTransaction<[id: number], number>>()
  expectTypeOf<
    ReturnType<ReturnType<typeof db.prepare>['run']>
  >().resolves.toEqualTypeOf<RunResult>()
  expect(() => asyncDatabase(Promise.resolve(pair.db) as never)).toThrow('await it first')
})
