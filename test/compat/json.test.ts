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

const documents: readonly Value[] = [
  null,
  '{}',
  '[]',
  'null',
  'true',
  ' false ',
  '5',
  '-0',
  '2.50',
  '1e3',
  '-1.5E-7',
  '12345678901234567890',
  '9223372036854775807',
  '-9223372036854775808',
  '1e999',
  '"text"',
  '"a\\u0062\\n\\"x"',
  '"😀ü"',
  '""',
  '{"a":1,"b":[1,2,{"c":null}],"d":{"e":"x y"},"f":true}',
  ' { "a" : [ 1 , 2.0 , "three  spaces" ] , "a" : 2 } ',
  '{"a.b":1,"":2,"x y":3,"[0]":4,"q\\"r":5,"ü":6}',
  '[[1,[2,[3]]],{"k":[{"z":0}]}]',
  '{"a":{"b":{"c":"deep"}}}',
  '{"\\u0061":"escaped"}',
  '[1,"2",3.0,null,true,false,{},[]]',
  7n,
  2.5,
]
const broken: readonly Value[] = [
  '',
  ' ',
  '{',
  '[1,]',
  '{"a":}',
  'nul',
  '01',
  '1.',
  '.5',
  '+1',
  '"a',
  "'a'",
  '{a:1}',
  '[1 2]',
  '1 2',
  '"\\x"',
  '[fal?e]',
  '"a""b"',
  '[1,,2]',
  '{"a":1,}',
  '[]]',
  '\u0001',
  '"\u0001"',
  'NaN',
  'Infinity',
  '0x10',
  '/* c */ 1',
  '-',
  '1e',
  '[v]',
  '[s]',
  '"\\u12g4"',
  '[1,2',
  '"""',
  '["\\x","]',
]
const paths: readonly Value[] = [
  '$',
  '$.a',
  '$.b',
  '$.b[0]',
  '$.b[2].c',
  '$.b[#-1]',
  '$.b[#-2]',
  '$.b[#-9]',
  '$.b[#]',
  '$.b[99999999999]',
  '$.d.e',
  '$.a.b.c',
  '$."a.b"',
  '$.""',
  '$."x y"',
  '$.x y',
  '$."[0]"',
  '$."q\\"r"',
  '$.ü',
  '$[0]',
  '$[0][1][1][0]',
  '$[1].k[0].z',
  '$[#-1]',
  '$[2]',
  null,
]
const badPaths: readonly Value[] = [
  '',
  'a',
  '$a',
  '$.',
  '$[',
  '$[]',
  '$[a]',
  '$[-1]',
  '$.a[',
  '$."a',
  '$[#-]',
  '$[0]x',
  '$..a',
]

/** Names with escapes that PostgreSQL writes in another form are refused where they are written again. */
const rewritable = documents.filter((doc) => !(typeof doc === 'string' && doc.startsWith('{"\\u')))

test('documents are minified and checked as in SQLite', async () => {
  const calls = ['json', 'json_type', 'json_valid', 'json_array_length', 'json_quote'].flatMap(
    (name) => documents.map((doc): Call => [name, doc]),
  )
  expect(await differences(twins, calls)).toEqual([])
})

test('what is no strict JSON is never valid, and is an error everywhere else', async () => {
  const calls = broken.map((doc): Call => ['json_valid', doc])
  expect(await differences(twins, calls)).toEqual([])
  // JSON5 is read as SQLite reads it since version 16, and is an error before.
  const refused: string[] = []
  const reading = ['json', 'json_type'].flatMap((name) => broken.map((doc): Call => [name, doc]))
  expect(await differences(twins, reading, { refusals: (line) => refused.push(line) })).toEqual([])
  const { rows } = await twins.client.query<{ reads: boolean }>(
    `SELECT current_setting('server_version_num')::int >= 160000 AS reads`,
  )
  expect(refused.length > 5).toBe(rows[0]?.reads === false)
})

test('the check without a predicate of the server agrees with SQLite', async () => {
  for (const doc of [...documents, ...broken].filter((each) => typeof each === 'string')) {
    const { rows } = await twins.client.query<{ valid: string }>(
      'SELECT sqlite.json_valid_by_rules($1::text) AS valid',
      [doc],
    )
    expect([doc, { value: BigInt(rows[0]?.valid ?? -1) }]).toEqual([
      doc,
      twins.sqlite('json_valid', [doc]),
    ])
  }
})

test('every path finds the same in every document', async () => {
  const calls = documents.flatMap((doc) =>
    paths.flatMap((path): Call[] => [
      ['json_extract', doc, path],
      ['json_type', doc, path],
      ['json_array_length', doc, path],
      ['->', doc, path],
      ['->>', doc, path],
    ]),
  )
  expect(await differences(twins, calls, { forms: ['column'] })).toEqual([])
})

test('a bad path is an error wherever it is one in SQLite', async () => {
  const refused: string[] = []
  const calls = ['{"a":[1]}', '[1]'].flatMap((doc) =>
    badPaths.map((path): Call => ['json_extract', doc, path]),
  )
  expect(
    await differences(twins, calls, { forms: ['column'], refusals: (line) => refused.push(line) }),
  ).toEqual([])
  // SQLite stops reading a path where it finds nothing.
  expect(refused.filter((line) => !line.includes('SQLite NULL'))).toEqual([])
})

test('arrows take names and places without a dollar sign', async () => {
  const short: readonly Value[] = [
    'a',
    'b',
    'a.b',
    'x y',
    '',
    '[0]',
    '[#-1]',
    'ü',
    '0',
    '1',
    0n,
    1n,
    -1n,
    -3n,
    99n,
    1.0,
    null,
  ]
  const calls = documents.flatMap((doc) =>
    short.flatMap((path): Call[] => [
      ['->', doc, path],
      ['->>', doc, path],
    ]),
  )
  expect(await differences(twins, calls, { forms: ['column'] })).toEqual([])
})

test('several paths give an array', async () => {
  const calls = documents.flatMap((doc): Call[] => [
    ['json_extract', doc, '$.a', '$.b[1]'],
    ['json_extract', doc, '$', '$.zz', null],
    ['json_extract', doc],
  ])
  expect(await differences(twins, calls, { forms: ['column'] })).toEqual([])
})

test('documents are made of values of every class', async () => {
  const values: readonly Value[] = [
    null,
    1n,
    -(2n ** 63n),
    0,
    -0,
    1.5,
    1e20,
    1e-7,
    Infinity,
    -Infinity,
    '',
    'text',
    'quote " \\ / \b\f\n\r\t\u0001\u001f\u007f',
    '{"a":1}',
    '😀ü',
    "it's",
  ]
  const calls: Call[] = [
    ['json_array'],
    ['json_object'],
    ...values.flatMap((value): Call[] => [
      ['json_array', value],
      ['json_array', 1n, value, 'x'],
      ['json_object', 'k', value],
      ['json_quote', value],
      ['json_set', '{}', '$.a', value],
    ]),
  ]
  expect(await differences(twins, calls)).toEqual([])
  expect(
    await differences(twins, [
      ['json_object', null, 1n],
      ['json_object', 1n, 2n],
      ['json_object', 'a'],
      ['json_array', Buffer.from('x')],
      ['json_object', 'a', 1n, 'a', 2n],
    ]),
  ).toEqual([])
})

test('edits change what they change in SQLite, at every path', async () => {
  const names = ['json_set', 'json_insert', 'json_replace', 'json_array_insert']
  const more: readonly Value[] = [
    ...paths,
    '$.new',
    '$.new.deep',
    '$.new[0]',
    '$.new[1]',
    '$.a[5]',
    '$.b[3]',
    '$[8]',
    '$.a.x',
    '$.new[#]',
    '$.new[#-1]',
  ]
  const calls = rewritable.flatMap((doc) =>
    more.flatMap((path): Call[] => [
      ...names.map((name): Call => [name, doc, path, 'v']),
      ['json_remove', doc, path],
    ]),
  )
  const refused: string[] = []
  expect(
    await differences(twins, calls, { forms: ['column'], refusals: (line) => refused.push(line) }),
  ).toEqual([])
  expect(refused).toEqual([])
})

test('no edit takes a text that is no JSON, whatever the path', async () => {
  const calls = ['', ' ', '{bad', '[1'].flatMap((doc) =>
    ['$', '$.a', '$[0]'].flatMap((path): Call[] => [
      ...['json_set', 'json_insert', 'json_replace'].map((name): Call => [name, doc, path, 'v']),
      ['json_remove', doc, path],
    ]),
  )
  expect(await differences(twins, calls, { forms: ['column'] })).toEqual([])
})

test('several edits follow one another', async () => {
  const calls = rewritable.flatMap((doc): Call[] => [
    ['json_set', doc, '$.a', 1n, '$.a', 2n, '$.z', null],
    ['json_remove', doc, '$.b[0]', '$.b[0]', '$.a'],
    ['json_insert', doc, '$.n', 1.5, '$.n', 2n],
    ['json_set', doc],
    ['json_remove', doc],
    ['json_replace', doc, '$.a', Infinity],
  ])
  expect(
    await differences(twins, [...calls, ['json_set', '{}', '$.a'], ['json_set', null, '$.a', 1n]], {
      forms: ['column'],
    }),
  ).toEqual([])
})

test('json_patch merges as RFC 7396 says, in the order of SQLite', async () => {
  const calls = rewritable.flatMap((a) => rewritable.map((b): Call => ['json_patch', a, b]))
  const nested: Call[] = [
    [
      'json_patch',
      '{"a":{"b":1,"c":2},"d":3}',
      '{"a":{"b":null,"x":{"y":null,"z":1}},"d":null,"e":5}',
    ],
    ['json_patch', '{"a":1,"a":2}', '{"a":null}'],
    ['json_patch', '{}', '{"a":1,"a":null,"b":{"c":null}}'],
  ]
  expect(await differences(twins, [...calls, ...nested], { forms: ['column'] })).toEqual([])
})

test('json_pretty indents with what it is told', async () => {
  const calls = rewritable.flatMap((doc): Call[] => [
    ['json_pretty', doc, '\t'],
    ['json_pretty', doc, ''],
    ['json_pretty', doc, null],
  ])
  expect(await differences(twins, calls, { forms: ['column'] })).toEqual([])
})

test('any document with any path comes out the same', async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
  const key = fc.oneof(
    fc.constantFrom('a', 'b', 'c', 'x y', '0'),
    fc.string({ unit: 'grapheme', maxLength: 4 }),
  )
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ unit: 'grapheme' }),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
    ),
  }))
  const step = fc.oneof(fc.constantFrom('.a', '.b', '.c', '."x y"', '[0]', '[1]', '[#-1]', '[#]'))
  const property = fc.asyncProperty(
    tree,
    fc.array(step, { maxLength: 3 }),
    fc.boolean(),
    async (value, steps, indented) => {
      const doc = JSON.stringify(value, null, indented ? 2 : 0)
      if (doc.includes('\\u0000') || /\p{Surrogate}/u.test(doc)) return
      const path = `$${steps.join('')}`
      const calls: Call[] = [
        ['json', doc],
        ['json_valid', doc],
        ['json_pretty', doc],
        ['json_extract', doc, path],
        ['->', doc, path],
        ['json_type', doc, path],
        ['json_set', doc, path, 1n],
        ['json_insert', doc, path, 'x'],
        ['json_remove', doc, path],
        ['json_patch', '{"a":{"b":1}}', doc],
      ]
      expect(await differences(twins, calls, { forms: ['column'] })).toEqual([])
    },
  )
  await fc.assert(property, { numRuns: 200, seed })
})

test('a name with escapes is refused where it would be written again', async () => {
  for (const call of [
    'json_pretty($1)',
    `json_edit($1, '$.b', '1', 'set')`,
    `json_patch($1, '{}')`,
  ]) {
    const asked = twins.client.query(`SELECT sqlite.${call}`, ['{"\\u0061":1}'])
    await expect(asked).rejects.toThrow('escapes is not carried over')
  }
})
