import { figure } from '../figure.js'
import { seedMixed } from '../mixed-rows.js'
import { backfillOnce } from './backfill.js'

const sizes = { full: [10_000, 100_000, 1_000_000, 10_000_000], tiny: [100, 1000] }

/** @type {import('../trial.js').Trial} */
export const backfillRows = {
  name: 'backfill-rows',
  compares: 'the backfill of more and more rows of mixed types: its pace and its memory',
  async run(workspace, size) {
    const figures = []
    for (const rows of sizes[size]) {
      const seeded = workspace.createFile((db) => seedMixed(db, rows))
      const { seconds, residentMiB } = await backfillOnce(workspace, seeded)
      const of = `${rows.toLocaleString('en')} rows`
      figures.push(
        figure(`backfill, ${of}`, 'rows/s', [rows / seconds]),
        figure(`resident memory, ${of}`, 'MiB', [residentMiB], { atMost: 200 }),
      )
    }
    return figures
  },
}
