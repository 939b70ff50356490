import { afterEach, describe, expect, test } from 'vitest'
import { dropTrigger, openPair, type Pair } from '../support/pair.ts'

let pair: Pair
afterEach(() => pair.close())

/** One way in which a write removes or changes rows that it does not name. */
interface Eviction {
  readonly name: string
  readonly schema: string
  readonly writes: readonly string[]
  /** The triggers whose absence must be noticed. */
  readonly without?: 'before_insert' | 'before_update'
}

const rows = `INSERT INTO t VALUES (1, 'a', 'x', 10), (2, 'b', 'y', 20), (3, 'c', 'z', 30), (4, 'd', 'w', 40);`

function table(more = ''): string {
  return `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, n INTEGER${more});\n${rows}`
}

const evictions: readonly Eviction[] = [
  {
    name: 'INSERT OR REPLACE through a plain UNIQUE constraint',
    schema: table(', UNIQUE (a)'),
    writes: [`INSERT OR REPLACE INTO t VALUES (9, 'a', 'q', 90)`],
    without: 'before_insert',
  },
  {
    name: 'REPLACE that evicts three rows at once through three indexes',
    schema: table(', UNIQUE (a), UNIQUE (b), UNIQUE (n)'),
    writes: [`REPLACE INTO t VALUES (9, 'a', 'y', 30)`],
    without: 'before_insert',
  },
  {
    name: 'UPDATE OR REPLACE through a plain UNIQUE constraint',
    schema: table(', UNIQUE (a)'),
    writes: [`UPDATE OR REPLACE t SET a = 'b' WHERE id = 1`],
    without: 'before_update',
  },
  {
    name: 'UPDATE OR REPLACE of the key',
    schema: table(),
    writes: [`UPDATE OR REPLACE t SET id = 2 WHERE id = 1`],
  },
  {
    name: 'REPLACE through a composite UNIQUE constraint',
    schema: table(', UNIQUE (a, b)'),
    writes: [`INSERT OR REPLACE INTO t VALUES (9, 'b', 'y', 0)`],
    without: 'before_insert',
  },
  {
    name: 'REPLACE through a partial unique index',
    schema: `${table()} CREATE UNIQUE INDEX u ON t (a) WHERE n > 15;`,
    writes: [
      `INSERT OR REPLACE INTO t VALUES (9, 'a', 'q', 99)`,
      `INSERT OR REPLACE INTO t VALUES (8, 'b', 'q', 99)`,
      `INSERT OR REPLACE INTO t VALUES (7, 'c', 'q', 1)`,
    ],
    without: 'before_insert',
  },
  {
    name: 'REPLACE through a unique index on an expression',
    schema: `${table()} CREATE UNIQUE INDEX u ON t (lower(a), n / 10);`,
    writes: [`INSERT OR REPLACE INTO t VALUES (9, 'B', 'q', 25)`],
    without: 'before_insert',
  },
  {
    name: 'UPDATE OR REPLACE through a partial unique index on an expression',
    schema: `${table()} CREATE UNIQUE INDEX u ON t (n % 7) WHERE b <> 'w';`,
    writes: [`UPDATE OR REPLACE t SET n = 17 WHERE id = 2`],
    without: 'before_update',
  },
  {
    name: 'REPLACE through a UNIQUE constraint that ignores case',
    schema: table(', UNIQUE (a COLLATE NOCASE)'),
    writes: [`INSERT OR REPLACE INTO t VALUES (9, 'A', 'q', 0)`],
    without: 'before_insert',
  },
  {
    name: 'UPDATE OR REPLACE through a column that ignores case',
    schema: `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE UNIQUE, b TEXT, n INTEGER); ${rows}`,
    writes: [`UPDATE OR REPLACE t SET a = 'C' WHERE id = 2`],
    without: 'before_update',
  },
  {
    name: 'REPLACE through a column that ignores spaces at its end',
    schema: `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT COLLATE RTRIM UNIQUE, b TEXT, n INTEGER); ${rows}`,
    writes: [`INSERT OR REPLACE INTO t VALUES (9, 'a  ', 'q', 0)`],
    without: 'before_insert',
  },
  {
    name: 'REPLACE through a generated column',
    schema: `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, n INTEGER, g TEXT AS (a || b) STORED UNIQUE);
      INSERT INTO t VALUES (1, 'a', 'x', 10), (2, 'b', 'y', 20);`,
    writes: [`INSERT OR REPLACE INTO t VALUES (9, 'b', 'y', 0)`],
    without: 'before_insert',
  },
  {
    name: 'REPLACE by rowid in a table whose declared key is another',
    schema: `CREATE TABLE t (a TEXT PRIMARY KEY, b TEXT); INSERT INTO t VALUES ('one', 'x'), ('two', 'y');`,
    writes: [`INSERT OR REPLACE INTO t (rowid, a, b) VALUES (1, 'three', 'z')`],
    without: 'before_insert',
  },
  {
    name: 'UPDATE OR REPLACE of the rowid in a table whose declared key is another',
    schema: `CREATE TABLE t (a TEXT PRIMARY KEY, b TEXT); INSERT INTO t VALUES ('one', 'x'), ('two', 'y');`,
    writes: [`UPDATE OR REPLACE t SET rowid = 2 WHERE a = 'one'`],
    without: 'before_update',
  },
  {
    name: 'REPLACE by a key that differs only by case from one that ignores it',
    schema: `CREATE TABLE t (a TEXT PRIMARY KEY COLLATE NOCASE, b TEXT); INSERT INTO t VALUES ('one', 'x'), ('two', 'y');`,
    writes: [`INSERT OR REPLACE INTO t VALUES ('ONE', 'z')`],
    without: 'before_insert',
  },
  {
    name: 'REPLACE by such a key in a table WITHOUT ROWID',
    schema: `CREATE TABLE t (a TEXT PRIMARY KEY COLLATE NOCASE, b TEXT) WITHOUT ROWID; INSERT INTO t VALUES ('one', 'x'), ('two', 'y');`,
    writes: [`INSERT OR REPLACE INTO t VALUES ('ONE', 'z')`],
    without: 'before_insert',
  },
  {
    name: 'UPDATE OR REPLACE to a key that differs only by case from another row',
    schema: `CREATE TABLE t (a TEXT PRIMARY KEY COLLATE NOCASE, b TEXT); INSERT INTO t VALUES ('one', 'x'), ('two', 'y');`,
    writes: [`UPDATE OR REPLACE t SET a = 'ONE' WHERE a = 'two'`],
    without: 'before_update',
  },
  {
    name: 'a plain INSERT whose UNIQUE constraint says ON CONFLICT REPLACE',
    schema: table(', UNIQUE (a) ON CONFLICT REPLACE'),
    writes: [`INSERT INTO t VALUES (9, 'a', 'q', 90)`],
    without: 'before_insert',
  },
  {
    name: 'REPLACE in a table WITHOUT ROWID',
    schema: `CREATE TABLE t (a TEXT, b INTEGER, c TEXT UNIQUE, PRIMARY KEY (a, b)) WITHOUT ROWID;
      INSERT INTO t VALUES ('x', 1, 'p'), ('x', 2, 'q');`,
    writes: [`INSERT OR REPLACE INTO t VALUES ('y', 1, 'q')`],
    without: 'before_insert',
  },
  {
    name: 'REPLACE in a table without a key',
    schema: `CREATE TABLE t (a TEXT UNIQUE, b TEXT); INSERT INTO t VALUES ('x', 'p'), ('y', 'q');`,
    writes: [`INSERT OR REPLACE INTO t VALUES ('x', 'r')`],
    without: 'before_insert',
  },
]

async function leavesBothSidesEqual(writes: readonly string[]): Promise<boolean> {
  for (const sql of writes) pair.sqlite.exec(sql)
  return (await pair.db.verify()).equal
}

describe('rows that a write evicts are captured:', () => {
  test.each(evictions)('$name', async ({ schema, writes }) => {
    pair = await openPair({ schema })
    expect(await leavesBothSidesEqual(writes)).toBe(true)
  })
})

describe('without its trigger a verify finds what was missed:', () => {
  const guarded = evictions.filter(({ without }) => without !== undefined)
  test.each(guarded)('$name', async ({ schema, writes, without }) => {
    pair = await openPair({ schema })
    dropTrigger(pair, `_lockstep_1_${without}`)
    expect(await leavesBothSidesEqual(writes)).toBe(false)
  })
})
