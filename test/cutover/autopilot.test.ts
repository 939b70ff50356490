import { afterEach, describe, expect, test } from 'vitest'
import type { LockstepEvents } from '../../src/api.ts'
import { Autopilot, type AutopilotSettings } from '../../src/cutover/autopilot.ts'
import { Health } from '../../src/cutover/health.ts'
import type { LockstepOptions } from '../../src/options/options.ts'
import { createReadHold } from '../../src/route/read-hold.ts'
import { defaultFlags, mergeFlags } from '../../src/route/flags.ts'
import { flip, openPair, type Pair } from '../support/pair.ts'
import { until } from './rig.ts'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
  INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace');`
const settings: AutopilotSettings = {
  back: true,
  forward: false,
  rollback: false,
  rollbackAfterMs: 30_000,
  stepMs: 60_000,
  windowMs: 10_000,
  minReads: 20,
  maxErrorPercent: 10,
  maxP99Ms: 1000,
  maxDivergences: 0,
}

/** Ten minutes of 50 reads a second on a clock of its own; gives the second of each move. */
async function fly(
  settings: AutopilotSettings,
  isWell: (second: number) => boolean,
  { isOperated = false, ms = 1 } = {},
): Promise<Record<'back' | 'forward' | 'rollback', number[]>> {
  const moves = { back: [] as number[], forward: [] as number[], rollback: [] as number[] }
  let nowMs = 0
  let percent = 25
  const health = new Health(() => nowMs)
  const pilot = new Autopilot({
    settings,
    now: () => nowMs,
    spread: () => (percent === 0 ? null : String(percent)),
    health: (window) => health.over(window),
    // The same health, as if PostgreSQL were the primary and served all.
    primaryHealth: (window) => (moves.rollback.length === 0 ? health.over(window) : null),
    divergences: () => 0,
    rollBack: async () => void moves.rollback.push(nowMs / 1000),
    sendBack: async () => {
      percent = 0
      moves.back.push(nowMs / 1000)
    },
    stepForward: async () => {
      percent = percent === 0 ? 1 : 25
      moves.forward.push(nowMs / 1000)
    },
  })
  for (let second = 1; second <= 600; second++) {
    for (let read = 0; read < 50 && percent > 0; read++) {
      nowMs = second * 1000 + read * 20
      if (isWell(second)) health.served(ms)
      else health.failed()
    }
    nowMs = second * 1000 + 999
    // Whoever sends reads there again at once has them judged by what they do from then on.
    if (isOperated && percent === 0) percent = 25
    await pilot.look()
  }
  return moves
}

const byFive = (second: number): boolean => Math.floor(second / 5) % 2 === 0

describe('over ten minutes of health that alternates each five seconds', () => {
  test('reads go back once and stay', async () => {
    const { back, forward } = await fly(settings, byFive)
    expect(back).toHaveLength(1)
    expect(forward).toEqual([])
  })

  test('and are brought forward more and more rarely where it is told to', async () => {
    const { back, forward } = await fly({ ...settings, forward: true }, byFive)
    // A minute, then two, then four: not each five seconds.
    expect(back.length).toBeLessThanOrEqual(4)
    expect(forward.length).toBeLessThanOrEqual(4)
    const waits = forward.map((second, at) => second - (back[at] as number))
    expect(waits).toEqual(waits.toSorted((a, b) => a - b))
  })

  test('and would flap where each return waited no longer than the one before', async () => {
    const { back } = await fly({ ...settings, forward: true, stepMs: 1000 }, byFive)
    expect(back.length).toBeGreaterThan(4)
  })
})

describe('the primary', () => {
  const told = { ...settings, back: false, rollback: true }

  test('is not moved by health that alternates, nor unless it is told to', async () => {
    const byFifteen = (second: number): boolean => Math.floor(second / 15) % 2 === 0
    expect((await fly(told, byFifteen)).rollback).toEqual([])
    expect((await fly({ ...told, rollback: false }, () => false)).rollback).toEqual([])
  })

  test('goes back once where its statements fail for long, or are slow, and nothing brings it forward', async () => {
    const { rollback, forward } = await fly(told, (second) => second < 100)
    expect(rollback).toHaveLength(1)
    expect(rollback[0]).toBeGreaterThan(130)
    expect(rollback[0]).toBeLessThan(145)
    expect(forward).toEqual([])
    expect((await fly(told, () => true, { ms: 1500 })).rollback).toHaveLength(1)
  })
})

test('what reads did before an operator moved them is not held against them', async () => {
  const { back } = await fly(settings, (second) => second > 10, { isOperated: true })
  expect(back.every((second) => second < 12)).toBe(true)
})

test('a percent of failures below the bound, and few reads, move nothing', async () => {
  expect((await fly({ ...settings, maxErrorPercent: 60 }, byFive)).back).toEqual([])
  expect((await fly({ ...settings, minReads: 1000 }, byFive)).back).toEqual([])
  expect((await fly({ ...settings, back: false }, byFive)).back).toEqual([])
})

test('reads that are too slow go back as well', async () => {
  expect((await fly(settings, () => true, { ms: 1500 })).back).toHaveLength(1)
  expect((await fly({ ...settings, maxP99Ms: 0 }, () => true, { ms: 1500 })).back).toEqual([])
})

test('reads of a process are held where the flags cannot be changed, until these say something else', () => {
  let flags = mergeFlags(defaultFlags, { reads: { postgres: 50 } })
  const hold = createReadHold(() => flags)
  hold.hold({ postgres: 0, tables: {} })
  expect(hold.flags().reads.postgres).toBe(0)
  flags = mergeFlags(flags, { ack: 'both' })
  expect(hold.flags()).toMatchObject({ reads: { postgres: 0 }, ack: 'both' })
  flags = mergeFlags(flags, { reads: { postgres: 25 } })
  expect(hold.flags().reads.postgres).toBe(25)
})

describe('in an application', () => {
  let pair: Pair
  afterEach(() => pair.close())
  const told: LockstepEvents['autopilot'][] = []

  async function open(options: Partial<LockstepOptions>): Promise<Pair['db']> {
    pair = await openPair({ schema, options })
    await pair.db.caughtUp()
    told.length = 0
    pair.db.on('autopilot', (event) => told.push(event))
    return pair.db
  }

  /** Reads all the time until the condition holds; each of them must be answered. Gives the milliseconds. */
  async function readUntil(
    what: string,
    holds: () => boolean,
    timeoutMs = 20_000,
  ): Promise<number> {
    const begun = performance.now()
    await until(
      what,
      async () => {
        expect(await pair.db.get('SELECT name FROM users WHERE id = 1')).toEqual({ name: 'Ada' })
        return holds()
      },
      timeoutMs,
    )
    return performance.now() - begun
  }

  test('errors of PostgreSQL lead to reads back within five seconds, with an event, an entry and a metric', async () => {
    const reads = { postgres: 50, tables: { users: 100 } }
    const db = await open({ flags: { initial: { reads } } })
    await readUntil('it was well for a while', () => told.length > 0, 3000).catch(() => undefined)
    expect(told).toEqual([])
    await pair.pg.query('ALTER TABLE users RENAME TO gone')
    const ms = await readUntil('reads are back', () => db.flags().reads.postgres === 0)
    expect(ms).toBeLessThan(5000)
    await pair.pg.query('ALTER TABLE gone RENAME TO users')
    expect(db.flags().reads).toEqual({ postgres: 0, tables: { users: 0 } })
    expect(told).toMatchObject([{ action: 'back', from: 50, to: 0 }])
    await until('it is in the audit log', async () => {
      const [entry] = await db.audit({ limit: 1 })
      return entry?.action === 'autopilot' && entry.detail['action'] === 'back'
    })
    expect(await db.metrics()).toMatch(/autopilot_moves_total\{lockstep_action="back"\} 1\b/)
  })

  test('without it errors lead to nothing but fallbacks', async () => {
    const db = await open({
      flags: { initial: { reads: { postgres: 100 } } },
      autopilot: { back: false },
    })
    await pair.pg.query('ALTER TABLE users RENAME TO gone')
    await expect(readUntil('reads are back', () => told.length > 0, 3000)).rejects.toThrow('within')
    await pair.pg.query('ALTER TABLE gone RENAME TO users')
    expect(db.flags().reads.postgres).toBe(100)
  })

  test('a divergence sends reads to the primary behind a flip as well', async () => {
    const db = await open({ flags: { initial: { shadow: { sample: 100 } } } })
    await flip(db)
    await db.setFlags({ reads: { postgres: 0 } })
    pair.sqlite
      .exec(`UPDATE _lockstep_control SET gate = 1; UPDATE users SET name = 'Eve' WHERE id = 2;
      UPDATE _lockstep_control SET gate = 3`)
    await db.get('SELECT name FROM users WHERE id = 2')
    await until('reads are back', () => db.flags().reads.postgres === 100)
    expect(told).toMatchObject([{ action: 'back', reason: expect.stringContaining('divergences') }])
  })

  test('it walks up the ramp where it is told to, and stops before the flip', async () => {
    const db = await open({
      flags: { initial: { reads: { postgres: 0 } } },
      autopilot: { forward: true, stepMs: 1 },
      ramp: { steps: [10, 100] },
    })
    await until('it is at the end of the ramp', () => db.flags().reads.postgres === 100)
    await new Promise((resolve) => setTimeout(resolve, 2500))
    expect(told.map(({ to }) => to)).toEqual([10, 100])
    expect((await db.status()).primary).toBe('sqlite')
  })

  test('the primary goes back, with nothing lost, when PostgreSQL fails writes that SQLite would take', async () => {
    const db = await open({
      flags: { initial: { shadow: { sample: 0, rehearse: 0 } } },
      autopilot: { rollback: true, rollbackAfterMs: 1000, minReads: 5 },
    })
    await flip(db)
    await db.run("INSERT INTO users VALUES (3, 'Edsger')")
    await pair.pg.query(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER full_disk BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION full_disk()`)
    const written: number[] = [3]
    const refusals = new Set<unknown>()
    for (let id = 4; told.every(({ action }) => action !== 'rollback'); id++) {
      const insert = db.run("INSERT INTO users VALUES (?, 'Alan')", [id])
      await insert
        .then(() => written.push(id))
        .catch((error: { code?: unknown }) => refusals.add(error.code))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(await db.status()).toMatchObject({ primary: 'sqlite', flags: { primary: 'sqlite' } })
    // The server has answered, so none of them is in doubt.
    expect([...refusals]).toEqual(['SQLITE_FULL'])
    await db.run("INSERT INTO users VALUES (1000, 'Barbara')")
    const ids = await db.values<number[]>('SELECT id FROM users ORDER BY id')
    expect(ids.flat()).toEqual([1, 2, ...written, 1000])
    expect((await db.audit({ limit: 5 })).map(({ action }) => action)).toContain('autopilot')
    expect(await db.metrics()).toMatch(/autopilot_moves_total\{lockstep_action="rollback"\} 1\b/)
  }, 60_000)

  test('a rollback that its gates refuse is told, and moves nothing', async () => {
    const db = await open({
      flags: { initial: { shadow: { sample: 0, rehearse: 0 } } },
      autopilot: { rollback: true, rollbackAfterMs: 1000, minReads: 5 },
    })
    await flip(db)
    const errors: Error[] = []
    db.on('error', ({ error }) => errors.push(error))
    await pair.pg.query('ALTER TABLE users RENAME TO elsewhere')
    await until(
      'it is told',
      async () => {
        await db.run("UPDATE users SET name = 'Alan'").catch(() => undefined)
        return errors.some((error) => 'code' in error && error.code === 'GATE_REFUSED')
      },
      30_000,
    )
    expect((await db.status()).primary).toBe('postgres')
    await pair.pg.query('ALTER TABLE elsewhere RENAME TO users')
  }, 60_000)
})
