import type { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import { createDatabase } from '../support/postgres.ts'
import { createRig, until, type Rig } from './rig.ts'

let rig: Rig
/** Another program, which writes to PostgreSQL as long as that is the primary. */
let other: Client

beforeEach(async () => {
  rig = await createRig()
  const db = await rig.mirrored()
  await db.flip('postgres', { force: true })
  await db.run(`INSERT INTO items (id, token, n) VALUES (1, 'shipped', 0)`)
  await db.caughtUp()
  await db.close()
  other = await rig.connect()
})
afterEach(() => rig.close())

/** From where the application stands the server is gone; the other program still reaches it. */
function openAlone(): Promise<Lockstep> {
  const url = new URL(rig.url)
  url.port = '1'
  return rig.open({ postgres: { connectionString: url.href } })
}

async function giveUp(): Promise<void> {
  const db = await openAlone()
  await db.rollback({ acceptLoss: true })
  await db.run(`INSERT INTO items (id, token, n) VALUES (7, 'after', 0)`)
  await db.close()
}

function lost(): Promise<unknown[]> {
  return rig.postgres(`SELECT tbl, key, row_data ->> 'token' AS token FROM lockstep.lost`)
}

/** Resolves when someone waits for a lock that the other program holds. */
function somebodyWaits(): Promise<void> {
  return until('somebody waits for the other program', async () => {
    const waiting = `SELECT 1 FROM pg_stat_activity
      WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0`
    return (await rig.postgres(waiting)).length > 0
  })
}

async function expectEqual(db: Lockstep): Promise<void> {
  await db.caughtUp()
  expect(await rig.differences()).toEqual([])
  expect((await db.verify()).equal).toBe(true)
}

test('the quarantine of SQLite is listed while PostgreSQL is the primary and away', async () => {
  const db = await openAlone()
  expect(await db.quarantine()).toEqual([])
  await db.close()
})

describe('a PostgreSQL that was given up and comes back', () => {
  test('keeps what a transaction writes that is in flight when it is taken back', async () => {
    await other.query(`BEGIN; INSERT INTO items (id, token, n) VALUES (2, 'in flight', 0)`)
    await giveUp()
    const db = await rig.open()
    await somebodyWaits()
    await other.query('COMMIT')
    await expectEqual(db)
    expect(await lost()).toEqual([{ tbl: 'items', key: ['2'], token: 'in flight' }])
    await expect(other.query('DELETE FROM items')).rejects.toThrow(/does not take writes/)
  })

  test('differs for good by a row that no journal names, and the same checks say so', async () => {
    await other.query(`BEGIN; INSERT INTO items (id, token, n) VALUES (2, 'in flight', 0)`)
    await giveUp()
    const db = await rig.open()
    await somebodyWaits()
    // As if it had been taken back without a look at what is in flight.
    await other.query('DELETE FROM lockstep.journal; COMMIT')
    await db.caughtUp()
    expect(await rig.differences()).toEqual([
      expect.stringContaining('items: postgres only') as string,
    ])
    expect((await db.verify()).equal).toBe(false)
    expect(await lost()).toEqual([])
  })

  test('is taken back as soon as a transaction that is left open ends; SQLite serves meanwhile', async () => {
    await other.query(`BEGIN; INSERT INTO items (id, token, n) VALUES (2, 'left open', 0)`)
    await giveUp()
    const db = await rig.open()
    await somebodyWaits()
    for (let n = 1; n <= 20; n++) await db.run('UPDATE items SET n = ? WHERE id = 7', [n])
    expect(await db.status()).toMatchObject({ primary: 'sqlite', state: 'open' })
    await other.query('ROLLBACK')
    await expectEqual(db)
    expect(await lost()).toEqual([])
  })
})

test('while another server answers in its place nothing is given up, unless it is said to be lost', async () => {
  const stranger = await createDatabase()
  try {
    const db = await rig.open({ postgres: { connectionString: stranger.url } })
    await expect(db.rollback({ acceptLoss: true })).rejects.toMatchObject({ code: 'PAIR_MISMATCH' })
    expect(await db.rollback({ acceptLoss: true, force: true })).toMatchObject({ to: 'sqlite' })
    await db.run(`INSERT INTO items (id, token, n) VALUES (7, 'after', 0)`)
    await db.close()
  } finally {
    await stranger.drop()
  }
})
