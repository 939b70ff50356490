import { figure } from '../figure.js'
import { interleave } from '../statistics.js'
import { mirrorUsers } from '../users.js'

const sizes = {
  full: { rounds: 21, reads: 20_000, rows: 10_000 },
  tiny: { rounds: 1, reads: 200, rows: 100 },
}
const sql = 'SELECT * FROM users WHERE id = ?'
/** Reads that come in one turn of the event loop, as requests of a server do: 20,000 a second, if the machine has the time. */
const together = 20
/**
 * Turns are half a millisecond to one and a half apart. At one apart exactly the kernel's clock, which stops the
 * process for some 50 µs 250 times a second, meets the reads of whole rounds or misses them, and the p99 tells of it alone.
 */
const turnMs = (/** @type {number} */ turn) => 0.5 + ((turn * 0.618_033_988_749_894_9) % 1)

/** @type {import('../trial.js').Trial} */
export const shadow = {
  name: 'shadow',
  compares:
    '20,000 reads by key a second in stage `shadow` at 5 %, against the same reads with `shadow.sample` at 0; and as many as go',
  async run(workspace, size) {
    const { rounds, reads, rows } = sizes[size]
    const { db } = await mirrorUsers(workspace, rows)
    const sampled = async (/** @type {number} */ sample, /** @type {boolean} */ isPaced) => {
      await db.setFlags({ shadow: { sample } })
      const before = (await db.status()).counters.shadow
      const { ms, p99 } = await readAll(db, { reads, rows, isPaced })
      const after = (await db.status()).counters.shadow
      const runs = after.runs - before.runs
      const taken = runs + after.dropped - before.dropped
      // A few reads may end before the first of them has been compared.
      return { ms, p99, share: (100 * runs) / Math.max(1, taken) }
    }
    const contenders = {
      off: () => sampled(0, true),
      on: () => sampled(5, true),
      mostOff: () => sampled(0, false),
      mostOn: () => sampled(5, false),
    }
    await interleave(1, contenders)
    const results = await interleave(rounds, contenders)
    return [
      figure(
        'throughput at 5 % to that without',
        'x',
        results.map(({ on, off }) => off.ms / on.ms),
        { atLeast: 0.9 },
      ),
      figure(
        'p99 at 5 % to that without',
        'x',
        results.map(({ on, off }) => on.p99 / off.p99),
        { atMost: 1.2 },
      ),
      figure(
        'reads a second at 5 %',
        'reads/s',
        results.map(({ on }) => (reads * 1000) / on.ms),
      ),
      figure(
        'of the sample, compared and not dropped',
        '%',
        results.map(({ on }) => on.share),
      ),
      figure(
        'as many as go, at 5 % to that without',
        'x',
        results.map(({ mostOn, mostOff }) => mostOff.ms / mostOn.ms),
      ),
    ]
  },
}

/**
 * @param {import('#built/index.js').Lockstep} db
 * @param {{ reads: number, rows: number, isPaced: boolean }} load
 */
async function readAll(db, { reads, rows, isPaced }) {
  const times = new Float64Array(reads)
  const begun = performance.now()
  let dueMs = begun
  for (let index = 0; index < reads; index++) {
    const started = performance.now()
    await db.get(sql, [((index * 7919) % rows) + 1])
    times[index] = performance.now() - started
    if (index % together !== 0) continue
    dueMs += turnMs(index / together)
    do await new Promise((resolve) => setImmediate(resolve))
    while (isPaced && performance.now() < dueMs)
  }
  const ms = performance.now() - begun
  return { ms, p99: /** @type {number} */ (times.toSorted()[Math.floor(reads * 0.99)]) }
}
