import { expect, test } from 'vitest'
import { yieldToEventLoop } from '../../src/core/wait.ts'
import type { Lockstep } from '../../src/index.ts'
import { flip, openPair, type Pair } from '../support/pair.ts'

/** Ten minutes are `LOCKSTEP_VERIFY_LOAD_MS=300000`, for each direction; docs/benchmarks.md says what came of them. */
const loadMs = Number(process.env['LOCKSTEP_VERIFY_LOAD_MS'] ?? 8000)
const rows = 5000

/** The photographs make the file one that a thread of its own reads. */
const schema = `
  CREATE TABLE accounts (id INTEGER PRIMARY KEY, owner TEXT, balance INTEGER, ratio REAL, note BLOB, slot INTEGER UNIQUE);
  CREATE TABLE photos (id INTEGER PRIMARY KEY, photo BLOB);
  CREATE TABLE pairs (a TEXT COLLATE NOCASE, b INTEGER, note TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
  WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < ${rows})
  INSERT INTO accounts SELECT i, 'owner ' || i, i * 10, i / 3.0, CAST(i AS BLOB), i FROM k;
  INSERT INTO photos SELECT id, randomblob(1000) FROM accounts LIMIT 2000;
  INSERT INTO pairs SELECT 'p' || (id % 70), id, NULL FROM accounts`

/** Writes of every kind, without a pause, until `isOver`. */
async function hammer(db: Lockstep, seed: number, isOver: () => boolean): Promise<number> {
  let written = 0
  for (let n = seed; !isOver(); n += 7) {
    const id = 1 + ((n * 37) % rows)
    const other = 1 + ((n * 101) % rows)
    await db.run('UPDATE accounts SET owner = ?, ratio = ratio / 3 + 1 WHERE id = ?', [
      `w ${n}`,
      id,
    ])
    await db.batch([
      { sql: 'DELETE FROM accounts WHERE id = ?', params: [other] },
      {
        sql: 'INSERT INTO accounts (id, owner, balance, note) VALUES (?, ?, ?, ?)',
        params: [other, `new ${n}`, n, Buffer.from(`note ${n}`)],
      },
    ])
    await db.run('UPDATE pairs SET note = ? WHERE b = ?', [`note ${n}`, id])
    written += 4
    // As an application that reads a request before each.
    await yieldToEventLoop()
  }
  return written
}

/** Another program, which writes past Lockstep's client. */
async function elsewhere({ sqlite, pg }: Pair, isSqlite: boolean, n: number): Promise<void> {
  const statement = `UPDATE accounts SET balance = balance + 1 WHERE id = ${1 + (n % rows)}`
  try {
    if (isSqlite) sqlite.exec(statement)
    else await pg.query(statement)
  } catch (error) {
    // It meets the application's transactions, as it would without Lockstep.
    if (!/locked|busy|serialize/i.test(String(error))) throw error
  }
}

test.each(['mirrored', 'flipped'] as const)(
  'verify after verify under full write load reports nothing, %s',
  async (stage) => {
    await using pair = await openPair({ schema })
    if (stage === 'flipped') await flip(pair.db)
    pair.sqlite.pragma('busy_timeout = 0')
    const until = performance.now() + loadMs
    let over = false
    const writers = [1, 2, 3, 4].map((seed) => hammer(pair.db, seed, () => over))
    const other = (async () => {
      for (let n = 0; !over; n += 1) {
        await elsewhere(pair, stage === 'mirrored', n)
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    })()
    let runs = 0
    let threads = 0
    let expected = 0
    const count = (): number => (threads += 1)
    process.on('worker', count)
    try {
      while (performance.now() < until) {
        const thread = runs % 3 < 2
        const report = await pair.db.verify({ snapshotMs: runs % 2 === 0 ? 30_000 : 0, thread })
        expect(report).toMatchObject({ equal: true, differences: [], problems: [] })
        runs += 1
        if (thread) expected += 1
        expect(threads).toBe(expected)
      }
    } finally {
      over = true
      process.off('worker', count)
      await Promise.allSettled([...writers, other])
    }
    const written = (await Promise.all(writers)).reduce((sum, count) => sum + count, 0)
    await other
    process.stdout.write(`${stage}: ${runs} runs beside ${written} writes, no difference\n`)
    expect(runs).toBeGreaterThan(0)
    expect(written).toBeGreaterThan(0)
  },
  loadMs + 120_000,
)
