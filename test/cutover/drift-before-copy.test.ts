import { afterEach, beforeEach, expect, test } from 'vitest'
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

test('while the copy is under way: the refusal says how to begin again, and that works', async () => {
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
  rig.sqlite((file) => file.exec('ALTER TABLE items ADD COLUMN extra TEXT'))
  await expect(db.backfill()).rejects.toMatchObject({ code: 'SCHEMA_DRIFT' })
  await expect(db.syncSchema({ apply: true })).rejects.toMatchObject({
    code: 'BACKFILL_IN_PROGRESS',
    message: expect.stringContaining('drop the tables on PostgreSQL') as string,
  })
  await db.uninstall()
  await rig.postgres('DROP TABLE items, accounts')
  await db.install()
  await db.applySchema()
  await db.backfill()
  expect((await db.verify()).equal).toBe(true)
})
