import { timed } from '../command.js'
import { pointOf } from '../curve.js'
import { timeJourney } from '../journey.js'
import { drive } from '../statistics.js'

const sizes = {
  full: { rounds: 2, tables: [1, 10, 100, 500], rows: 10, writes: 2000 },
  tiny: { rounds: 1, tables: [1, 5], rows: 2, writes: 40 },
}
const writers = 16
const stepNames = /** @type {const} */ (['install', 'applySchema', 'backfill', 'verify', 'opening'])

const steps = {
  name: 'tables-steps',
  title: 'Seconds of each step, by the tables of the schema',
  grows: 'tables',
  measures: 'time',
  unit: 's',
}
const writing = {
  name: 'tables-writes',
  title: 'Writes a second to all tables in turn, by their number',
  grows: 'tables',
  measures: 'pace',
  unit: 'writes/s',
}

/** @typedef {Awaited<ReturnType<typeof tryTables>>} Seen */

/** @type {import('../trial.js').Trial} */
export const scaleTables = {
  name: 'scale-tables',
  compares:
    'more and more tables of a few rows: the steps of the journey, the opening of a file that is mirrored until its first write has returned, and inserts by 16 writers to all tables in turn, as the primary takes them and as PostgreSQL has them',
  curves: [steps, writing],
  async run(workspace, size) {
    const { rounds, tables, rows, writes } = sizes[size]
    const figures = []
    for (const count of tables) {
      /** @type {Seen[]} */
      const seen = []
      for (let round = 0; round < rounds; round++)
        seen.push(await tryTables(workspace, count, rows, writes))
      const of = (/** @type {keyof Seen} */ what) => seen.map((one) => one[what])
      for (const step of stepNames) figures.push(pointOf(steps, step, count, of(step)))
      figures.push(
        pointOf(writing, 'returned, ack: primary', count, of('written')),
        pointOf(writing, 'on PostgreSQL', count, of('applied')),
      )
    }
    return figures
  },
}

/**
 * @param {import('../workspace.js').Workspace} workspace
 * @param {number} count
 * @param {number} rows of each table
 * @param {number} writes to all of them
 */
async function tryTables(workspace, count, rows, writes) {
  const names = Array.from({ length: count }, (_, index) => `users_${index}`)
  const path = workspace.createFile((db) => seedTables(db, names, rows))
  const { db: first, url, seconds } = await timeJourney(workspace, path)
  await first.close()

  const begun = performance.now()
  const db = await workspace.open(path, url)
  const inserts = names.map((name) => db.prepare(insertInto(name)))
  const write = async (/** @type {number} */ index) =>
    inserts[index % count]?.run(...valuesOf(rows + index))
  await write(0)
  const opening = (performance.now() - begun) / 1000

  // Each table's first write is not counted: in it statements are planned.
  await drive(writers, count, (index) => write(1 + index))
  await db.caughtUp()
  let written = Number.NaN
  const applied = await timed(async () => {
    written = (await drive(writers, writes, (index) => write(1 + count + index))).perSecond
    await db.caughtUp()
  })
  await db.close()
  return { ...seconds, opening, written, applied: writes / applied }
}

/**
 * @param {import('better-sqlite3').Database} db
 * @param {readonly string[]} names
 * @param {number} rows
 */
function seedTables(db, names, rows) {
  db.transaction(() => {
    for (const name of names) {
      db.exec(
        `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT, age INTEGER)`,
      )
      const insert = db.prepare(insertInto(name))
      for (let row = 0; row < rows; row++) insert.run(...valuesOf(row))
    }
  })()
}

/** @param {string} name */
function insertInto(name) {
  return `INSERT INTO ${name} (email, name, age) VALUES (?, ?, ?)`
}

/** @param {number} index */
function valuesOf(index) {
  return [`user${index}@example.com`, `User number ${index}`, index % 90]
}
