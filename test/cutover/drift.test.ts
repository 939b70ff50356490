import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Lockstep } from '../../src/api.ts'
import { createRig, until, type Rig } from './rig.ts'

let rig: Rig
let db: Lockstep

beforeEach(async () => {
  rig = await createRig()
  db = await rig.mirrored({ applier: { leaderPollMs: 50 } })
  await db.caughtUp()
})
afterEach(() => rig.close())

const insert = (token: string): Promise<unknown> =>
  db.run('INSERT INTO items (token, n) VALUES (?, 0)', [token])

async function stopped(): Promise<void> {
  await until('the applier stands still for the drift', async () => {
    const { reason } = (await db.status()).applier
    return reason?.includes('The SQLite schema has changed') === true
  })
}

test('a new table stops the applier with SCHEMA_DRIFT and an event; writes go on; three steps carry it over', async () => {
  const drifts: string[] = []
  db.on('drift', ({ message }) => drifts.push(message))
  rig.sqlite((file) =>
    file.exec(`CREATE TABLE late (id INTEGER PRIMARY KEY, code TEXT UNIQUE, note TEXT);
      INSERT INTO late VALUES (1, 'a', 'before'), (2, 'b', 'before')`),
  )
  await stopped()
  expect(drifts).toHaveLength(1)
  expect(drifts[0]).toContain('late')
  await insert('during')
  const { gates } = await db.ready()
  expect(gates.find(({ name }) => name === 'schema')?.ok).toBe(false)
  await expect(db.flip('postgres')).rejects.toMatchObject({ code: 'GATE_REFUSED' })
  await db.install()
  await db.run(`INSERT INTO late VALUES (3, 'c', 'after install')`)
  await db.applySchema()
  await db.run(`UPDATE late SET note = 'after schema' WHERE id = 2`)
  const report = await db.backfill()
  expect(report.tables.slice(-1)).toMatchObject([{ table: 'late', rows: 3 }])
  await db.run(`UPDATE late SET note = 'after backfill' WHERE id = 1`)
  await db.caughtUp()
  expect(await rig.differences(['items', 'late', 'accounts'])).toEqual([])
  const indexes = await rig.postgres(`SELECT 1 FROM pg_indexes WHERE tablename = 'late'`)
  expect(indexes).toHaveLength(2)
  expect((await db.verify()).equal).toBe(true)
  await db.flip('postgres')
  const { lastInsertRowid } = await db.run(`INSERT INTO late (code) VALUES ('d')`)
  expect(lastInsertRowid).toBe(4)
  await db.caughtUp()
  expect(await rig.differences(['late'])).toEqual([])
})

test('an install by another process reaches the one that applies, and no row of the new table is skipped', async () => {
  const other = await rig.open({ applier: { enabled: false } })
  await until('a leader', async () => (await db.status()).applier.leader)
  rig.sqlite((file) => file.exec('CREATE TABLE late (id INTEGER PRIMARY KEY, note TEXT)'))
  await other.install()
  await db.run(`INSERT INTO late VALUES (1, 'between install and schema')`)
  await other.applySchema()
  await other.backfill()
  for (let id = 2; id < 30; id++) await db.run(`INSERT INTO late VALUES (?, 'x')`, [id])
  await db.caughtUp()
  expect(await rig.differences(['late'])).toEqual([])
})

test('a table that was rebuilt without its triggers is noticed, and made equal by the next install', async () => {
  for (let id = 1; id <= 20; id++) await insert(`row ${id}`)
  await db.caughtUp()
  rig.sqlite((file) =>
    file.exec(`BEGIN;
      CREATE TABLE rebuilt (id INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL, n INTEGER NOT NULL);
      INSERT INTO rebuilt SELECT * FROM items;
      DROP TABLE items;
      ALTER TABLE rebuilt RENAME TO items;
      COMMIT;
      DELETE FROM items WHERE id < 5;
      UPDATE items SET n = 7 WHERE id > 15;
      INSERT INTO items (token, n) VALUES ('unseen', 1);`),
  )
  await stopped()
  expect(await rig.differences(['items'])).not.toEqual([])
  await db.install()
  await db.caughtUp()
  expect(await rig.differences(['items'])).toEqual([])
})

test('one dropped trigger is noticed, also where another table has a number that begins with the same digit', async () => {
  const more = Array.from(
    { length: 10 },
    (_, i) => `CREATE TABLE more${i} (id INTEGER PRIMARY KEY);`,
  )
  rig.sqlite((file) => file.exec(more.join('')))
  await db.install()
  await db.applySchema()
  await db.backfill()
  await db.caughtUp()
  const [id] = rig.sqlite((file) =>
    file.prepare(`SELECT id FROM _lockstep_tables WHERE id = 1`).pluck().all(),
  ) as number[]
  rig.sqlite((file) => {
    const triggers = file
      .prepare(
        `SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name GLOB '_lockstep_${id}_*'`,
      )
      .pluck()
      .all() as string[]
    for (const name of triggers) file.exec(`DROP TRIGGER ${name}`)
  })
  await stopped()
  await db.install()
  await insert('after')
  await db.caughtUp()
  expect(await rig.differences()).toEqual([])
})

test('a column that was added on both places is carried over after an install', async () => {
  await insert('before')
  rig.sqlite((file) => file.exec(`ALTER TABLE items ADD COLUMN extra TEXT DEFAULT 'given'`))
  await stopped()
  await insert('during')
  await db.install()
  await expect(db.applySchema()).rejects.toMatchObject({ code: 'SCHEMA_DRIFT' })
  await rig.postgres(`ALTER TABLE items ADD COLUMN extra text COLLATE "C" DEFAULT 'given'`)
  await db.applySchema()
  await db.backfill()
  await db.run(`UPDATE items SET extra = 'set' WHERE token = 'before'`)
  await db.caughtUp()
  expect(await rig.differences(['items'])).toEqual([])
  expect(await rig.postgres('SELECT token, extra FROM items ORDER BY id')).toEqual([
    { token: 'before', extra: 'set' },
    { token: 'during', extra: 'given' },
  ])
})

test('an uninstall by another process shows no error to one that writes, and it goes on with SQLite', async () => {
  const other = await rig.open()
  const stopping = new AbortController()
  let writes = 0
  const errors: unknown[] = []
  const writer = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await insert('x').catch((error: unknown) => errors.push(error))
      await db
        .transaction((tx) => tx.run(`UPDATE items SET n = n + 1 WHERE id = 1`))
        .catch((error: unknown) => errors.push(error))
      writes++
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  const written = writer()
  await other.uninstall()
  const before = writes
  await until('writes go on', () => writes > before + 50)
  stopping.abort()
  await written
  expect(errors).toEqual([])
  expect((await db.status()).stage).toBe('off')
})

test('while PostgreSQL is the primary the gate says to undo the change in the file, and that is the way out', async () => {
  await db.flip('postgres')
  rig.sqlite((file) => file.exec('CREATE TABLE late (id INTEGER PRIMARY KEY)'))
  await insert('during')
  await stopped()
  const gate = async (): Promise<unknown> =>
    (await db.ready()).gates.find(({ name }) => name === 'schema')
  expect(await gate()).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/late.*Undo.*SQLite file.*`lockstep install`/) as string,
  })
  expect(await gate()).not.toMatchObject({
    detail: expect.stringMatching(/schema --apply|backfill|by hand/) as string,
  })
  rig.sqlite((file) => file.exec('DROP TABLE late'))
  await db.install()
  expect(await gate()).toMatchObject({ ok: true })
  expect((await db.verify()).equal).toBe(true)
  expect(await rig.differences()).toEqual([])
})
