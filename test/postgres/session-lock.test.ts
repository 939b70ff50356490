import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Pool } from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockWithin, unlock } from '../../src/postgres/session-lock.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

const key = '4293, 99'
let database: TestDatabase
let ours: Client
let other: Client

beforeEach(async () => {
  database = await createDatabase()
  ours = new Client({ connectionString: database.url })
  other = new Client({ connectionString: database.url })
  await Promise.all([ours.connect(), other.connect()])
})
afterEach(async () => {
  await Promise.all([ours.end(), other.end()])
  await database.drop()
})

async function isFree(): Promise<boolean> {
  const { rows } = await other.query<{ free: boolean }>(
    `SELECT pg_try_advisory_lock(${key}) AND pg_advisory_unlock(${key}) AS free`,
  )
  return rows[0]?.free === true
}

test('a lock is held until it is given back, and a second one that waits too long says so', async () => {
  expect(await lockWithin(ours, key, 100)).toBe(true)
  expect(await lockWithin(other, key, 50)).toBe(false)
  expect((await other.query('SHOW lock_timeout')).rows).toEqual([{ lock_timeout: '0' }])
  await unlock(ours, key)
  expect(await isFree()).toBe(true)
})

test('a lock that is granted in the moment in which the wait for it ends is not kept', async () => {
  await other.query(`SELECT pg_advisory_lock(${key})`)
  const { rows } = await ours.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const { pid } = rows[0] as { pid: number }
  const taken = lockWithin(ours, key, 300)
  await sleep(100)
  // The time is over while the server process stands still, and then the lock is granted to it: once it goes
  // on it finds both, and looks at the time first.
  process.kill(pid, 'SIGSTOP')
  try {
    await sleep(400)
    await other.query(`SELECT pg_advisory_unlock(${key})`)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  expect(await taken).toBe(false)
  expect(await isFree()).toBe(true)
})

test('a connection that cannot give its lock back is not for the next one of the pool', async () => {
  const pool = new Pool({ connectionString: database.url, max: 1 })
  try {
    const client = await pool.connect()
    expect(await lockWithin(client, key, 100)).toBe(true)
    await client.query('BEGIN')
    await client.query('SELECT 1 / 0').catch(() => undefined)
    await unlock(client, key)
    client.release()
    expect(await isFree()).toBe(true)
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  } finally {
    await pool.end()
  }
})
