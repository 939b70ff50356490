import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyText } from '../../src/values/compare.ts'
import { parseKeyText } from '../../src/values/key-text.ts'
import { blob, integer, invalidText, real, text } from './arbitrary.ts'

test('a key comes back from its text, bit for bit', () => {
  const value = fc.oneof(integer, real, text, blob, invalidText, fc.constant(null))
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), (key) => {
      expect(parseKeyText(keyText(key))).toEqual(key)
    }),
  )
})

test.each([
  '',
  'x',
  '(1',
  '1)',
  '(1,2)',
  '"open',
  "x'0'",
  'NaN',
  '1, 2',
  '()',
  '"a" "b"',
  '1e',
  "CAST(x'f' AS TEXT)",
  "CAST('ff' AS TEXT)",
])('what is no key is none: %s', (written) => {
  expect(parseKeyText(written)).toBeUndefined()
})
