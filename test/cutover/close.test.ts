import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Lockstep, Queryable } from '../../src/api.ts'
import { createRig, until, type Rig } from './rig.ts'

let rig: Rig
let db: Lockstep

beforeAll(async () => {
  rig = await createRig()
  db = await rig.mirrored()
})
afterAll(() => rig.close())

const insert = `INSERT INTO items (token, n) VALUES ('x', 0)`
const other = 'UPDATE accounts SET balance = balance WHERE id = 1'
const count = (): Promise<unknown> => db.get('SELECT count(*) AS n FROM items')

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'it has ended well',
    (error: unknown) => error,
  )

const cutOff = expect.objectContaining({
  name: 'LockstepError',
  code: 'CLOSED',
  message: expect.stringContaining('what it had not committed was rolled back') as string,
})

/** A transaction that is held open with one statement behind it, on an instance of its own. */
async function holdOpen(
  then: (tx: Queryable) => Promise<unknown>,
): Promise<{ closing: Lockstep; held: Promise<unknown>; release: () => void }> {
  const closing = await rig.open()
  const gate = new EventEmitter()
  const held = closing.transaction(async (tx) => {
    await tx.run(insert)
    gate.emit('begun')
    await once(gate, 'release')
    return then(tx)
  })
  await once(gate, 'begun')
  return { closing, held: failureOf(held), release: () => gate.emit('release') }
}

describe.each(['sqlite', 'postgres'] as const)('closed with %s as the primary', (place) => {
  beforeAll(async () => {
    await db.flip(place, { force: true })
  })

  test.each([
    ['that goes on', (tx: Queryable) => tx.run(insert)],
    ['that ends', async () => undefined],
  ])('a transaction under way %s is refused with CLOSED and rolled back', async (_, then) => {
    const before = await count()
    const { closing, held, release } = await holdOpen(then)
    const closed = closing.close()
    release()
    await closed
    expect(await held).toMatchObject({ name: 'LockstepError', code: 'CLOSED' })
    expect(await count()).toEqual(before)
  })

  test('a write that waits for such a transaction is not run', async () => {
    const before = await count()
    const { closing, held, release } = await holdOpen(async () => undefined)
    const waiting = failureOf(closing.transaction((tx) => tx.run(insert)))
    const closed = closing.close()
    const late = failureOf(closing.run(insert))
    release()
    await closed
    for (const end of [held, waiting, late]) expect(await end).toMatchObject({ code: 'CLOSED' })
    expect(await count()).toEqual(before)
  })

  test('a flip is cut off, and so is a write that it holds; the next process goes on', async () => {
    for (const point of ['flip:draining', 'flip:drained', 'flip:committing'] as const) {
      const gate = new EventEmitter()
      const flipping = await rig.open({
        testing: {
          reach: async (reached) => {
            if (reached !== point) return
            gate.emit('reached')
            await once(gate, 'release')
          },
        },
      })
      const to = place === 'sqlite' ? 'postgres' : 'sqlite'
      const flip = failureOf(flipping.flip(to, { force: true }))
      // A flip that ends before it is there is no flip to cut off.
      const begun = await Promise.race([once(gate, 'reached'), flip])
      expect(begun).toEqual([])
      const write = failureOf(flipping.run(insert))
      await sleep(30)
      const closed = flipping.close()
      gate.emit('release')
      await closed
      // Either may just have come through.
      for (const end of [await flip, await write])
        expect(end).toEqual(end instanceof Error ? cutOff : 'it has ended well')
      const next = await rig.open()
      await next.run(other)
      await next.flip(place, { force: true })
      await until('the places are equal', async () => (await rig.differences()).length === 0)
      await next.close()
    }
  })
})
