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

const integers: readonly Value[] = [
  null,
  0n,
  1n,
  -1n,
  42n,
  123456789n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  3.9,
  '12abc',
  'x',
]
const reals: readonly Value[] = [
  null,
  0,
  -0,
  1,
  -1.5,
  0.1,
  0.05,
  0.005,
  999.9995,
  123456.789,
  1e15,
  1e16,
  1e21,
  1e-7,
  123e300,
  Infinity,
  -Infinity,
  5n,
  '2.5x',
  2 / 3,
  49.47,
  1e100,
]

test('integer conversions keep flags, width and precision', async () => {
  const specs = [
    '%d',
    '%i',
    '%u',
    '%5d',
    '%-5d|',
    '%05d',
    '%+d',
    '% d',
    '%,d',
    '%012,d',
    '%.4d',
    '%8.4d',
    '%x',
    '%X',
    '%#x',
    '%08x',
    '%o',
    '%#o',
    '%lld',
    '%ld',
    '%r',
    '%p',
    '%+,d',
    '%-8x|',
  ]
  const calls = specs.flatMap((spec) => integers.map((value): Call => ['printf', spec, value]))
  expect(await differences(twins, calls, { forms: ['column'] })).toEqual([])
})

test('real conversions print the digits that SQLite prints', async () => {
  const specs = [
    '%f',
    '%.2f',
    '%.0f',
    '%#.0f',
    '%10.3f',
    '%-10.3f|',
    '%010.3f',
    '%+.2f',
    '% .1f',
    '%,.2f',
    '%e',
    '%.3e',
    '%E',
    '%g',
    '%G',
    '%.3g',
    '%#g',
    '%!g',
    '%!.17g',
    '%!f',
    '%!.15f',
    '%.20f',
    '%!.20e',
    '%012.2f',
    '%#f',
  ]
  const calls = specs.flatMap((spec) => reals.map((value): Call => ['format', spec, value]))
  expect(await differences(twins, calls, { forms: ['column'] })).toEqual([])
})

test('text conversions count bytes, or characters with !', async () => {
  const specs = [
    '%s',
    '%10s',
    '%-10s|',
    '%.3s',
    '%!.3s',
    '%!10s',
    '%!-10.2s|',
    '%q',
    '%Q',
    '%w',
    '%.2Q',
    '%10Q',
    '%z',
    '%c',
    '%5c',
    '%.3c',
    '%-5c|',
  ]
  const texts: readonly Value[] = ['abc', "it's", 'say "hi"', 'äöü', 5n, 2.5, 'longer than ten']
  const calls = specs.flatMap((spec) => texts.map((value): Call => ['printf', spec, value]))
  const refused: string[] = []
  // A precision in bytes can end within a character, which is no text to PostgreSQL.
  expect(
    await differences(twins, calls, { forms: ['column'], refusals: (line) => refused.push(line) }),
  ).toEqual([])
  expect(refused.filter((line) => !line.includes('äöü'))).toEqual([])
})

test('the template is taken apart as in SQLite', async () => {
  const calls: Call[] = [
    ['printf'],
    ['printf', null],
    ['printf', ''],
    ['printf', 'plain'],
    ['printf', '100%'],
    ['printf', '%%'],
    ['printf', '%5%|'],
    ['printf', 'a%yb', 1n],
    ['printf', '%d-%s-%d', 1n],
    ['printf', '%*d|', 6n, 42n],
    ['printf', '%-*d|', 6n, 42n],
    ['printf', '%*d|', -6n, 42n],
    ['printf', '%.*f', 2n, 3.14159],
    ['printf', '%*.*f', 10n, 1n, 2.55],
    ['printf', '%d%%', 50n],
    ['printf', '%s', null],
    ['printf', '%Q', null],
    ['printf', '%q', null],
    ['printf', '%w', null],
    ['printf', '%d %d %s', 1n, 2n, 'x', 'more'],
    ['printf', 5n],
    ['printf', '%n%d', 7n],
    ['printf', 'x%', 1n],
    ['printf', '%-', 1n],
    ['printf', '%5', 1n],
    ['printf', '%l', 1n],
    ['printf', 'ü%sü', 'ß'],
  ]
  expect(await differences(twins, calls)).toEqual([])
})

test('any real prints the same in any precision', async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
  const property = fc.asyncProperty(
    fc.double({ noNaN: true }),
    fc.constantFrom('f', 'e', 'g'),
    fc.integer({ min: 0, max: 18 }),
    fc.boolean(),
    async (value, kind, places, bang) => {
      const spec = `%${bang ? '!' : ''}.${places}${kind}`
      const options = { forms: ['column'] as const }
      expect(
        await differences(
          twins,
          [
            ['printf', spec, value],
            ['quote', value],
          ],
          options,
        ),
      ).toEqual([])
    },
  )
  await fc.assert(property, { numRuns: 500, seed })
})
