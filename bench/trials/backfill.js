import { copyFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLockstep } from '#built/index.js'
import { hasProgram, runProgram, timed } from '../command.js'
import { figure } from '../figure.js'
import { mixedOnPostgres, seedMixed } from '../mixed-rows.js'
import { interleave, percentile } from '../statistics.js'
import { onServer } from '../workspace.js'

/** @typedef {import('../workspace.js').Workspace} Workspace */

const sizes = {
  full: { rounds: 3, rows: 1_000_000, quietMs: 5000 },
  tiny: { rounds: 1, rows: 500, quietMs: 100 },
}
const betweenWritesMs = 2

/** @type {import('../trial.js').Trial} */
export const backfill = {
  name: 'backfill',
  compares:
    'the backfill (copy, keys, catch-up, indexes, sequences, ANALYZE) of rows of mixed types, against pgloader, and against psql COPY of a CSV that was prepared, without keys and indexes; and writes of the application beside it',
  async run(workspace, size) {
    const { rounds, rows, quietMs } = sizes[size]
    const seeded = workspace.createFile((db) => seedMixed(db, rows))
    const rivals = await openRivals(workspace, seeded)
    const results = await interleave(rounds, {
      lockstep: () => backfillOnce(workspace, seeded),
      ...rivals,
    })
    const seconds = (/** @type {string} */ name) =>
      results.map(
        (result) =>
          /** @type {Record<string, { seconds: number }>} */ (result)[name]?.seconds ?? Number.NaN,
      )
    const ours = seconds('lockstep')
    const ratios = (/** @type {string} */ name) =>
      seconds(name).map((time, round) => time / (ours[round] ?? Number.NaN))
    const beside = await writeBeside(workspace, seeded, quietMs)
    return [
      ...('pgloader' in rivals
        ? [
            figure('backfill against pgloader', 'x', ratios('pgloader'), { atLeast: 2.5 }),
            figure('pgloader', 's', seconds('pgloader')),
          ]
        : []),
      ...('psql' in rivals
        ? [
            figure('backfill against psql COPY without indexes', 'x', ratios('psql')),
            figure('psql COPY without indexes', 's', seconds('psql')),
          ]
        : []),
      figure('backfill', 's', ours),
      figure(
        'backfill',
        'rows/s',
        ours.map((time) => rows / time),
      ),
      figure(
        'resident memory',
        'MiB',
        results.map(({ lockstep }) => lockstep.residentMiB),
        { atMost: 200 },
      ),
      figure(
        'write p99 beside a backfill, against a quiet one',
        'x',
        [beside.busy / beside.quiet],
        { atMost: 2 },
      ),
      figure('write p99, quiet', 'ms', [beside.quiet]),
      figure('write p99, beside a backfill', 'ms', [beside.busy]),
    ]
  },
}

/**
 * @param {Workspace} workspace
 * @param {string} seeded
 */
async function openRivals(workspace, seeded) {
  /** @type {Record<string, () => Promise<{ seconds: number }>>} */
  const rivals = {}
  if (hasProgram('pgloader')) {
    rivals['pgloader'] = async () => {
      const url = await workspace.createDatabase()
      return { seconds: await timed(() => runProgram('pgloader', [`sqlite://${seeded}`, url])) }
    }
  }
  if (hasProgram('psql') && hasProgram('sqlite3')) {
    const csv = `${seeded}.csv`
    const columns = `id, email, name, age, score, active, created_at, bio, '\\x' || hex(avatar)`
    await runProgram('sqlite3', [
      seeded,
      '.mode csv',
      `.output ${csv}`,
      `SELECT ${columns} FROM people`,
    ])
    rivals['psql'] = async () => {
      const url = await workspace.createDatabase()
      await onServer(url, mixedOnPostgres)
      const copy = `\\copy people FROM '${csv}' (FORMAT csv)`
      return { seconds: await timed(() => runProgram('psql', [url, '-qc', copy])) }
    }
  }
  return rivals
}

/**
 * @param {Workspace} workspace
 * @param {string} seeded
 */
async function openCopy(workspace, seeded) {
  const path = workspace.createFile(() => undefined)
  copyFileSync(seeded, path)
  const connectionString = await workspace.createDatabase()
  const db = await createLockstep({ sqlite: { path }, postgres: { connectionString } })
  await db.install()
  await db.applySchema()
  return db
}

/**
 * @param {Workspace} workspace
 * @param {string} seeded
 * @returns {Promise<{ seconds: number, residentMiB: number }>}
 */
export async function backfillOnce(workspace, seeded) {
  const db = await openCopy(workspace, seeded)
  let resident = 0
  const look = setInterval(() => (resident = Math.max(resident, process.memoryUsage.rss())), 20)
  const seconds = await timed(() => db.backfill())
  clearInterval(look)
  await db.close()
  return { seconds, residentMiB: resident / 2 ** 20 }
}

/**
 * The p99 of small writes, in milliseconds, before a backfill and beside it.
 * @param {Workspace} workspace
 * @param {string} seeded
 * @param {number} quietMs
 */
async function writeBeside(workspace, seeded, quietMs) {
  const db = await openCopy(workspace, seeded)
  /** @param {() => boolean} isOver */
  const writeUntil = async (isOver) => {
    const latencies = []
    while (!isOver()) {
      const begun = performance.now()
      await db.run('INSERT INTO events (note) VALUES (?)', ['note'])
      latencies.push(performance.now() - begun)
      await sleep(betweenWritesMs)
    }
    return percentile(latencies, 0.99)
  }
  const end = performance.now() + quietMs
  const quiet = await writeUntil(() => performance.now() > end)
  let isOver = false
  const copied = db.backfill().finally(() => (isOver = true))
  const busy = await writeUntil(() => isOver)
  await copied
  await db.close()
  return { quiet, busy }
}
