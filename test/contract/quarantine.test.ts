import { isDeepStrictEqual } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { movePrimary } from '../../src/cutover/flip.ts'
import type { QuarantineEntry } from '../../src/index.ts'
import { openParts } from '../support/parts.ts'
import { flip, openPair, travel, type Pair } from '../support/pair.ts'

const schema = `
  CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s TEXT, r REAL, b BLOB);
  CREATE TABLE named (k TEXT PRIMARY KEY, v INTEGER);
  INSERT INTO t VALUES (1, 1, 'one', 1.5, x'01');
  INSERT INTO named VALUES ('first', 1);
`

interface Misfit {
  readonly name: string
  readonly insert: string
  readonly entry: QuarantineEntry
  readonly mend: string
}

const misfits: readonly Misfit[] = [
  {
    name: 'text in an integer column',
    insert: `INSERT INTO t VALUES (2, 'many', 'x', NULL, NULL)`,
    entry: { table: 't', key: '2', column: 'n', reason: 'TEXT in a column of type bigint' },
    mend: 'UPDATE t SET n = 2 WHERE id = 2',
  },
  {
    name: 'a real in an integer column',
    insert: `INSERT INTO t VALUES (2, 0.5, 'x', NULL, NULL)`,
    entry: { table: 't', key: '2', column: 'n', reason: 'REAL in a column of type bigint' },
    mend: 'UPDATE t SET n = 2 WHERE id = 2',
  },
  {
    name: 'a blob in a text column',
    insert: `INSERT INTO t VALUES (2, 2, x'00', NULL, NULL)`,
    entry: { table: 't', key: '2', column: 's', reason: 'BLOB in a column of type text' },
    mend: 'DELETE FROM t WHERE id = 2',
  },
  {
    name: 'text in a real column',
    insert: `INSERT INTO t VALUES (2, 2, 'x', 'high', NULL)`,
    entry: {
      table: 't',
      key: '2',
      column: 'r',
      reason: 'TEXT in a column of type double precision',
    },
    mend: 'UPDATE t SET r = 1 WHERE id = 2',
  },
  {
    name: 'NUL in text',
    insert: `INSERT INTO t VALUES (2, 2, 'a' || char(0) || 'b', NULL, NULL)`,
    entry: { table: 't', key: '2', column: 's', reason: 'TEXT with a NUL character' },
    mend: `UPDATE t SET s = 'ab' WHERE id = 2`,
  },
  {
    name: 'text that is not UTF-8',
    insert: `INSERT INTO t VALUES (2, 2, CAST(x'61ff' AS TEXT), NULL, NULL)`,
    entry: { table: 't', key: '2', column: 's', reason: 'text that is not valid UTF-8' },
    mend: `UPDATE t SET s = 'a' WHERE id = 2`,
  },
  {
    name: 'a lone surrogate in text',
    insert: `INSERT INTO t VALUES (2, 2, CAST(x'eda080' AS TEXT), NULL, NULL)`,
    entry: { table: 't', key: '2', column: 's', reason: 'text that is not valid UTF-8' },
    mend: `UPDATE t SET s = 'a' WHERE id = 2`,
  },
  {
    name: 'NULL in a declared key',
    insert: 'INSERT INTO named VALUES (NULL, 2)',
    entry: { table: 'named', key: 'NULL', column: 'k', reason: 'NULL in the primary key' },
    mend: `UPDATE named SET k = 'second' WHERE k IS NULL`,
  },
  {
    name: 'a key that is not UTF-8',
    insert: `INSERT INTO named VALUES (CAST(x'fffe' AS TEXT), 2)`,
    entry: {
      table: 'named',
      key: "CAST(x'fffe' AS TEXT)",
      column: 'k',
      reason: 'text that is not valid UTF-8',
    },
    mend: `UPDATE named SET k = 'second' WHERE v = 2`,
  },
  {
    name: 'a key that PostgreSQL cannot hold',
    insert: `INSERT INTO named VALUES ('a' || char(0), 2)`,
    entry: {
      table: 'named',
      key: String.raw`"a\u0000"`,
      column: 'k',
      reason: 'TEXT with a NUL character',
    },
    mend: `UPDATE named SET k = 'second' WHERE v = 2`,
  },
]

let pair: Pair
let events: QuarantineEntry[]

function listen(): void {
  events = []
  pair.db.on('quarantine', (entry) => events.push(entry))
}

async function listed(): Promise<unknown> {
  const rows = await pair.pgRows('SELECT tbl, key, col, reason FROM lockstep.quarantine')
  return rows.map(([table, key, column, reason]) => ({ table, key, column, reason }))
}

afterEach(() => pair.close())

/** A mirror without quarantine: every row as it is read, in one transaction, as the applier writes. */
async function copyAsIs(): Promise<void> {
  await pair.pg.query(`BEGIN; SET LOCAL lockstep.applying = 'on'`)
  try {
    await pair.pg.query('DELETE FROM t; DELETE FROM named')
    for (const row of pair.sqliteRows('SELECT id, n, s, r, b FROM t'))
      await pair.pg.query('INSERT INTO t VALUES ($1, $2, $3, $4, $5)', row)
    for (const row of pair.sqliteRows('SELECT k, v FROM named'))
      await pair.pg.query('INSERT INTO named VALUES ($1, $2)', row)
    await pair.pg.query('COMMIT')
  } catch (error) {
    await pair.pg.query('ROLLBACK')
    throw error
  }
}

const goingOn = `INSERT INTO t VALUES (10, 10, 'before', NULL, NULL)`
const restOfTheBatch = 'SELECT s FROM t WHERE id > 9 ORDER BY id'

describe('a mirror without quarantine', () => {
  beforeEach(async () => {
    pair = await openPair({ schema, options: { applier: { enabled: false } } })
  })

  test('takes the rows that fit', async () => {
    pair.sqlite.exec(goingOn)
    await copyAsIs()
    expect(await pair.pgRows(restOfTheBatch)).toEqual([['before']])
  })

  test.each(misfits)(
    '$name: stops the rest as well, or says nothing and differs',
    async (misfit) => {
      pair.sqlite.exec(`${goingOn}; ${misfit.insert}`)
      const copied = await copyAsIs().then(
        () => true,
        () => false,
      )
      expect(await listed()).toEqual([])
      expect(await pair.pgRows(restOfTheBatch)).toEqual(copied ? [['before']] : [])
      // What became of text that is no text shows only to someone who compares bytes.
      const there = await pair.pgRows(
        `SELECT encode(convert_to(s, 'UTF8'), 'hex') FROM t WHERE id = 2
         UNION ALL SELECT encode(convert_to(k, 'UTF8'), 'hex') FROM named WHERE v = 2`,
      )
      const here = pair.sqliteRows(
        `SELECT lower(hex(s)) FROM t WHERE id = 2 UNION ALL SELECT lower(hex(k)) FROM named WHERE v = 2`,
      )
      expect(copied && isDeepStrictEqual(there, here)).toBe(false)
    },
  )
})

describe('a row that PostgreSQL cannot take', () => {
  beforeEach(async () => {
    pair = await openPair({ schema })
    listen()
  })

  test.each(misfits)(
    '$name: is listed, the rest goes on, and mending it empties the list',
    async (misfit) => {
      const { insert, entry, mend } = misfit
      pair.sqlite.exec(`BEGIN; INSERT INTO t VALUES (10, 10, 'before', NULL, NULL); ${insert};
      INSERT INTO t VALUES (11, 11, 'after', NULL, NULL); COMMIT`)
      await pair.db.caughtUp()
      expect(await listed()).toEqual([entry])
      expect(events).toEqual([entry])
      expect((await pair.db.status()).quarantine).toBe(1)
      expect(await pair.pgRows('SELECT s FROM t WHERE id > 9 ORDER BY id')).toEqual([
        ['before'],
        ['after'],
      ])
      expect((await pair.db.verify()).equal).toBe(false)

      await expect(flip(pair.db)).rejects.toMatchObject({
        code: 'GATE_REFUSED',
        message: expect.stringContaining('quarantine is 1, must be 0') as string,
      })
      expect((await pair.db.status()).primary).toBe('sqlite')

      pair.sqlite.exec(mend)
      await pair.db.caughtUp()
      expect(await listed()).toEqual([])
      expect(await pair.differences()).toEqual([])
      await flip(pair.db)
      expect((await pair.db.status()).primary).toBe('postgres')
    },
  )

  test('that was there before leaves PostgreSQL, which must not hold an older state of it', async () => {
    await pair.db.run(`UPDATE t SET s = 'new', n = 'many' WHERE id = 1`)
    await pair.db.caughtUp()
    expect(await pair.pgRows('SELECT * FROM t')).toEqual([])
    await pair.db.run('UPDATE t SET n = 5 WHERE id = 1')
    await pair.db.caughtUp()
    expect(await pair.pgRows('SELECT n, s FROM t')).toEqual([['5', 'new']])
    // Where it is not taken away the older state stands there, for every read that PostgreSQL serves.
    await pair.pg.query(`
      CREATE FUNCTION stay() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER stay BEFORE DELETE ON t FOR EACH ROW EXECUTE FUNCTION stay()`)
    await pair.db.run(`UPDATE t SET s = 'newer', n = 'many' WHERE id = 1`)
    await pair.db.caughtUp()
    expect(await pair.pgRows('SELECT n, s FROM t')).toEqual([['5', 'new']])
  })

  test('is left behind by a flip where its entry is gone, which is what stops the flip', async () => {
    // Of another program, as Lockstep's own writes are rehearsed, and stop a flip where they fail.
    pair.sqlite.exec(`INSERT INTO t VALUES (2, 'many', 'x', NULL, NULL)`)
    await pair.db.caughtUp()
    await expect(flip(pair.db)).rejects.toMatchObject({ code: 'GATE_REFUSED' })
    await pair.pg.query('DELETE FROM lockstep.quarantine')
    await flip(pair.db)
    expect(await pair.pgRows('SELECT id FROM t')).toEqual([['1']])
    expect((await pair.db.verify()).equal).toBe(false)
  })

  test('does not stand in the way of a flip by force, which leaves it behind', async () => {
    await pair.db.run(`INSERT INTO t VALUES (2, 'many', 'x', NULL, NULL)`)
    await pair.db.caughtUp()
    await flip(pair.db, { force: true })
    expect(await pair.pgRows('SELECT id FROM t')).toEqual([['1']])
    const { differences } = await pair.db.verify()
    expect(differences).toEqual([{ table: 't', key: '2', column: null, class: 'missing' }])
  })

  test('and that a flip by force left behind stays listed, and a repair leaves the last copy of it', async () => {
    await pair.db.run(`INSERT INTO t VALUES (2, 'many', 'x', NULL, NULL)`)
    await pair.db.caughtUp()
    await pair.db.run(`INSERT INTO named VALUES ('a' || char(0), 2)`)
    await pair.db.caughtUp()
    await flip(pair.db, { force: true })
    const reason = expect.stringMatching(
      /SQLite alone has the row since a flip by force$/,
    ) as string
    expect(await pair.db.quarantine()).toMatchObject([
      { table: 't', key: '2', column: 'n', reason },
      { table: 'named', column: 'k', reason },
    ])
    expect(await pair.db.repair({ table: 't' })).toEqual({ rows: 1, unknown: [], kept: ['2'] })
    expect(await pair.db.repair({ table: 't', keys: [1n, 2n] })).toEqual({
      rows: 1,
      unknown: [],
      kept: ['2'],
    })
    const kept = [String.raw`"a\u0000"`]
    expect(await pair.db.repair({ from: await pair.db.verify() })).toMatchObject({
      rows: 0,
      kept: ['2', ...kept],
    })
    await pair.db.caughtUp()
    expect(pair.sqliteRows('SELECT id, n FROM t ORDER BY id')).toEqual([
      [1n, 1n],
      [2n, 'many'],
    ])
    expect(pair.sqliteRows('SELECT v FROM named ORDER BY v')).toEqual([[1n], [2n]])
  })

  test('and that a flip by force left behind holds up `complete`, until it is given up', async () => {
    await pair.db.run(`INSERT INTO t VALUES (2, 'many', 'x', NULL, NULL)`)
    await pair.db.caughtUp()
    await flip(pair.db, { force: true })
    const refusal = { code: 'GATE_REFUSED', details: { left: 1 } }
    await expect(pair.db.complete()).rejects.toMatchObject(refusal)
    await pair.db.repair({ table: 't', keys: [2n], discard: true })
    await expect.poll(() => pair.db.quarantine()).toEqual([])
    expect(pair.sqliteRows('SELECT id FROM t')).toEqual([[1n]])
    await pair.db.complete()
  })

  test('and that a flip by force left behind keeps its key, as an automatic one comes behind it', async () => {
    for (const id of [2, 9])
      await pair.db.run(`INSERT INTO t VALUES (${id}, 'many', 'x', NULL, NULL)`)
    await pair.db.caughtUp()
    await flip(pair.db, { force: true })
    expect((await pair.db.run(`INSERT INTO t (n) VALUES (10)`)).lastInsertRowid).toBe(10)
    await pair.db.caughtUp()
    expect(pair.sqliteRows('SELECT id, n FROM t ORDER BY id')).toEqual([
      [1n, 1n],
      [2n, 'many'],
      [9n, 'many'],
      [10n, 10n],
    ])
  })

  test('and that a flip by force left behind is in quarantine no longer once the primary has its key', async () => {
    for (const id of [2, 3, 4])
      await pair.db.run(`INSERT INTO t VALUES (${id}, 'many', 'x', NULL, NULL)`)
    await pair.db.run(`INSERT INTO named VALUES ('a' || char(0), 2)`)
    await pair.db.caughtUp()
    await flip(pair.db, { force: true })
    await pair.pg.query('INSERT INTO t (id, n) VALUES (2, 5), (4, 6); DELETE FROM t WHERE id = 4')
    await pair.db.caughtUp()
    expect(pair.sqliteRows('SELECT id, n FROM t ORDER BY id')).toEqual([
      [1n, 1n],
      [2n, 5n],
      [3n, 'many'],
    ])
    // Who waits for a row is told before the journal is.
    await expect
      .poll(async () => (await pair.db.quarantine()).map(({ table, key }) => `${table} ${key}`))
      .toEqual([String.raw`named "a\u0000"`, 't 3'])
  })

  test('and that is deleted is in quarantine no longer', async () => {
    await pair.db.run(`INSERT INTO t VALUES (2, 'many', 'x', NULL, NULL)`)
    await pair.db.caughtUp()
    await pair.db.run('DELETE FROM t WHERE id = 2')
    await pair.db.caughtUp()
    expect(await listed()).toEqual([])
    expect(await pair.differences()).toEqual([])
  })

  test('that arrives while the flip drains cancels the flip', async () => {
    await pair.close()
    const late = (): void =>
      void pair.sqlite.exec(`INSERT INTO t VALUES (2, 'many', 'x', NULL, NULL)`)
    let armed = false
    pair = await openPair({
      schema,
      options: {
        testing: {
          reach: (point) => {
            if (!armed || point !== 'ship:discarded') return
            armed = false
            late()
          },
        },
      },
    })
    armed = true
    await pair.db.run(`INSERT INTO t VALUES (3, 3, 'x', NULL, NULL)`)
    await expect(flip(pair.db)).rejects.toMatchObject({ code: 'GATE_REFUSED' })
    await pair.db.run(`INSERT INTO t VALUES (4, 4, 'still open', NULL, NULL)`)
    expect((await pair.db.status()).primary).toBe('sqlite')
  })

  test('that arrives while a flip drains is left behind by one that looked only before', async () => {
    await pair.close()
    pair = await openPair({ schema, options: { applier: { enabled: false } } })
    let armed = true
    await using parts = await openParts({
      path: pair.path,
      url: pair.url,
      replace: () => ({}),
      options: {
        testing: {
          reach: (point) => {
            if (!armed || point !== 'ship:discarded') return
            armed = false
            pair.sqlite.exec(`INSERT INTO t VALUES (2, 'many', 'x', NULL, NULL)`)
          },
        },
      },
    })
    await pair.db.run(`INSERT INTO t VALUES (3, 3, 'x', NULL, NULL)`)
    await movePrimary(parts.engine.cutover(), {
      to: 'postgres',
      pauseBudgetMs: 10_000,
      catchUpTimeoutMs: 10_000,
      objection: async () => null,
      forced: false,
    })
    expect(await pair.pgRows('SELECT id FROM t ORDER BY id')).toEqual([['1'], ['3']])
    expect(await listed()).toHaveLength(1)
  })
})

test('a backfill puts the same rows in quarantine with the same words, and goes on', async () => {
  const all = misfits.map(({ insert }, index) => insert.replace('(2,', `(${index + 20},`))
  pair = await openPair({
    schema: `${schema}; ${all.join(';')}`,
    stage: 'plain',
    options: { columns: { 't.n': 'bigint' } },
  })
  await travel(pair.db, 'mirrored')
  await pair.db.caughtUp()
  const expected = misfits.map(({ entry }, index) => ({
    ...entry,
    key: entry.key === '2' ? String(index + 20) : entry.key,
  }))
  const found = (await listed()) as QuarantineEntry[]
  expect(new Set(found)).toEqual(new Set(expected))
  expect(await pair.pgRows('SELECT count(*) FROM t')).toEqual([['1']])
  await expect(flip(pair.db)).rejects.toMatchObject({ code: 'GATE_REFUSED' })
})
