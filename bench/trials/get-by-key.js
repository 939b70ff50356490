import { figure } from '../figure.js'
import { interleave } from '../statistics.js'
import { mirrorUsers } from '../users.js'
import { openFile } from '../workspace.js'

const sizes = {
  full: { rounds: 41, reads: 20_000, rows: 10_000 },
  tiny: { rounds: 1, reads: 200, rows: 100 },
}
const sql = 'SELECT * FROM users WHERE id = ?'
const goal = { atMost: 1.5 }

/** @type {import('../trial.js').Trial} */
export const getByKey = {
  name: 'get-by-key',
  compares:
    'one row by its key through Lockstep in stage `mirror`, against the bare better-sqlite3 call, and against the same call inside of an awaited async function',
  async run(workspace, size) {
    const { rounds, reads, rows } = sizes[size]
    const { path, db } = await mirrorUsers(workspace, rows)
    const file = openFile(path)
    workspace.defer(() => file.close())
    const statement = file.prepare(sql)
    const prepared = db.prepare(sql)
    const bareAsync = async (/** @type {number} */ id) => statement.get(id)
    const key = (/** @type {number} */ index) => ((index * 7919) % rows) + 1

    const contenders = {
      bare: async () => {
        for (let index = 0; index < reads; index++) statement.get(key(index))
      },
      awaited: async () => {
        for (let index = 0; index < reads; index++) await bareAsync(key(index))
      },
      get: async () => {
        for (let index = 0; index < reads; index++) await db.get(sql, [key(index)])
      },
      prepared: async () => {
        for (let index = 0; index < reads; index++) await prepared.get(key(index))
      },
    }
    const timed = Object.fromEntries(
      Object.entries(contenders).map(([name, work]) => [name, () => microsecondsPer(reads, work)]),
    )
    const names = /** @type {Record<keyof typeof contenders, () => Promise<number>>} */ (timed)
    await interleave(1, names)
    const results = await interleave(rounds, names)
    return [
      figure(
        'db.get over the bare call',
        'µs',
        results.map(({ get, bare }) => get - bare),
        goal,
      ),
      figure(
        'db.get over the awaited bare call',
        'µs',
        results.map(({ get, awaited }) => get - awaited),
        goal,
      ),
      figure(
        'db.prepare(..).get over the bare call',
        'µs',
        results.map(({ prepared, bare }) => prepared - bare),
        goal,
      ),
      figure(
        'db.prepare(..).get over the awaited bare call',
        'µs',
        results.map(({ prepared, awaited }) => prepared - awaited),
        goal,
      ),
      figure(
        'bare call',
        'µs',
        results.map(({ bare }) => bare),
      ),
      figure(
        'awaited bare call',
        'µs',
        results.map(({ awaited }) => awaited),
      ),
      figure(
        'db.get',
        'µs',
        results.map(({ get }) => get),
      ),
    ]
  },
}

/**
 * @param {number} count
 * @param {() => Promise<void>} work
 */
async function microsecondsPer(count, work) {
  const begun = performance.now()
  await work()
  return ((performance.now() - begun) * 1000) / count
}
