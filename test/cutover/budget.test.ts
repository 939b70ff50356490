import { execFile } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import type { LockstepOptions } from '../../src/index.ts'
import { built } from '../support/built.ts'
import { startWriters } from './process.ts'
import { createRig, until, type Rig } from './rig.ts'

let rig: Rig

beforeEach(async () => {
  rig = await createRig()
})
afterEach(() => rig.close())

const insert = `INSERT INTO items (token, n) VALUES ('x', 0)`
const pauseBudgetMs = 300

/** The flip gives up near its budget, and everything is as before. */
async function expectCancelled(db: Lockstep, flip: () => Promise<unknown>): Promise<void> {
  const before = await db.status()
  const started = performance.now()
  await expect(flip()).rejects.toMatchObject({ code: 'FLIP_CANCELLED' })
  const took = performance.now() - started
  expect(took).toBeGreaterThan(pauseBudgetMs * 0.8)
  expect(took).toBeLessThan(pauseBudgetMs + 1500)
  const { primary, epoch, state } = await db.status()
  expect({ primary, epoch, state }).toEqual({
    primary: before.primary,
    epoch: before.epoch,
    state: 'open',
  })
}

/** What the audit log says of flips that were taken back. */
function cancelledFlips(): unknown[] {
  const details = rig.sqlite((file) =>
    file
      .prepare(`SELECT detail FROM _lockstep_audit WHERE action = 'flip-cancelled'`)
      .pluck()
      .all(),
  ) as string[]
  return details.map((text) => JSON.parse(text) as unknown)
}

/** Those of the application's pool, which are SERIALIZABLE unlike Lockstep's own. */
async function applicationConnections(): Promise<number> {
  const [row] = await rig.postgres<{ n: string }>(
    `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'lockstep'
       AND query LIKE '%SERIALIZABLE%' AND pid <> pg_backend_pid()`,
  )
  return Number(row?.n)
}

async function count(place: 'sqlite' | 'postgres'): Promise<number> {
  const sql = `SELECT count(*) AS n FROM items WHERE token = 'x'`
  if (place === 'sqlite') return rig.sqlite((file) => file.prepare(sql).pluck().get() as number)
  const [row] = await rig.postgres<{ n: string }>(sql)
  return Number(row?.n)
}

describe('a long transaction cancels the flip within its budget, writes go on, and the next flip works', () => {
  test('of another program on SQLite, before the flip to PostgreSQL', async () => {
    const db = await rig.mirrored()
    await db.caughtUp()
    const other = new Database(rig.path)
    other.exec('BEGIN IMMEDIATE')
    await expectCancelled(db, () => db.flip('postgres', { pauseBudgetMs }))
    const write = db.run(insert)
    other.exec('COMMIT')
    other.close()
    await write
    expect(await count('sqlite')).toBe(1)
    await db.flip('postgres')
    await db.run(insert)
    expect(await count('postgres')).toBe(2)
  })

  test('of the application itself on SQLite', async () => {
    const db = await rig.mirrored()
    await db.caughtUp()
    const gate = new EventEmitter()
    const transaction = db.transaction(async (tx) => {
      await tx.run(insert)
      gate.emit('begun')
      await once(gate, 'release')
    })
    await once(gate, 'begun')
    await expectCancelled(db, () => db.flip('postgres', { pauseBudgetMs }))
    const write = db.run(insert)
    gate.emit('release')
    await Promise.all([transaction, write])
    expect(await count('sqlite')).toBe(2)
    await db.flip('postgres')
    await db.run(insert)
    expect(await count('postgres')).toBe(3)
  })

  test('on PostgreSQL, before the flip back', async () => {
    const db = await rig.mirrored()
    await db.flip('postgres', { force: true })
    const other = await rig.connect()
    await other.query('BEGIN')
    await other.query(insert)
    await expectCancelled(db, () => db.rollback({ pauseBudgetMs }))
    expect(cancelledFlips()).toMatchObject([
      { from: 'postgres', to: 'sqlite', epoch: 2, reason: expect.stringContaining('lock timeout') },
    ])
    await db.run(insert)
    await other.query('COMMIT')
    await other.end()
    expect(await count('postgres')).toBe(2)
    await db.rollback()
    await db.run(insert)
    expect(await count('sqlite')).toBe(3)
    await db.caughtUp()
    expect(await rig.differences()).toEqual([])
  })

  test('on SQLite, before the flip back to it', async () => {
    const db = await rig.mirrored()
    await db.flip('postgres', { force: true })
    await db.caughtUp()
    const other = new Database(rig.path)
    other.exec('BEGIN IMMEDIATE')
    await expectCancelled(db, () => db.rollback({ pauseBudgetMs }))
    await db.run(insert)
    expect(cancelledFlips()).toEqual([])
    other.exec('COMMIT')
    other.close()
    await until('the log can be written', () => cancelledFlips().length === 1)
    await db.rollback()
    await db.run(insert)
    await db.caughtUp()
    expect(await rig.differences()).toEqual([])
  })

  test('the writes that were held by the cancelled flip run where they were', async () => {
    let writes: Promise<unknown>[] = []
    const db = await rig.mirrored({
      testing: {
        reach: async (point) => {
          if (point !== 'flip:draining' || writes.length > 0) return
          writes = Array.from({ length: 10 }, () => db.run(insert))
          await new Promise((resolve) => setTimeout(resolve, pauseBudgetMs + 50))
        },
      },
    })
    await db.caughtUp()
    const flip = db.flip('postgres', { pauseBudgetMs })
    await expectCancelled(db, () => flip)
    await expect(flip).rejects.toThrow(`the pause budget of ${pauseBudgetMs} ms is used up`)
    // Past its time anybody may take it back, and one does.
    expect(cancelledFlips()).toMatchObject([{ from: 'sqlite', to: 'postgres', epoch: 1 }])
    await Promise.all(writes)
    expect(await count('sqlite')).toBe(10)
    expect((await db.status()).counters.held).toBe(10)
  })
})

describe('writes that this process knows to be held do not go to the fence on PostgreSQL', () => {
  // A sequence counts through rollbacks, and this trigger fires before the fence refuses.
  const counted = `CREATE SEQUENCE attempts;
    CREATE FUNCTION count_attempt() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM nextval('attempts'); RETURN NULL; END $$;
    CREATE TRIGGER a_count BEFORE INSERT ON items EXECUTE FUNCTION count_attempt();
    ALTER TABLE items ENABLE ALWAYS TRIGGER a_count`

  async function attempts(): Promise<number> {
    const [row] = await rig.postgres<{ n: string }>(
      'SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS n FROM attempts',
    )
    return Number(row?.n)
  }

  /** Flips back to SQLite and calls `work` while writes are held. */
  async function whileHeld(
    postgres: Partial<LockstepOptions['postgres']>,
    work: (db: Lockstep) => Promise<void>,
  ): Promise<void> {
    let armed = false
    const db = await rig.mirrored({
      postgres: { connectionString: rig.url, ...postgres },
      testing: {
        reach: async (point) => {
          if (point !== 'flip:draining' || !armed) return
          armed = false
          await work(db)
        },
      },
    })
    await db.flip('postgres', { force: true })
    await rig.postgres(counted)
    await db.caughtUp()
    armed = true
    await db.rollback({ pauseBudgetMs: 10_000 })
  }

  test('where one has met it, those that come later wait with it', async () => {
    const writes: Promise<unknown>[] = []
    await whileHeld({}, async (db) => {
      writes.push(db.run(insert))
      await until('it is held', async () => (await db.status()).counters.held === 1)
      for (let write = 0; write < 50; write++) writes.push(db.run(insert))
      await until('all are held', async () => (await db.status()).counters.held === 51)
      expect(await attempts()).toBe(1)
    })
    await Promise.all(writes)
    expect(await count('sqlite')).toBe(51)
  })

  test('and those that queued for a connection meanwhile wait as well', async () => {
    const writes: Promise<unknown>[] = []
    await whileHeld({ max: 1 }, async (db) => {
      for (let write = 0; write < 50; write++) writes.push(db.run(insert))
      await until('all are held', async () => (await db.status()).counters.held === 50)
      expect(await attempts()).toBeLessThan(5)
    })
    await Promise.all(writes)
    expect(await count('sqlite')).toBe(50)
  })
})

describe('gates', () => {
  test('one that does not hold refuses the flip by its name, and nothing is changed', async () => {
    const db = await rig.mirrored({ flags: { initial: { mirror: false } } })
    const before = await db.status()
    const flip = db.flip('postgres')
    await expect(flip).rejects.toMatchObject({ code: 'GATE_REFUSED' })
    await expect(flip).rejects.toThrow(/mirror is false, must be true/)
    expect(await db.status()).toMatchObject({ primary: 'sqlite', epoch: before.epoch })
    const audits = rig.sqlite((file) =>
      file.prepare(`SELECT * FROM _lockstep_audit WHERE action <> 'backfilled'`).all(),
    )
    expect(audits).toEqual([])
    await db.run(insert)
    expect(await count('sqlite')).toBe(1)
    const code = await new Promise((resolve) => {
      const env = { ...process.env, DATABASE_URL: rig.url, LOCKSTEP_SQLITE: rig.path }
      const child = execFile(
        process.execPath,
        [built('bundle/cli.js'), 'flip', 'postgres'],
        { cwd: rig.folder, env },
        () => resolve(child.exitCode),
      )
    })
    expect(code).toBe(3)
    expect(await db.status()).toMatchObject({ primary: 'sqlite', epoch: before.epoch })
  })

  test('force goes on all the same, and the audit log says so', async () => {
    const db = await rig.mirrored({ flags: { initial: { mirror: false } } })
    await db.run(insert)
    await db.flip('postgres', { force: true })
    expect(await count('postgres')).toBe(1)
    const details = rig.sqlite((file) =>
      file.prepare(`SELECT detail FROM _lockstep_audit WHERE action = 'flip'`).pluck().all(),
    ) as string[]
    expect(details.map((text) => JSON.parse(text) as unknown)).toMatchObject([
      { from: 'sqlite', to: 'postgres', epoch: 2, forced: true },
    ])
  })

  test('a flip holds no write before the connections that they will need are open', async () => {
    let open = -1
    const db = await rig.mirrored({
      testing: {
        reach: async (point) => {
          if (point === 'flip:draining') open = await applicationConnections()
        },
      },
    })
    expect(await applicationConnections()).toBe(0)
    await db.flip('postgres')
    expect(open).toBe(10)
  })
})

describe('the flags file', () => {
  test('a change of primary starts a flip, changing it back rolls back, and every process follows', async () => {
    const file = `${rig.folder}/flags.yaml`
    await writeFile(file, '# kept\nmirror: true\nprimary: sqlite\n')
    const options = { flags: { file } }
    const db = await rig.mirrored(options)
    const writers = await startWriters(rig, { name: 'a', writers: 2, restMs: 5, options })
    await db.caughtUp()
    for (const place of ['postgres', 'sqlite'] as const) {
      const text = await readFile(file, 'utf8')
      await writeFile(file, text.replace(/primary: \w+/, `primary: ${place}`))
      await until(`${place} is primary`, async () => (await db.status()).primary === place)
      await until('the writers know', async () => (await writers.status()).primary === place)
      expect(db.flags().primary).toBe(place)
    }
    const ledger = await writers.stop()
    expect(ledger.errors).toEqual([])
    await db.caughtUp()
    expect(await rig.differences()).toEqual([])
    expect(await readFile(file, 'utf8')).toContain('# kept')
  })

  test('other flags are in force within a second everywhere; a bad file keeps the last good ones and says so', async () => {
    const file = `${rig.folder}/flags.yaml`
    await writeFile(file, 'mirror: true\n')
    const options = { flags: { file } }
    const db = await rig.mirrored(options)
    const writers = await startWriters(rig, { name: 'a', writers: 1, restMs: 5, options })
    const refusals: string[] = []
    db.on('flags-refused', ({ message }) => refusals.push(message))
    await writeFile(file, 'mirror: true\nreads:\n  postgres: 25\n')
    const changed = performance.now()
    await until('this process follows', () => db.flags().reads.postgres === 25, 1000)
    await until(
      'the other process follows',
      async () => (await writers.status()).flags.reads.postgres === 25,
      Math.max(1, 1000 - (performance.now() - changed)),
    )
    await appendFile(file, 'shadows: 3\n')
    await until('the refusal is told', () => refusals.length === 1)
    await until('the other process tells it', () =>
      writers.events.some(({ event }) => event === 'flags-refused'),
    )
    expect(refusals[0]).toMatch(/shadows.*Did you mean "shadow"/)
    expect(db.flags().reads.postgres).toBe(25)
    expect((await writers.status()).flags.reads.postgres).toBe(25)
    await writeFile(file, 'mirror: true\nreads:\n  postgres: 75\n')
    await until('a good file counts again', () => db.flags().reads.postgres === 75)
    await writers.stop()
  })
})
