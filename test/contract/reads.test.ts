import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLockstep, type FlagsPatch, type Lockstep } from '../../src/index.ts'
import { createConsistency, type Consistency } from '../../src/route/consistency.ts'
import { openParts, type Parts } from '../support/parts.ts'
import { flip, openPair, type Pair, type PairSettings } from '../support/pair.ts'

/**
 * `place` says where it was read: PostgreSQL's copy is changed behind Lockstep's back. Shadow reads would find it, and then
 * keep its statements on the primary.
 */
const schema = `
  CREATE TABLE here (id INTEGER PRIMARY KEY, place TEXT NOT NULL);
  CREATE TABLE counters (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
  INSERT INTO here VALUES (1, 'sqlite');
  INSERT INTO counters VALUES (1, 0);
`

let pair: Pair
/** While it is shut the applier stands before its next batch. */
let gate: { shut(): void; open(): void; readonly passed: Promise<void> }
afterEach(async () => {
  gate.open()
  await pair.close()
})

function createGate(): typeof gate {
  let passed = Promise.resolve()
  let release: (() => void) | undefined
  return {
    shut() {
      // Whoever stands before a shut gate must be let through by the next opening.
      if (release === undefined) passed = new Promise((resolve) => (release = resolve))
    },
    open() {
      release?.()
      release = undefined
    },
    get passed() {
      return passed
    },
  }
}

async function open(settings: Partial<PairSettings> = {}): Promise<void> {
  gate = createGate()
  const testing = {
    reach: (point: string) => (point === 'ship:before-apply' ? gate.passed : undefined),
  }
  const flags = { initial: { shadow: { sample: 0 } } }
  pair = await openPair({ schema, ...settings, options: { flags, ...settings.options, testing } })
  await pair.pg.query(`SET lockstep.applying = 'on'; UPDATE here SET place = 'postgres'`)
  await pair.pg.query('RESET lockstep.applying')
}

/** An application on the same pair; what it does not have is not the library's but the test's choice. */
function without(
  flags: FlagsPatch,
  consistency: (real: Parts['engine']) => Consistency = () => ({ refuses: async () => null }),
): Promise<Parts> {
  const replace = (engine: Parts['engine']): { consistency: Consistency } => ({
    consistency: consistency(engine),
  })
  const settled = { shadow: { sample: 0 }, ...flags }
  return openParts({ path: pair.path, url: pair.url, flags: settled, replace })
}

type Application = Pick<Lockstep, 'get' | 'run' | 'session'>

const place = async (db: Pick<Application, 'get'> = pair.db): Promise<unknown> =>
  (await db.get<{ place: string }>('SELECT place FROM here'))?.place
const placeOf = (key: string): Promise<unknown> => pair.db.session({ key }, () => place())
const keys = Array.from({ length: 400 }, (_, index) => `tenant-${index}`)

async function keysOnPostgres(look = placeOf): Promise<Set<string>> {
  const places = await Promise.all(keys.map(look))
  return new Set(keys.filter((_, index) => places[index] === 'postgres'))
}

/** How many of 400 reads PostgreSQL serves. */
async function served(db?: Application): Promise<number> {
  const places = await Promise.all(keys.map(() => place(db)))
  return places.filter((name) => name === 'postgres').length
}

function difference(left: ReadonlySet<string>, right: ReadonlySet<string>): string[] {
  return [...left].filter((key) => !right.has(key))
}

describe('the ramp', () => {
  beforeEach(() => open())

  test('sends no read, some, or every one to PostgreSQL, and counts them', async () => {
    for (const [percent, least, most] of [
      [0, 0, 0],
      [30, 80, 160],
      [100, 400, 400],
    ] as const) {
      await pair.db.setFlags({ reads: { postgres: percent } })
      const before = (await pair.db.status()).counters.reads
      const there = await served()
      expect(there).toBeGreaterThanOrEqual(least)
      expect(there).toBeLessThanOrEqual(most)
      const after = (await pair.db.status()).counters.reads
      expect({ ...after }).toEqual({
        postgres: before.postgres + there,
        sqlite: before.sqlite + keys.length - there,
      })
    }
    // An application that pays no heed to the percentage is out of the same bounds.
    await using never = await without({ reads: { postgres: 0 } })
    await using always = await without({ reads: { postgres: 100 } })
    expect([await served(never), await served(always)]).toEqual([0, 400])
  })

  test('keeps a key where it is, for every process, and only adds keys as it goes up', async () => {
    let fewer = new Set<string>()
    const other = await createLockstep({
      sqlite: { path: pair.path },
      postgres: { connectionString: pair.url },
    })
    for (const percent of [10, 25, 50, 90]) {
      await pair.db.setFlags({ reads: { postgres: percent } })
      const more = await keysOnPostgres()
      expect(await keysOnPostgres()).toEqual(more)
      expect(difference(fewer, more)).toEqual([])
      expect(Math.abs(more.size / 4 - percent)).toBeLessThan(8)
      await expect.poll(() => other.flags().reads.postgres, { timeout: 5000 }).toBe(percent)
      for (const key of keys.slice(0, 40)) {
        const there = await other.session({ key }, () => place(other))
        expect(there).toBe(more.has(key) ? 'postgres' : 'sqlite')
      }
      fewer = more
    }
    await other.close()
    // Without the key it is chance: at one and the same percentage keys come and go.
    await pair.db.setFlags({ reads: { postgres: 50 } })
    const byChance = (): Promise<Set<string>> => keysOnPostgres(() => place())
    const [first, second] = [await byChance(), await byChance()]
    expect(difference(first, second)).not.toEqual([])
    expect(difference(second, first)).not.toEqual([])
  })

  test('is overruled table by table', async () => {
    await pair.db.setFlags({ reads: { postgres: 0, tables: { here: 100 } } })
    expect(await place()).toBe('postgres')
    await pair.db.setFlags({ reads: { postgres: 100, tables: { here: 0 } } })
    expect(await place()).toBe('sqlite')
    expect(await pair.db.get('SELECT n FROM counters')).toEqual({ n: 0 })
    expect((await pair.db.status()).counters.reads.postgres).toBe(2)
    await pair.db.setFlags({ reads: { tables: { here: null } } })
    expect(await place()).toBe('postgres')
  })

  test('has no part in a transaction, which reads and writes on the primary', async () => {
    await pair.db.setFlags({ reads: { postgres: 100 } })
    await pair.db.transaction(async (tx) => {
      expect(await tx.get('SELECT place FROM here')).toEqual({ place: 'sqlite' })
      await tx.run('UPDATE counters SET n = 5')
      expect(await tx.get('SELECT n FROM counters')).toEqual({ n: 5 })
      // What is not asked of the transaction goes where the flags say, and does not see what it wrote.
      expect(await pair.db.get('SELECT place FROM here')).toEqual({ place: 'postgres' })
      expect(await pair.db.get('SELECT n FROM counters')).toEqual({ n: 0 })
    })
  })
})

const n = (): Promise<unknown> => pair.db.get('SELECT n FROM counters')

/** What a session reads after each of its writes while the other place is held back. */
async function ownWritesRead(db: Application): Promise<unknown[]> {
  gate.shut()
  return db.session({ key: 'writer' }, async () => {
    const read: unknown[] = []
    for (let value = 1; value <= 5; value++) {
      await db.run('UPDATE counters SET n = ?', [value])
      read.push((await db.get<{ n: number }>('SELECT n FROM counters'))?.n)
    }
    return read
  })
}

/** How often one of six sessions reads what is older than its own write, under load. */
async function staleReads(db: Application): Promise<number> {
  const sessions = Array.from({ length: 6 }, (_, index) => index + 10)
  for (const id of sessions) await db.run('INSERT INTO counters VALUES (?, 0)', [id])
  let stale = 0
  await Promise.all(
    sessions.map((id) =>
      db.session({ key: `s${id}` }, async () => {
        for (let value = 1; value <= 15; value++) {
          await db.run('UPDATE counters SET n = ? WHERE id = ?', [value, id])
          if (value % 5 === id % 5) gate.shut()
          const row = await db.get<{ n: number }>('SELECT n FROM counters WHERE id = ?', [id])
          if (row?.n !== value) stale++
          gate.open()
        }
      }),
    ),
  )
  return stale
}

describe.each([
  { stage: 'mirrored', percent: 100, primary: 'sqlite' },
  { stage: 'flipped', percent: 0, primary: 'postgres' },
] as const)('while $primary is the primary, a session that reads from the other place', (side) => {
  beforeEach(async () => {
    await open({ stage: side.stage })
    await pair.db.setFlags({ reads: { postgres: side.percent } })
    await pair.db.caughtUp()
  })

  test('never reads what is older than its own write', async () => {
    expect(await ownWritesRead(pair.db)).toEqual([1, 2, 3, 4, 5])
    // The other place is behind: a session that wrote nothing may read that, and does.
    expect(await pair.db.session({ key: 'reader' }, n)).toEqual({ n: 0 })
    const { fallbacks, reads } = (await pair.db.status()).counters
    expect(fallbacks).toBe(5)
    expect(reads[side.primary]).toBe(5)
  })

  test('reads older states than it wrote where nobody keeps it from that', async () => {
    await using naive = await without({ reads: { postgres: side.percent } })
    expect(await ownWritesRead(naive)).toEqual([0, 0, 0, 0, 0])
  })

  test('reads its write there as soon as it has arrived', async () => {
    await pair.db.session({ key: 'writer' }, async () => {
      await pair.db.run('UPDATE counters SET n = 7')
      await pair.db.caughtUp()
      expect(await n()).toEqual({ n: 7 })
    })
    const { fallbacks, reads } = (await pair.db.status()).counters
    expect({ fallbacks, onPrimary: reads[side.primary] }).toEqual({ fallbacks: 0, onPrimary: 0 })
    // One who never learns how far the other place has come reads it on the primary for good.
    await using blind = await without({ reads: { postgres: side.percent } }, (engine) =>
      createConsistency({
        unusable: () => null,
        primary: () => side.primary,
        token: (primary) => engine.newestToken(primary),
        reached: async () => false,
        waitMs: 50,
      }),
    )
    await blind.session({ key: 'writer' }, async () => {
      await blind.run('UPDATE counters SET n = 8')
      await pair.db.caughtUp()
      expect(await blind.get('SELECT n FROM counters')).toEqual({ n: 8 })
    })
    expect(blind.router.counters.fallbacks).toBe(1)
  })

  test('reads its writes under load, whatever the applier does meanwhile', async () => {
    expect(await staleReads(pair.db)).toBe(0)
    expect((await pair.db.status()).counters.fallbacks).toBeGreaterThan(0)
    await pair.db.run('DELETE FROM counters WHERE id > 1')
    await using naive = await without({ reads: { postgres: side.percent } })
    expect(await staleReads(naive)).toBeGreaterThan(0)
  })
})

async function fallbacks(): Promise<number> {
  return (await pair.db.status()).counters.fallbacks
}

describe('a read that fails on the other place', () => {
  beforeEach(async () => {
    await open()
    await pair.db.setFlags({ reads: { postgres: 100 } })
  })

  test('is answered by the primary, once, and is counted and told', async () => {
    const told: unknown[] = []
    pair.db.on('fallback', (event) => told.push(event))
    await pair.pg.query('DROP TABLE here')
    expect(await place()).toBe('sqlite')
    expect(await fallbacks()).toBe(1)
    expect(told).toEqual([{ place: 'postgres', reason: 'SQLITE_ERROR' }])
    await using parts = await without({ reads: { postgres: 100 } })
    await expect(parts.readOn('postgres', 'SELECT place FROM here')).rejects.toMatchObject({
      code: 'SQLITE_ERROR',
    })
  })

  test('and on the primary too gives the error of the primary', async () => {
    await expect(pair.db.all('SELECT * FROM nowhere')).rejects.toMatchObject({
      code: 'SQLITE_ERROR',
      message: 'no such table: nowhere',
    })
    expect(await fallbacks()).toBe(1)
  })

  test('because of its caller is not tried again', async () => {
    await expect(pair.db.all('SELECT ? FROM here', [])).rejects.toThrow(RangeError)
    expect(await fallbacks()).toBe(0)
  })

  test('because nothing is mirrored any more goes to the primary', async () => {
    await pair.db.setFlags({ mirror: false })
    expect(await place()).toBe('sqlite')
    expect(await fallbacks()).toBe(1)
    // Where nobody asks whether it is, the copy that is left behind answers.
    await using unaware = await without({ reads: { postgres: 100 }, mirror: false })
    expect(await place(unaware)).toBe('postgres')
  })
})

test('a secondary that is further behind than reads.maxLagMs serves no reads', async () => {
  await open({ options: { reads: { maxLagMs: 40 } } })
  await pair.db.setFlags({ reads: { postgres: 100 } })
  expect(await place()).toBe('postgres')
  gate.shut()
  pair.sqlite.exec('UPDATE counters SET n = 1')
  await expect.poll(() => place(), { timeout: 5000 }).toBe('sqlite')
  await using patient = await without({ reads: { postgres: 100 } })
  expect(await place(patient)).toBe('postgres')
  gate.open()
  await pair.db.caughtUp()
  await expect.poll(() => place(), { timeout: 5000 }).toBe('postgres')
})

test('a flip leaves reads where the flags say, and the rows of the new primary come to them', async () => {
  await open()
  await flip(pair.db)
  expect(await place()).toBe('sqlite')
  await pair.db.setFlags({ reads: { postgres: 100 } })
  expect(await place()).toBe('postgres')
  await pair.db.setFlags({ reads: { postgres: 0 } })
  expect(await placeOfWrite('came over')).toBe('came over')
  await pair.pg.query('DROP TRIGGER lockstep_update ON here')
  expect(await placeOfWrite('captured by nobody')).toBe('came over')
})

/** What another program writes to the new primary, as the old one gives it. */
async function placeOfWrite(text: string): Promise<unknown> {
  await pair.pg.query('UPDATE here SET place = $1', [text])
  await pair.db.caughtUp()
  return place()
}
