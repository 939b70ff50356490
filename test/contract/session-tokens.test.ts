import { afterEach, describe, expect, test } from 'vitest'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import { openPair, type Pair, type PairSettings } from '../support/pair.ts'

const schema = `
  CREATE TABLE counters (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
  WITH RECURSIVE k (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM k WHERE id < 64)
  INSERT INTO counters SELECT id, 0 FROM k;`
const ids = Array.from({ length: 64 }, (_, index) => index + 1)

let pair: Pair
afterEach(() => pair.close())

const sides = [
  { stage: 'mirrored', percent: 100 },
  { stage: 'flipped', percent: 0 },
] as const

/** Every batch comes 200 ms late, and every read is for the place that it comes late to. */
async function openLate({ stage, percent }: (typeof sides)[number]): Promise<Lockstep> {
  let delayMs = 0
  const reach = (point: string): Promise<void> | undefined =>
    point === 'ship:before-apply' && delayMs > 0
      ? new Promise((resolve) => setTimeout(resolve, delayMs))
      : undefined
  const settings: PairSettings = {
    schema,
    stage,
    options: { testing: { reach }, autopilot: { back: false } },
  }
  pair = await openPair(settings)
  await pair.db.setFlags({ reads: { postgres: percent }, shadow: { sample: 0 } })
  await pair.db.caughtUp()
  delayMs = 200
  return pair.db
}

async function write(db: Lockstep, id: number, value: number): Promise<string> {
  return db.session({ key: `writer ${id}` }, async (session) => {
    await db.run('UPDATE counters SET n = ? WHERE id = ?', [value, id])
    return session.token
  })
}

async function read(db: Lockstep, id: number, token: string): Promise<unknown> {
  const row = await db.session({ key: `reader ${id}`, token }, () =>
    db.get<{ n: number }>('SELECT n FROM counters WHERE id = ?', [id]),
  )
  return row?.n
}

/** How many of 64 that write and then read get what is older than their own write, three times over. */
async function stale(db: Lockstep, reader: Lockstep, carries: boolean): Promise<number> {
  let count = 0
  for (let value = 1; value <= 3; value++) {
    const each = ids.map(async (id) => {
      const token = await write(db, id, value)
      if ((await read(reader, id, carries ? token : '')) !== value) count++
    })
    await Promise.all(each)
  }
  return count
}

describe.each(sides)('with every batch 200 ms late, $stage', (side) => {
  test('64 sessions that write and read back never see a stale own write', async () => {
    const db = await openLate(side)
    let count = 0
    const each = ids.map((id) =>
      db.session({ key: `s${id}` }, async () => {
        for (let value = 1; value <= 3; value++) {
          await db.run('UPDATE counters SET n = ? WHERE id = ?', [value, id])
          const row = await db.get<{ n: number }>('SELECT n FROM counters WHERE id = ?', [id])
          if (row?.n !== value) count++
        }
      }),
    )
    await Promise.all(each)
    expect(count).toBe(0)
    expect((await db.status()).counters.fallbackKinds.behind).toBeGreaterThan(0)
  })

  test('nor do sessions that carry the token of the one that wrote, in any process', async () => {
    const db = await openLate(side)
    const other = await createLockstep({
      sqlite: { path: pair.path },
      postgres: { connectionString: pair.url },
      applier: { enabled: false },
    })
    expect(await stale(db, db, true)).toBe(0)
    expect(await stale(db, other, true)).toBe(0)
    // Those that carry none see what is older.
    expect(await stale(db, other, false)).toBeGreaterThan(0)
    await other.close()
  })

  test('a token that was changed, cut or made up is no error, and shows nothing that is stale', async () => {
    const db = await openLate(side)
    const token = await write(db, 1, 7)
    const changed = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A')
    for (const [at, bad] of [changed, token.slice(0, 9), 'x', '☃', 'A'.repeat(100_000)].entries()) {
      await write(db, 1, at)
      expect(await read(db, 1, bad)).toBe(at)
    }
  })
})

test('a token is a short text for a cookie, and empty where there is nothing to wait for', async () => {
  pair = await openPair({ schema })
  const { db } = pair
  await db.setFlags({ reads: { postgres: 100 }, shadow: { sample: 0 } })
  const tokens = await db.session({ key: 'k' }, async (session) => {
    const before = session.token
    await db.run('UPDATE counters SET n = 1 WHERE id = 1')
    const written = session.token
    await db.caughtUp()
    await db.get('SELECT n FROM counters WHERE id = 1')
    return { before, written, after: session.token }
  })
  expect(tokens).toMatchObject({ before: '', after: '' })
  // https://www.rfc-editor.org/rfc/rfc6265#section-4.1.1
  expect(tokens.written).toMatch(/^[\w-]{20,128}$/)
  await expect(db.session({ token: 7 as never }, async () => 1)).rejects.toThrow(TypeError)
})

test('where the secondary has what a token asks for, it serves the read without asking anybody', async () => {
  pair = await openPair({ schema })
  const { db } = pair
  await db.setFlags({ reads: { postgres: 100 }, shadow: { sample: 0 } })
  const token = await write(db, 1, 7)
  await db.caughtUp()
  const before = (await db.status()).counters
  expect(await read(db, 1, token)).toBe(7)
  const { reads, fallbacks } = (await db.status()).counters
  expect(reads.postgres - before.reads.postgres).toBe(1)
  expect(fallbacks).toBe(before.fallbacks)
})
