import { readFileSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../src/demo/random.ts'
import { allFaults } from './faults.ts'
import { createWorld, type World } from './world.ts'

/** Each fault is seen to bite: while it lasts something is so that is not so without it. */
let world: World
beforeAll(async () => {
  world = await createWorld(1, 0)
})
afterAll(() => world[Symbol.asyncDispose]())

/** Whether something is so, looked at from outside of Lockstep. */
type Look = () => Promise<boolean> | boolean

const forMs = 1500
const waitMs = 40_000

async function ask(url: string, sql: string, patienceMs = 1000): Promise<unknown[]> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return (await client.query(sql)).rows
  } finally {
    void client.end().catch(() => undefined)
  }
}

/** How long a question takes there, in milliseconds; endless where there is no answer. */
async function timeOf(url: string, sql = 'SELECT 1', patienceMs?: number): Promise<number> {
  const begin = performance.now()
  return ask(url, sql, patienceMs).then(
    () => performance.now() - begin,
    () => Infinity,
  )
}

async function codeOf(url: string, sql: string): Promise<string> {
  return ask(url, sql).then(
    () => 'done',
    (error: unknown) => String((error as { code?: string }).code),
  )
}

function onFile(sql: string): unknown[] {
  const db = new Database(world.path, { timeout: 0 })
  try {
    return db.prepare(sql).raw().all()
  } finally {
    db.close()
  }
}

function failsOnFile(sql: string): string {
  const db = new Database(world.path, { timeout: 0 })
  try {
    db.exec(sql)
    return ''
  } catch (error) {
    return (error as { code: string }).code
  } finally {
    db.close()
  }
}

const control = (): string => JSON.stringify(onFile('SELECT epoch, flags FROM _lockstep_control'))
const isStopped = (pid: number): boolean =>
  readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') T ')
/** True once the application has answered that the clock was set. */
const wasAsked =
  (call: string): Look =>
  () =>
    [...world.calls].some(([key, count]) => key.startsWith(`${call} `) && count > 0)
const rows = 'SELECT repeat(md5(n::text), 32) FROM generate_series(1, 100) AS n'
/**
 * More than the log has room for, which is written anew from its beginning, and than is kept in memory until COMMIT. The
 * transaction ends with its connection.
 */
const cannotWrite = (): boolean => {
  const size = statSync(`${world.path}-wal`).size + 1_000_000
  const write = `PRAGMA cache_size = 10; BEGIN IMMEDIATE; CREATE TABLE big (b); INSERT INTO big VALUES (zeroblob(${size}))`
  return !world.disks.sqlite.isMounted || failsOnFile(write) === 'SQLITE_FULL'
}

/** For what is not over when the fault is: something is other than before. */
interface Change {
  readonly changes: () => string
  /** Chance may have it do nothing, as a flip to where the primary is. */
  readonly again?: true
}

/** By what each bites. */
const bites: Record<string, Look | Change> = {
  'delay on the wire': async () => (await timeOf(world.proxy.url)) > (await timeOf(world.url)) + 15,
  'little bandwidth': async () => (await timeOf(world.proxy.url, rows, 10_000)) > 1000,
  'connections cut in the middle of a message': async () =>
    (await timeOf(world.proxy.url, `SELECT pg_sleep(0.5), ${rows.slice(7)}`, 5000)) === Infinity,
  'connections cut before a COMMIT arrives': async () =>
    (await codeOf(world.wire.url, 'BEGIN; COMMIT')) !== 'done',
  'connections cut between a COMMIT and its answer': async () =>
    (await codeOf(world.wire.url, 'BEGIN; COMMIT')) !== 'done',
  'a black hole': async () => (await timeOf(world.proxy.url)) === Infinity,
  'connections refused': async () => (await codeOf(world.proxy.url, 'SELECT 1')) !== 'done',
  'PostgreSQL killed and started again': async () =>
    (await codeOf(world.url, 'SELECT 1')) === 'ECONNREFUSED',
  'PostgreSQL stands still': async () => (await timeOf(world.url)) === Infinity,
  'no connection is left': async () => (await codeOf(world.url, 'SELECT 1')) === '53300',
  'no room for SQLite': cannotWrite,
  'no room for PostgreSQL': async () =>
    !world.disks.postgres.isMounted ||
    (await codeOf(world.url, `CREATE TABLE public.big AS ${rows}`)) === '53100',
  'the clock of a process jumps ahead, and back': wasAsked('jump'),
  'the clock of a process jumps back, and ahead again': wasAsked('jump'),
  'a process killed, and another one joins later': { changes: () => `${alive()}` },
  'a process stands still': () =>
    world.applications.some(({ pid, isGone }) => !isGone && isStopped(pid)),
  'an event loop blocked': () => busiest() > 0.5,
  'a flip by force': { changes: control, again: true },
  'a flip': { changes: control, again: true },
  'a flip by flag': { changes: control, again: true },
  'other flags': { changes: control },
  'no mirror for a while': () => control().includes('\\"mirror\\":false'),
  'a change of the schema': { changes: () => JSON.stringify(onFile('PRAGMA schema_version')) },
  'another program writes to both places': { changes: () => `${world.rogue.length}` },
  'a long transaction of another program on SQLite': () =>
    failsOnFile('BEGIN IMMEDIATE') === 'SQLITE_BUSY',
  'a long transaction of another program on PostgreSQL': async () =>
    (
      await ask(
        world.url,
        `SELECT 1 FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND application_name = ''`,
      )
    ).length > 0,
  'a process joins, and another one is killed later': {
    changes: () => `${world.applications.length}`,
  },
}

const alive = (): number => world.applications.filter(({ isGone }) => !isGone).length

let used = new Map<number, number>()
/** Of all processes, the largest share of a core since the last look. */
function busiest(): number {
  const now = new Map(
    world.applications
      .filter(({ isGone }) => !isGone)
      .map(({ pid }) => {
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')
        return [pid, Number(fields[13]) + Number(fields[14])] as const
      }),
  )
  const shares = [...now].map(([pid, ticks]) => ticks - (used.get(pid) ?? ticks))
  used = now
  return Math.max(0, ...shares)
}

test('every fault of a plan is in the list', () => {
  expect(Object.keys(bites).toSorted()).toEqual(Object.keys(allFaults).toSorted())
})

test.each(Object.entries(bites))(
  '%s: it bites, and is over when it is over',
  async (name, bite) => {
    let seed = name.length
    const begin = (): Promise<(() => unknown) | undefined> | undefined =>
      allFaults[name]?.(world, createRandom(seed++), forMs)
    const before = typeof bite === 'function' ? '' : bite.changes()
    const isSo: Look = typeof bite === 'function' ? bite : () => bite.changes() !== before
    let heal = await begin()
    const look: Look = async () => {
      if (typeof bite === 'function' || bite.again !== true) return isSo()
      await heal?.()
      if (await isSo()) return true
      heal = await begin()
      return false
    }
    try {
      await expect.poll(look, { timeout: waitMs, interval: 50 }).toBe(true)
    } finally {
      await heal?.()
    }
    await expect
      .poll(() => codeOf(world.url, 'SELECT 1'), { timeout: waitMs, interval: 50 })
      .toBe('done')
  },
)
