import { expect, test } from 'vitest'
import { openPair } from '../support/pair.ts'

const rows = 200
const schema = `
  CREATE TABLE accounts (id INTEGER PRIMARY KEY, owner TEXT, balance INTEGER NOT NULL);
  CREATE INDEX by_balance ON accounts (balance);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
  INSERT INTO accounts SELECT i, 'owner ' || i % 7, i FROM n;`

/** Set to 100000 for the whole of it; CI has less time. */
const reads = Number(process.env['LOCKSTEP_SHADOW_READS'] ?? 3000)

const statements: readonly [string, (n: number) => unknown[]][] = [
  ['SELECT * FROM accounts WHERE id = ?', (n) => [(n % rows) + 1]],
  ['SELECT sum(balance), count(*) FROM accounts', () => []],
  ['SELECT id, balance FROM accounts ORDER BY balance DESC LIMIT 5', () => []],
  ['SELECT owner, avg(balance) FROM accounts GROUP BY owner', () => []],
  ['SELECT id FROM accounts WHERE balance > ? ORDER BY balance, id', (n) => [n % 300]],
]

test(`${reads} shadow reads of rows in flight, under write load, are no divergence`, async () => {
  await using pair = await openPair({
    schema,
    options: { flags: { initial: { shadow: { sample: 100 } } }, shadow: { concurrency: 4 } },
  })
  const { db } = pair
  const found: unknown[] = []
  db.on('divergence', (one) => found.push(one))
  const counters = async () => (await db.status()).counters.shadow
  let writing = true
  const write = async (): Promise<void> => {
    for (let n = 0; writing; n++) {
      await db.run('UPDATE accounts SET balance = balance + ? WHERE id = ?', [n % 9, (n % 50) + 1])
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const writers = [write(), write()]
  for (let n = 0, ended = 0; ended < reads; n++) {
    const [sql, args] = statements[n % statements.length] as (typeof statements)[number]
    await db.all(sql, args(n))
    await new Promise((resolve) => setImmediate(resolve))
    if (n % 50 === 0) {
      const { equal, transient, undecided } = await counters()
      ended = equal + transient + undecided
    }
  }
  writing = false
  await Promise.all(writers)
  expect(found).toEqual([])
  const { divergent, transient } = await counters()
  expect(divergent).toBe(0)
  // Reads did meet rows in flight: without the confirmation each of them would have been told.
  expect(transient).toBeGreaterThan(0)
}, 600_000)
