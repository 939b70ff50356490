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

const values: readonly Value[] = [
  null,
  0n,
  1n,
  -1n,
  7n,
  -8n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  0,
  -0,
  0.5,
  -0.5,
  1,
  1.5,
  2.5,
  -2.5,
  0.1,
  2.675,
  1e15,
  1e17,
  1e308,
  5e-324,
  1e-300,
  710,
  -750,
  Infinity,
  -Infinity,
  '',
  'abc',
  '12',
  ' -3.5 ',
  '1e3',
  '4x',
  '.5',
  '0x10',
  Buffer.from('ab'),
  Buffer.from('7'),
]

test('functions of one number take what is no number as SQLite does, and never raise what SQLite answers', async () => {
  const names = [
    'abs',
    'sign',
    'ceil',
    'ceiling',
    'floor',
    'trunc',
    'round',
    'sqrt',
    'exp',
    'ln',
    'log',
    'log10',
    'log2',
    'sin',
    'cos',
    'tan',
    'asin',
    'acos',
    'atan',
    'sinh',
    'cosh',
    'tanh',
    'asinh',
    'acosh',
    'atanh',
    'degrees',
    'radians',
  ]
  const calls = names.flatMap((name) => values.map((value): Call => [name, value]))
  // A product that is out of the range of doubles is an error on PostgreSQL.
  const refused: string[] = []
  expect(await differences(twins, calls, { refusals: (line) => refused.push(line) })).toEqual([])
  expect(
    refused.filter((line) => !/^(?:degrees\(real 1e\+308|radians\(real 5e-324)/.test(line)),
  ).toEqual([])
})

test('functions of two numbers agree over every pair', async () => {
  const some: readonly Value[] = [
    null,
    0n,
    2n,
    -3n,
    0,
    -0,
    0.5,
    -0.5,
    1,
    -1,
    2,
    3,
    -3,
    10.5,
    1e300,
    -1e300,
    1e-300,
    Infinity,
    -Infinity,
    '8',
    'x',
    2n ** 62n,
  ]
  const calls = ['pow', 'power', 'mod', 'log', 'atan2'].flatMap((name) =>
    some.flatMap((a) => some.map((b): Call => [name, a, b])),
  )
  expect(await differences(twins, calls, { forms: ['column', 'dynamic'] })).toEqual([])
})

test('round() rounds the digits that SQLite sees', async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
  const property = fc.asyncProperty(
    fc.oneof(
      fc.double({ noNaN: true }),
      fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 1000),
      fc.integer({ min: -1e6, max: 1e6 }).map((n) => (n * 2 + 1) / 2000),
    ),
    fc.integer({ min: -2, max: 17 }),
    async (value, places) => {
      expect(
        await differences(
          twins,
          [
            ['round', value, BigInt(places)],
            ['round', value],
          ],
          { forms: ['column'] },
        ),
      ).toEqual([])
    },
  )
  await fc.assert(property, { numRuns: 400, seed })
})

test('max() and min() of several arguments are NULL where one is, and compare across classes', async () => {
  const some: readonly Value[] = [
    null,
    1n,
    2n,
    1,
    1.5,
    -0,
    0n,
    '',
    'a',
    'B',
    '10',
    Buffer.from('a'),
    2n ** 62n,
    2 ** 62,
  ]
  const calls = ['max', 'min', 'nullif', 'ifnull', 'coalesce'].flatMap((name) =>
    some.flatMap((a) => some.map((b): Call => [name, a, b])),
  )
  expect(
    await differences(twins, [
      ...calls,
      ['max', 1n, 3n, 2n],
      ['min', 'b', 'a', 'c'],
      ['max', 1n, null, 3n],
    ]),
  ).toEqual([])
})

test('iif() goes by truth, and is NULL without a last value', async () => {
  const calls = [null, 0n, 1n, 0.5, '', '0', '1x', 'x'].flatMap((value): Call[] => [
    ['iif', value, 'yes'],
    ['iif', value, 'yes', 'no'],
    ['iif', value, 'a', 1n, 2n],
    ['if', value, 1n, 0n, 2n, 3.5],
  ])
  expect(await differences(twins, calls)).toEqual([])
})

test('what is random has its class and size, and other values each time', async () => {
  const { rows } = await twins.client.query<Record<string, unknown>>(
    `SELECT count(DISTINCT sqlite.random())::int AS numbers, min(sqlite.random()) < 0 AS low, max(sqlite.random()) > 0 AS high,
       max(length(sqlite.randomblob(1 + x % 40))) AS longest, count(DISTINCT sqlite.randomblob(16))::int AS blobs FROM generate_series(0, 999) x`,
  )
  expect(rows[0]).toEqual({ numbers: 1000, low: true, high: true, longest: 40, blobs: 1000 })
})
