import { drive, interleave } from './statistics.js'
import { onServer, openFile, openPool } from './workspace.js'

/** @typedef {import('./workspace.js').Workspace} Workspace */
/** @typedef {import('./workspace.js').LockstepOptions} LockstepOptions */

/**
 * A table and an insert into it, as each contender needs them.
 * @typedef {object} Inserts
 * @property {string} onSqlite the table's declaration there
 * @property {string} onPostgres as an application would declare it on PostgreSQL alone
 * @property {string} insert on SQLite, and through Lockstep
 * @property {string} insertOnPostgres
 */

/**
 * Something that makes one of these inserts.
 * @typedef {object} Contender
 * @property {(values: unknown[]) => unknown} write
 * @property {() => Promise<void>} settle waits for what goes on when a write has returned, which another's turn would pay for
 */

/**
 * What an application may write through, by the name of its line in a chart: Lockstep in stage `mirror` and after a flip,
 * and each place alone through its driver.
 * @param {Workspace} workspace
 * @param {Inserts} inserts
 * @returns {Promise<Record<string, Contender>>}
 */
export async function openContenders(workspace, inserts) {
  const flipped = await mirrored(workspace, inserts, {})
  await flipped.flip('postgres')
  return {
    'ack: primary': through(await mirrored(workspace, inserts, {}), inserts),
    'ack: both': await throughBoth(workspace, inserts),
    'after a flip': through(flipped, inserts),
    'better-sqlite3 alone': sqliteAlone(workspace, inserts),
    'pg alone': await postgresAlone(workspace, inserts),
  }
}

/**
 * Through Lockstep with `ack: both`, where a write that the secondary has not confirmed fails.
 * @param {Workspace} workspace
 * @param {Inserts} inserts
 */
export async function throughBoth(workspace, inserts) {
  const flags = { initial: { ack: /** @type {const} */ ('both') } }
  const db = await mirrored(workspace, inserts, { flags, onUnconfirmed: 'error' })
  return through(db, inserts)
}

/**
 * @param {Workspace} workspace
 * @param {Inserts} inserts
 * @param {Partial<LockstepOptions>} options
 */
async function mirrored(workspace, inserts, options) {
  const path = workspace.createFile((db) => void db.exec(inserts.onSqlite))
  return workspace.mirror(path, await workspace.createDatabase(), options)
}

/**
 * @param {import('./workspace.js').Lockstep} db
 * @param {Inserts} inserts
 * @returns {Contender}
 */
function through(db, { insert }) {
  const statement = db.prepare(insert)
  return { write: (values) => statement.run(...values), settle: () => db.caughtUp() }
}

/**
 * @param {Workspace} workspace
 * @param {Inserts} inserts
 * @returns {Contender}
 */
function sqliteAlone(workspace, { onSqlite, insert }) {
  const db = openFile(workspace.createFile((file) => void file.exec(onSqlite)))
  workspace.defer(() => db.close())
  const statement = db.prepare(insert)
  return { write: (values) => statement.run(...values), settle }
}

/**
 * Through a pool of 16 connections, with a prepared statement.
 * @param {Workspace} workspace
 * @param {Inserts} inserts
 * @returns {Promise<Contender>}
 */
export async function postgresAlone(workspace, { onPostgres, insertOnPostgres }) {
  const url = await workspace.createDatabase()
  await onServer(url, onPostgres)
  const pool = openPool(workspace, url)
  const insert = { name: 'insert', text: insertOnPostgres }
  return { write: (values) => pool.query({ ...insert, values }), settle }
}

/** Nothing goes on when a write of a plain driver has returned. */
async function settle() {}

/**
 * @typedef {object} Load
 * @property {number} rounds
 * @property {number} writers how many writes are under way
 * @property {number} writes how many are made in a round
 * @property {(index: number) => unknown[]} values of each write; no index comes twice
 */

let next = 0

/**
 * Lets contenders write in turns.
 * @template {string} N
 * @param {Record<N, Contender>} contenders
 * @param {Load} load
 * @returns {Promise<Record<N, Awaited<ReturnType<typeof drive>>>[]>} by round
 */
export function race(contenders, { rounds, writers, writes, values }) {
  const turnOf =
    (/** @type {Contender} */ { write, settle }) =>
    async () => {
      const seen = await drive(writers, writes, async () => write(values(next++)))
      await settle()
      return seen
    }
  const entries = /** @type {[N, Contender][]} */ (Object.entries(contenders))
  const turns = entries.map(([name, contender]) => [name, turnOf(contender)])
  return interleave(rounds, Object.fromEntries(turns))
}
