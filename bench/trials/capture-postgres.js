import { figure } from '../figure.js'
import { drive, interleave } from '../statistics.js'
import { onServer, openPool } from '../workspace.js'

const sizes = {
  full: { rounds: 31, single: 200, concurrent: 1000, bulk: 4, bulkRows: 5000 },
  tiny: { rounds: 1, single: 20, concurrent: 40, bulk: 2, bulkRows: 20 },
}
const onSqlite = 'CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, size INTEGER)'
const onPostgres = 'CREATE TABLE notes (id bigint PRIMARY KEY, body text, size bigint)'
const insert = { name: 'insert', text: 'INSERT INTO notes (id, body, size) VALUES ($1, $2, $3)' }
const insertMany = {
  name: 'insert-many',
  text: `INSERT INTO notes (id, body, size)
    SELECT id, 'note number ' || id, id % 100 FROM generate_series($1::bigint, $2::bigint) AS id`,
}

/** @type {import('../trial.js').Trial} */
export const capturePostgres = {
  name: 'capture-postgres',
  compares:
    'inserts on a PostgreSQL primary with guard and capture triggers, against the same table without',
  async run(workspace, size) {
    const { rounds, single, concurrent, bulk, bulkRows } = sizes[size]
    const bare = await bareTable(workspace)
    const captured = await capturedTable(workspace)
    let next = 0
    const one = (/** @type {import('pg').Pool} */ pool) => {
      const id = next++
      return pool.query({ ...insert, values: [id, `note number ${id}`, id % 100] })
    }
    const many = (/** @type {import('pg').Pool} */ pool) => {
      const from = next
      next += bulkRows
      return pool.query({ ...insertMany, values: [from, from + bulkRows - 1] })
    }
    const paired = async (
      /** @type {number} */ concurrency,
      /** @type {number} */ count,
      /** @type {(pool: import('pg').Pool) => Promise<unknown>} */ work,
    ) => {
      const measure = async (/** @type {import('pg').Pool} */ pool) => {
        // The journal is emptied as the applier would, outside of what is measured.
        if (pool === captured) await pool.query('TRUNCATE lockstep.journal')
        return (await drive(concurrency, count, () => work(pool))).perSecond
      }
      const results = await interleave(rounds + 1, {
        bare: () => measure(bare),
        captured: () => measure(captured),
      })
      return results.slice(1)
    }
    return [
      ...figuresOf('insert, one client', await paired(1, single, one), 1, 15),
      ...figuresOf('insert, 16 clients', await paired(16, concurrent, one), 1, 15),
      ...figuresOf('bulk insert', await paired(1, bulk, many), bulkRows, 10),
    ]
  },
}

/**
 * @param {string} label
 * @param {{ bare: number, captured: number }[]} rounds statements per second
 * @param {number} rows in one statement
 * @param {number} atMost percent
 */
function figuresOf(label, rounds, rows, atMost) {
  return [
    figure(
      `${label}: added`,
      '%',
      rounds.map(({ bare, captured }) => (bare / captured - 1) * 100),
      { atMost },
    ),
    figure(
      `${label}: bare`,
      'rows/s',
      rounds.map(({ bare }) => bare * rows),
    ),
    figure(
      `${label}: captured`,
      'rows/s',
      rounds.map(({ captured }) => captured * rows),
    ),
  ]
}

/** @param {import('../workspace.js').Workspace} workspace */
async function bareTable(workspace) {
  const url = await workspace.createDatabase()
  await onServer(url, onPostgres)
  return openPool(workspace, url)
}

/** @param {import('../workspace.js').Workspace} workspace */
async function capturedTable(workspace) {
  const path = workspace.createFile((db) => void db.exec(onSqlite))
  const url = await workspace.createDatabase()
  const db = await workspace.mirror(path, url)
  await db.flip('postgres')
  // The triggers alone are measured, so nothing ships what they write down.
  await db.close()
  return openPool(workspace, url)
}
