import { inspect } from 'node:util'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Queryable, RunResult } from '../../src/api.ts'
import { isLockstepError } from '../../src/core/errors.ts'
import { openPair, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT UNIQUE);
  CREATE TABLE named (name TEXT PRIMARY KEY, v INTEGER);
  CREATE TABLE parts (a INTEGER, b INTEGER, PRIMARY KEY (a, b));
  CREATE TABLE bare (k TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE loose (v TEXT);
  CREATE TABLE child (id INTEGER PRIMARY KEY, t INTEGER REFERENCES t);
  CREATE TABLE guarded (id INTEGER PRIMARY KEY, v INTEGER);
  CREATE TRIGGER guard AFTER INSERT ON guarded WHEN NEW.v < 0 BEGIN SELECT RAISE(ABORT, 'less than nothing'); END;
`
const overridden = `INSERT INTO named VALUES ('o', 1)`

let pair: Pair
beforeAll(async () => {
  const override = { sqlite: overridden, postgres: overridden }
  pair = await openPair({ schema, stage: 'flipped', options: { overrides: [override] } })
})
afterAll(() => pair.close())

const anything = 'UPDATE loose SET v = v WHERE false'

/** Each step from the state that the steps before have left; `unknown` says which rowid may not be known. */
const steps: readonly (readonly [sql: string, rowid: 'known' | 'unknown'])[] = [
  [`INSERT INTO t VALUES (7, 'a')`, 'known'],
  [anything, 'known'],
  [`INSERT INTO named VALUES ('a', 1), ('b', 2)`, 'unknown'],
  [anything, 'unknown'],
  [`DELETE FROM named WHERE name = 'b'`, 'unknown'],
  [`INSERT OR IGNORE INTO t VALUES (7, 'a')`, 'unknown'],
  [`INSERT INTO bare VALUES ('k')`, 'unknown'],
  [`INSERT INTO t (v) VALUES ('b')`, 'known'],
  [`INSERT INTO named VALUES ('a', 2) ON CONFLICT DO NOTHING`, 'known'],
  [`INSERT INTO named VALUES ('a', 2) ON CONFLICT (name) DO UPDATE SET v = v + 1`, 'known'],
  [`INSERT OR IGNORE INTO named VALUES ('a', 2)`, 'known'],
  [`INSERT INTO named SELECT 'z', 1 WHERE false`, 'known'],
  [`INSERT INTO named VALUES ('c', 2) ON CONFLICT (name) DO UPDATE SET v = v + 1`, 'unknown'],
  [`INSERT INTO loose VALUES ('x')`, 'known'],
  [`INSERT OR REPLACE INTO named VALUES ('a', 5)`, 'unknown'],
  [`INSERT INTO loose VALUES ('y')`, 'known'],
  [`INSERT OR REPLACE INTO named VALUES ('a', 5), ('c', 6)`, 'unknown'],
  [`INSERT INTO loose VALUES ('z')`, 'known'],
  ['INSERT INTO parts VALUES (1, 1)', 'unknown'],
  ['INSERT INTO loose DEFAULT VALUES', 'known'],
  [overridden, 'unknown'],
  [`INSERT INTO t VALUES (50, 'fifty')`, 'known'],
  [`INSERT INTO t VALUES (51, 'fifty')`, 'known'],
  [`INSERT INTO named VALUES ('a', 1)`, 'known'],
  [`INSERT INTO t VALUES (60, 'sixty'), (61, 'fifty')`, 'unknown'],
  [`INSERT INTO t VALUES (70, 'seventy')`, 'known'],
  [`INSERT INTO t SELECT 80, 'eighty' UNION ALL SELECT 81, 'fifty'`, 'unknown'],
  [`INSERT INTO t VALUES (90, 'ninety')`, 'known'],
  ['INSERT INTO child VALUES (5, 404)', 'unknown'],
  ['INSERT INTO child VALUES (6, 90)', 'known'],
  ['INSERT INTO guarded VALUES (3, -1)', 'unknown'],
  ['INSERT INTO guarded VALUES (4, 1)', 'known'],
]

/** Changes several rows. */
const counted = ['UPDATE loose SET v = v'] as const

const failing = [
  [`INSERT INTO t VALUES (7, 'again')`],
  [`UPDATE t SET v = 'a'`],
  ['UPDATE child SET t = 404'],
  ['DELETE FROM t WHERE id = 90'],
  [`UPDATE t SET v = json('{')`],
  ['INSERT INTO nowhere VALUES (1)'],
  [`SELECT json('{')`],
] as const

type Told = bigint | number | 'unknown'

function told(read: () => Told): Told {
  try {
    return read()
  } catch (error) {
    if (isLockstepError(error, 'ROWID_UNKNOWN')) return 'unknown'
    throw error
  }
}

/** What `run` says, or that it fails, and what the connection says behind it. */
async function onPostgres(tx: Queryable, sql: string): Promise<unknown[]> {
  const run = await tx.run(sql).then(
    (result) => [result.changes, told(() => result.lastInsertRowid)],
    (error: unknown) => [(error as { code?: unknown }).code],
  )
  const asked = await tx.get<{ id: number }>('SELECT last_insert_rowid() AS id').then(
    (row) => row?.id,
    (error: unknown) =>
      told(() => {
        throw error as Error
      }),
  )
  return [...run, asked]
}

function onSqlite(db: Database.Database, sql: string): unknown[] {
  const last = db.prepare<[], number>('SELECT last_insert_rowid()').pluck()
  try {
    const { changes, lastInsertRowid } = db.prepare(sql).run()
    return [changes, lastInsertRowid, last.get()]
  } catch (error) {
    return [(error as { code?: unknown }).code, last.get()]
  }
}

describe('the rowid of the last row', () => {
  test('is the number that SQLite says or is refused, whatever comes behind whatever', async () => {
    const db = new Database(':memory:')
    db.exec(schema)
    const rolledBack = new Error('enough')
    const work = pair.db.transaction(async (tx) => {
      for (const [sql, rowid] of steps) {
        const sqlite = onSqlite(db, sql)
        const wanted = rowid === 'known' ? sqlite : sqlite.map(orUnknown)
        expect([sql, ...(await onPostgres(tx, sql))]).toEqual([sql, ...wanted])
      }
      throw rolledBack
    })
    await expect(work).rejects.toBe(rolledBack)
    db.close()
  })

  test('stands beside changes(), which is what SQLite says behind each, and behind one that has failed nothing', async () => {
    const db = new Database(':memory:')
    db.exec(schema)
    const rolledBack = new Error('enough')
    const work = pair.db.transaction(async (tx) => {
      for (const [sql] of [...steps, ...failing.flatMap((each) => [counted, each])]) {
        onSqlite(db, sql)
        await tx.run(sql).catch(() => undefined)
        const asked = 'SELECT changes() AS n'
        expect([sql, await tx.get(asked)]).toEqual([sql, db.prepare(asked).get()])
      }
      throw rolledBack
    })
    await expect(work).rejects.toBe(rolledBack)
    db.close()
  })

  /** The count, or the code of an error, stays. */
  function orUnknown(value: unknown, index: number): unknown {
    return index === 0 ? value : 'unknown'
  }

  test('that is unknown disturbs nobody who does not read it', async () => {
    const result: RunResult = await pair.db.run(`INSERT INTO named VALUES ('quiet', 1)`)
    expect(result).toEqual({ changes: 1 })
    expect({ ...result }).toEqual({ changes: 1 })
    expect(JSON.stringify(result)).toBe('{"changes":1}')
    expect(inspect(result)).toBe('{ changes: 1 }')
    expect(structuredClone(result)).toEqual({ changes: 1 })
    expect(await pair.db.run('DELETE FROM loose WHERE false')).toEqual({ changes: 0 })
  })

  test('that is unknown names the table and the way out', async () => {
    const result = await pair.db.run('INSERT INTO parts VALUES (9, 9)')
    const error = expect.objectContaining({
      code: 'ROWID_UNKNOWN',
      message: expect.stringMatching(/"parts".*RETURNING/) as string,
      details: expect.objectContaining({ table: 'parts' }) as object,
    }) as Error
    expect(() => result.lastInsertRowid).toThrow(error)
    await expect(pair.db.get('SELECT last_insert_rowid()')).rejects.toEqual(error)
    expect(await pair.db.values('INSERT INTO parts VALUES (9, 10) RETURNING a, b')).toEqual([
      [9, 10],
    ])
  })

  test.each([
    'SELECT rowid FROM named',
    'SELECT * FROM parts ORDER BY oid',
    'SELECT (SELECT rowid FROM named) FROM t',
    'SELECT (SELECT named.oid FROM named, bare) FROM t',
    'DELETE FROM named WHERE _rowid_ = 1',
    'UPDATE named SET rowid = 5',
    `INSERT INTO named (rowid, name) VALUES (1, 'r')`,
    `INSERT INTO named (name) VALUES ('r') ON CONFLICT (rowid) DO NOTHING`,
    `INSERT INTO named (name) VALUES ('r') RETURNING rowid`,
  ])('is no column of such a table on PostgreSQL: %s', async (sql) => {
    const isRefused = { code: 'SQL_UNSUPPORTED', message: expect.stringContaining('RIMARY KEY') }
    const work = pair.db.transaction(async (tx) => tx.prepare(sql).run())
    await expect(work).rejects.toMatchObject(isRefused)
  })
})
