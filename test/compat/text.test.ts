import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Value } from '../../src/values/value.ts'
import { differences, openTwins, type Twins } from '../support/compat.ts'

let twins: Twins
beforeAll(async () => {
  twins = await openTwins()
})
afterAll(() => twins.close())

type Call = readonly [string, ...Value[]]

const texts: readonly Value[] = [
  null,
  '',
  'a',
  'Hello World',
  'ÄÖÜ straße 😀 x',
  "it's",
  '  pad  ',
  '123',
  '-4.5e3x',
  'back\\slash',
  'tab\tnew\nline',
]
const numbers: readonly Value[] = [
  0n,
  5n,
  -7n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  0,
  -0,
  5,
  0.1,
  -2.5,
  1e15,
  1e16,
  1e-5,
  1e300,
  Infinity,
  -Infinity,
  0.1 + 0.2,
  123456789.125,
]
const blobs: readonly Value[] = [Buffer.from(''), Buffer.from('abc'), Buffer.from('00ff10', 'hex')]
const utf8Blobs: readonly Value[] = [Buffer.from('abc'), Buffer.from('ä9')]

test('functions of one text see every class as SQLite does', async () => {
  const names = [
    'lower',
    'upper',
    'trim',
    'ltrim',
    'rtrim',
    'length',
    'octet_length',
    'unicode',
    'hex',
    'unhex',
    'soundex',
    'quote',
    'typeof',
    'unistr_quote',
  ]
  const calls = names.flatMap((name) =>
    [...texts, ...numbers, ...utf8Blobs].map((value): Call => [name, value]),
  )
  expect(await differences(twins, calls)).toEqual([])
})

test('blobs keep their bytes', async () => {
  const calls = blobs.flatMap((blob): Call[] => [
    ['length', blob],
    ['octet_length', blob],
    ['hex', blob],
    ['quote', blob],
    ['typeof', blob],
    ['substr', blob, 2n],
    ['substr', blob, -2n, 1n],
    ['instr', blob, Buffer.from('10', 'hex')],
  ])
  expect(await differences(twins, calls)).toEqual([])
})

test('substr counts from either end, through zero and backwards', async () => {
  const positions = [
    null,
    0n,
    1n,
    2n,
    3n,
    6n,
    100n,
    -1n,
    -2n,
    -5n,
    -100n,
    2n ** 62n,
    -(2n ** 63n),
    2.7,
    '3x',
  ]
  const lengths = [undefined, null, 0n, 1n, 2n, 100n, -1n, -2n, -100n, 2n ** 62n, 1.9]
  const calls = ['', 'abcde', 'äöü😀z'].flatMap((text) =>
    positions.flatMap((position) =>
      lengths.map((length): Call =>
        length === undefined ? ['substr', text, position] : ['substring', text, position, length],
      ),
    ),
  )
  expect(await differences(twins, calls)).toEqual([])
})

test('pieces of text are found, replaced and put together', async () => {
  const calls: Call[] = [
    ...texts.flatMap((text): Call[] => [
      ['instr', text, 'l'],
      ['instr', text, ''],
      ['instr', text, null],
      ['instr', text, 5n],
      ['replace', text, 'l', '<>'],
      ['replace', text, '', 'x'],
      ['replace', text, '', null],
      ['replace', text, null, 'x'],
      ['replace', text, 'a', null],
      ['concat', text, 5n, null, 2.5],
      ['concat_ws', '-', text, null, '', 3n],
      ['concat_ws', null, text, 'a'],
      ['trim', text, ' x'],
      ['ltrim', text, 'Hea'],
      ['rtrim', text, 'd x'],
      ['trim', text, ''],
      ['trim', text, null],
    ]),
    ['instr', 'a5b', 5n],
    ['instr', 12345n, 34n],
    ['instr', 'abc', Buffer.from('c')],
    ['char'],
    ['char', 65n, 228n, 128512n, 1114112n, -5n],
    ['char', '66'],
    ['unhex', 'AB CD', ' '],
    ['unhex', 'A BCD', ' '],
    ['unhex', 'ABC'],
    ['unhex', 'ab-cd-', '-'],
    ['unhex', 'abcd', ''],
    ['unhex', null, 'a'],
    ['unistr', 'a\\0041\\u00e4\\+01F600\\U0001F600\\\\'],
    ['unistr', 'bad\\x'],
    ['unistr', null],
    ['soundex', 'Robert'],
    ['soundex', 'Rupert'],
    ['soundex', 'Ashcraft'],
    ['soundex', 'Tymczak'],
    ['soundex', 'Pfister'],
    ['soundex', "12 o'hara"],
  ]
  expect(await differences(twins, calls)).toEqual([])
})

test('GLOB patterns match as in SQLite, sets and ranges included', async () => {
  const patterns = [
    '*',
    '',
    'a*',
    '*c',
    'a?c',
    '[abc]*',
    '[^abc]*',
    '[a-c]bc',
    '[]]',
    '[^]]',
    '[a-]',
    '[-a]',
    '[z-a]',
    '[^z-a]',
    '[a',
    'a[',
    '*[',
    '[]',
    '[^]',
    'A*',
    '.',
    '\\',
    '(x)|y',
    '[[:alpha:]]',
    '[\\]',
    '$^{}+',
    'ä*',
    '[ä-ö]',
    '***',
    '?',
    '??',
    null,
    '1*',
    '*\n*',
  ]
  const subjects = [
    '',
    'abc',
    'ABC',
    ']',
    '-',
    'a',
    'z',
    '[',
    '.',
    '\\',
    '(x)|y',
    ':',
    '$^{}+',
    'äb',
    'ö',
    'x\ny',
    null,
    123n,
    1.5,
  ]
  const calls = patterns.flatMap((pattern) =>
    subjects.map((subject): Call => ['glob', pattern, subject]),
  )
  expect(await differences(twins, calls)).toEqual([])
})

test('like() folds ASCII letters only', async () => {
  const calls = ['a%', '%B%', '_', '%', '', 'Ä', 'ä', 'a\\%', null].flatMap((pattern) =>
    ['abc', 'ABC', 'ä', '', 'a\\x', null, 15n].map((subject): Call => ['like', pattern, subject]),
  )
  expect(
    await differences(twins, [...calls, ['like', 'a!%', 'a%', '!'], ['like', 'a!%', 'ab', '!']]),
  ).toEqual([])
})
