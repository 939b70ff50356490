import Database from 'better-sqlite3'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareValues, keyText, sameValue } from '../../src/values/compare.ts'
import { InvalidText } from '../../src/values/invalid-text.ts'
import type { Value } from '../../src/values/value.ts'
import { blob, integer, invalidText, real, text, value } from './arbitrary.ts'

test('values are the same only with the same class and the same bits', () => {
  expect(sameValue(5n, 5)).toBe(false)
  expect(sameValue(0, -0)).toBe(false)
  expect(sameValue('a', Buffer.from('a'))).toBe(false)
  expect(sameValue(Buffer.from('a'), 'a')).toBe(false)
  expect(sameValue(Buffer.from('a'), Buffer.from('a'))).toBe(true)
  expect(sameValue(null, null)).toBe(true)
  expect(sameValue('', null)).toBe(false)
})

test('the order of values is the one SQLite sorts by', () => {
  const sqlite = new Database(':memory:')
  const compare = sqlite
    .prepare<[Value, Value, Value, Value], number>(
      // NULL compares with nothing, so the order comes from ORDER BY itself.
      `SELECT CASE WHEN x IS y THEN 0 WHEN lead THEN -1 ELSE 1 END FROM (
         SELECT ? AS x, ? AS y, (SELECT side FROM (SELECT 1 AS side, ? AS v UNION ALL SELECT 0, ?)
                                 ORDER BY v LIMIT 1) AS lead)`,
    )
    .pluck()
  fc.assert(
    fc.property(value, value, (a, b) => {
      expect(compareValues(a, b)).toBe(compare.get(a, b, a, b))
      expect(compareValues(b, a)).toBe(0 - compareValues(a, b))
    }),
    { numRuns: 3_000 },
  )
  fc.assert(
    fc.property(integer, real, (a, b) => {
      expect(compareValues(a, b)).toBe(compare.get(a, b, a, b))
    }),
    { numRuns: 3_000 },
  )
  sqlite.close()
})

test('integers and reals compare by their exact values beyond 2^53', () => {
  expect(compareValues(2n ** 53n + 1n, 2 ** 53)).toBe(1)
  expect(compareValues(2n ** 63n - 1n, 2 ** 63)).toBe(-1)
  expect(compareValues(5n, 5)).toBe(0)
})

test('text sorts by UTF-8 bytes, where UTF-16 would sort otherwise', () => {
  expect(compareValues('\u{1f600}', '\uffff')).toBe(1)
  expect(['\u{1f600}', '\uffff'].toSorted()).toEqual(['\u{1f600}', '\uffff'])
})

test('text that is not UTF-8 sorts by its bytes, beside all other text', () => {
  const sorted = [
    5n,
    'a',
    invalid('61ff'),
    'b',
    invalid('c3'),
    '\uFFFD',
    invalid('ff'),
    Buffer.from('a'),
  ]
  expect(sorted.toReversed().toSorted(compareValues)).toEqual(sorted)
  expect(sameValue(invalid('ff'), invalid('ff'))).toBe(true)
  expect(sameValue(invalid('ff'), invalid('fe'))).toBe(false)
  expect(sameValue(invalid('ff'), '\uFFFD')).toBe(false)
  expect(sameValue('\uFFFD', invalid('ff'))).toBe(false)
})

function invalid(hex: string): InvalidText {
  return new InvalidText(Buffer.from(hex, 'hex'))
}

const anyText = fc.oneof(
  text,
  fc.string({ unit: fc.constantFrom(...Array.from('",()\\ x\'0'), '\ud800', '\0') }),
)
const key = fc.array(fc.oneof(value, anyText, blob, invalidText), { maxLength: 3 })

test('two keys have the same text only if they are the same key', () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      const same =
        a.length === b.length && a.every((each, index) => sameValue(each, b[index] ?? null))
      expect(keyText(a) === keyText(b)).toBe(same)
    }),
    { numRuns: 5_000 },
  )
})

test.each<[Value[], string]>([
  [[5n], '5'],
  [[5], '5.0'],
  [[-0], '-0.0'],
  [[1e21], '1e+21'],
  [['5'], '"5"'],
  [['NULL'], '"NULL"'],
  [[null], 'NULL'],
  [[Buffer.from([0, 255])], "x'00ff'"],
  [[invalid('ff')], "CAST(x'ff' AS TEXT)"],
  [["CAST(x'ff' AS TEXT)"], '"CAST(x\'ff\' AS TEXT)"'],
  [[5n, 'a"b\n'], '(5, "a\\"b\\n")'],
  [[5n, '\u001b[31m\u009b'], '(5, "\\u001b[31m\\u009b")'],
])('a key prints on one line, in a form that shows its classes', (each, printed) => {
  expect(keyText(each)).toBe(printed)
})

test('a key prints without control characters', () => {
  fc.assert(
    fc.property(key, (each) => {
      expect(/\p{Cc}/u.test(keyText(each))).toBe(false)
    }),
  )
})
