/**
 * `npm run soak -- --minutes M`: an application at 60 % of what it can do, whose primary moves every minute, on a file
 * and a server of its own. Memory, handles, journals, logs and tables are sampled, and must be flat: the last quarter
 * of the run is compared with the second one, as the first warms up. Prints JSON; exits with 1 where something grew.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as rest } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { startEmbeddedPostgres } from '../../dist/demo/embedded-postgres.js'
import { createLockstep } from '../../dist/index.js'
import { grown } from './flat.mjs'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    'flip-s': { type: 'string', default: '60' },
    'sample-s': { type: 'string', default: '5' },
  },
})
const [lengthMs, flipMs, sampleMs] = [
  60_000 * Number(values.minutes),
  1000 * Number(values['flip-s']),
  1000 * Number(values['sample-s']),
]
for (const ms of [lengthMs, flipMs, sampleMs])
  if (!(ms > 0)) throw new TypeError('--minutes, --flip-s and --sample-s must be numbers above 0')

const workers = 16
const share = 0.6
/** A busy machine may take long for each. */
const leastSamples = 12
const rows = 10_000

const folder = mkdtempSync(join(tmpdir(), 'lockstep-soak-'))
const server = await startEmbeddedPostgres()
const path = join(folder, 'app.db')
const file = new Database(path)
file.pragma('journal_mode = WAL')
file.exec(`CREATE TABLE counters (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, note TEXT);
  CREATE TABLE visits (id INTEGER PRIMARY KEY AUTOINCREMENT, counter INTEGER NOT NULL, at TEXT);
  WITH RECURSIVE k (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM k WHERE id < ${rows})
  INSERT INTO counters SELECT id, 0, 'note ' || id FROM k; INSERT INTO visits (counter) SELECT id FROM counters`)
const admin = new Client({ connectionString: server.url })
await admin.connect()
// A machine that is busy with other work is to flip as well: pauses are a bench's, not this one's.
const db = await createLockstep({
  sqlite: { path },
  postgres: { connectionString: server.url },
  flip: { pauseBudgetMs: 10_000 },
})
await db.install()
await db.applySchema()
await db.backfill()

let counts = { done: 0, failed: 0 }
/** What operations failed of, each once. */
const failures = new Set()
let end = false
/** When the next operation may begin; the past while capacity is measured. */
let due = 0
let everyMs = 0

/** Rows change and come and go, and there are never more of them. */
async function operate() {
  const id = 1 + Math.floor(Math.random() * rows)
  const kind = Math.random()
  if (kind < 0.5) return db.get('SELECT n, note FROM counters WHERE id = ?', [id])
  if (kind < 0.8) return db.run('UPDATE counters SET n = n + 1 WHERE id = ?', [id])
  return db.batch([
    { sql: 'INSERT INTO visits (counter, at) VALUES (?, ?)', params: [id, 'now'] },
    { sql: 'DELETE FROM visits WHERE id = (SELECT min(id) FROM visits)' },
  ])
}

async function work() {
  while (!end) {
    const now = performance.now()
    due = Math.max(due, now - 1000) + everyMs
    if (due > now) await rest(due - now)
    await operate().then(
      () => counts.done++,
      (error) => {
        counts.failed++
        failures.add(`${error.code}: ${error.message}`)
      },
    )
  }
}

const one = async (sql) => Number((await admin.query(sql)).rows[0].value)
const sizeOf = (name) => statSync(name, { throwIfNoEntry: false })?.size ?? 0

async function sample() {
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  const size = (relation) => one(`SELECT pg_total_relation_size('${relation}') AS value`)
  return {
    rss,
    heap: heapUsed,
    handles: readdirSync('/proc/self/fd').length,
    connections: await one(
      `SELECT count(*) AS value FROM pg_stat_activity WHERE application_name = 'lockstep'`,
    ),
    sqliteJournal: file.prepare('SELECT count(*) FROM _lockstep_journal').pluck().get(),
    sqliteFile: sizeOf(path),
    sqliteWal: sizeOf(`${path}-wal`),
    postgresJournal: await one('SELECT count(*) AS value FROM lockstep.journal'),
    postgresOwn: (await size('lockstep.journal')) + (await size('lockstep.control')),
    postgresTables: (await size('counters')) + (await size('visits')),
  }
}

const working = Promise.all(Array.from({ length: workers }, work))
await rest(Math.min(10_000, lengthMs / 6))
counts = { done: 0, failed: 0 }
const measureMs = Math.min(10_000, lengthMs / 6)
await rest(measureMs)
const capacity = (1000 * counts.done) / measureMs
everyMs = 1000 / (share * capacity)
counts = { done: 0, failed: 0 }

const samples = []
const pauses = []
const cancelled = []
const begin = performance.now()
const isOver = () => performance.now() - begin > lengthMs && samples.length >= leastSamples
for (let nextFlip = flipMs; !isOver(); await rest(sampleMs)) {
  if (performance.now() - begin > nextFlip) {
    nextFlip += flipMs
    const { primary } = await db.status()
    await db.flip(primary === 'sqlite' ? 'postgres' : 'sqlite').then(
      ({ pauseMs }) => pauses.push(pauseMs),
      ({ code }) => cancelled.push(code),
    )
  }
  samples.push(await sample())
}
end = true
await working
await db.caughtUp({ timeoutMs: 60_000 })
const { equal } = await db.verify()
const growth = grown(samples)
const report = {
  minutes: Number(values.minutes),
  capacityPerSecond: Math.round(capacity),
  operations: counts.done,
  failed: counts.failed,
  failures: [...failures],
  flips: pauses.length,
  cancelled,
  pauseMs: {
    median: pauses.toSorted((a, b) => a - b)[pauses.length >> 1],
    max: Math.max(0, ...pauses),
  },
  equal,
  growth,
}
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
await db.close()
file.close()
await admin.end()
await server.stop()
rmSync(folder, { recursive: true })
const isFlat = growth.every(({ isFlat }) => isFlat)
process.exitCode = isFlat && equal && counts.failed === 0 ? 0 : 1
