import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRig, until, type Rig } from './rig.ts'

/** What a role or a database of PostgreSQL may be set to, which no connection of Lockstep's may follow. */
let rig: Rig
beforeEach(async () => {
  rig = await createRig({
    schema: 'CREATE TABLE t (id INTEGER PRIMARY KEY, x REAL, b BLOB, s TEXT)',
  })
})
afterEach(() => rig.close())

function set(setting: string): Promise<unknown> {
  return rig.postgres(`ALTER DATABASE "${new URL(rig.url).pathname.slice(1)}" SET ${setting}`)
}

/** `transaction_timeout` came with PostgreSQL 17. */
async function isKnown(setting: string): Promise<boolean> {
  const [name] = setting.split(' ')
  return (await rig.postgres('SELECT 1 FROM pg_settings WHERE name = $1', [name])).length > 0
}

const hostile = [
  'extra_float_digits = -3',
  'bytea_output = escape',
  'standard_conforming_strings = off',
  'quote_all_identifiers = on',
  'transform_null_equals = on',
  "DateStyle = 'German'",
  "IntervalStyle = 'sql_standard'",
  'default_transaction_isolation = serializable',
]

test.each(hostile)(
  '%s changes nothing: values go over and come back as they are',
  async (setting) => {
    await set(setting)
    const db = await rig.mirrored()
    const insert = String.raw`INSERT INTO t VALUES (1, 0.30000000000000004, x'005c27ff', 'a\''b\n')`
    const read = 'SELECT x, b, s, x = NULL AS n FROM t ORDER BY id'
    await db.run(insert)
    await db.caughtUp()
    await db.flip('postgres')
    await db.run(insert.replace('(1', '(2'))
    expect((await db.verify()).equal).toBe(true)
    await db.rollback()
    const [first, second] = await db.all<object>(read)
    expect(first).toEqual(second)
    expect(first).toEqual({
      x: 0.1 + 0.2,
      b: Buffer.from([0x00, 0x5c, 0x27, 0xff]),
      s: String.raw`a\'b\n`,
      n: null,
    })
  },
)

const bounds = [
  "statement_timeout = '5ms'",
  "lock_timeout = '5ms'",
  "transaction_timeout = '100ms'",
  "idle_in_transaction_session_timeout = '1ms'",
  "idle_session_timeout = '5ms'",
]

test.each(bounds)('%s ends none of Lockstep’s own sessions', async (setting) => {
  if (!(await isKnown(setting))) return
  const rows = `WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 20000)
    INSERT INTO t SELECT i, i / 7.0, randomblob(40), hex(randomblob(40)) FROM k; CREATE INDEX ts ON t (s)`
  rig.sqlite((file) => file.exec(rows))
  await set(setting)
  const db = await rig.mirrored()
  await db.caughtUp()
  expect((await db.verify()).equal).toBe(true)
  await db.repair({ table: 't' })
  await db.caughtUp()
  await db.flip('postgres')
  await db.rollback()
})

test('writes of a session in which triggers are off are captured all the same', async () => {
  const db = await rig.mirrored()
  await db.caughtUp()
  await db.flip('postgres')
  await rig.postgres(
    `SET session_replication_role = replica; INSERT INTO t VALUES (7, 1, NULL, 'x')`,
  )
  await db.rollback()
  expect(await db.all('SELECT id FROM t')).toEqual([{ id: 7 }])
})

describe('a transaction that PostgreSQL itself ends', () => {
  const settings = [
    "idle_in_transaction_session_timeout = '200ms'",
    "transaction_timeout = '200ms'",
  ]
  test.each(settings)('by %s is told so, and is not run again without end', async (setting) => {
    if (!(await isKnown(setting))) return
    const db = await rig.mirrored()
    await db.caughtUp()
    await db.flip('postgres')
    await db.close()
    await set(setting)
    const reopened = await rig.open()
    let runs = 0
    const slow = reopened.transaction(async (tx) => {
      runs++
      await tx.run(`INSERT INTO t (s) VALUES ('a')`)
      await new Promise((resolve) => setTimeout(resolve, 500))
      await tx.run(`INSERT INTO t (s) VALUES ('b')`)
    })
    await expect(slow).rejects.toMatchObject({
      code: 'TRANSACTION_TIMEOUT',
      message: expect.stringContaining(setting.split(' ')[0] as string) as string,
    })
    expect(runs).toBe(1)
    expect(await reopened.all('SELECT * FROM t')).toEqual([])
  })
})

test('reads of db inside of transactions do not wait for the connections that those hold', async () => {
  const db = await rig.mirrored({
    postgres: { connectionString: rig.url, max: 2 },
    writes: { maxTransactionIdleMs: 3000 },
  })
  await db.caughtUp()
  await db.flip('postgres')
  await db.setFlags({ reads: { postgres: 100 } })
  let open = 0
  const one = (): Promise<unknown> =>
    db.transaction(async (tx) => {
      await tx.run(`INSERT INTO t (s) VALUES ('a')`)
      open++
      await until('both are open', () => open >= 2)
      return db.get('SELECT count(*) AS n FROM t')
    })
  // Each sees what is committed, which its own row is not yet.
  const counts = await Promise.all([one(), one()])
  expect(counts.map((row) => (row as { n: number }).n < 2)).toEqual([true, true])
})
