import { pointOf } from '../curve.js'
import { seedMixed } from '../mixed-rows.js'
import { backfillOnce } from './backfill.js'

const sizes = { full: [10_000, 100_000, 1_000_000, 10_000_000], tiny: [100, 1000] }

const pace = {
  name: 'rows-pace',
  title: 'Pace of a backfill, by the rows of the table',
  grows: 'rows',
  measures: 'pace',
  unit: 'rows/s',
}
const memory = {
  name: 'rows-memory',
  title: 'Resident memory of a backfill, by the rows of the table',
  grows: 'rows',
  measures: 'resident memory',
  unit: 'MiB',
}

/** @type {import('../trial.js').Trial} */
export const backfillRows = {
  name: 'backfill-rows',
  compares: 'the backfill of more and more rows of mixed types: its pace and its memory',
  curves: [pace, memory],
  async run(workspace, size) {
    const figures = []
    for (const rows of sizes[size]) {
      const seeded = workspace.createFile((db) => seedMixed(db, rows))
      const { seconds, residentMiB } = await backfillOnce(workspace, seeded)
      figures.push(
        pointOf(pace, 'backfill', rows, [rows / seconds]),
        pointOf(memory, 'backfill', rows, [residentMiB], { atMost: 200 }),
      )
    }
    return figures
  },
}
