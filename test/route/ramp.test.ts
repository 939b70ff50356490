import { expect, test } from 'vitest'
import { defaultFlags, mergeFlags } from '../../src/route/flags.ts'
import { placeOfRead } from '../../src/route/ramp.ts'

const count = 100_000
const namings: readonly [string, (index: number) => string][] = [
  ['tenants', (index) => `tenant-${index}`],
  ['numbers', String],
  ['UUIDs', (index) => `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`],
  ['addresses', (index) => `user${index}@example.com`],
]

/** The keys that PostgreSQL serves at so many percent. */
function served(percent: number, nameOf: (index: number) => string): Set<string> {
  const flags = mergeFlags(defaultFlags, { reads: { postgres: percent } })
  const never = (): number => {
    throw new Error('a key leaves nothing to chance')
  }
  const names = Array.from({ length: count }, (_, index) => nameOf(index))
  return new Set(names.filter((key) => placeOfRead(flags.reads, [], key, never) === 'postgres'))
}

test.each(namings)('at 25 percent a quarter of 100,000 %s goes to PostgreSQL', (_, nameOf) => {
  const share = (100 * served(25, nameOf).size) / count
  expect(Math.abs(share - 25)).toBeLessThanOrEqual(1)
})

test.each(namings)('no key of %s changes sides, and a higher percentage only adds', (_, nameOf) => {
  let fewer = new Set<string>()
  for (const percent of [0, 0.5, 1, 5, 25, 50, 99, 100]) {
    const more = served(percent, nameOf)
    expect(served(percent, nameOf)).toEqual(more)
    expect([...fewer].every((key) => more.has(key))).toBe(true)
    expect(Math.abs((100 * more.size) / count - percent)).toBeLessThanOrEqual(1)
    fewer = more
  }
})

test('without a key chance decides, with the share that the flags say', () => {
  const flags = mergeFlags(defaultFlags, { reads: { postgres: 25 } })
  let there = 0
  for (let read = 0; read < count; read++) {
    const place = placeOfRead(flags.reads, [], null, () => (read % 1000) / 1000)
    if (place === 'postgres') there++
  }
  expect(there).toBe(count / 4)
})
