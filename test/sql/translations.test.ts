import { describe, expect, test } from 'vitest'
import { classOf } from '../../src/sql/parameter-class.ts'
import { createTranslations, maxTranslations } from '../../src/sql/translations.ts'
import type { ParameterClass, Translation, Translator } from '../../src/sql/translation.ts'

/** Looks at the class of the first parameter only, as a translator does that another one faces a column. */
function counting(classes: readonly ParameterClass[][] = []): Translator & { calls: string[] } {
  const calls: string[] = []
  return {
    calls,
    translate(sql, given): Translation {
      calls.push(sql)
      const fitting = classes.find((group) => group.includes(given[0] ?? 'null'))
      return {
        kind: 'select',
        steps: [{ text: `${sql} ${fitting?.join()}`, slots: [], role: 'result' }],
        columns: [],
        hiddenColumns: 0,
        order: 'none',
        assumptions: fitting === undefined ? [] : [{ parameter: 1, classes: fitting }],
      }
    },
  }
}

const textOf = ({ steps }: Translation): string => steps[0]?.text ?? ''

describe('the kept translations', () => {
  test('are told apart by what was assumed of a parameter, and by nothing else', () => {
    const translator = counting([
      ['integer', 'integral-real'],
      ['text', 'null'],
    ])
    const translations = createTranslations(translator, textOf)
    expect(translations.of('a', [1n, 'x'])).toBe('a integer,integral-real')
    expect(translations.of('a', [2, null])).toBe('a integer,integral-real')
    expect(translations.of('a', ['z', 5])).toBe('a text,null')
    expect(translations.of('a', [undefined, Buffer.of(1)])).toBe('a text,null')
    expect(translator.calls).toEqual(['a', 'a'])
  })

  test('are bounded, and the ones in use stay', () => {
    const translator = counting()
    const translations = createTranslations(translator, textOf, 10)
    for (let index = 0; index < 100; index++) {
      translations.of('in use', [])
      translations.of(`once ${index}`, [])
      expect(translations.size).toBeLessThanOrEqual(10)
    }
    expect(translator.calls.filter((sql) => sql === 'in use')).toHaveLength(1)
    translations.of('once 0', [])
    expect(translator.calls.filter((sql) => sql === 'once 0')).toHaveLength(2)
  })

  test('keep no error', () => {
    let fails = true
    const translator = counting()
    const translations = createTranslations(
      {
        translate(sql, classes) {
          if (fails) throw new Error('not yet')
          return translator.translate(sql, classes)
        },
      },
      textOf,
    )
    expect(() => translations.of('a', [])).toThrow('not yet')
    fails = false
    expect(translations.of('a', [])).toBe('a undefined')
  })

  test('are found in at most half a microsecond', () => {
    const translations = createTranslations(counting(), textOf)
    const texts = Array.from(
      { length: maxTranslations / 2 },
      (_, index) => `SELECT ${index} FROM t`,
    )
    const values = [1n, 'text']
    const run = (): number => {
      const start = performance.now()
      for (let round = 0; round < 200; round++)
        for (const text of texts) translations.of(text, values)
      return ((performance.now() - start) * 1000) / (200 * texts.length)
    }
    // The best of several rounds: others may be at work on the machine.
    const micros = Math.min(...Array.from({ length: 8 }, run))
    process.stdout.write(`a translation is found in ${micros.toFixed(3)} µs\n`)
    expect(micros).toBeLessThan(0.5)
  })
})

describe('the class of a value', () => {
  test.each([
    [null, 'null'],
    [undefined, 'null'],
    [Number.NaN, 'null'],
    [5n, 'integer'],
    [5, 'integral-real'],
    [-0, 'integral-real'],
    [2 ** 63, 'real'],
    [0.5, 'real'],
    [Number.POSITIVE_INFINITY, 'real'],
    ['34', 'integral-text'],
    [' 1e3 ', 'integral-text'],
    ['33.5', 'numeric-text'],
    ['-.5e-3', 'numeric-text'],
    ['0x10', 'text'],
    ['', 'text'],
    ['abc', 'text'],
    ['12 apples', 'text'],
    ['Infinity', 'text'],
    [Buffer.from('5'), 'blob'],
    [new Float64Array(1), 'blob'],
  ])('of %o is %s', (value, wanted) => {
    expect(classOf(value)).toBe(wanted)
  })
})
