import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { figure } from '../figure.js'
import { interleave } from '../statistics.js'
import { seedUsers, usersOnPostgres, usersOnSqlite } from '../users.js'
import { onServer } from '../workspace.js'
import { startWriter } from '../writer.js'

const sizes = {
  full: { rounds: 5, ms: 4000, warmUpMs: 1000, rows: 20_000, rowsPerSecond: 5000 },
  tiny: { rounds: 1, ms: 200, warmUpMs: 50, rows: 200, rowsPerSecond: 500 },
}

/** @type {import('../trial.js').Trial} */
export const eventLoop = {
  name: 'event-loop',
  compares:
    "the event loop's delay in a process that does nothing but apply 5,000 row changes a second, against the same process while the same writer, in a process of its own, writes where nothing is mirrored",
  async run(workspace, size) {
    const { rows } = sizes[size]
    const seed = (/** @type {import('better-sqlite3').Database} */ db) => {
      db.exec(usersOnSqlite)
      seedUsers(db, rows)
    }
    const path = workspace.createFile(seed)
    const url = await workspace.createDatabase()
    const plain = { path: workspace.createFile(seed), url: await workspace.createDatabase() }
    await onServer(plain.url, usersOnPostgres)
    await onServer(
      plain.url,
      `INSERT INTO users (email, name) SELECT 'user' || n || '@example.com', 'User number ' || n FROM generate_series(0, ${rows - 1}) AS n`,
    )
    const db = await workspace.mirror(path, url)
    const forward = await direction(db, 'SQLite to PostgreSQL', size, {
      mirrored: { kind: 'sqlite', target: path },
      plain: { kind: 'sqlite', target: plain.path },
    })
    await db.flip('postgres')
    const reverse = await direction(db, 'PostgreSQL to SQLite', size, {
      mirrored: { kind: 'postgres', target: url },
      plain: { kind: 'postgres', target: plain.url },
    })
    return [...forward, ...reverse]
  },
}

/** @typedef {Pick<import('../writer.js').WriterOptions, 'kind' | 'target'>} Place */

/**
 * @param {import('../workspace.js').Lockstep} db
 * @param {string} label
 * @param {import('../trial.js').Size} size
 * @param {{ mirrored: Place, plain: Place }} places
 */
async function direction(db, label, size, { mirrored, plain }) {
  const { rounds, ms, warmUpMs, rows, rowsPerSecond } = sizes[size]
  const measure = async (/** @type {Place} */ place) => {
    const appliedBefore = (await db.status()).applier.rows
    const writer = await startWriter({ ...place, rows, rowsPerSecond })
    await sleep(warmUpMs)
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    await sleep(ms)
    delay.disable()
    const written = await writer.stop()
    await db.caughtUp()
    const appliedRows = (await db.status()).applier.rows - appliedBefore
    const ofNs = (/** @type {number} */ share) => delay.percentile(share) / 1e6
    return {
      p50: ofNs(50),
      p99: ofNs(99),
      max: delay.max / 1e6,
      writtenPerSecond: written.rows / written.seconds,
      applied: appliedRows / written.rows,
    }
  }
  const results = await interleave(rounds, {
    mirrored: () => measure(mirrored),
    plain: () => measure(plain),
  })
  const of = (
    /** @type {string} */ name,
    /** @type {string} */ unit,
    /** @type {(result: (typeof results)[number]) => number} */ pick,
    goal = null,
  ) => figure(`${label}: ${name}`, unit, results.map(pick), goal)
  return [
    figure(
      `${label}: added p99`,
      'ms',
      results.map(({ mirrored, plain }) => mirrored.p99 - plain.p99),
      { atMost: 5 },
    ),
    of('p50 while applying', 'ms', ({ mirrored }) => mirrored.p50),
    of('p99 while applying', 'ms', ({ mirrored }) => mirrored.p99),
    of('max while applying', 'ms', ({ mirrored }) => mirrored.max),
    of('p99 without', 'ms', ({ plain }) => plain.p99),
    of('max without', 'ms', ({ plain }) => plain.max),
    of('row changes written', 'rows/s', ({ mirrored }) => mirrored.writtenPerSecond),
    of('journal entries applied for each row written', 'x', ({ mirrored }) => mirrored.applied),
  ]
}
