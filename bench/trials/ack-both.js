import { postgresAlone, race, throughBoth } from '../contenders.js'
import { figure } from '../figure.js'
import { insertUser, userInserts, userValues, usersOnPostgres, usersOnSqlite } from '../users.js'
import { onServer, openFile, openPool } from '../workspace.js'

const insertWithId = {
  name: 'insert-with-id',
  text: 'INSERT INTO users (id, email, name, age, score) VALUES ($1, $2, $3, $4, $5)',
}

const sizes = {
  full: { rounds: 11, writes: 1600, warmUp: 3000 },
  tiny: { rounds: 1, writes: 64, warmUp: 0 },
}

/** @type {import('../trial.js').Trial} */
export const ackBoth = {
  name: 'ack-both',
  compares:
    'inserts through Lockstep with `ack: both`, against the same inserts on PostgreSQL alone through a pg.Pool (max 16), and against the naive dual write (SQLite, then PostgreSQL awaited)',
  async run(workspace, size) {
    const { rounds, writes, warmUp } = sizes[size]
    const contenders = {
      lockstep: await throughBoth(workspace, userInserts),
      postgres: await postgresAlone(workspace, userInserts),
      naive: await naive(workspace),
    }
    const load = { rounds, writes, values: userValues }
    await race(contenders, { ...load, rounds: 1, writers: 16, writes: warmUp })
    const figures = []
    for (const writers of [1, 16, 64]) {
      figures.push(...figuresOf(writers, await race(contenders, { ...load, writers })))
    }
    return figures
  },
}

const names = /** @type {const} */ (['lockstep', 'postgres', 'naive'])

/** What the ratios must be, by the number of writers. */
const goals = {
  postgres: new Map([
    [16, { atLeast: 1 }],
    [64, { atLeast: 2 }],
  ]),
  naive: new Map([
    [16, { atLeast: 1.3 }],
    [64, { atLeast: 3 }],
  ]),
  p50: new Map([[16, { atMost: 1 }]]),
}

/**
 * @param {number} writers
 * @param {Record<'lockstep' | 'postgres' | 'naive', { perSecond: number, p50Ms: number, p99Ms: number }>[]} rounds
 */
function figuresOf(writers, rounds) {
  const at = `${writers} ${writers === 1 ? 'writer' : 'writers'}`
  return [
    figure(
      `throughput against PostgreSQL alone, ${at}`,
      'x',
      rounds.map(({ lockstep, postgres }) => lockstep.perSecond / postgres.perSecond),
      goals.postgres.get(writers),
    ),
    figure(
      `throughput against the naive dual write, ${at}`,
      'x',
      rounds.map(({ lockstep, naive }) => lockstep.perSecond / naive.perSecond),
      goals.naive.get(writers),
    ),
    figure(
      `p50 against PostgreSQL alone, ${at}`,
      'x',
      rounds.map(({ lockstep, postgres }) => lockstep.p50Ms / postgres.p50Ms),
      goals.p50.get(writers),
    ),
    ...names.flatMap((name) => [
      figure(
        `${name}, ${at}`,
        'writes/s',
        rounds.map((round) => round[name].perSecond),
      ),
      figure(
        `${name} p50, ${at}`,
        'ms',
        rounds.map((round) => round[name].p50Ms),
      ),
      figure(
        `${name} p99, ${at}`,
        'ms',
        rounds.map((round) => round[name].p99Ms),
      ),
    ]),
  ]
}

/**
 * @param {import('../workspace.js').Workspace} workspace
 * @returns {Promise<import('../contenders.js').Contender>}
 */
async function naive(workspace) {
  const url = await workspace.createDatabase()
  await onServer(url, usersOnPostgres)
  const pool = openPool(workspace, url)
  const db = openFile(workspace.createFile((file) => void file.exec(usersOnSqlite)))
  workspace.defer(() => db.close())
  const statement = db.prepare(insertUser)
  return {
    async write(values) {
      const { lastInsertRowid } = statement.run(...values)
      await pool.query({ ...insertWithId, values: [lastInsertRowid, ...values] })
    },
    settle: async () => undefined,
  }
}
