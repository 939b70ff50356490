import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { likeBounds } from '../../src/sql/like-bounds.ts'
import { compareValues } from '../../src/values/compare.ts'

const piece = fc.constantFrom(
  'a',
  'B',
  'z',
  'Z',
  '%',
  '_',
  'é',
  '',
  '\ud7ff',
  '\u{10ffff}',
  '[',
  '\u{7f}',
)
const lower = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())

/** LIKE as SQLite has it, for the pieces above. */
function matches(text: string, pattern: string): boolean {
  const source = Array.from(lower(pattern), (each) => {
    if (each === '%') return '.*'
    return each === '_' ? '.' : each.replace(/[.*+?^${}()|[\]\\]/, String.raw`\$&`)
  })
  return new RegExp(`^${source.join('')}$`, 'su').test(lower(text))
}

test('whatever a pattern matches lies within its bounds', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), fc.array(piece, { maxLength: 5 }), (a, b) => {
      const [pattern, text] = [
        a.join(''),
        a.map((each, at) => (/[%_]/.test(each) ? (b[at] ?? 'x') : each)).join(''),
      ]
      fc.pre(matches(text, pattern))
      const { from, before } = likeBounds(pattern)
      expect(compareValues(lower(text), from)).toBeGreaterThanOrEqual(0)
      expect(before === null || compareValues(lower(text), before) < 0).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
