import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import { onServer } from '../support/postgres.ts'
import { createRig, until, type Rig } from './rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await createRig()
})
afterEach(() => rig.close())

const applier = { leaderPollMs: 20, retryMinMs: 20, retryMaxMs: 100 }
const insert = (db: Lockstep, token: string): Promise<unknown> =>
  db.run(`INSERT INTO items (token, n) VALUES (?, 0)`, [token])

/** The database as it is now, to be put in place of what it has become later. Nobody is connected. */
async function backUp(): Promise<() => Promise<void>> {
  const server = inject('postgresUrl')
  const name = new URL(rig.url).pathname.slice(1)
  await onServer(server, `CREATE DATABASE "${name}_old" TEMPLATE "${name}"`)
  return async () => {
    await onServer(server, `DROP DATABASE "${name}" WITH (FORCE)`)
    await onServer(server, `ALTER DATABASE "${name}_old" RENAME TO "${name}"`)
  }
}

/** Which sides another program can write to at this moment. */
async function openSides(): Promise<string[]> {
  const write = 'UPDATE accounts SET balance = balance WHERE id = 1'
  const sqlite = await codeOf(() => rig.sqlite((file) => file.exec(write)))
  const postgres = await codeOf(() => rig.postgres(write))
  const closed = { sqlite: 'SQLITE_CONSTRAINT_TRIGGER', postgres: 'LS001' }
  const states = { sqlite: sqlite ?? 'open', postgres: postgres ?? 'open' }
  return (['sqlite', 'postgres'] as const).filter((place) => states[place] !== closed[place])
}

async function codeOf(write: () => unknown): Promise<string | undefined> {
  try {
    await write()
    return undefined
  } catch (error) {
    return (error as { code: string }).code
  }
}

async function settled(): Promise<void> {
  await until('the server is the secondary', async () => {
    const [control] = await rig.postgres<{ primary_place: string }>(
      'SELECT primary_place FROM lockstep.control',
    )
    return control?.primary_place === 'sqlite'
  })
}

/** A server of the reign before, in the state it was left in, beside a SQLite that is the primary again. */
async function restoreOldServer(left: string, flips: number): Promise<Lockstep> {
  const first = await rig.mirrored({ applier })
  await insert(first, 'on both')
  await first.flip('postgres', { force: true })
  await insert(first, 'of the reign')
  await first.caughtUp()
  await first.close()
  const restore = await backUp()
  const second = await rig.open({ applier })
  await second.rollback({ force: true })
  for (let more = 0; more < flips; more++) {
    await second.flip('postgres', { force: true })
    await insert(second, `later ${more}`)
    await second.rollback({ force: true })
  }
  await second.run(`UPDATE items SET n = 7 WHERE token = 'on both'`)
  await second.run(`DELETE FROM items WHERE token = 'of the reign'`)
  await insert(second, 'after')
  await second.caughtUp()
  await second.close()
  await restore()
  // What another program wrote into it while nobody of Lockstep looked.
  await rig.postgres(`UPDATE accounts SET balance = 5 WHERE id = 9`)
  await rig.postgres(left)
  return rig.open({ applier })
}

test.each([
  ['open', 0, 'SELECT 1'],
  ['open, three reigns ago', 1, 'SELECT 1'],
  [
    'open with a closed fence',
    0,
    `SELECT setval('lockstep.fence', 2 * epoch) FROM lockstep.control`,
  ],
  [
    'draining',
    0,
    `WITH step AS (UPDATE lockstep.control SET state = 'draining', attempt = 'x' RETURNING epoch)
     SELECT setval('lockstep.fence', 2 * epoch) FROM step`,
  ],
  [
    'committing, three reigns ago',
    1,
    `WITH step AS (UPDATE lockstep.control SET state = 'committing', attempt = 'x' RETURNING epoch)
     SELECT setval('lockstep.fence', 2 * epoch) FROM step`,
  ],
])(
  'a server of an earlier reign that comes back %s is made the secondary: one side takes writes, and both are equal',
  async (_, flips, left) => {
    const db = await restoreOldServer(left, flips)
    await settled()
    expect(await openSides()).toEqual(['sqlite'])
    await insert(db, 'goes on')
    await db.caughtUp()
    expect((await db.verify()).differences).toEqual([])
    expect(await rig.differences()).toEqual([])
    // What was written into it alone is not forgotten.
    const lost = await rig.postgres(`SELECT tbl, key, row_data FROM lockstep.lost`)
    expect(lost).toContainEqual({ tbl: 'accounts', key: ['9'], row_data: { id: 9, balance: 5 } })
    await db.flip('postgres', { force: true })
    expect(await openSides()).toEqual(['postgres'])
  },
)

test('without Lockstep both sides would take writes beside each other', async () => {
  const db = await restoreOldServer('SELECT 1', 0)
  await db.close()
  await rig.postgres(
    `WITH step AS (UPDATE lockstep.control SET epoch = 2, primary_place = 'postgres', state = 'open' RETURNING epoch)
     SELECT setval('lockstep.fence', 2 * epoch + 1) FROM step`,
  )
  expect(await openSides()).toEqual(['sqlite', 'postgres'])
})
