import { afterEach, expect, test } from 'vitest'
import { openPair, type Pair } from '../support/pair.ts'

const schema = `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'Ada')`

let pair: Pair
afterEach(() => pair.close())

test('advance walks from off to flipped one step at a time, and never completes', async () => {
  pair = await openPair({
    schema,
    options: {
      flags: { initial: { mirror: false, shadow: { sample: 0 } } },
      ramp: { steps: [10, 100] },
    },
  })
  const { db } = pair
  const walked: unknown[] = []
  for (let step = 0; step < 5; step++) {
    const { from, to, flags, flip } = await db.advance({ pauseBudgetMs: 10_000 })
    walked.push([from, to, flags.reads.postgres, flip?.to ?? null])
  }
  expect(walked).toEqual([
    ['off', 'mirror', 0, null],
    ['mirror', 'shadow', 0, null],
    ['shadow', 'ramp', 10, null],
    ['ramp', 'ramp', 100, null],
    ['ramp', 'flipped', 100, 'postgres'],
  ])
  await expect(db.advance()).rejects.toMatchObject({
    code: 'GATE_REFUSED',
    details: { stage: 'flipped' },
  })
  expect((await db.status()).stage).toBe('flipped')
})

test('advance stays where a gate of the next step does not hold, and says which', async () => {
  pair = await openPair({ schema, stage: 'installed' })
  const { db } = pair
  await expect(db.advance()).rejects.toMatchObject({
    code: 'GATE_REFUSED',
    details: { gates: expect.arrayContaining([expect.objectContaining({ name: 'backfill' })]) },
  })
  await db.applySchema()
  await db.backfill()
  await db.caughtUp()
  expect((await db.advance()).to).toBe('ramp')
  // Reads need no foreign keys; a flip makes them.
  pair.sqlite.exec(`PRAGMA foreign_keys = OFF`)
  await db.run('SELECT subtype(1)').catch(() => undefined)
  await db.all('SELECT subtype(1)')
  await expect(db.advance()).rejects.toMatchObject({
    details: { gates: [expect.objectContaining({ name: 'statements', ok: false })] },
  })
  expect(db.flags().reads.postgres).toBe(1)
})

test('nothing advances before the install', async () => {
  pair = await openPair({ schema, stage: 'plain' })
  await expect(pair.db.advance()).rejects.toMatchObject({ code: 'NOT_INSTALLED' })
})
