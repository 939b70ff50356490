import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLockstep, type Lockstep } from '../../src/index.ts'
import { flip, openPair, type Pair } from '../support/pair.ts'

const schema = 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER UNIQUE)'
const options = {
  flags: { initial: { ack: 'both' } },
  onUnconfirmed: 'error',
  ackTimeoutMs: 20_000,
} as const

let pair: Pair
afterEach(() => pair.close())

/** A write that the primary takes, and the other place cannot hold. */
const misfits = {
  sqlite: `INSERT INTO t VALUES (2, 'many')`,
  postgres: 'INSERT INTO t VALUES (2, 1)',
}

/** Two rows may have one value where PostgreSQL has lost its index; on SQLite they may not. */
async function loseUnique(): Promise<void> {
  const [names = []] = await pair.pgRows(
    `SELECT indexname FROM pg_indexes WHERE indexname LIKE 'lockstep_uq_%'`,
  )
  await pair.pg.query(`DROP INDEX ${names[0] ?? 'none'}`)
}

describe.each(['sqlite', 'postgres'] as const)('with ack: both and %s as the primary', (place) => {
  beforeEach(async () => {
    pair = await openPair({ schema, options })
    if (place === 'sqlite') return
    await flip(pair.db)
    await loseUnique()
  })

  const open = (more: object = {}): Promise<Lockstep> =>
    createLockstep({
      sqlite: { path: pair.path },
      postgres: { connectionString: pair.url },
      ...options,
      ...more,
      applier: { enabled: false },
    })
  const onPrimary = async (db: Lockstep): Promise<unknown> =>
    db.transaction((tx) => tx.values('SELECT id FROM t ORDER BY id'))

  test.each(['this process', 'another one'])(
    'a write whose row went to quarantine is not confirmed; those before and after it are: %s applies',
    async (who) => {
      await using other = await open()
      const db = who === 'this process' ? pair.db : other
      await db.run('INSERT INTO t VALUES (1, 1)')
      await expect(db.run(misfits[place])).rejects.toMatchObject({
        code: 'ACK_UNCONFIRMED',
        details: { committed: place },
        message: expect.stringContaining('quarantine') as string,
      })
      expect((await db.status()).quarantine).toBe(1)
      // It is committed, and it stays in quarantine, which is nothing to later writes.
      await db.run('INSERT INTO t VALUES (3, 3)')
      await db.transaction(async (tx) => tx.run('INSERT INTO t VALUES (4, 4)'))
      expect(await onPrimary(db)).toEqual([[1], [2], [3], [4]])
      // The same row again, and mended.
      const again = place === 'sqlite' ? `'more'` : '3'
      await expect(db.run(`UPDATE t SET n = ${again} WHERE id = 2`)).rejects.toMatchObject({
        code: 'ACK_UNCONFIRMED',
      })
      await db.run('UPDATE t SET n = 2 WHERE id = 2')
      expect((await db.status()).quarantine).toBe(0)
      expect(await pair.differences()).toEqual([])
    },
  )

  test('with onUnconfirmed: degrade it answers, and says so', async () => {
    await using db = await open({ onUnconfirmed: 'degrade' })
    await db.run('INSERT INTO t VALUES (1, 1)')
    const reasons: string[] = []
    db.on('degraded', ({ reason }) => reasons.push(reason))
    expect(await db.run(misfits[place])).toMatchObject({ changes: 1 })
    expect(reasons).toEqual([expect.stringContaining('quarantine')])
    await db.run('INSERT INTO t VALUES (3, 3)')
    expect(reasons).toHaveLength(1)
  })
})
