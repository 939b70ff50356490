import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Value } from '../../src/values/value.ts'
import { differences, openTwins, type Twins } from '../support/compat.ts'

let twins: Twins
beforeAll(async () => {
  twins = await openTwins()
})
afterAll(() => twins.close())

type Call = readonly [string, ...Value[]]

const times: readonly Value[] = [
  '2024-02-29',
  '2023-02-29',
  '2023-02-31',
  '2023-04-31',
  '2024-01-31 23:59:59.999',
  '2024-12-31T12:34:56.789',
  '2000-01-01 00:00',
  '1970-01-01 00:00:00Z',
  '2024-06-15 10:00:00+05:30',
  '2024-06-15 10:00:00 -08:00',
  '0000-01-01',
  '-4713-11-24 12:00:00',
  '-0001-06-15',
  '9999-12-31 23:59:59',
  '1582-10-15',
  '12:34',
  '12:34:56.5',
  '24:00',
  '2024-01-01 24:00:00',
  '00:30+01:00',
  '2024-01-01 12:00:00.99999',
  '2024-01-01TT  12:00',
  2451545n,
  2460000.5,
  0n,
  -1n,
  5373484.499,
  5373485n,
  1700000000n,
  1700000000.5,
  1e12,
  1e20,
  ' 2451545 ',
  '2451545.25',
  '1e3',
  null,
  '',
  'abc',
  '2024-13-01',
  '2024-00-10',
  '2024-1-1',
  '2024-01-32',
  '24:01:60',
  '25:00',
  '12:60',
  '2024-01-01 12:00 ',
  ' 2024-01-01',
  '2024-01-01x',
  '2024-01-01 12:00:00.',
  '2024-01-01 12:00:00+15:00',
  'nowx',
  Infinity,
]

test('every time value is read alike by every function', async () => {
  const names = ['date', 'time', 'datetime', 'julianday', 'unixepoch']
  const calls = names.flatMap((name) => times.map((time): Call => [name, time]))
  expect(await differences(twins, calls)).toEqual([])
})

const modifiers = [
  '+1 day',
  '-1 day',
  '1 days',
  '+1.5 days',
  '+.5 days',
  '-.5 hours',
  '.5 hours',
  '5. hours',
  '-0.5 day',
  '+1 month',
  '-1 month',
  '+13 months',
  '+1.5 months',
  '+1 year',
  '-1 year',
  '+0.25 years',
  '+90 minutes',
  '-30 seconds',
  '+0.001 second',
  '+1e3 seconds',
  '36 hours',
  'start of day',
  'start of month',
  'start of year',
  'start of week',
  'weekday 0',
  'weekday 3',
  'weekday 6',
  'weekday 7',
  'weekday 1.0',
  'weekday 1.5',
  'weekday x',
  'unixepoch',
  'julianday',
  'auto',
  'subsec',
  'subsecond',
  'floor',
  'ceiling',
  '+01:30',
  '-01:30:30.5',
  '12:00',
  '+0001-02-03',
  '-0001-02-03 04:05',
  '+0000-12-01',
  '+00001-00-00',
  '+1  day',
  '1day',
  'day',
  '+ 1 day',
  '+1 fortnight',
  '',
  ' ',
  'START OF MONTH',
  '+1 DAY',
  '+5373485 days',
  '-2e10 seconds',
  '+176546 months',
  '+14713 years',
  '0001-01-01',
  '24:00',
  '+24:30',
]

test('every modifier does what it does in SQLite, to every time value', async () => {
  const calls = modifiers.flatMap((modifier) =>
    times.map((time): Call => ['datetime', time, modifier]),
  )
  expect(await differences(twins, calls, { forms: ['column'] })).toEqual([])
})

test('modifiers follow one another', async () => {
  const chains: readonly (readonly Value[])[] = [
    ['start of month', '+1 month', '-1 day'],
    ['+1 month', 'floor'],
    ['+1 month', 'ceiling'],
    ['+1 year', 'floor'],
    ['unixepoch', 'start of year'],
    ['auto', '+1 day'],
    ['+1 day', 'auto'],
    ['subsec', 'unixepoch'],
    ['subsec', 'start of day'],
    ['start of day', '+8 hours', 'weekday 1'],
    ['+1 day', null],
    ['start of year', 'weekday 1', '+6 days', 'subsec'],
    ['floor', '+1 month'],
    ['+1 month', '+1 month', 'floor'],
    ['start of day', 'subsec'],
    ['weekday 0', 'start of month'],
    ['julianday', '+1 hour'],
    [5n],
    ['+1 month', 'start of month', 'floor'],
  ]
  const calls = chains.flatMap((chain) =>
    times.flatMap((time): Call[] => [
      ['datetime', time, ...chain],
      ['date', time, ...chain],
      ['unixepoch', time, ...chain],
    ]),
  )
  expect(await differences(twins, calls, { forms: ['column'] })).toEqual([])
})

test('strftime knows every letter, and gives NULL for one that it does not know', async () => {
  const letters = Array.from('deffFGgHIjJklmMpPRsSTuUVwWYqxzZ%').map((letter) => `[%${letter}]`)
  const formats: readonly Value[] = [
    ...letters,
    '%Y-%m-%dT%H:%M:%fZ',
    '%',
    '%%d',
    '',
    'ü%d',
    null,
    'plain',
    '%d%',
  ]
  const some = times.slice(0, 25)
  const calls = formats.flatMap((format) => some.map((time): Call => ['strftime', format, time]))
  expect(await differences(twins, calls, { forms: ['column'] })).toEqual([])
  const precise = formats.map((format): Call => [
    'strftime',
    format,
    '2024-05-06 07:08:09.1235',
    'subsec',
  ])
  expect(await differences(twins, [...precise, ['strftime']])).toEqual([])
})

test('weeks and days of the year are right around every new year', async () => {
  const days = Array.from({ length: 40 }, (_, year) => 1990 + year).flatMap((year) => [
    `${year}-12-28`,
    `${year}-12-31`,
    `${year}-01-01`,
    `${year}-01-04`,
    `${year}-03-01`,
  ])
  const calls = days.map((day): Call => ['strftime', '%G %g %V %U %W %j %u %w %J', day])
  expect(await differences(twins, calls, { forms: ['column'] })).toEqual([])
})

test('timediff says what leads from one time to the other', async () => {
  const some = [
    '2024-02-29',
    '2023-01-31 12:00',
    '2023-03-01',
    '1999-12-31 23:59:59.999',
    '2000-01-01',
    '12:00',
    2451545n,
    null,
    'x',
    '2024-02-29 12:00',
  ]
  const calls = some.flatMap((a) => some.map((b): Call => ['timediff', a, b]))
  expect(await differences(twins, calls, { forms: ['column', 'dynamic'] })).toEqual([])
})

test('any moment with any modifiers comes out the same', async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
  const two = (max: number, min = 0) =>
    fc.integer({ min, max }).map((n) => String(n).padStart(2, '0'))
  const day = fc
    .tuple(fc.integer({ min: 0, max: 9999 }), two(12, 1), two(31, 1))
    .map(([y, m, d]) => `${String(y).padStart(4, '0')}-${m}-${d}`)
  const clock = fc
    .tuple(two(23), two(59), two(59), fc.integer({ min: 0, max: 9999 }))
    .map(([h, m, s, f]) => `${h}:${m}:${s}.${f}`)
  const time = fc.oneof(
    day,
    fc.tuple(day, clock).map(([a, b]) => `${a} ${b}`),
    clock,
    fc.double({ min: -1e6, max: 6e6, noNaN: true }),
    fc.integer().map(BigInt),
  )
  const amount = fc
    .tuple(
      fc.constantFrom('+', '-', ''),
      fc.oneof(
        fc.nat(4000),
        fc.nat(400000).map((n) => n / 1000),
      ),
      fc.constantFrom('second', 'minutes', 'hours', 'day', 'months', 'year'),
    )
    .map(([sign, n, unit]) => `${sign}${n} ${unit}`)
  const modifier = fc.oneof(amount, fc.constantFrom(...modifiers))
  const property = fc.asyncProperty(
    time,
    fc.array(modifier, { maxLength: 3 }),
    async (value, list) => {
      const calls = (['datetime', 'julianday', 'unixepoch'] as const).map((name): Call => [
        name,
        value,
        ...list,
      ])
      expect(
        await differences(twins, [...calls, ['strftime', '%Y %j %f %s', value, ...list]], {
          forms: ['column'],
        }),
      ).toEqual([])
    },
  )
  await fc.assert(property, { numRuns: 400, seed })
})

test('now is the same throughout a statement, in the form of SQLite', async () => {
  const { rows } = await twins.client.query<{ same: boolean; form: string }>(
    `SELECT count(DISTINCT sqlite.strftime('%f', 'now'::text)) = 1 AS same, min(sqlite.datetime('now'::text)) AS form FROM generate_series(1, 2000)`,
  )
  expect(rows[0]?.same).toBe(true)
  expect(Math.abs(Date.parse(`${rows[0]?.form}Z`) - Date.now())).toBeLessThan(10_000)
})

test('the immutable twins refuse now, and local time is refused by both', async () => {
  await expect(twins.client.query(`SELECT sqlite.date_i('now'::text)`)).rejects.toThrow(
    "'now' in a row",
  )
  await expect(twins.client.query(`SELECT sqlite.date('now'::text, 'localtime')`)).rejects.toThrow(
    'local time',
  )
  await expect(
    twins.client.query(`SELECT sqlite.datetime_i('2024-01-01'::text, 'utc')`),
  ).rejects.toThrow('local time')
  await twins.client.query(
    `CREATE TEMP TABLE t (at text CHECK (sqlite.date_i(at) IS NOT NULL), day text GENERATED ALWAYS AS (sqlite.date_i(at)) STORED)`,
  )
  await twins.client.query(`CREATE INDEX ON t (sqlite.date_i(at))`)
})
