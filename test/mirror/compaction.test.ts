import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { PostgresServer } from '../../src/demo/postgres-server.ts'
import { createRig, until, type Rig } from '../cutover/rig.ts'
import { startPostgres } from '../support/postgres.ts'

let server: PostgresServer
let rig: Rig

beforeAll(async () => {
  server = await startPostgres()
})
afterEach(() => rig.close())
afterAll(() => server.stop())

const applier = { compactAbove: 2000, retryMinMs: 20, retryMaxMs: 100 }

test('while PostgreSQL is away the journal stays near its bound, and nothing is lost when it returns', async () => {
  rig = await createRig({ url: server.url })
  const db = await rig.mirrored({ applier })
  await db.caughtUp()
  await server.kill()
  let largest = 0
  let delayMs = 0
  for (let chunk = 0; chunk < 400; chunk++) {
    rig.sqlite((file) => {
      file.pragma('synchronous = OFF')
      const update = file.prepare('UPDATE accounts SET balance = balance + 1 WHERE id = ?')
      file.transaction(() => {
        for (let i = 0; i < 500; i++) update.run(1 + (i % 100))
      })()
      const entries = file.prepare('SELECT count(*) FROM _lockstep_journal').pluck().get() as number
      largest = Math.max(largest, entries)
    })
    const turn = performance.now()
    await new Promise((resolve) => setTimeout(resolve, 5))
    delayMs = Math.max(delayMs, performance.now() - turn - 5)
  }
  process.stderr.write(
    `200,000 updates of 100 rows: at most ${largest} entries; the event loop was at most ${delayMs.toFixed(1)} ms late\n`,
  )
  // How much is written between two looks is up to the machine; it is far from the 200,000.
  expect(largest).toBeLessThan(120_000)
  await until('the journal is compact', async () => (await db.status()).lag.entries <= 2100)
  await server.restart()
  await db.caughtUp({ timeoutMs: 20_000 })
  expect(await rig.differences()).toEqual([])
  const [row] = await rig.postgres('SELECT balance FROM accounts WHERE id = 1')
  expect(row).toEqual({ balance: '3000' })
}, 60_000)

test('without compaction the journal would grow with every update', async () => {
  rig = await createRig()
  const db = await rig.mirrored({ applier: { compactAbove: 1_000_000 } })
  await db.setFlags({ mirror: false })
  // A batch that was under way when the flag changed would take entries with it.
  await until('the applier rests', async () =>
    ((await db.status()).applier.reason ?? '').includes('mirror'),
  )
  rig.sqlite((file) =>
    file.exec(`WITH RECURSIVE k(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM k WHERE id < 10000)
      INSERT INTO counters SELECT 'one', id FROM k WHERE TRUE ON CONFLICT DO UPDATE SET n = excluded.n`),
  )
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect((await db.status()).lag.entries).toBeGreaterThanOrEqual(10_000)
})

test('the journal of a PostgreSQL primary stays bounded while nobody ships it', async () => {
  rig = await createRig()
  const db = await rig.mirrored({ applier: { ...applier, compactAbove: 300 } })
  await db.flip('postgres')
  await db.setFlags({ mirror: false })
  await until('the applier rests', async () => !(await db.status()).applier.running)
  await rig.postgres(`DO $$ BEGIN FOR i IN 1..3000 LOOP
    UPDATE accounts SET balance = balance + 1 WHERE id = 1 + i % 20; END LOOP; END $$`)
  await until('the journal is compact', async () => {
    const [row] = await rig.postgres<{ n: number }>(
      'SELECT count(*)::int AS n FROM lockstep.journal',
    )
    return (row as { n: number }).n <= 320
  })
  await db.setFlags({ mirror: true })
  await db.caughtUp()
  expect(await rig.differences()).toEqual([])
  const sum = rig.sqlite((file) => file.prepare('SELECT sum(balance) FROM accounts').pluck().get())
  expect(sum).toBe(200 * 1000 + 3000)
}, 30_000)
