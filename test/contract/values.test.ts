import * as fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { openPair, rollback, type Pair } from '../support/pair.ts'
import { blob, integer, real, text } from '../values/arbitrary.ts'

const schema = `
  CREATE TABLE v (
    id INTEGER PRIMARY KEY, i INTEGER, r REAL, t TEXT, b BLOB, n NUMERIC, d DECIMAL(10, 2), u, mark INTEGER
  )`
const columns = ['i', 'r', 't', 'b', 'n', 'd', 'u'] as const
type Column = (typeof columns)[number]
const options = { columns: { 'v.u': 'double precision' } } as const

/** What PostgreSQL must hold for a value, asked of PostgreSQL itself. */
const images: Record<Column, string> = {
  i: 'i::text',
  r: `encode(float8send(r), 'hex')`,
  t: `encode(convert_to(t, 'UTF8'), 'hex')`,
  b: `encode(b, 'hex')`,
  n: `encode(float8send(n), 'hex')`,
  d: `encode(float8send(d), 'hex')`,
  u: `encode(float8send(u), 'hex')`,
}

function imageOf(column: Column, value: unknown): string | null {
  if (value === null) return null
  if (column === 'i') return (value as bigint).toString()
  if (column === 't') return Buffer.from(value as string).toString('hex')
  if (column === 'b') return (value as Buffer).toString('hex')
  const bits = Buffer.alloc(8)
  bits.writeDoubleBE(Number(value))
  return bits.toString('hex')
}

let pair: Pair
afterEach(() => pair.close())

/** The storage class and the very bits of every value in the file. */
function file(): unknown[][] {
  const exact = columns.map((column) => `typeof(${column}), ${column}`)
  const rows = pair.sqliteRows(`SELECT id, ${exact.join(', ')} FROM v ORDER BY id`)
  return rows.map((row) =>
    row.map((value) => (Buffer.isBuffer(value) ? value.toString('hex') : value)),
  )
}

async function expectImages(): Promise<void> {
  const select = columns.map((column) => images[column]).join(', ')
  const there = await pair.pgRows(`SELECT id, ${select} FROM v ORDER BY id`)
  const here = pair.sqliteRows(`SELECT id, ${columns.join(', ')} FROM v ORDER BY id`)
  expect(there).toEqual(
    here.map(([id, ...row]) => [
      String(id),
      ...row.map((value, index) => imageOf(columns[index] as Column, value)),
    ]),
  )
}

interface Case {
  readonly column: Column
  readonly value: null | bigint | number | string | Buffer
}

const long = 'é\\"\'\n\t😀'.repeat(100_000)
const cases: readonly Case[] = [
  ...[
    2n ** 63n - 1n,
    -(2n ** 63n),
    2n ** 53n + 1n,
    -(2n ** 53n) - 1n,
    0n,
    -1n,
    BigInt(Number.MAX_SAFE_INTEGER),
  ].map((value) => ({ column: 'i' as const, value })),
  ...[
    0,
    -0,
    0.1,
    1 / 3,
    5e-324,
    2.2250738585072014e-308,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    Infinity,
    -Infinity,
    1e15,
    1e16,
    123456789012345680,
    0.30000000000000004,
  ].map((value) => ({ column: 'r' as const, value })),
  ...[
    '',
    ' ',
    'NULL',
    'null',
    String.raw`\N`,
    String.raw`\.`,
    '{',
    '}',
    '{}',
    '{"a",NULL}',
    '"',
    `'`,
    '\\',
    '\\\\',
    '\n',
    '\r\n',
    '\t',
    ' padded ',
    '😀👩‍👩‍👧',
    'e\u0301',
    'é',
    '\ufeffbom',
    '\uffff',
    '\u{10ffff}',
    '\u0001\u007f\u0080',
    '1e5',
    '007',
    '-0',
    long,
  ].map((value) => ({ column: 't' as const, value })),
  ...['', '00', '0000', 'ff', '5c', '5c78', '27', '0a0d09', 'c328', '00'.repeat(100_000)].map(
    (hex) => ({
      column: 'b' as const,
      value: Buffer.from(hex, 'hex'),
    }),
  ),
  ...[1n, 2n ** 53n, 0.5, -0, Infinity, 1e300].map((value) => ({ column: 'n' as const, value })),
  ...[10n, 19.99, -0.01].map((value) => ({ column: 'd' as const, value })),
  // Only a column without a type keeps a negative zero, and tells 5.0 from 5.
  ...[-0, 5, 2 ** 53, -Infinity].map((value) => ({ column: 'u' as const, value })),
  ...columns.map((column) => ({ column, value: null })),
]

function insert(rows: readonly (readonly unknown[])[], from = 1): void {
  const statement = pair.sqlite.prepare(
    'INSERT INTO v (id, i, r, t, b, n, d, u) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  pair.sqlite.transaction(() => {
    for (const [index, row] of rows.entries()) statement.run(from + index, ...row)
  })()
}

function rowOf({ column, value }: Case): unknown[] {
  return columns.map((name) => (name === column ? value : null))
}

const touch = 'UPDATE v SET mark = coalesce(mark, 0) + 1'

describe('every value arrives bit for bit, with its storage class', () => {
  test('by backfill, by the applier, and back by the applier in reverse', async () => {
    pair = await openPair({ schema, stage: 'plain', options })
    insert(cases.map(rowOf))
    const before = file()
    await pair.db.install()
    await pair.db.applySchema()
    await pair.db.backfill()
    await expectImages()

    // Every row travels again, this time through the journal.
    await pair.db.run(touch)
    await pair.db.caughtUp()
    await expectImages()
    expect(await pair.differences()).toEqual([])

    await pair.db.flip('postgres', { pauseBudgetMs: 10_000 })
    await pair.pg.query('CREATE TABLE other AS SELECT * FROM v')
    await pair.pg.query('DELETE FROM v')
    await pair.db.caughtUp()
    expect(file()).toEqual([])
    await pair.pg.query('INSERT INTO v SELECT * FROM other')
    await rollback(pair.db)
    expect(file()).toEqual(before)
    await expectImages()
    expect((await pair.db.status()).quarantine).toBe(0)
  })

  test('and the same is read through Lockstep on either place', async () => {
    pair = await openPair({ schema, stage: 'installed', options, safeIntegers: true })
    insert(cases.map(rowOf))
    await pair.db.applySchema()
    await pair.db.backfill()
    for (const [index, { column, value }] of cases.entries()) {
      const sql = `SELECT ${column} AS value FROM v WHERE id = ?`
      await pair.db.setFlags({ reads: { postgres: 0 } })
      const here = await pair.db.get(sql, [index + 1])
      await pair.db.setFlags({ reads: { postgres: 100 } })
      const there = await pair.db.get(sql, [index + 1])
      if (column === 'n' || column === 'd') continue
      expect(here).toEqual({ value: column === 'r' && Object.is(value, -0) ? 0 : value })
      expect(there).toEqual(here)
    }
    expect((await pair.db.status()).counters).toMatchObject({ fallbacks: 0 })
  })

  test('a single changed bit, byte or class is found by a verify', async () => {
    pair = await openPair({ schema, options })
    insert([[2n ** 53n + 1n, 0.1, 'é', Buffer.from('00ff', 'hex'), 1n, 0.5, -0]])
    await pair.db.caughtUp()
    await pair.pg.query(`SET lockstep.applying = 'on'`)
    const changes: [Column, string][] = [
      ['i', 'i + 1'],
      ['r', 'r + 1e-17'],
      ['t', `'e\u0301'`],
      ['b', String.raw`'\x00fe'`],
      ['n', 'n + 1e-9'],
      ['d', 'NULL'],
      ['u', '0'],
    ]
    for (const [column, changed] of changes) {
      await pair.pg.query(`UPDATE v SET ${column} = ${changed}`)
      expect((await pair.differences()).map((difference) => difference.column)).toEqual([column])
      await pair.db.repair({ table: 'v', keys: [[1]] })
      await pair.db.caughtUp()
    }
  })
})

const row = fc.tuple(
  fc.option(integer),
  fc.option(real),
  fc.option(text),
  fc.option(blob),
  fc.option(fc.integer()),
  fc.option(fc.double({ noNaN: true })),
  fc.option(real),
)

test('random rows arrive and come back bit for bit', async () => {
  pair = await openPair({ schema, options })
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
      insert(rows)
      const before = file()
      await pair.db.caughtUp()
      await expectImages()
      await pair.db.flip('postgres', { pauseBudgetMs: 10_000 })
      await pair.pg.query('CREATE TEMPORARY TABLE kept AS SELECT * FROM v; DELETE FROM v')
      await pair.db.caughtUp()
      await pair.pg.query('INSERT INTO v SELECT * FROM kept; DROP TABLE kept')
      await rollback(pair.db)
      expect(file()).toEqual(before)
      pair.sqlite.exec('DELETE FROM v')
    }),
    { numRuns: 12 },
  )
})
