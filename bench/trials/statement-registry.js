import { Observed } from '#built/shadow/record.js'
import { createSessions } from '#built/route/session.js'
import { figure } from '../figure.js'

const sizes = {
  full: { rounds: 21, calls: 500_000 },
  tiny: { rounds: 1, calls: 1000 },
}
const row = { id: 1 }
const args = [[1, 'text']]

/** @type {import('../trial.js').Trial} */
export const statementRegistry = {
  name: 'statement-registry',
  compares:
    'what one call costs that the statement registry counts, with a clock for every eighth, against nothing: a loop that does not',
  async run(_workspace, size) {
    const { rounds, calls } = sizes[size]
    const sessions = createSessions({ issue: () => '', read: () => null })
    const records = Array.from({ length: 20 }, (_, at) => new Observed(`SELECT ${at}`))
    const counted = () => {
      for (let index = 0; index < calls; index++) {
        const record = /** @type {Observed} */ (records[index % records.length])
        sessions.current().called(record)
        record.ended('sqlite', record.begin(args), row)
      }
    }
    counted()
    const costs = Array.from({ length: rounds }, () => {
      const begun = performance.now()
      counted()
      return ((performance.now() - begun) * 1000) / calls
    })
    return [figure('bookkeeping of one call', 'µs', costs, { atMost: 0.5 })]
  },
}
