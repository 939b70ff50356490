import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import { openParts } from '../support/parts.ts'
import { createRig, type Rig } from './rig.ts'

let rig: Rig
let db: Lockstep

beforeAll(async () => {
  rig = await createRig()
  db = await rig.mirrored()
})
afterAll(() => rig.close())

const insert = `INSERT INTO items (token, n) VALUES ('x', 0)`

describe.each(['sqlite', 'postgres'] as const)('with %s as the primary', (place) => {
  beforeAll(async () => {
    await db.flip(place, { force: true })
  })

  test.each([
    ['a transaction', () => db.transaction(async () => undefined)],
    ['a write', () => db.run(insert)],
    ['a write of a prepared statement', () => db.prepare(insert).run()],
    ['a script', () => db.exec(insert)],
    ['a batch', () => db.batch([{ sql: insert }])],
  ])(
    '%s of db inside of a transaction is refused, as it would wait for itself',
    async (_, call) => {
      const count = await db.get('SELECT count(*) AS n FROM items')
      const outer = db.transaction(async (tx) => {
        await tx.run(insert)
        await call()
      })
      await expect(outer).rejects.toThrow(TypeError)
      await expect(outer).rejects.toThrow('write with tx, not with db')
      expect(await db.get('SELECT count(*) AS n FROM items')).toEqual(count)
    },
  )

  test('such a write that nobody refuses waits for the transaction, which waits for the write', async () => {
    const update = 'UPDATE accounts SET balance = 1000 WHERE id = 1'
    const parts = await openParts({
      path: rig.path,
      url: rig.url,
      // On PostgreSQL this ends the wait in the end; on SQLite nothing would.
      options: { postgres: { connectionString: rig.url, statementTimeoutMs: 1000 } },
      replace: () => ({
        scope: { run: (work) => work(), isInside: () => false, refuseInside: () => undefined },
      }),
    })
    const outer = parts.transaction(async (tx) => {
      await tx.run(update)
      await parts.run(update)
    })
    const ended = outer.then(
      () => 'done',
      () => 'failed',
    )
    expect(await Promise.race([ended, sleep(300, 'waits')])).toBe('waits')
    if (place === 'postgres') await ended
    await parts.close()
  })

  test('a transaction that catches the refusal commits the rest', async () => {
    const { n } = (await db.get<{ n: number }>('SELECT count(*) AS n FROM items')) as { n: number }
    await db.transaction(async (tx) => {
      await tx.run(insert)
      await db.run(insert).catch(() => undefined)
    })
    expect(await db.get('SELECT count(*) AS n FROM items')).toEqual({ n: n + 1 })
  })

  test('what a transaction set off and left behind may write once it has ended', async () => {
    let later: Promise<unknown> = Promise.resolve()
    await db.transaction(async (tx) => {
      await tx.run(insert)
      later = new Promise((resolve) => setTimeout(resolve, 50)).then(() => db.run(insert))
    })
    await expect(later).resolves.toMatchObject({ changes: 1 })
  })

  test('what is under way while the database is closed ends, or is refused with CLOSED', async () => {
    const closing = await rig.open()
    const gate = new EventEmitter()
    const held = closing.transaction(async (tx) => {
      await tx.run(insert)
      gate.emit('begun')
      await once(gate, 'release')
    })
    await once(gate, 'begun')
    const ends = Promise.allSettled([held, closing.run(insert)])
    const closed = closing.close()
    gate.emit('release')
    await closed
    const codes = (await ends).map((end) =>
      end.status === 'rejected' ? (end.reason as { code?: string }).code : 'CLOSED',
    )
    expect(codes).toEqual(['CLOSED', 'CLOSED'])
  })

  test('what the application throws in a transaction comes out as it is', async () => {
    class Declined extends Error {}
    const work = db.transaction(async (tx) => {
      await tx.run(insert)
      throw new Declined('no')
    })
    await expect(work).rejects.toThrow(Declined)
  })
})

describe('misuse', () => {
  test.each<[string, () => unknown]>([
    ['a flip to no place', () => db.flip('mysql' as never)],
    ['a flip to nothing', () => db.flip(undefined as never)],
    ['a listener that is no function', async () => db.on('flip', 'listener' as never)],
    ['a session without options', () => db.session(undefined as never, async () => undefined)],
    ['a session without work', () => db.session({}, undefined as never)],
    ['a session with another key', () => db.session({ key: 7 as never }, async () => undefined)],
    ['a transaction without work', () => db.transaction(undefined as never)],
    ['an unknown mode', () => db.transaction(async () => undefined, { mode: 'fast' as never })],
    ['BEGIN', () => db.exec('BEGIN')],
    ['SQL that is no text', () => db.run(7 as never)],
    ['a prepared statement of no text', async () => db.prepare(null as never)],
    ['a batch of nothing', () => db.batch(undefined as never)],
  ])('%s is a TypeError', async (_, call) => {
    const failure: unknown = await (async () => call())().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(TypeError)
    expect((failure as Error).message.length).toBeGreaterThan(15)
  })
})

describe('options of a step', () => {
  const loose = (): Record<string, (...args: unknown[]) => unknown> => db as never

  test.each<[call: string, args: unknown[], message: string]>([
    ['flip', ['postgres', { pauseBudget: 1 }], 'Did you mean "pauseBudgetMs"?'],
    ['flip', ['postgres', { pauseBudgetMs: -5 }], 'pauseBudgetMs of flip must be a number of'],
    ['flip', ['postgres', { pauseBudgetMs: '5' }], 'pauseBudgetMs of flip must be a number of'],
    ['flip', ['postgres', { force: 1 }], 'force of flip must be true or false, not 1'],
    ['flip', ['postgres', null], 'options of flip to be an object, not null'],
    ['rollback', [{ acceptLos: true }], 'Did you mean "acceptLoss"?'],
    ['complete', [{ forced: true }], 'Did you mean "force"?'],
    ['uninstall', [{ sure: true }], 'sure is not an option of uninstall. There are force'],
    ['backfill', [{ progress: () => undefined }], 'Did you mean "onProgress"?'],
    ['backfill', [{ signal: {} }], 'signal of backfill must be an AbortSignal'],
    ['assess', [{ sql: 'queries.sql' }], 'sql of assess must be a list of texts'],
    ['verify', [{ table: ['items'] }], 'Did you mean "tables"?'],
    ['verify', [{ tables: 'items' }], 'tables of verify must be a list of texts, not "items"'],
    ['caughtUp', [{ timeout: 5 }], 'Did you mean "timeoutMs"?'],
    ['caughtUp', [{ timeoutMs: -1 }], 'timeoutMs of caughtUp must be a number of milliseconds'],
    ['caughtUp', [{ timeoutMs: Infinity }], 'timeoutMs of caughtUp must be a number of'],
    ['repair', [], 'table of repair must be a name, not undefined'],
    ['repair', [null], 'options of repair to be an object, not null'],
    ['repair', [{}], 'table of repair must be a name'],
    ['repair', [{ tabel: 'items' }], 'Did you mean "table"?'],
    ['repair', [{ table: 'items', keys: 'x' }], 'keys of repair must be a list of keys'],
    ['on', ['nope', () => undefined], '"nope" is not an event. There are quarantine, flip'],
    ['on', ['flips', () => undefined], 'Did you mean "flip"?'],
    ['on', ['toString', () => undefined], '"toString" is not an event'],
    ['setFlags', [null], 'Expected the flags to be an object'],
    ['setFlags', [['mirror']], 'Expected the flags to be an object, such as'],
  ])('%s %j is a TypeError that names it, and changes nothing', async (call, args, message) => {
    const before = await db.status()
    const failure: unknown = await (async () => loose()[call]?.(...args))().catch(
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(TypeError)
    expect((failure as Error).message).toContain(message)
    const { primary, epoch, flags } = await db.status()
    expect({ primary, epoch, flags }).toEqual({
      primary: before.primary,
      epoch: before.epoch,
      flags: before.flags,
    })
  })

  test('flags of which one is bad are refused whole', async () => {
    const bad = { ack: 'both', primary: 'mysql' } as never
    await expect(db.setFlags(bad)).rejects.toMatchObject({ code: 'FLAGS_INVALID' })
    expect(db.flags().ack).toBe('primary')
  })

  test('what is undefined counts as not given', async () => {
    expect(await db.verify({ tables: undefined } as never)).toMatchObject({ equal: true })
    expect(await db.caughtUp({ timeoutMs: undefined } as never)).toBeUndefined()
  })
})

describe('after close', () => {
  test('every call is refused with CLOSED, and close may be called again', async () => {
    const closed = await rig.open()
    const statement = closed.prepare('SELECT 1')
    await closed.close()
    await closed.close()
    const calls: (() => Promise<unknown>)[] = [
      () => closed.all('SELECT 1'),
      () => closed.get('SELECT 1'),
      () => closed.values('SELECT 1'),
      () => closed.run(insert),
      () => closed.exec(insert),
      () => statement.all(),
      () => closed.transaction(async () => undefined),
      () => closed.batch([]),
      () => closed.session({}, () => closed.get('SELECT 1')),
      () => closed.install(),
      () => closed.uninstall(),
      () => closed.applySchema(),
      () => closed.backfill(),
      () => closed.verify(),
      () => closed.repair({ table: 'items' }),
      () => closed.status(),
      () => closed.setFlags({ ack: 'both' }),
      () => closed.ready(),
      () => closed.flip('postgres'),
      () => closed.rollback(),
      () => closed.complete(),
      () => closed.caughtUp(),
    ]
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        name: 'LockstepError',
        code: 'CLOSED',
      })
    }
  })
})
