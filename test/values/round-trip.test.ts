import Database from 'better-sqlite3'
import * as fc from 'fast-check'
import { Client, type QueryConfig } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { arrayText } from '../../src/values/array-text.ts'
import { applyNumericAffinity } from '../../src/values/affinity.ts'
import { codecFor, storageClass, Unencodable } from '../../src/values/codec.ts'
import { sameValue } from '../../src/values/compare.ts'
import { serverType } from '../../src/values/postgres-type.ts'
import type { Affinity, PostgresType, Value } from '../../src/values/value.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { declaredTypes, postgresTypes, text, value } from './arbitrary.ts'
import { upgradedColumns, upgradedValue } from './upgraded-arbitrary.ts'

const sqlite = new Database(':memory:')
sqlite.defaultSafeIntegers(true)
let database: TestDatabase
let client: Client

beforeAll(async () => {
  database = await createDatabase()
  client = new Client({ connectionString: database.url })
  await client.connect()
  await client.query('SET TimeZone = UTC')
}, 60_000)

afterAll(async () => {
  await client.end()
  await database.drop()
  sqlite.close()
})

/** What a column of the affinity makes of the values, and the class that SQLite gives each. */
function store(affinity: Affinity, values: readonly Value[]): { value: Value; class: string }[] {
  sqlite.exec(`CREATE TABLE stored (id INTEGER PRIMARY KEY, v ${declaredTypes[affinity]})`)
  const insert = sqlite.prepare('INSERT INTO stored (v) VALUES (?)')
  for (const each of values) insert.run(each)
  const rows = sqlite
    .prepare<[], { value: Value; class: string }>(
      'SELECT v AS value, upper(typeof(v)) AS class FROM stored ORDER BY id',
    )
    .all()
  sqlite.exec('DROP TABLE stored')
  return rows
}

/** Real columns of the type take the texts and give back theirs. */
async function throughPostgres(
  type: PostgresType,
  texts: readonly (string | null)[],
): Promise<(string | null)[]> {
  await client.query(`CREATE TEMPORARY TABLE carried (id bigint, v ${serverType(type)})`)
  const sql = `INSERT INTO carried SELECT n, t::${serverType(type)} FROM unnest($1::text[]) WITH ORDINALITY u (t, n)`
  await client.query(sql, [arrayText(texts)])
  const { rows } = await client.query<{ v: string | null }>({
    text: 'SELECT v FROM carried ORDER BY id',
    types: { getTypeParser: () => (raw: string) => raw },
  } as QueryConfig)
  await client.query('DROP TABLE carried')
  return rows.map((row) => row.v)
}

const columns = [
  ...(Object.keys(declaredTypes) as Affinity[]).flatMap((affinity) =>
    postgresTypes.map((postgresType) => ({ affinity, postgresType, values: value })),
  ),
  ...upgradedColumns.map(([affinity, postgresType]) => ({
    affinity,
    postgresType,
    values: upgradedValue,
  })),
]

describe.each(columns)(
  'a $affinity column carried as $postgresType',
  ({ affinity, postgresType, values: drawn }) => {
    const codec = codecFor({ affinity, postgresType })

    test('what encodes comes back with its class and its bits, and SQLite stores it as it was', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(drawn, { minLength: 150, maxLength: 150 }), async (values) => {
          const held = store(affinity, values)
          for (const each of held) expect(storageClass(each.value)).toBe(each.class)
          const carried = held.flatMap((each) => {
            const encoded = codec.encode(each.value)
            return encoded instanceof Unencodable ? [] : [{ ...each, encoded }]
          })
          const texts = await throughPostgres(
            postgresType,
            carried.map((each) => each.encoded),
          )
          const decoded = texts.map((each) => codec.decode(each))
          const again = store(affinity, decoded)
          const lost = carried.filter((each, index) => {
            const stored = again[index]
            if (stored === undefined || stored.class !== each.class) return true
            return (
              !sameValue(stored.value, each.value) || !sameValue(decoded[index] ?? null, each.value)
            )
          })
          expect(lost).toEqual([])
        }),
        { numRuns: 6 },
      )
    })
  },
)

const natural: [Affinity, PostgresType, Value[]][] = [
  ['integer', 'bigint', [0n, -(2n ** 63n), 2n ** 63n - 1n]],
  ['integer', 'double precision', [5n, -(2n ** 53n), 2n ** 53n, 10n ** 18n, 0.5, -(2 ** 63)]],
  ['numeric', 'numeric', [5n, 2n ** 63n - 1n, 0.1, 2 ** 63, 5e-324, 1.5e300, -Infinity]],
  ['real', 'double precision', [5, 0.1, 5e-324, Infinity, -Infinity, 1e300]],
  ['real', 'text', [5, 0.1, 1e300, 'n/a', Infinity]],
  ['integer', 'text', [5n, 0.5, 'abc', '', 2n ** 63n - 1n]],
  ['text', 'text', ['5', '5.0', '', "O'Brien", '\u{1f600}']],
  ['blob', 'double precision', [5, -0, 0.1]],
  ['blob', 'numeric', [5n, 5, 1e15, 2 ** 70, 2n ** 62n]],
  ['blob', 'bytea', [Buffer.alloc(0), Buffer.from([0, 255, 92])]],
  ['integer', 'boolean', [0n, 1n]],
  ['text', 'date', ['0001-01-01', '2024-02-29', '9999-12-31']],
  ['text', 'timestamptz', ['0001-01-01 00:00:00', '2024-02-29 23:59:59.5']],
  ['text', 'timestamptz(iso)', ['2024-02-29T23:59:59.120Z']],
  ['integer', 'timestamptz(seconds)', [0n, -1n, 253_402_300_799n]],
  ['integer', 'timestamptz(milliseconds)', [-1n, 1_700_000_000_123n]],
  ['text', 'uuid', ['0a9e4a34-d08a-4c8e-9d44-0f6a9f5bb1c4']],
  ['text', 'json', ['{"b": 1.0, "a": [], "b": null}', ' "x" ']],
  ['text', 'jsonb', ['{"a":1,"b":[true,null,"é\\n"],"aa":-0.5}', '"x"', '[]']],
  ['numeric', 'numeric(10,2)', [5n, 19.99, -0.01, 99_999_999.99]],
  ['real', 'numeric(10,2)', [5, 19.99]],
]

test.each(natural)(
  'a %s column carried as %s takes the values it is meant for',
  (affinity, type, values) => {
    const codec = codecFor({ affinity, postgresType: type })
    for (const each of values) expect(codec.encode(each)).toBeTypeOf('string')
  },
)

const refused: [Affinity, PostgresType, Value, RegExp][] = [
  ['integer', 'bigint', 'abc', /TEXT/],
  ['integer', 'bigint', 0.5, /REAL/],
  ['integer', 'bigint', 2n ** 63n, /64 bits/],
  ['numeric', 'double precision', 2n ** 53n + 1n, /exactly/],
  ['numeric', 'double precision', -(2n ** 63n), /exactly/],
  ['blob', 'double precision', 5n, /INTEGER/],
  ['blob', 'numeric', -0, /negative zero/],
  ['blob', 'text', 5n, /INTEGER/],
  ['text', 'text', 'secret\0secret', /NUL/],
  ['text', 'text', 'secret\ud800', /surrogate/],
  ['text', 'text', Buffer.from('secret'), /BLOB/],
  ['blob', 'bytea', 'secret', /TEXT/],
  ['real', 'double precision', Number.NaN, /NaN/],
  ['integer', 'boolean', 2n, /boolean/],
  ['text', 'date', '2024-02-30', /date/],
  ['text', 'date', '0000-01-01', /date/],
  ['text', 'timestamptz', '2024-02-29T23:59:59', /timestamptz/],
  ['text', 'timestamptz', '2024-02-29 23:59:59.50', /timestamptz/],
  ['text', 'timestamptz', '2024-02-29 24:00:00', /timestamptz/],
  ['text', 'timestamptz(iso)', '2024-02-29T23:59:59.12Z', /iso/],
  ['integer', 'timestamptz(seconds)', 253_402_300_800n, /seconds/],
  ['text', 'uuid', '0A9E4A34-D08A-4C8E-9D44-0F6A9F5BB1C4', /uuid/],
  ['text', 'json', "{a: 'secret'}", /json/],
  ['text', 'jsonb', '{"secret": 1}', /jsonb/],
  ['text', 'jsonb', '{"b":1,"a":2}', /jsonb/],
  ['text', 'jsonb', '{"a":1,"a":2}', /jsonb/],
  ['text', 'jsonb', '[1.0]', /jsonb/],
  ['text', 'jsonb', '[1e3]', /jsonb/],
  ['text', 'jsonb', '-0', /jsonb/],
  ['text', 'jsonb', '"\\u0000"', /jsonb/],
  ['numeric', 'numeric(10,2)', 0.005, /numeric/],
  ['numeric', 'numeric(10,2)', 100_000_000n, /numeric/],
  ['numeric', 'numeric(10,2)', 0.1 + 0.2, /numeric/],
  ['numeric', 'numeric(10,2)', 'secret', /TEXT/],
]

test.each(refused)(
  'a %s column carried as %s refuses what it would change',
  (affinity, type, each, why) => {
    const result = codecFor({ affinity, postgresType: type }).encode(each)
    expect(result).toBeInstanceOf(Unencodable)
    expect((result as Unencodable).reason).toMatch(why)
    expect((result as Unencodable).reason).not.toContain('secret')
  },
)

test('without the affinity of its column an INTEGER would come back as a REAL', () => {
  const numeric = codecFor({ affinity: 'numeric', postgresType: 'double precision' })
  const encoded = numeric.encode(5n)
  const back = codecFor({ affinity: 'blob', postgresType: 'double precision' }).decode(
    encoded as string,
  )
  expect(sameValue(back, 5n)).toBe(false)
})

test.each(['integer', 'numeric', 'real'] as const)(
  'values that PostgreSQL computes become what SQLite would store in a %s column',
  (affinity) => {
    fc.assert(
      fc.property(fc.array(fc.oneof(text, value), { minLength: 100 }), (values) => {
        // SQLite's own parser of decimals may be off by one unit in the last place, so only texts
        // of up to 15 digits are held against it.
        const short = values.filter((each) => typeof each !== 'string' || each.length < 16)
        const held = store(affinity, short)
        const wrong = short.filter((each, index) => {
          return !sameValue(applyNumericAffinity(each, affinity), held[index]?.value ?? null)
        })
        expect(wrong).toEqual([])
      }),
      { numRuns: 30 },
    )
  },
)

test('NaN on PostgreSQL is no NULL', () => {
  const codec = codecFor({ affinity: 'real', postgresType: 'double precision' })
  expect(codec.decode('NaN')).toBeNaN()
})

test('two texts that jsonb carries are equal there only if they are the same text', async () => {
  const codec = codecFor({ affinity: 'text', postgresType: 'jsonb' })
  const texts = fc
    .sample(upgradedValue, { numRuns: 4000, seed: 5 })
    .map((each) => (typeof each === 'string' ? codec.encode(each) : null))
    .filter((each) => typeof each === 'string')
  texts.push('[1]', '[0.1]', '[10]', '[0]', '{"a":0.5}')
  const sql =
    'SELECT count(DISTINCT t)::int AS texts, count(DISTINCT t::jsonb)::int AS documents FROM unnest($1::text[]) u (t)'
  const { rows } = await client.query<{ texts: number; documents: number }>(sql, [arrayText(texts)])
  expect(rows[0]?.texts).toBeGreaterThan(80)
  expect(rows[0]?.documents).toBe(rows[0]?.texts)
})
