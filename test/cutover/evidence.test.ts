import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import { backup } from '../../src/steps/archive.ts'
import type { Gate } from '../../src/api.ts'
import type { LockstepOptions } from '../../src/options/options.ts'
import { openBehindProxy } from '../support/behind-proxy.ts'
import { flip, openPair, rollback, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
  INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace');`

let pair: Pair
afterEach(() => pair.close())

async function open(options: Partial<LockstepOptions> = {}): Promise<Lockstep> {
  pair = await openPair({ schema, options })
  await pair.db.caughtUp()
  return pair.db
}

async function gate(name: string, db: Lockstep = pair.db): Promise<Gate> {
  const { gates } = await db.ready()
  return gates.find((one) => one.name === name) as Gate
}

const refused = (name: string) => ({
  code: 'GATE_REFUSED',
  details: { gates: [expect.objectContaining({ name })] },
})

/** Moves what is on record into the past. */
function age(action: string, ms: number): void {
  pair.sqlite
    .prepare('UPDATE _lockstep_audit SET at_ms = at_ms - ? WHERE action = ?')
    .run(BigInt(ms), action)
}

/** Changes rows behind Lockstep's back, as somebody with psql may. */
async function tamper(sql: string): Promise<void> {
  await pair.pg.query(`SET lockstep.applying = 'on'; ${sql}; RESET lockstep.applying`)
}

describe('the gate verify', () => {
  test('holds after a backfill for a day, then asks for a whole verify', async () => {
    const db = await open()
    expect(await gate('verify')).toMatchObject({ ok: true, bound: 86_400_000 })
    age('backfilled', 90_000_000)
    await expect(flip(db)).rejects.toMatchObject(refused('verify'))
    await expect(flip(db)).rejects.toThrow(/verify is \d+, must be at most 86400000 \(milli/)
    // A part of it proves nothing of the rest.
    await db.verify({ tables: ['users'] })
    await db.verify({ sample: 50 })
    expect(await gate('verify')).toMatchObject({ ok: false })
    await db.verify()
    expect(await gate('verify')).toMatchObject({ ok: true })
    age('verified', 90_000_000)
    expect(await gate('verify')).toMatchObject({ ok: false })
  })

  test('does not hold while the last verify has found a difference, however fresh it is', async () => {
    const db = await open()
    await tamper(`UPDATE users SET name = 'Eve' WHERE id = 1`)
    await db.verify()
    expect(await gate('verify')).toMatchObject({ ok: false, value: 'differs' })
    await db.repair({ table: 'users' })
    await db.caughtUp()
    await db.verify()
    expect((await db.ready()).ready).toBe(true)
  })

  test('asks for nothing where its bound is 0', async () => {
    await open({ gates: { verifyMaxAgeMs: 0 } })
    age('backfilled', 90_000_000)
    expect(await gate('verify')).toMatchObject({ ok: true, bound: 'any' })
  })
})

describe('the gate backup', () => {
  test('asks for one that is fresh, by the library or the command, where it has a bound', async () => {
    const db = await open({ gates: { backupMaxAgeMs: 3_600_000 } })
    expect(await gate('backup')).toMatchObject({ ok: false, value: 'never', bound: 3_600_000 })
    const folder = dirname(pair.path)
    await db.backup({ file: join(folder, 'one.db') })
    expect(await gate('backup')).toMatchObject({ ok: true })
    age('backed-up', 4_000_000)
    await expect(flip(db)).rejects.toMatchObject(refused('backup'))
    const options = { sqlite: { path: pair.path }, postgres: { connectionString: pair.url } }
    await backup(options, { file: join(folder, 'two.db') })
    expect((await db.ready()).ready).toBe(true)
  })

  test('asks for nothing unless it is told to, and shows what there is', async () => {
    await open()
    expect(await gate('backup')).toMatchObject({ ok: true, value: 'never', bound: 'any' })
  })
})

test('an open divergence holds up a flip to PostgreSQL, and none that goes back', async () => {
  const db = await open({ flags: { initial: { shadow: { sample: 100 } } } })
  await tamper(`UPDATE users SET name = 'Eve' WHERE id = 1`)
  await db.get('SELECT name FROM users WHERE id = 1')
  await vi.waitFor(
    async () => expect(await gate('divergences')).toMatchObject({ value: 1 }),
    10_000,
  )
  await expect(flip(db)).rejects.toMatchObject(refused('divergences'))
  await flip(db, { force: true })
  await rollback(db)
})

describe('the gate statements', () => {
  const refusedSql = `SELECT name, subtype(name) FROM users`

  test('does not hold where a statement of the application has no form on PostgreSQL, and names it', async () => {
    const db = await open()
    await db.all(refusedSql)
    await db.run('UPDATE users SET name = ? WHERE id = ?', ['Ada', 1])
    expect(await gate('statements')).toMatchObject({ ok: false, value: 1, bound: 0 })
    expect((await gate('statements')).detail).toContain(refusedSql)
    await expect(flip(db)).rejects.toMatchObject(refused('statements'))
  })

  test('counts writes, which no shadow read has seen', async () => {
    const db = await open()
    await db.run('UPDATE users SET name = subtype(name)')
    expect(await gate('statements')).toMatchObject({ value: 1 })
  })

  test('leaves out what was not seen in its window', async () => {
    const db = await open({ gates: { statementWindowMs: 50 } })
    await db.all(refusedSql)
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(await gate('statements')).toMatchObject({ ok: true, value: 0 })
  })
})

test('the gate comparisons asks for reads that were found equal, where it has a bound', async () => {
  const db = await open({
    flags: { initial: { shadow: { sample: 100 } } },
    gates: { minComparisons: 3 },
  })
  const sql = 'SELECT name FROM users WHERE id = ?'
  await db.get(sql, [1])
  await db.get('SELECT random()')
  expect(await gate('comparisons')).toMatchObject({ ok: false, value: 1, bound: 0 })
  await db.get(sql, [1])
  await db.get(sql, [2])
  await vi.waitFor(async () => expect(await gate('comparisons')).toMatchObject({ ok: true }), 5000)
})

test('the gate comparisons is not held up by a read whose answer the data do not decide', async () => {
  const db = await open({
    flags: { initial: { shadow: { sample: 100 } } },
    gates: { minComparisons: 2 },
  })
  // PostgreSQL puts the new version of a row behind the others.
  await db.run("UPDATE users SET name = name || '!' WHERE id = 1")
  await db.caughtUp()
  const sql = 'SELECT name FROM users LIMIT 1'
  const undecided = async (): Promise<number> => (await db.status()).counters.shadow.undecided
  for (let time = 1; time <= 2; time++) {
    await db.get(sql)
    await vi.waitFor(async () => expect(await undecided()).toBe(time), 5000)
  }
  expect(await gate('comparisons')).toMatchObject({ ok: true, value: 0 })
})

describe('reads that PostgreSQL serves', () => {
  const sql = 'SELECT name FROM users WHERE id = 1'

  async function read(times: number, db: Lockstep = pair.db): Promise<void> {
    for (let time = 0; time < times; time++) await db.get(sql)
  }

  test('hold up a flip where too many of them fail there', async () => {
    const db = await open({ flags: { initial: { reads: { postgres: 100 } } } })
    await read(30)
    expect(await gate('errors')).toMatchObject({ ok: true, value: 0, bound: 1 })
    await pair.pg.query('REVOKE ALL ON users FROM CURRENT_USER; ALTER TABLE users RENAME TO gone')
    await read(10)
    await pair.pg.query('ALTER TABLE gone RENAME TO users; GRANT ALL ON users TO CURRENT_USER')
    expect(await gate('errors')).toMatchObject({ ok: false, value: 25 })
    await expect(flip(db)).rejects.toMatchObject(refused('errors'))
  })

  test('that the primary fails as well count against nobody', async () => {
    const db = await open({ flags: { initial: { reads: { postgres: 100 } } } })
    for (let time = 0; time < 30; time++) await db.all('SELECT * FROM nowhere').catch(() => null)
    expect(await gate('errors')).toMatchObject({ ok: true, value: 0 })
  })

  test('hold up a flip where they are slow, and other processes know it', async () => {
    const gates = { maxP99Ms: 50 }
    const slow = await openBehindProxy({
      schema,
      options: { flags: { initial: { reads: { postgres: 100 } } }, gates },
    })
    pair = slow
    await slow.db.caughtUp()
    slow.proxy.latencyMs = 40
    await read(20)
    expect(await gate('p99')).toMatchObject({ ok: false, bound: 50 })
    await slow.db.close()
    slow.proxy.latencyMs = 0
    const postgres = { connectionString: slow.proxy.url }
    const other = await createLockstep({ sqlite: { path: pair.path }, postgres, gates })
    expect(await gate('p99', other)).toMatchObject({ ok: false })
    await other.close()
  })
})
