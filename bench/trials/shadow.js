import { figure } from '../figure.js'
import { interleave } from '../statistics.js'
import { mirrorUsers } from '../users.js'

const sizes = {
  full: { rounds: 21, reads: 20_000, rows: 10_000 },
  tiny: { rounds: 1, reads: 200, rows: 100 },
}
const sql = 'SELECT * FROM users WHERE id = ?'
/** Reads that are awaited together, as requests of a server are. */
const together = 20

/** @type {import('../trial.js').Trial} */
export const shadow = {
  name: 'shadow',
  compares:
    'reads by key in stage `shadow` at 5 %, against the same reads with `shadow.sample` at 0',
  async run(workspace, size) {
    const { rounds, reads, rows } = sizes[size]
    const { db } = await mirrorUsers(workspace, rows)
    const sampled = async (/** @type {number} */ sample) => {
      await db.setFlags({ shadow: { sample } })
      return readAll(db, reads, rows)
    }
    const contenders = { off: () => sampled(0), on: () => sampled(5) }
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
    ]
  },
}

/**
 * @param {import('#built/index.js').Lockstep} db
 * @param {number} reads
 * @param {number} rows
 */
async function readAll(db, reads, rows) {
  const times = new Float64Array(reads)
  const begun = performance.now()
  for (let index = 0; index < reads; index++) {
    const started = performance.now()
    await db.get(sql, [((index * 7919) % rows) + 1])
    times[index] = performance.now() - started
    if (index % together === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  const ms = performance.now() - begun
  return { ms, p99: /** @type {number} */ (times.toSorted()[Math.floor(reads * 0.99)]) }
}
