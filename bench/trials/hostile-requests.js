import { createServer } from 'node:http'
import { once } from 'node:events'
import { serveAdmin } from '#built/admin/serve.js'
import { figure } from '../figure.js'
import { startHostile } from '../hostile.js'
import { interleave } from '../statistics.js'
import { mirrorUsers } from '../users.js'
import { visit } from '../visitors.js'

const sizes = {
  full: { rounds: 9, ms: 4000, warmUpMs: 1500, rows: 10_000, perSecond: 250 },
  tiny: { rounds: 1, ms: 300, warmUpMs: 50, rows: 100, perSecond: 100 },
}
const token = 'a-token-for-the-trial'

/** @type {import('../trial.js').Trial} */
export const hostileRequests = {
  name: 'hostile-requests',
  compares:
    'requests to an application that reads and writes a row for each, in a process that also serves the admin server, while hostile clients ask that as fast as they are answered, against the same without them',
  async run(workspace, size) {
    const { rounds, ms, warmUpMs, rows, perSecond } = sizes[size]
    const { db } = await mirrorUsers(workspace, rows)
    const url = await serveApplication(workspace, db, rows)
    const admin = await serveAdmin(db, { host: '127.0.0.1', port: 0, tokens: { operator: token } })
    workspace.defer(() => admin.close())
    const quiet = async () => {
      const before = process.cpuUsage()
      const seen = await visit({ url, perSecond, ms, warmUpMs })
      const { user, system } = process.cpuUsage(before)
      return { ...seen, cpuShare: (user + system) / 10 / ms }
    }
    /** @type {number[]} */
    const answered = []
    const beset = async () => {
      const hostile = await startHostile({ url: admin.url, token })
      const seen = await quiet()
      answered.push(((await hostile.stop()).total * 1000) / ms)
      return seen
    }
    await interleave(1, { quiet, beset })
    const results = await interleave(rounds, { quiet, beset })
    return [
      figure(
        'p99 of the application to that without',
        'x',
        results.map(({ beset, quiet }) => beset.p99Ms / quiet.p99Ms),
        { atMost: 1.1 },
      ),
      figure(
        'p50 of the application to that without',
        'x',
        results.map(({ beset, quiet }) => beset.p50Ms / quiet.p50Ms),
      ),
      figure(
        'p99 without',
        'ms',
        results.map(({ quiet }) => quiet.p99Ms),
      ),
      figure(
        'added CPU time, of a core',
        '%',
        results.map(({ beset, quiet }) => beset.cpuShare - quiet.cpuShare),
      ),
      figure('hostile requests answered or cut off', 'requests/s', answered),
    ]
  },
}

/**
 * @param {import('../workspace.js').Workspace} workspace
 * @param {import('../workspace.js').Lockstep} db
 * @param {number} rows
 */
async function serveApplication(workspace, db, rows) {
  let next = 0
  const answer = async (/** @type {import('node:http').ServerResponse} */ response) => {
    const id = 1 + ((next++ * 7919) % rows)
    await db.run('UPDATE users SET score = score + 1 WHERE id = ?', [id])
    response.end(JSON.stringify(await db.get('SELECT * FROM users WHERE id = ?', [id])))
  }
  const server = createServer((_request, response) => void answer(response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  workspace.defer(() => server.close())
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return `http://127.0.0.1:${port}/`
}
