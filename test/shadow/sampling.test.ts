import { expect, test } from 'vitest'
import { isSampled } from '../../src/shadow/sampling.ts'

const chosen = (percent: number, firstRuns: number, runs: number): number[] =>
  Array.from({ length: runs }, (_, index) => index + 1).filter((nth) =>
    isSampled(nth, percent, firstRuns),
  )

test('the first runs of a statement are always samples, unless shadow reads are off', () => {
  expect(chosen(0.001, 10, 10)).toHaveLength(10)
  expect(chosen(0, 10, 1000)).toEqual([])
})

test.each([1, 5, 33.3, 100])('at %s % so many of the runs are samples', (percent) => {
  expect(Math.abs(chosen(percent, 0, 10_000).length - percent * 100)).toBeLessThanOrEqual(2)
})

test('the same runs are chosen each time, and follow no period of ten', () => {
  const runs = chosen(10, 0, 1000)
  expect(runs).toEqual(chosen(10, 0, 1000))
  expect(new Set(runs.map((nth) => nth % 10)).size).toBe(10)
})
