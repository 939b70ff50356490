import { readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { align } from '../../src/mirror/align.ts'
import { snapshotState, type Twin } from '../../src/sqlite/twin.ts'
import { openParts } from '../support/parts.ts'
import { flip, openPair, type Pair } from '../support/pair.ts'

let pair: Pair
beforeEach(async () => {
  pair = await openPair({ schema: 'CREATE TABLE t (id INTEGER PRIMARY KEY)' })
})
afterEach(() => pair.close())

const hold = (): Promise<unknown> => pair.pg.query('SELECT pg_advisory_lock(4293, 3)')
const letGo = (): Promise<unknown> => pair.pg.query('SELECT pg_advisory_unlock(4293, 3)')

test('a verify waits for the one that holds the batches', async () => {
  await hold()
  let done = false
  const verified = pair.db.verify().finally(() => (done = true))
  await sleep(500)
  expect(done).toBe(false)
  await letGo()
  expect((await verified).equal).toBe(true)
})

test('a verify that waits too long names the connections that held it up, and changes nothing', async () => {
  await hold()
  const { rows } = await pair.pg.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const pid = rows[0]?.pid
  await pair.db.run('INSERT INTO t VALUES (1)')
  await expect(pair.db.verify()).rejects.toMatchObject({
    code: 'ALIGN_TIMEOUT',
    details: { pids: [pid] },
    message: expect.stringContaining(`connection ${pid}`) as string,
  })
  await letGo()
  expect((await pair.db.verify()).tables).toMatchObject([{ table: 't', rows: 1, equal: true }])
})

/** What this process has open of the file, and what the database has of it. */
async function open(): Promise<number> {
  const files = readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith(pair.path)
    } catch {
      // The one that the folder itself was read by.
      return false
    }
  })
  const [row] = await pair.pgRows(
    'SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()',
  )
  return files.length + Number(row?.[0])
}

test.runIf(process.platform === 'linux').each(['mirrored', 'flipped'] as const)(
  'a verify leaves nothing open, of however many snapshots, %s',
  async (stage) => {
    if (stage === 'flipped') await flip(pair.db)
    await pair.db.verify({ snapshotMs: 0 })
    const before = await open()
    for (let run = 0; run < 6; run += 1) await pair.db.verify({ snapshotMs: 0 })
    // The applier may open one of its own meanwhile, which has two files or three.
    await expect.poll(open).toBeLessThan(before + 6)
  },
)

describe('the twin of a snapshot', () => {
  /** A twin that reads in this thread, and what another program does behind each of its openings. */
  function twinOf(behind: () => unknown): Twin & { begun: number } {
    return {
      begun: 0,
      begin() {
        this.begun += 1
        const state = snapshotState(pair.sqlite)
        behind()
        return state
      },
    }
  }

  const write = (): unknown => pair.sqlite.exec('INSERT INTO t DEFAULT VALUES')

  async function aligned(twin: Twin): Promise<{ hasTwin: boolean; rows: [bigint, bigint] }> {
    await using parts = await openParts({ ...pair, replace: () => ({}) })
    const { engine } = parts
    const snapshots = await align(engine.control().primary, engine, twin)
    try {
      const ofSqlite = snapshots.sqlite.prepare('SELECT count(*) FROM t').pluck().safeIntegers()
      const ofPostgres = await snapshots.postgres.query<{ n: string }>(
        'SELECT count(*) AS n FROM t',
      )
      const rows: [bigint, bigint] = [ofSqlite.get() as bigint, BigInt(ofPostgres.rows[0]?.n ?? -1)]
      return { hasTwin: snapshots.hasTwin, rows }
    } finally {
      await snapshots.release()
    }
  }

  test.each(['mirrored', 'flipped'] as const)(
    'holds the same where nobody writes, %s',
    async (stage) => {
      if (stage === 'flipped') await flip(pair.db)
      const twin = twinOf(() => undefined)
      expect((await aligned(twin)).hasTwin).toBe(true)
      expect(twin.begun).toBe(1)
    },
  )

  test('is asked for again where another program wrote in between', async () => {
    let writes = 2
    const twin = twinOf(() => (writes -= 1) >= 0 && write())
    expect(await aligned(twin)).toEqual({ hasTwin: true, rows: [2n, 2n] })
    expect(twin.begun).toBe(3)
  })

  test('is done without where that goes on, and the snapshots are aligned all the same', async () => {
    const twin = twinOf(write)
    expect(await aligned(twin)).toEqual({ hasTwin: false, rows: [3n, 3n] })
    expect(twin.begun).toBe(3)
  })
})
