import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Pace, type Allowance } from '../../src/move/pace.ts'
import { Speed } from '../../src/move/speed.ts'

describe('the pace of a backfill', () => {
  const signal = new AbortController().signal
  let allowance: Allowance
  let waiting: (string | null)[]
  let pace: Pace
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    allowance = { percent: 100, reason: null }
    waiting = []
    pace = new Pace({
      look: async () => allowance,
      onWaiting: (reason) => waiting.push(reason),
      signal,
    })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  /** How long a lane rests that has worked for so long. */
  async function restOf(workedMs: number): Promise<number> {
    const begun = performance.now()
    let end: number | undefined
    void pace.rest(workedMs).then(() => (end = performance.now()))
    while (end === undefined) await vi.advanceTimersByTimeAsync(10)
    return end - begun
  }

  test.each([
    [100, 0],
    [50, 300],
    [25, 900],
  ])('at %s percent is a rest of %s ms for 300 ms of work', async (percent, expected) => {
    allowance = { percent, reason: null }
    expect(await restOf(300)).toBe(expected)
    expect(waiting).toEqual([])
  })

  test('follows a change by hand in the middle of a long rest, and says why it rests', async () => {
    allowance = { percent: 1, reason: null }
    // It would be half a minute.
    const rested = restOf(300)
    await vi.advanceTimersByTimeAsync(1500)
    allowance = { percent: 100, reason: null }
    expect(await rested).toBeLessThan(3000)
    expect(waiting).toEqual(['it is throttled to 1 %', null])
  })

  test('rests as long as there is a reason, which it tells once', async () => {
    allowance = { percent: 100, reason: 'a standby of PostgreSQL is 60000 ms behind' }
    const rested = restOf(10)
    await vi.advanceTimersByTimeAsync(5000)
    expect(waiting).toEqual(['a standby of PostgreSQL is 60000 ms behind'])
    allowance = { percent: 100, reason: null }
    expect(await rested).toBeGreaterThanOrEqual(5000)
    expect(waiting).toEqual([expect.any(String), null])
  })
})

describe('the speed of a backfill', () => {
  test('is that of the last ten seconds, and tells when the rest will be there', () => {
    let now = 0
    const speed = new Speed(() => now)
    speed.count(0)
    expect([speed.rowsPerSecond, speed.timeLeftMs(9000)]).toEqual([0, null])
    now = 1000
    speed.count(1000)
    expect([speed.rowsPerSecond, speed.timeLeftMs(9000)]).toEqual([1000, 8000])
    // From then on it is throttled to a tenth.
    for (const rows of [2000, 3000, 4000]) {
      now += 10_000
      speed.count(rows)
    }
    expect([speed.rowsPerSecond, speed.timeLeftMs(9000)]).toEqual([100, 50_000])
    // More than was counted at the beginning, as the application writes.
    now += 10_000
    speed.count(9500)
    expect(speed.timeLeftMs(9000)).toBe(0)
  })
})
