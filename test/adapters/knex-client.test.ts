import { setTimeout as sleep } from 'node:timers/promises'
import knex, { type Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import { lockstepClient } from '../../src/adapters/knex/index.ts'
import type { Lockstep } from '../../src/api.ts'
import { openPair, type Pair } from '../support/pair.ts'

const ddl = `CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL UNIQUE);
  CREATE TABLE tags (name TEXT PRIMARY KEY NOT NULL)`

let pair: Pair
afterEach(() => pair.close())

describe.each(['mirrored', 'flipped'] as const)('in stage %s', (stage) => {
  let db: Knex
  beforeEach(async () => {
    pair = await openPair({
      schema: ddl,
      stage,
      options: {
        flags: { initial: { reads: { postgres: stage === 'flipped' ? 100 : 0 } } },
        writes: { maxTransactionIdleMs: 400 },
      },
    })
    db = knex({ client: lockstepClient(pair.db), useNullAsDefault: true })
  })
  const bodies = (): Promise<string[]> => db('notes').orderBy('id').pluck('body')
  const insert = (on: Knex, body: string): Promise<number[]> => on('notes').insert({ body })

  test('an insert tells its key where there is one, and nothing where nobody knows it', async () => {
    expect(await insert(db, 'a')).toEqual([1])
    expect(await db('tags').insert({ name: 'a' })).toEqual([stage === 'mirrored' ? 1 : undefined])
  })

  test('dates and booleans are bound as the numbers that knex makes of them', async () => {
    const date = new Date(1714979289123)
    const [row] = await db.raw<unknown[]>('SELECT ? AS date, ? AS yes', [date, true])
    expect(row).toEqual({ date: 1714979289123, yes: 1 })
  })

  test('transactions go on beside each other and beside other queries', async () => {
    const kept = await db.transaction()
    await insert(kept, 'kept')
    expect(await bodies()).toEqual([])
    await kept.commit()
    const gone = await db.transaction()
    await insert(gone, 'gone')
    await gone.rollback()
    await Promise.all(['a', 'b', 'c'].map((body) => db.transaction((tx) => insert(tx, body))))
    expect((await bodies()).toSorted()).toEqual(['a', 'b', 'c', 'kept'])
    await expect(insert(kept, 'late')).rejects.toThrow('Transaction query already complete')
  })

  test('a transaction that is left open is rolled back in time, says so, and others go on', async () => {
    const left = await db.transaction()
    await insert(left, 'left')
    await insert(db, 'other')
    await sleep(600)
    await expect(insert(left, 'late')).rejects.toMatchObject({ code: 'TRANSACTION_TIMEOUT' })
    await left.rollback()
    expect(await bodies()).toEqual(['other'])
  })

  test('nested transactions go back alone, and what a nested one left open goes with the outer one', async () => {
    await db.transaction(async (tx) => {
      await insert(tx, 'outer')
      const inner = tx.transaction(async (part) => {
        await insert(part, 'inner')
        throw new Error('never mind')
      })
      await expect(inner).rejects.toThrow('never mind')
      await tx.transaction((part) => insert(part, 'second'))
    })
    const failing = db.transaction(async (tx) => {
      const left = await tx.transaction()
      await insert(left, 'left')
      throw new Error('never mind')
    })
    await expect(failing).rejects.toThrow('never mind')
    await db.transaction((tx) => insert(tx, 'next'))
    expect(await bodies()).toEqual(['outer', 'second', 'next'])
  })

  test('queries of one transaction that are sent at once run in their order', async () => {
    await db.transaction((tx) => Promise.all(['a', 'b', 'c'].map((body) => insert(tx, body))))
    expect(await bodies()).toEqual(['a', 'b', 'c'])
  })

  test('a connection whose commit failed takes the next transaction', async () => {
    const tx = await db.transaction()
    await insert(tx, 'left')
    await sleep(600)
    await expect(tx.commit()).resolves.toBeUndefined()
    await expect(tx.executionPromise).rejects.toMatchObject({ code: 'TRANSACTION_TIMEOUT' })
    await db.transaction((next) => insert(next, 'next'))
    expect(await bodies()).toEqual(['next'])
  })

  test('BEGIN as a query of a connection is refused, and says what to use', async () => {
    await expect(db.raw('BEGIN;')).rejects.toThrow('instead of BEGIN')
  })

  test('integers in another form than the others have are refused', async () => {
    const exact = db('notes').select('id').options({ safeIntegers: true })
    await expect(exact).rejects.toThrow('Open Lockstep with sqlite.safeIntegers: true')
    expect(await db('notes').select('id').options({ safeIntegers: false })).toEqual([])
  })
})

test('destroy() closes Lockstep, and calls back', async () => {
  pair = await openPair({ schema: ddl, stage: 'plain' })
  const db = knex({ client: lockstepClient(pair.db), useNullAsDefault: true })
  await db('notes').insert({ body: 'a' })
  await new Promise<void>((resolve) => {
    db.destroy(resolve)
  })
  await expect(pair.db.run('DELETE FROM notes')).rejects.toMatchObject({ code: 'CLOSED' })
})

test('the types are those of a client of knex, and what is no database is told at once', async () => {
  pair = await openPair({ schema: ddl, stage: 'plain' })
  expectTypeOf(lockstepClient).toEqualTypeOf<(lockstep: Lockstep) => typeof Knex.Client>()
  expect(() => lockstepClient(Promise.resolve(pair.db) as never)).toThrow('await it first')
})
