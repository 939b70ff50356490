import { setTimeout as sleep } from 'node:timers/promises'
import { pointOf } from '../curve.js'
import { figure } from '../figure.js'
import { percentile } from '../statistics.js'
import { insertUser, seedUsers, userValues, usersOnSqlite } from '../users.js'

const sizes = {
  full: { flips: 50, rows: 5000, loads: [500, 1000, 2000, 4000], betweenMs: 150 },
  tiny: { flips: 2, rows: 100, loads: [100, 200], betweenMs: 20 },
}

/** How often the writer catches up with its rate. */
const tickMs = 2
/** Of a pause, and of what a write waits for one. */
const goal = { atMost: 50 }

const pause = {
  name: 'flip-pause',
  title: 'How long a flip holds writes, by the writes that arrive',
  grows: 'writes a second',
  measures: 'pause',
  unit: 'ms',
}

/** @type {import('../trial.js').Trial} */
export const flipPause = {
  name: 'flip-pause',
  compares:
    'flips there and back at a rising load of writes: for how long writes were held, as the flip reports it, and the longest wait of any write that began during the flip',
  curves: [pause],
  async run(workspace, size) {
    const { flips, rows, loads, betweenMs } = sizes[size]
    const path = workspace.createFile((db) => {
      db.exec(usersOnSqlite)
      seedUsers(db, rows)
    })
    const db = await workspace.mirror(path, await workspace.createDatabase())
    const figures = []
    let from = rows
    for (const writesPerSecond of loads) {
      const writes = startWrites(db, { rows, from, perSecond: writesPerSecond })
      const seen = await flipThereAndBack(db, flips, betweenMs)
      const stopped = await writes.stop()
      from += stopped.latencies.length
      figures.push(...figuresOf(writesPerSecond, seen, stopped))
    }
    return figures
  },
}

/** @typedef {{ pauseMs: number, to: 'postgres' | 'sqlite', begun: number, ended: number }} Flip */

/**
 * @param {import('../workspace.js').Lockstep} db
 * @param {number} flips
 * @param {number} betweenMs
 */
async function flipThereAndBack(db, flips, betweenMs) {
  /** @type {Flip[]} */
  const seen = []
  for (let flip = 0; flip < flips; flip++) {
    const to = flip % 2 === 0 ? 'postgres' : 'sqlite'
    await sleep(betweenMs)
    await db.caughtUp()
    const begun = performance.now()
    const { pauseMs } = await db.flip(to)
    seen.push({ pauseMs, to, begun, ended: performance.now() })
    await sleep(tickMs)
  }
  return seen
}

/**
 * @param {number} load writes a second
 * @param {readonly Flip[]} flips
 * @param {{ latencies: Write[], perSecond: number, backlog: number }} writes
 */
function figuresOf(load, flips, { latencies, perSecond, backlog }) {
  const pauses = (/** @type {string} */ to) =>
    flips.filter((flip) => flip.to === to).map(({ pauseMs }) => pauseMs)
  const all = flips.map(({ pauseMs }) => pauseMs)
  // Only of writes that began during the flip: one that began long before tells of a backlog.
  const waits = flips.map(({ begun, ended }) => longest(latencies, begun, ended))
  const between = latencies
    .filter(([at]) => !flips.some(({ begun, ended }) => at >= begun && at <= ended))
    .map(duration)
  const at = `at ${load.toLocaleString('en')} writes a second`
  const value = (
    /** @type {string} */ what,
    /** @type {number} */ ms,
    /** @type {import('../figure.js').Goal | null} */ atMost = null,
  ) => figure(`${what}, ${at}`, 'ms', [ms], atMost)
  return [
    pointOf(pause, 'p50', load, [percentile(all, 0.5)]),
    pointOf(pause, 'longest', load, [Math.max(...all)], goal),
    value('pause to PostgreSQL: longest', Math.max(...pauses('postgres'))),
    value('pause to SQLite: longest', Math.max(...pauses('sqlite'))),
    value('longest write: p50', percentile(waits, 0.5)),
    value('longest write: longest', Math.max(...waits), goal),
    value('write begun between flips: p50', percentile(between, 0.5)),
    value('write begun between flips: p99', percentile(between, 0.99)),
    figure(`writes completed, ${at}`, 'writes/s', [perSecond]),
    figure(`writes waiting at the end, ${at}`, 'writes', [backlog]),
  ]
}

/** @typedef {[begun: number, ended: number]} Write */

/** @param {Write} write */
function duration([begun, ended]) {
  return ended - begun
}

/**
 * @param {readonly Write[]} writes
 * @param {number} begun
 * @param {number} ended
 */
function longest(writes, begun, ended) {
  return Math.max(0, ...writes.filter(([at]) => at >= begun && at <= ended).map(duration))
}

/**
 * Writes at a fixed rate whether or not earlier writes have returned, half inserts, half updates.
 * @param {import('../workspace.js').Lockstep} db
 * @param {{ rows: number, from: number, perSecond: number }} load rows there are to update, the index of the first new one
 */
function startWrites(db, { rows, from, perSecond }) {
  const insert = db.prepare(insertUser)
  const update = db.prepare('UPDATE users SET name = ?, score = ? WHERE id = ?')
  /** @type {Write[]} */
  const latencies = []
  /** @type {Promise<unknown>[]} */
  const failures = []
  const pending = new Set()
  const begun = performance.now()
  let next = 0
  const one = async (/** @type {number} */ index) => {
    const at = performance.now()
    await (index % 2 === 0
      ? insert.run(...userValues(from + index))
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
