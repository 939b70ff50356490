import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LockstepError } from '../../src/index.ts'
import { flip, openPair, type Pair } from '../support/pair.ts'

/** Columns that hold INTEGERs and REALs side by side, which are `numeric` on PostgreSQL. */
const columns = { loose: 'v', wide: 'v NUMERIC', whole: 'v INTEGER' }
const numbers = [
  1n,
  1.5,
  null,
  9223372036854775807n,
  -9223372036854775808n,
  9007199254740993n,
  0n,
  0.0,
  3.0,
  -7.0,
  2 ** 53,
  2 ** 60,
  2n ** 60n,
  -(2 ** 63),
  5e-324,
  1e300,
  1.7e308,
  -3e-310,
  1.2345678901234568e20,
  0.1,
  Infinity,
]
const tables = Object.keys(columns)
const rows = numbers.map((value, id) => `(${id}, ${literal(value)})`).join(', ')
const schema = Object.entries(columns)
  .map(
    ([name, column]) => `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, ${column});
      INSERT INTO ${name} VALUES ${rows};`,
  )
  .join('\n')

/** Each in its own row, so that one that PostgreSQL refuses hides no other. */
const expressions = [
  'v',
  'typeof(v)',
  'quote(v)',
  "v || ''",
  'CAST(v AS TEXT)',
  'CAST(v AS INTEGER)',
  'CAST(v AS REAL)',

  'CAST(v AS NUMERIC)',
  'v + 1',
  'v - 1',
  'v * 3',
  'v / 2',
  'v / 1e-300',
  'v / 3e307',
  'v * v',
  'v * 1e-200',
  '-v * 5e-324',
  'v + 1.7976931348623157e308',
  'v - 1.7e308 - v',
  'v + v',
  'v % 3',
  '-v',
  'abs(v)',
  'round(v, 1)',

  'v & 1',
  '~v',
  'v << 1',
  'v = 1',
  'v = 3.0',
  'v > 9007199254740992',
  'v IN (1, 3, 1152921504606846976)',

  'v BETWEEN 0 AND 3',
  "v < 'a'",
  "v = '3'",
  'v IS NULL',
  'coalesce(v, 0)',
  'max(v, 1)',
  'min(v, 1.0)',

  'nullif(v, 1)',
  'iif(v, 1, 2)',
  'hex(v)',
  'length(v)',
  "printf('%s', v)",
  'json_array(v)',
  "v LIKE '3%'",

  'CASE v WHEN 3 THEN typeof(v) ELSE v END',
  '(SELECT typeof(x) FROM (SELECT v AS x))',
  'sign(v)',
]
const queries = tables.flatMap((table) => [
  ...expressions.map((expression) => `SELECT id, ${expression} AS x FROM ${table} ORDER BY id`),
  `SELECT id FROM ${table} ORDER BY v, id`,
  `SELECT count(DISTINCT v), sum(id) FROM ${table}`,
  `SELECT typeof(v) AS x, count(*) FROM ${table} GROUP BY typeof(v) ORDER BY 1`,
  `SELECT id FROM ${table} WHERE typeof(v) = 'integer' ORDER BY id`,
  `SELECT a.id, b.id AS other FROM ${table} AS a JOIN ${table} AS b ON a.v = b.v ORDER BY 1, 2`,
])

let pair: Pair
const fallbacks: string[] = []
const before = new Map<string, unknown>()

beforeAll(async () => {
  pair = await openPair({ schema, safeIntegers: true })
  for (const sql of queries) before.set(sql, await outcome(sql))
  pair.db.on('fallback', ({ reason }) => fallbacks.push(reason))
  await pair.db.setFlags({ reads: { postgres: 100 } })
  await pair.db.caughtUp()
})
afterAll(() => pair.close())

/** A REAL has a point or an exponent. */
function literal(value: number | bigint | null): string {
  if (typeof value !== 'number') return String(value)
  if (value === Infinity) return '9e999'
  const text = String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

/** `abs` of the least INTEGER is an error. */
function outcome(sql: string): Promise<unknown> {
  return pair.db.all(sql).catch(({ code, message }: LockstepError) => ({ code, message }))
}

/** A read that fails is asked of SQLite once more: PostgreSQL has refused nothing if it has failed in the same way. */
function mayFallBack(sql: string): unknown[] {
  const known = before.get(sql)
  return Array.isArray(known) ? [] : [(known as LockstepError).code]
}

test.each(queries)('the same on PostgreSQL: %s', async (sql) => {
  expect(await outcome(sql)).toEqual(before.get(sql))
  expect(fallbacks.splice(0)).toEqual(mayFallBack(sql))
})

test('a number that PostgreSQL stores keeps its class, or is refused', async () => {
  await flip(pair.db)
  const plain = new Database(':memory:')
  plain.exec(schema)
  const both = async (sql: string, ...values: unknown[]): Promise<void> => {
    await pair.db.run(sql, values)
    plain.prepare(sql).run(...values)
  }
  const values = [3, 3n, 0.5, 2 ** 60, 9007199254740993n, 1e300, -(2 ** 63), 0, -Infinity, 1e-7]
  for (const table of tables) {
    for (const [index, value] of values.entries())
      await both(`INSERT INTO ${table} VALUES (?, ?)`, 100 + index, value)
    await both(`UPDATE ${table} SET v = v * 1.0 WHERE id BETWEEN 100 AND 103`)
    await both(`UPDATE ${table} SET v = v + 1 WHERE id IN (104, 107)`)
    await both(`INSERT INTO ${table} SELECT id + 200, v FROM ${table} WHERE id >= 100`)
    await both(`INSERT INTO ${table} SELECT id + 400, v FROM wide WHERE id < 20`)
    await both(
      `INSERT INTO ${table} VALUES (900, 2.0), (901, 2), (902, 1e18), (903, -9223372036854775808)`,
    )
    const read = `SELECT id, v, typeof(v) FROM ${table} ORDER BY id`
    const expected = plain.prepare(read).safeIntegers().raw().all()
    expect(await pair.db.values(read)).toEqual(expected)
    await pair.db.caughtUp()
    expect(pair.sqliteRows(read)).toEqual(expected)
  }
  expect(await pair.differences()).toEqual([])
  await expect(pair.db.run('INSERT INTO loose VALUES (999, ?)', [-0.0])).rejects.toMatchObject({
    code: 'SQL_UNSUPPORTED',
  })
  plain.close()
})
