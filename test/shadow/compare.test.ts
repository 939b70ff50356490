import { describe, expect, test } from 'vitest'
import { compareAnswers, type Rules } from '../../src/shadow/compare.ts'
import type { Row } from '../../src/values/value.ts'

const plain: Rules = {
  columns: [],
  order: 'free',
  key: null,
  ulps: 4,
  tellsClasses: false,
}
const answer = (rows: readonly Row[], names = ['a', 'b']) => ({ names, rows })
const compare = (
  sqlite: readonly Row[],
  postgres: readonly Row[],
  rules: Partial<Rules> = {},
): string | null =>
  compareAnswers(answer(sqlite), answer(postgres), { ...plain, ...rules })?.class ?? null

test.each<[string, readonly Row[], readonly Row[], Partial<Rules>, string | null]>([
  ['rows in another order that nothing orders', [[1n], [2n]], [[2n], [1n]], {}, null],
  ['rows in another order', [[1n], [2n]], [[2n], [1n]], { order: 'total' }, 'order'],
  ['a row that PostgreSQL has not', [[1n], [2n]], [[1n]], {}, 'missing'],
  ['a row that PostgreSQL has once too few', [[1n], [1n]], [[1n]], {}, 'missing'],
  ['a row that SQLite has not', [[1n]], [[1n], [2n]], {}, 'extra'],
  ['another value', [['a']], [['b']], {}, 'value'],
  ['NULL and the empty string', [[null]], [['']], {}, 'type'],
  ['text and the number that it reads as', [['1']], [[1n]], {}, 'type'],
  ['the same bytes', [[Buffer.from([0, 1])]], [[Buffer.from([0, 1])]], {}, null],
  ['5 and 5.0, where the application sees no difference', [[5n]], [[5]], {}, null],
  ['5 and 5.0, where it does', [[5n]], [[5]], { tellsClasses: true }, 'type'],
  ['zero and negative zero', [[0]], [[-0]], {}, 'value'],
  ['integers beyond what a double tells apart', [[2n ** 53n]], [[2n ** 53n + 1n]], {}, 'value'],
  ['texts that run into each other', [['a', 'bc']], [['ab', 'c']], {}, 'value'],
  ['the last bit of a stored real', [[0.3]], [[0.1 + 0.2]], { columns: ['exact'] }, 'value'],
  ['the last bit of a computed real', [[0.3]], [[0.1 + 0.2]], { columns: ['computed'] }, null],
  ['computed reals further apart', [[0.3]], [[0.3000000001]], { columns: ['computed'] }, 'value'],
  ['computed reals around zero', [[5e-324]], [[-5e-324]], { columns: ['computed'] }, null],
  [
    'computed integers, which are never rounded',
    [[2n ** 60n]],
    [[2n ** 60n + 1n]],
    { columns: ['computed'] },
    'value',
  ],
  ['a computed 5 and 5.0', [[5n]], [[5]], { columns: ['computed'] }, null],
  ['a column that is ignored', [[1n, 'x']], [[1n, 'y']], { columns: ['exact', 'ignored'] }, null],
  [
    'json by its meaning',
    [['{"a":1,"b":[2]}']],
    [['{"b": [2], "a": 1}']],
    { columns: ['json'] },
    null,
  ],
  ['json of another meaning', [['{"a":1}']], [['{"a":2}']], { columns: ['json'] }, 'value'],
  [
    'numbers in json beyond what a double tells apart',
    [['{"id":9007199254740992}']],
    [['{"id": 9007199254740993}']],
    { columns: ['json'] },
    'value',
  ],
  [
    'numbers in json that no double holds',
    [['[1e400]']],
    [['[1e401]']],
    { columns: ['json'] },
    'value',
  ],
  [
    'large numbers in json by their meaning',
    [['[1e20, -0.10, 0.0, "1e400"]']],
    [['[100000000000000000000,-1e-1,0,"1e400"]']],
    { columns: ['json'] },
    null,
  ],
  ['json where it is text', [['{"a":1}']], [['{"a": 1}']], { columns: ['exact'] }, 'value'],
])('%s: %#', (_, sqlite, postgres, rules, expected) => {
  expect(compare(sqlite, postgres, rules)).toBe(expected)
})

describe('order', () => {
  const sqlite: Row[] = [
    ['a', 1n],
    ['a', 2n],
    ['b', 3n],
  ]
  const [first, second, third] = sqlite as [Row, Row, Row]
  test('rows that tie may come in any order', () => {
    expect(compare(sqlite, [second, first, third], { order: [0] })).toBeNull()
  })
  test('rows that do not tie may not', () => {
    expect(compare(sqlite, [first, third, second], { order: [0] })).toBe('order')
  })
  test('texts that a collation may take for one tie', () => {
    const [small, large]: [Row, Row] = [
      ['a', 1n],
      ['A ', 2n],
    ]
    expect(compare([small, large], [large, small], { order: [0] })).toBeNull()
  })
})

test('other names of columns are a difference', () => {
  const found = compareAnswers(answer([[1n]], ['count(*)']), answer([[1n]], ['count']), plain)
  expect(found?.class).toBe('names')
})

test('rows are paired by their key, however many differ', () => {
  const found = compareAnswers(
    answer([
      [1n, 'a'],
      [2n, 'b'],
      [3n, 'c'],
    ]),
    answer([
      [2n, 'x'],
      [1n, 'a'],
      [4n, 'd'],
    ]),
    { ...plain, key: [0] },
  )
  expect(found).toEqual({
    class: 'value',
    pairs: [
      { sqlite: [2n, 'b'], postgres: [2n, 'x'] },
      { sqlite: [3n, 'c'], postgres: null },
      { sqlite: null, postgres: [4n, 'd'] },
    ],
  })
})
