import { openContenders, race } from '../contenders.js'
import { pointOf } from '../curve.js'
import { userInserts, userValues } from '../users.js'

const sizes = {
  full: { rounds: 5, writers: [1, 4, 16, 64, 256], warmUp: 3000, leastWrites: 600 },
  tiny: { rounds: 1, writers: [1, 8], warmUp: 0, leastWrites: 40 },
}
/** Of each writer in a round, so that a p99 is not that of the first moment. */
const leastWritesEach = 12

const pace = {
  name: 'writers-pace',
  title: 'Writes a second, by the writers of one process',
  grows: 'writers',
  measures: 'pace',
  unit: 'writes/s',
}
const wait = {
  name: 'writers-p99',
  title: 'p99 of a write, by the writers of one process',
  grows: 'writers',
  measures: 'p99',
  unit: 'ms',
}

/** @type {import('../trial.js').Trial} */
export const scaleWriters = {
  name: 'scale-writers',
  compares:
    'single inserts by more and more writers of one process: through Lockstep with `ack: primary`, with `ack: both` and after a flip, against better-sqlite3 alone and pg alone (a pool of 16)',
  curves: [pace, wait],
  async run(workspace, size) {
    const { rounds, writers, warmUp, leastWrites } = sizes[size]
    const contenders = await openContenders(workspace, userInserts)
    const values = userValues
    await race(contenders, { rounds: 1, writers: 16, writes: warmUp, values })
    const figures = []
    for (const count of writers) {
      const writes = Math.max(leastWrites, count * leastWritesEach)
      const results = await race(contenders, { rounds, writers: count, writes, values })
      for (const name of Object.keys(contenders)) {
        const of = (/** @type {'perSecond' | 'p99Ms'} */ what) =>
          results.map((result) => result[name]?.[what] ?? Number.NaN)
        figures.push(
          pointOf(pace, name, count, of('perSecond')),
          pointOf(wait, name, count, of('p99Ms')),
        )
      }
    }
    return figures
  },
}
