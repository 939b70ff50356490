import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import { createRig, type Rig } from './rig.ts'

/** The schema changes on SQLite before every row has been copied. */
let rig: Rig
beforeEach(async () => {
  rig = await createRig()
})
afterEach(() => rig.close())

const changes = [
  'ALTER TABLE items ADD COLUMN extra TEXT',
  'ALTER TABLE items DROP COLUMN n',
  'ALTER TABLE items RENAME COLUMN n TO amount',
]

test.each(changes)('%s: the backfill refuses, and a sync lets it through', async (change) => {
  const db = await rig.open()
  await db.install()
  await db.applySchema()
  rig.sqlite((file) => file.exec(change))
  await expect(db.backfill()).rejects.toMatchObject({ code: 'SCHEMA_DRIFT' })
  await db.syncSchema({ apply: true })
  await db.backfill()
  expect((await db.verify()).equal).toBe(true)
})

/** A copy that was stopped behind its first range. */
async function stoppedCopy(): Promise<Lockstep> {
  const db = await rig.open({ backfill: { rowsPerRange: 1 } })
  rig.sqlite((file) =>
    file.exec(`INSERT INTO items (token, n) VALUES ('a', 1), ('b', 2), ('c', 3)`),
  )
  await db.install()
  await db.applySchema()
  const stop = new AbortController()
  const copying = db.backfill({
    signal: stop.signal,
    onProgress: ({ rows }) => rows > 0 && stop.abort(new Error('stopped')),
  })
  await expect(copying).rejects.toThrow('stopped')
  return db
}

const saysBeginAgain = {
  code: 'SCHEMA_DRIFT',
  message: expect.stringMatching(
    /items.*`lockstep uninstall`, drop the tables on PostgreSQL, then `lockstep install`/s,
  ) as string,
}

test.each([
  ...changes,
  'DROP TABLE items; CREATE TABLE items (id INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL, n INTEGER NOT NULL)',
])(
  'while the copy is under way, %s: each step names the one way out, and that works',
  async (change) => {
    const db = await stoppedCopy()
    rig.sqlite((file) => file.exec(change))
    await expect(db.backfill()).rejects.toMatchObject(saysBeginAgain)
    await expect(db.syncSchema()).rejects.toMatchObject(saysBeginAgain)
    await expect(db.syncSchema({ apply: true })).rejects.toMatchObject(saysBeginAgain)
    await db.uninstall()
    await rig.postgres('DROP TABLE items, counters, accounts, moves')
    await db.install()
    await db.applySchema()
    await db.backfill()
    expect((await db.verify()).equal).toBe(true)
  },
)

test('an install between leaves the same way out', async () => {
  const db = await stoppedCopy()
  rig.sqlite((file) => file.exec('ALTER TABLE items ADD COLUMN extra TEXT'))
  await db.install()
  await expect(db.backfill()).rejects.toMatchObject(saysBeginAgain)
  await expect(db.syncSchema()).rejects.toMatchObject(saysBeginAgain)
})

test.each([
  [
    `CREATE TABLE fresh (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO fresh VALUES (1, 'x')`,
    'fresh',
  ],
  ['CREATE UNIQUE INDEX by_n ON items (n)', 'items'],
])('%s while the copy is under way: the copy takes it in', async (change, name) => {
  const db = await stoppedCopy()
  rig.sqlite((file) => file.exec(change))
  await expect(db.backfill()).rejects.toMatchObject({
    code: 'SCHEMA_DRIFT',
    message: expect.stringMatching(
      new RegExp(`${name}.*take that in: run .lockstep install.`, 's'),
    ) as string,
  })
  await db.install()
  await db.applySchema()
  await db.backfill()
  expect((await db.verify()).equal).toBe(true)
  expect(
    await rig.postgres(
      `SELECT to_regclass('fresh') IS NOT NULL OR to_regclass('by_n') IS NOT NULL AS there`,
    ),
  ).toEqual([{ there: true }])
})

test.each([
  ['reads ranges of it', 'ALTER TABLE items RENAME COLUMN n TO amount'],
  ['has come to its end', 'ALTER TABLE counters ADD COLUMN extra TEXT'],
])('a change that a copy meets as it %s is told in the same words', async (_, change) => {
  const db = await rig.open({ backfill: { rowsPerRange: 1, concurrency: 1 } })
  rig.sqlite((file) =>
    file.exec(`INSERT INTO items (token, n) VALUES ('a', 1), ('b', 2), ('c', 3)`),
  )
  await db.install()
  await db.applySchema()
  let changed = false
  const onProgress = ({ rows }: { rows: number }): void => {
    if (rows === 0 || changed) return
    changed = true
    rig.sqlite((file) => file.exec(change))
  }
  await expect(db.backfill({ onProgress })).rejects.toMatchObject({
    code: 'SCHEMA_DRIFT',
    message: expect.stringContaining(
      '`lockstep uninstall`, drop the tables on PostgreSQL',
    ) as string,
  })
})

test('without a change a sync lets the copy come to its end', async () => {
  const db = await stoppedCopy()
  await expect(db.syncSchema({ apply: true })).rejects.toMatchObject({
    code: 'BACKFILL_IN_PROGRESS',
    message: expect.stringContaining('come to its end') as string,
  })
  await db.backfill()
  expect((await db.verify()).equal).toBe(true)
})
