import { expect, test } from 'vitest'
import { formatOf } from '../../src/survey/formats.ts'
import { Trial } from '../../src/survey/trial.ts'
import { codecFor } from '../../src/values/codec.ts'
import type { Value } from '../../src/values/value.ts'

function tried(trial: Trial, values: readonly Exclude<Value, null>[]): Trial {
  for (const [index, value] of values.entries()) {
    const row = { key: () => `row ${index + 1}`, isInvalid: () => false }
    trial.take(value, formatOf(value), row)
  }
  return trial
}

test.each<[string, Value, Value]>([
  ['another text', '2024-01-01', '2024-01-02'],
  ['another class', 5n, 5],
  ['the sign of a zero', 0.5, -0],
  ['the last bit of a real', 0.1, 0.1 + 2 ** -56],
])('a codec that gives back %s proves nothing, and its rows are named', (_, good, bad) => {
  const codec = { encode: () => 'text', decode: () => good }
  const values = [good, bad, good] as Exclude<Value, null>[]
  const trial = tried(new Trial('numeric(4,2)', 'numeric', { codec }), values)
  expect(trial).toMatchObject({ fits: 2, misfits: 1 })
  expect([...trial.refused]).toEqual([
    [expect.stringContaining('comes back as another value'), { rows: 1, keys: ['row 2'] }],
  ])
})

test('a type that fails more often than not is given up, and one that is chosen is not', () => {
  const values = Array.from({ length: 1000 }, (_, index) => `text ${index}`)
  expect(tried(new Trial('date', 'text', { mayEnd: true }), values)).toMatchObject({
    isOver: true,
    misfits: 201,
  })
  expect(tried(new Trial('date', 'text'), values)).toMatchObject({ isOver: false, misfits: 1000 })
})

test('every value goes through the codec', () => {
  const real = codecFor({ postgresType: 'date', affinity: 'text' })
  let [there, back] = [0, 0]
  const codec = {
    encode: (value: Value) => ((there += 1), real.encode(value)),
    decode: (text: string | null) => ((back += 1), real.decode(text)),
  }
  const values = Array.from(
    { length: 500 },
    (_, index) => `2024-01-${String(1 + (index % 28)).padStart(2, '0')}`,
  )
  expect(tried(new Trial('date', 'text', { codec, format: 'date' }), values).fits).toBe(500)
  expect([there, back]).toEqual([500, 500])
})
