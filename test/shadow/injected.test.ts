import { expect, test, vi } from 'vitest'
import { openPair } from '../support/pair.ts'

const rows = 150
/** So many rows are changed behind Lockstep's back, so many are taken away, and so many are put there. */
const each = 30
const schema = `
  CREATE TABLE accounts (id INTEGER PRIMARY KEY, owner TEXT, balance INTEGER NOT NULL);
  CREATE TABLE busy (id INTEGER PRIMARY KEY, n INTEGER);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
  INSERT INTO accounts SELECT i, 'owner ' || i % 7, i FROM n;
  INSERT INTO busy SELECT id, 0 FROM accounts;`

const byKey = 'SELECT owner, balance FROM accounts WHERE id = ?'
const aggregates = [
  'SELECT count(owner), max(id) FROM accounts',
  'SELECT owner, sum(balance), count(*) FROM accounts GROUP BY owner',
]
/** Reads what nobody has touched, but for the rows that are written meanwhile. */
const bystander = 'SELECT n FROM busy WHERE id = ?'

test('as many divergences are confirmed as rows were corrupted, each read by its key under write load; an aggregate counts once', async () => {
  await using pair = await openPair({
    schema,
    options: { flags: { initial: { shadow: { sample: 100 } } }, shadow: { maxQueued: 10_000 } },
  })
  const { db, pg } = pair
  await db.caughtUp()
  const toldOf = new Map<string, number>()
  db.on('divergence', ({ statement }) => toldOf.set(statement, (toldOf.get(statement) ?? 0) + 1))
  await pg.query(`SET lockstep.applying = 'on';
    UPDATE accounts SET balance = balance + 1 WHERE id <= ${each};
    DELETE FROM accounts WHERE id > ${each} AND id <= ${2 * each};
    INSERT INTO accounts SELECT ${rows} + i, 'nobody', 0 FROM generate_series(1, ${each}) AS i;
    RESET lockstep.applying`)

  let writing = true
  const writer = (async () => {
    for (let n = 0; writing; n++) {
      await db.run('UPDATE busy SET n = n + 1 WHERE id = ?', [(n % rows) + 1])
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  let reads = 0
  const allEnded = (): Promise<void> =>
    vi.waitFor(async () => {
      const { runs: _, ...ends } = (await db.status()).counters.shadow
      expect(Object.values(ends).reduce((sum, count) => sum + count, 0)).toBe(reads)
    }, 60_000)
  const read = async (sql: string, args: readonly number[]): Promise<void> => {
    await db.all(sql, args)
    reads++
  }
  for (let id = 1; id <= rows + each; id++) {
    await read(byKey, [id])
    await read(bystander, [(id % rows) + 1])
  }
  await allEnded()
  expect((await db.status()).divergences).toBe(3 * each)
  expect((await db.status()).counters.shadow).toMatchObject({ divergent: 3 * each, dropped: 0 })
  // Whatever an aggregate is asked for again, nothing names the rows that it is made of.
  for (const sql of [...aggregates, ...aggregates]) await read(sql, [])
  await allEnded()
  writing = false
  await writer

  expect((await db.status()).divergences).toBe(3 * each + aggregates.length)
  const listed = await db.divergences()
  const known = listed.map(({ statement, class: kind, rows }) => [statement, kind, rows])
  expect(new Set(known.map(String))).toEqual(
    new Set(
      [
        [byKey, 'value', each],
        [byKey, 'missing', each],
        [byKey, 'extra', each],
        [aggregates[0], 'value', 1],
        [aggregates[1], 'value', 1],
      ].map(String),
    ),
  )
  expect(toldOf).toEqual(
    new Map([[byKey, 3 * each], ...aggregates.map((sql) => [sql, 1] as const)]),
  )
}, 120_000)
