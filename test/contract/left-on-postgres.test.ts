import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { flip, openPair, rollback, type Pair } from '../support/pair.ts'

describe('a row that a rollback by force leaves on PostgreSQL alone', () => {
  let pair: Pair

  beforeEach(async () => {
    pair = await openPair({
      schema: `CREATE TABLE t (id INTEGER PRIMARY KEY, r REAL); INSERT INTO t VALUES (1, 1.5)`,
    })
    await flip(pair.db)
    await pair.pg.query(`INSERT INTO t (id, r) VALUES (8, 'NaN'), (9, 'NaN')`)
    await pair.db.caughtUp()
    await rollback(pair.db, { force: true })
  })

  afterEach(() => pair.close())

  test('stays listed, and a repair leaves the last copy of it', async () => {
    const reason = expect.stringMatching(
      /^NaN.*; PostgreSQL alone has the row since a flip/,
    ) as string
    const listed = [8, 9].map((id) => ({ table: 't', key: String(id), column: 'r', reason }))
    expect(await pair.db.quarantine()).toMatchObject(listed)
    expect(await pair.db.repair({ table: 't' })).toMatchObject({ kept: ['8', '9'] })
    expect(await pair.db.repair({ table: 't', keys: [8n] })).toMatchObject({ kept: ['8'] })
    const kept = { rows: 0, kept: ['8', '9'] }
    expect(await pair.db.repair({ from: await pair.db.verify() })).toMatchObject(kept)
    await pair.db.caughtUp()
    expect(await pair.pgRows('SELECT id, r FROM t WHERE id > 1')).toEqual([
      ['8', 'NaN'],
      ['9', 'NaN'],
    ])
    expect(await pair.db.quarantine()).toMatchObject(listed)
  })

  test('goes where a repair is told to discard it, and that one alone', async () => {
    expect(await pair.db.repair({ table: 't', keys: [8n], discard: true })).toEqual({
      rows: 1,
      unknown: [],
    })
    await pair.db.caughtUp()
    expect(await pair.pgRows('SELECT id FROM t ORDER BY id')).toEqual([['1'], ['9']])
    await expect.poll(async () => (await pair.db.quarantine()).map(({ key }) => key)).toEqual(['9'])
    await pair.db.repair({ table: 't', discard: true })
    await expect.poll(() => pair.db.quarantine()).toEqual([])
    expect(await pair.db.verify()).toMatchObject({ equal: true })
  })

  test('is in quarantine no longer once the primary has its key', async () => {
    await pair.db.run('INSERT INTO t (id, r) VALUES (9, 0.5), (10, 0.5)')
    await pair.db.caughtUp()
    await expect.poll(async () => (await pair.db.quarantine()).map(({ key }) => key)).toEqual(['8'])
    expect(await pair.pgRows('SELECT id, r FROM t WHERE id > 1 ORDER BY id')).toEqual([
      ['8', 'NaN'],
      ['9', '0.5'],
      ['10', '0.5'],
    ])
  })
})
