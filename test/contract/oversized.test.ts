import { afterEach, describe, expect, test } from 'vitest'
import type { QuarantineEntry } from '../../src/index.ts'
import { flip, openPair, travel, type Pair } from '../support/pair.ts'

/*
 * A B-tree of PostgreSQL's has entries of 2,704 bytes at most, and a row 8,160 without what can be stored apart:
 * texts of 18 bytes and less cannot. SQLite has neither bound.
 */

const columns = Array.from({ length: 1499 }, (_, index) => `c${index}`)
const schema = `
  CREATE TABLE uniques (id INTEGER PRIMARY KEY, v TEXT UNIQUE, n TEXT COLLATE NOCASE UNIQUE);
  CREATE TABLE plain (id INTEGER PRIMARY KEY, w TEXT);
  CREATE INDEX plain_w ON plain (w);
  CREATE TABLE keyed (k TEXT PRIMARY KEY, v INTEGER);
  CREATE TABLE blobs (a BLOB, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;
  CREATE TABLE wide (id INTEGER PRIMARY KEY, ${columns.map((name) => `${name} TEXT`).join(', ')});
  CREATE TABLE others (id INTEGER PRIMARY KEY, v TEXT);
  INSERT INTO uniques VALUES (1, 'one', 'one');
  INSERT INTO plain VALUES (1, 'one');
  INSERT INTO keyed VALUES ('one', 1);
  INSERT INTO blobs VALUES (x'01', 1);
  INSERT INTO wide (id) VALUES (1);
  INSERT INTO others VALUES (1, 'one');
`

/** No compression makes less of it. */
function random(bytes: number): string {
  let seed = bytes
  let text = ''
  while (text.length < bytes) {
    seed = (seed * 48271) % 2147483647
    text += String.fromCharCode(0x21 + ((seed >> 16) % 90)).replace(/["'\\]/, '_')
  }
  return text
}

interface Oversized {
  readonly name: string
  readonly insert: string
  readonly entry: QuarantineEntry
  readonly shrink: string
}

const tooLong = expect.stringMatching(
  /^index row (size \d+ exceeds btree|requires \d+ bytes)/,
) as string

const oversized: readonly Oversized[] = [
  {
    name: 'a value of a unique column',
    insert: `INSERT INTO uniques VALUES (2, '${random(4000)}', 'two')`,
    entry: { table: 'uniques', key: '2', column: null, reason: tooLong },
    shrink: `UPDATE uniques SET v = 'two' WHERE id = 2`,
  },
  {
    name: 'a value of a unique column without case',
    insert: `INSERT INTO uniques VALUES (3, 'three', '${random(12_000)}')`,
    entry: { table: 'uniques', key: '3', column: null, reason: tooLong },
    shrink: `DELETE FROM uniques WHERE id = 3`,
  },
  {
    name: 'a value of an indexed column',
    insert: `INSERT INTO plain VALUES (2, '${random(12_000)}')`,
    entry: { table: 'plain', key: '2', column: null, reason: tooLong },
    shrink: `UPDATE plain SET w = 'two' WHERE id = 2`,
  },
  {
    name: 'a key',
    insert: `INSERT INTO keyed VALUES ('${random(12_000)}', 2)`,
    entry: {
      table: 'keyed',
      key: expect.stringMatching(
        /^".{999}… \(12,002 characters, SHA-256 [0-9a-f]{64}\)$/,
      ) as string,
      column: null,
      reason: tooLong,
    },
    shrink: `UPDATE keyed SET k = 'two' WHERE v = 2`,
  },
  {
    name: 'a blob in a key of two columns',
    insert: `INSERT INTO blobs VALUES (randomblob(5000), 2)`,
    entry: {
      table: 'blobs',
      key: expect.stringMatching(/^\(x'[0-9a-f]+… \(10,008 characters/) as string,
      column: null,
      reason: tooLong,
    },
    shrink: `DELETE FROM blobs WHERE b = 2`,
  },
  {
    name: 'a row of many short values',
    insert: `INSERT INTO wide VALUES (2, ${columns.map((name) => `'value of ${name}'`).join(', ')})`,
    entry: {
      table: 'wide',
      key: '2',
      column: null,
      reason: expect.stringMatching(/^row is too big: size \d+, maximum size 8160/) as string,
    },
    shrink: `DELETE FROM wide WHERE id = 2`,
  },
]

let pair: Pair

async function listed(): Promise<unknown> {
  const rows = await pair.pgRows(
    'SELECT tbl, key, col, reason FROM lockstep.quarantine ORDER BY tbl, key',
  )
  return rows.map(([table, key, column, reason]) => ({ table, key, column, reason }))
}

afterEach(() => pair.close())

describe('a row that is too large for PostgreSQL', () => {
  test.each(oversized)(
    'by $name: is listed, and the rest goes on',
    async ({ insert, entry, shrink }) => {
      pair = await openPair({ schema })
      pair.sqlite.exec(`BEGIN; INSERT INTO others VALUES (10, 'before'); ${insert};
      INSERT INTO others VALUES (11, 'after'); COMMIT`)
      await pair.db.caughtUp()
      expect(await listed()).toEqual([entry])
      expect(await pair.pgRows('SELECT v FROM others WHERE id > 9')).toEqual([
        ['before'],
        ['after'],
      ])
      expect((await pair.db.verify()).equal).toBe(false)
      await expect(flip(pair.db)).rejects.toMatchObject({ code: 'GATE_REFUSED' })

      pair.sqlite.exec(shrink)
      await pair.db.caughtUp()
      expect(await listed()).toEqual([])
      expect(await pair.differences()).toEqual([])
    },
  )

  test('is left behind by a backfill, whose keys and unique indexes are made of the others', async () => {
    pair = await openPair({
      schema: `${schema}; ${oversized.map(({ insert }) => insert).join(';')};
        INSERT INTO keyed VALUES ('${'long and easily compressed '.repeat(400)}', 3)`,
      stage: 'plain',
    })
    await travel(pair.db, 'installed')
    await pair.db.applySchema()
    const { findings, tables } = await pair.db.backfill()
    const left = oversized.filter(({ entry }) => entry.table !== 'plain')
    expect(new Set((await listed()) as QuarantineEntry[])).toEqual(
      new Set(left.map(({ entry }) => entry)),
    )
    expect(
      Object.fromEntries(tables.map(({ table, quarantined }) => [table, quarantined])),
    ).toEqual({
      uniques: 2,
      plain: 0,
      keyed: 1,
      blobs: 1,
      wide: 1,
      others: 0,
    })
    expect(findings).toMatchObject([{ code: 'INDEX_REFUSED', table: 'plain' }])
    // What compression makes short enough is there.
    expect(await pair.pgRows('SELECT v FROM keyed ORDER BY v')).toEqual([['1'], ['3']])
    const { problems, differences } = await pair.db.verify()
    expect(problems).toEqual([])
    expect(differences).toHaveLength(left.length)
    expect(differences.every((each) => each.class === 'missing')).toBe(true)

    for (const { shrink } of oversized) pair.sqlite.exec(shrink)
    await pair.db.caughtUp()
    expect(await listed()).toEqual([])
    expect(await pair.differences()).toEqual([])
  })

  test.each(oversized.filter(({ name }) => !name.includes('blob')))(
    'by $name: is refused by PostgreSQL as the primary, in clear words',
    async ({ insert }) => {
      pair = await openPair({ schema, stage: 'flipped' })
      await expect(pair.db.run(insert)).rejects.toMatchObject({
        code: 'SQLITE_TOOBIG',
        message: expect.stringMatching(/(index row|row is too big).*PostgreSQL.*shorten/) as string,
      })
      await pair.db.run(`INSERT INTO others VALUES (10, 'after')`)
      expect(await pair.differences()).toEqual([])
    },
  )
})

test('a unique index that a row there is too large for is refused before it is on either place', async () => {
  pair = await openPair({ schema })
  await pair.db.run(`INSERT INTO others VALUES (2, '${random(4000)}')`)
  await pair.db.caughtUp()
  const made = pair.db.exec('CREATE UNIQUE INDEX others_v ON others (v)')
  await expect(made).rejects.toMatchObject({ code: 'SQLITE_TOOBIG' })
  expect(pair.sqliteRows(`SELECT name FROM sqlite_schema WHERE name = 'others_v'`)).toEqual([])
  expect(await pair.differences()).toEqual([])
})
