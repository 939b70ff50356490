import { setTimeout as sleep } from 'node:timers/promises'
import { figure } from '../figure.js'
import { percentile } from '../statistics.js'
import { insertUser, seedUsers, userValues, usersOnSqlite } from '../users.js'

const sizes = {
  full: { flips: 100, rows: 5000, writesPerSecond: 2000, betweenMs: 150 },
  tiny: { flips: 2, rows: 100, writesPerSecond: 100, betweenMs: 20 },
}

/** How often the writer catches up with its rate. */
const tickMs = 2

/** @type {import('../trial.js').Trial} */
export const flipPause = {
  name: 'flip-pause',
  compares:
    'flips there and back while 2,000 writes a second arrive: for how long writes were held, as the flip reports it, and the longest wait of any write that began during the flip',
  async run(workspace, size) {
    const { flips, rows, writesPerSecond, betweenMs } = sizes[size]
    const path = workspace.createFile((db) => {
      db.exec(usersOnSqlite)
      seedUsers(db, rows)
    })
    const db = await workspace.mirror(path, await workspace.createDatabase())
    const writes = startWrites(db, rows, writesPerSecond)
    const seen = { postgres: emptySample(), sqlite: emptySample() }
    for (let flip = 0; flip < flips; flip++) {
      const to = flip % 2 === 0 ? 'postgres' : 'sqlite'
      await sleep(betweenMs)
      await db.caughtUp()
      const begun = performance.now()
      const { pauseMs } = await db.flip(to)
      const ended = performance.now()
      await sleep(tickMs)
      seen[to].pauses.push(pauseMs)
      seen[to].windows.push([begun, ended])
    }
    const { latencies, perSecond, backlog } = await writes.stop()
    for (const sample of Object.values(seen)) {
      sample.waits = sample.windows.map(([begun, ended]) =>
        // Only of writes that began during the flip: one that began long before tells of a backlog.
        longest(latencies.filter(([from]) => from >= begun && from <= ended)),
      )
    }
    const windows = [...seen.postgres.windows, ...seen.sqlite.windows]
    const outside = latencies.filter(
      ([from]) => !windows.some(([begun, ended]) => from >= begun && from <= ended),
    )
    return [
      ...figuresOf('both directions', merge(seen.postgres, seen.sqlite), 50),
      ...figuresOf('to PostgreSQL', seen.postgres),
      ...figuresOf('to SQLite', seen.sqlite),
      figure('writes completed', 'writes/s', [perSecond]),
      figure('writes waiting at the end', 'writes', [backlog]),
      figure('write begun between flips: p50', 'ms', [percentile(outside.map(duration), 0.5)]),
      figure('write begun between flips: p99', 'ms', [percentile(outside.map(duration), 0.99)]),
    ]
  },
}

/** @param {[begun: number, ended: number]} write */
function duration([begun, ended]) {
  return ended - begun
}

/** @param {[begun: number, ended: number][]} writes */
function longest(writes) {
  return Math.max(0, ...writes.map(duration))
}

/** @typedef {{ pauses: number[], waits: number[], windows: [number, number][] }} Sample */

/** @returns {Sample} */
function emptySample() {
  return { pauses: [], waits: [], windows: [] }
}

/**
 * @param {Sample} a
 * @param {Sample} b
 * @returns {Sample}
 */
function merge(a, b) {
  return {
    pauses: [...a.pauses, ...b.pauses],
    waits: [...a.waits, ...b.waits],
    windows: [...a.windows, ...b.windows],
  }
}

/**
 * @param {string} label
 * @param {Sample} sample
 * @param {number} [atMostMs] the goal of p99
 */
function figuresOf(label, { pauses, waits }, atMostMs) {
  const goal = atMostMs === undefined ? null : { atMost: atMostMs }
  const of = (/** @type {string} */ what, /** @type {number[]} */ values) => [
    figure(`${what}, ${label}: p50`, 'ms', [percentile(values, 0.5)]),
    figure(`${what}, ${label}: p99`, 'ms', [percentile(values, 0.99)], goal),
    figure(`${what}, ${label}: max`, 'ms', [Math.max(...values)]),
  ]
  return [...of('pause', pauses), ...of('longest write', waits)]
}

/**
 * Writes at a fixed rate whether or not earlier writes have returned, half inserts, half updates.
 * @param {import('../workspace.js').Lockstep} db
 * @param {number} rows
 * @param {number} perSecond
 */
function startWrites(db, rows, perSecond) {
  const insert = db.prepare(insertUser)
  const update = db.prepare('UPDATE users SET name = ?, score = ? WHERE id = ?')
  /** @type {[begun: number, ended: number][]} */
  const latencies = []
  /** @type {Promise<unknown>[]} */
  const failures = []
  const pending = new Set()
  const begun = performance.now()
  let next = 0
  const one = async (/** @type {number} */ index) => {
    const at = performance.now()
    await (index % 2 === 0
      ? insert.run(...userValues(rows + index))
      : update.run(`User at ${index}`, index / 3, 1 + ((index * 7919) % rows)))
    latencies.push([at, performance.now()])
  }
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begun) / 1000) * perSecond)
    while (next < due) {
      const write = one(next++)
      pending.add(write)
      write.then(
        () => pending.delete(write),
        () => failures.push(write),
      )
    }
  }, tickMs)
  return {
    async stop() {
      clearInterval(timer)
      // Counted before the backlog drains: otherwise a rate that was not kept up would look kept up.
      const perSecond = latencies.length / ((performance.now() - begun) / 1000)
      const backlog = pending.size
      await Promise.all([...pending, ...failures])
      return { latencies, perSecond, backlog }
    },
  }
}
