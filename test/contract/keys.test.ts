import { afterEach, describe, expect, test } from 'vitest'
import { openPair, rollback, type Pair } from '../support/pair.ts'

interface Keyed {
  readonly name: string
  readonly create: string
  readonly rows: readonly string[]
  readonly writes: readonly string[]
}

/** Statements that both places understand, on keys of every kind. */
const tables: readonly Keyed[] = [
  {
    name: 'an integer key from end to end of 64 bits',
    create: 'CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT)',
    rows: [
      `(-9223372036854775808, 'low')`,
      `(9223372036854775806, 'high')`,
      `(0, 'zero')`,
      `(9007199254740993, 'odd')`,
    ],
    writes: [
      `UPDATE t SET v = 'x' WHERE k = 9007199254740993`,
      `UPDATE t SET k = 9223372036854775807 WHERE k = 9223372036854775806`,
      'DELETE FROM t WHERE k = -9223372036854775808',
    ],
  },
  {
    name: 'a text key of hostile texts',
    create: 'CREATE TABLE t (k TEXT PRIMARY KEY, v TEXT)',
    rows: [
      `('', 'empty')`,
      `('NULL', 'word')`,
      `('{a,"b"}', 'array')`,
      `('it''s', 'quote')`,
      `('back\\slash', 'b')`,
      `('😀', 'emoji')`,
      `(' padded ', 'p')`,
      `('A', 'upper')`,
      `('a', 'lower')`,
      `('line' || chr, 'l')`,
    ],
    writes: [
      `UPDATE t SET v = 'x' WHERE k = ''`,
      `UPDATE t SET k = 'null' WHERE k = 'NULL'`,
      `UPDATE t SET k = 'it''s "' WHERE k = 'it''s'`,
      `DELETE FROM t WHERE k = '{a,"b"}'`,
      `DELETE FROM t WHERE k = 'A'`,
      `UPDATE t SET k = k || '!'`,
    ],
  },
  {
    name: 'a text key that ignores case',
    create: 'CREATE TABLE t (k TEXT PRIMARY KEY COLLATE NOCASE, v TEXT)',
    rows: [`('one', '1')`, `('Two', '2')`, `('three', '3')`],
    writes: [
      `UPDATE t SET k = 'ONE' WHERE k = 'one'`,
      `UPDATE t SET v = 'x' WHERE k = 'ONE'`,
      `DELETE FROM t WHERE k = 'Two'`,
      `INSERT INTO t VALUES ('TWO', '22')`,
    ],
  },
  {
    name: 'a composite key WITHOUT ROWID',
    create:
      'CREATE TABLE t (a TEXT, b INTEGER, c REAL, v TEXT, PRIMARY KEY (c, a, b)) WITHOUT ROWID',
    rows: [
      `('x', 1, 0.1, 'p')`,
      `('x', 2, 0.1, 'q')`,
      `('y', 1, 0.30000000000000004, 'r')`,
      `('y', 1, 5e-324, 's')`,
    ],
    writes: [
      `UPDATE t SET b = 3 WHERE b = 2`,
      `UPDATE t SET c = 1e300 WHERE c = 5e-324`,
      `DELETE FROM t WHERE a = 'y' AND b = 1 AND c = 0.30000000000000004`,
      `UPDATE t SET v = v || '.'`,
    ],
  },
  {
    name: 'a key that is the whole row',
    create: 'CREATE TABLE t (a INTEGER, b TEXT, PRIMARY KEY (a, b))',
    rows: [`(1, 'a')`, `(1, 'b')`, `(2, 'a')`],
    writes: [
      `INSERT INTO t VALUES (3, 'c')`,
      `UPDATE t SET a = 9 WHERE b = 'a' AND a = 1`,
      `DELETE FROM t WHERE a = 2`,
    ],
  },
]

let pair: Pair
afterEach(() => pair.close())

function seed({ create, rows }: Keyed): string {
  return `${create}; ${rows.map((row) => `INSERT INTO t VALUES ${row.replace('chr', 'char(10)')};`).join('\n')}`
}

describe.each(tables)('$name', (table) => {
  test('arrives by backfill, is changed on SQLite, and arrives by the applier', async () => {
    pair = await openPair({ schema: seed(table) })
    expect(await pair.differences()).toEqual([])
    for (const sql of table.writes) pair.sqlite.exec(sql)
    await pair.db.caughtUp()
    expect(await pair.differences()).toEqual([])
  })

  test('is changed on PostgreSQL and leaves SQLite with what SQLite alone would have', async () => {
    pair = await openPair({ schema: seed(table), stage: 'flipped' })
    for (const sql of table.writes) await pair.pg.query(sql)
    await rollback(pair.db)
    const there = pair.sqliteRows('SELECT * FROM t ORDER BY 1, 2').map(String)
    expect(await pair.differences()).toEqual([])
    await pair.close()
    pair = await openPair({ schema: seed(table), stage: 'plain' })
    for (const sql of table.writes) pair.sqlite.exec(sql)
    expect(there).toEqual(pair.sqliteRows('SELECT * FROM t ORDER BY 1, 2').map(String))
  })

  test('is missed by a verify when one row is gone or changed', async () => {
    pair = await openPair({ schema: seed(table) })
    await pair.pg.query(`SET lockstep.applying = 'on'`)
    await pair.pg.query('DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t)')
    expect(await pair.differences()).toHaveLength(1)
    const key = pair.db.repair({ table: 't' })
    expect((await key).rows).toBeGreaterThan(0)
    await pair.db.caughtUp()
    expect(await pair.differences()).toEqual([])
  })
})

describe('a blob key', () => {
  const schema = `CREATE TABLE t (k BLOB PRIMARY KEY, v TEXT);
    INSERT INTO t VALUES (x'', 'empty'), (x'00', 'zero'), (x'0000', 'zeros'), (x'ff5c27', 'odd');`

  test('goes over and back, byte by byte', async () => {
    pair = await openPair({ schema, stage: 'flipped' })
    await pair.pg.query(`UPDATE t SET k = '\\x0001' WHERE k = '\\x00'`)
    await pair.pg.query(`DELETE FROM t WHERE k = ''`)
    await rollback(pair.db)
    await pair.db.run('UPDATE t SET k = ? WHERE k = ?', [
      Buffer.from('5c', 'hex'),
      Buffer.from('ff5c27', 'hex'),
    ])
    await pair.db.caughtUp()
    expect(pair.sqliteRows('SELECT hex(k), v FROM t ORDER BY k')).toEqual([
      ['0000', 'zeros'],
      ['0001', 'zero'],
      ['5C', 'odd'],
    ])
    expect(await pair.differences()).toEqual([])
  })
})

describe('a table without a key', () => {
  const schema = `CREATE TABLE log (line TEXT); CREATE TABLE rowid_taken (rowid TEXT, v INTEGER);
    INSERT INTO log VALUES ('a'), ('b'), ('b'), ('c'), ('d');
    INSERT INTO rowid_taken VALUES ('x', 1), ('y', 2);
    DELETE FROM log WHERE line = 'a';`
  const rows = 'SELECT rowid, line FROM log ORDER BY rowid'

  test('goes by its rowid, which is a column on PostgreSQL, in both directions', async () => {
    pair = await openPair({ schema })
    pair.sqlite.exec(`UPDATE log SET line = 'B' WHERE rowid = 2; DELETE FROM log WHERE rowid = 3;
      INSERT INTO log VALUES ('e'); UPDATE rowid_taken SET rowid = 'z' WHERE v = 1`)
    expect(await pair.differences()).toEqual([])
    await pair.db.flip('postgres', { pauseBudgetMs: 10_000 })
    await pair.db.run(`INSERT INTO log (line) VALUES ('f')`)
    await pair.db.run(`DELETE FROM log WHERE line = 'c'`)
    await pair.db.caughtUp()
    expect(pair.sqliteRows(rows)).toEqual([
      [2n, 'B'],
      [5n, 'd'],
      [6n, 'e'],
      [7n, 'f'],
    ])
    expect(await pair.differences()).toEqual([])
  })

  test('is equal again after VACUUM gave its rows new numbers', async () => {
    pair = await openPair({ schema })
    await pair.db.caughtUp()
    pair.sqlite.exec('DELETE FROM log WHERE rowid = 3; VACUUM')
    expect(pair.sqliteRows(rows).map(([rowid]) => rowid)).toEqual([1n, 2n, 3n])
    pair.sqlite.exec(`INSERT INTO log VALUES ('after')`)
    await pair.db.caughtUp()
    expect(await pair.differences()).toEqual([])
    expect((await pair.pgRows(rows)).map(String)).toEqual(pair.sqliteRows(rows).map(String))
  })

  test('would be unequal after VACUUM if nothing repaired it', async () => {
    pair = await openPair({ schema })
    await pair.db.caughtUp()
    pair.sqlite.exec('DELETE FROM log WHERE rowid = 3; VACUUM')
    const version = pair.sqlite.pragma('schema_version', { simple: true })
    pair.sqlite.prepare('UPDATE _lockstep_control SET schema_version = ?').run(version)
    expect(await pair.differences()).not.toEqual([])
  })
})
