import Database from 'better-sqlite3'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bindArguments, bindSlots, sqliteArguments } from '../../src/sql/bind.ts'
import { encodeSlot } from '../../src/sql/encode-slot.ts'
import { analyze } from '../../src/sql/statement.ts'

const database = new Database(':memory:')

/** What a call ends in: the values by parameter, or the class and the words of its error. */
function outcome(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    const { name, message } = error as Error
    return `${name}: ${message}`
  }
}

const statements = [
  'SELECT ?',
  'SELECT ?, ?',
  'SELECT :a',
  'SELECT :a, ?, @b, $c',
  'SELECT :a, @a',
  'SELECT 1',
  'SELECT ?, :a, ?',
]
const argumentLists: unknown[][] = [
  [],
  [1],
  [[1]],
  [1, 2],
  [[1, 2]],
  [[1], 2],
  [[1], [2], [3]],
  [{ a: 1 }],
  [{}],
  [{ a: 1, b: 2, c: 3 }, 7],
  [7, { a: 1, b: 2, c: 3 }],
  [{ a: 1 }, { a: 1 }],
  [{ a: 1 }, 5, 6],
  [undefined],
  [{ a: undefined }],
  [null],
  [true],
  [{ a: true }],
  [new Date(0)],
  [Symbol('x')],
  [() => 1],
  [new Map()],
  [[[1]]],
  [[{ a: 1 }]],
  [Object.create(null)],
  [Object.create({ a: 1 })],
  [{ a: {} }],
  [2n ** 63n],
  [-(2n ** 63n)],
  [new Uint8Array([1, 2])],
  [new Float64Array([1])],
  [new ArrayBuffer(2)],
  [new DataView(new ArrayBuffer(2))],
  [Number.NaN],
  [['a', 'b', 'c']],
]

describe('arguments', () => {
  test.each(statements)('%s takes and refuses what better-sqlite3 takes and refuses', (sql) => {
    const prepared = database.prepare(sql)
    const statement = analyze(sql)
    for (const args of argumentLists) {
      const ours = outcome(() => bindArguments(statement, args) && 'bound')
      const theirs = outcome(() => prepared.all(...args) && 'bound')
      expect([args, ours]).toEqual([args, theirs])
    }
  })

  test('one argument is the whole of it, as in .all(params)', () => {
    expect(bindSlots(analyze('SELECT ?, ?'), [1, 'x'])).toEqual(['1', 'x'])
    expect(bindSlots(analyze('SELECT :a'), { a: 1, unused: 2 })).toEqual(['1'])
    expect(bindSlots(analyze('SELECT 1'))).toEqual([])
    expect(() => bindSlots(analyze('SELECT ?'), [[1]])).toThrow(TypeError)
  })

  test('values go to their slots by SQLite number, not by appearance', () => {
    expect(bindSlots(analyze('SELECT ?2, ?1, ?2'), ['one', 'two'])).toEqual(['two', 'one'])
    expect(bindSlots(analyze('SELECT ?2, ?1'), { 1: 'one', 2: 'two' })).toEqual(['two', 'one'])
    const named = { a: 'x', b: 'y' }
    expect(bindArguments(analyze('SELECT @b, ?, :a'), ['z', named])).toEqual(['y', 'z', 'x'])
  })
})

describe('values', () => {
  const values: [value: unknown, parameter: unknown][] = [
    [null, null],
    [undefined, null],
    [0, '0'],
    [-0, '-0'],
    [1.5, '1.5'],
    [1e21, '1e+21'],
    [5e-324, '5e-324'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
    [Number.NaN, null],
    [2n ** 63n - 1n, '9223372036854775807'],
    ['', ''],
    ['é\n', 'é\n'],
    [Buffer.from([0, 255]), Buffer.from([0, 255])],
    [new Uint8Array([9, 1, 2]).subarray(1), Buffer.from([1, 2])],
    [new Uint8Array(0), Buffer.alloc(0)],
  ]
  test.each(values)('%o is bound as %o', (value, parameter) => {
    expect(bindSlots(analyze('SELECT ?'), [value])).toEqual([parameter])
  })

  test.each([
    ['a NUL character', 'a\0b'],
    ['half a surrogate pair, which SQLite keeps as bytes that are not UTF-8', 'a\ud83d'],
  ])('%s in a string is refused, as PostgreSQL has no place for it', (_, value) => {
    const refused = expect.objectContaining({ code: 'SQL_UNSUPPORTED' }) as unknown
    const statement = analyze('SELECT ?')
    expect(() => bindSlots(statement, [value])).toThrow(refused)
    for (const type of ['text', 'json', 'jsonb'] as const)
      expect(() => encodeSlot({ use: 'value', type, parameter: 1 }, value, String)).toThrow(refused)
  })

  test('every finite number comes back the same from its text', () => {
    const statement = analyze('SELECT ?')
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(Number(bindSlots(statement, [value])[0])).toBe(value)
      }),
    )
  })
})

describe('arguments for better-sqlite3', () => {
  test.each([
    ['SELECT ?2, ?1', [['one', 'two']], [['two', 'one']]],
    ['SELECT ?2, ?1, ?2', ['one', 'two'], [['two', 'one', 'two']]],
    ['SELECT ?, ?3, ?', [[1, 2, 3, 4]], [[1, 3, 4]]],
    ['SELECT ?3', [[1, 2, 3]], [[3]]],
    ['SELECT ?2', [{ 2: 5 }, 4], [[5]]],
    ['SELECT :a, ?', [{ a: 1 }, 2], [[1, 2]]],
  ])('%s with %j', (sql, args, rows) => {
    const statement = analyze(sql)
    expect(
      database
        .prepare(sql)
        .raw()
        .all(...sqliteArguments(statement, args)),
    ).toEqual(rows)
  })

  test.each([[['one']], [[1, 2, 3]]])('%j is too few or too many for two', (...args) => {
    expect(() => sqliteArguments(analyze('SELECT ?2, ?1'), args)).toThrow(RangeError)
  })
})
