import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Client, Pool } from 'pg'
import { createLockstep } from '#built/index.js'

/** @typedef {import('#built/index.js').Lockstep} Lockstep */
/** @typedef {import('#built/index.js').LockstepOptions} LockstepOptions */

/**
 * A folder and databases of one trial. Everything goes with `close`, whatever has come of the trial.
 * @typedef {object} Workspace
 * @property {() => Promise<string>} createDatabase an empty PostgreSQL database; its connection string
 * @property {(seed: (db: Database.Database) => void) => string} createFile an SQLite file in WAL mode
 * @property {(release: () => unknown) => void} defer runs `release` at `close`, last in, first out
 * @property {(path: string, url: string, options?: Partial<LockstepOptions>) => Promise<Lockstep>} open
 *   opens Lockstep as an application does
 * @property {(path: string, url: string, options?: Partial<LockstepOptions>) => Promise<Lockstep>} mirror
 *   installs Lockstep, copies everything and leaves it in stage `mirror`
 * @property {() => Promise<void>} close
 */

/** What most applications set beside WAL. */
export const synchronous = 'synchronous = NORMAL'

/**
 * @param {string} serverUrl a server on which databases may be created
 * @returns {Promise<Workspace>}
 */
export async function openWorkspace(serverUrl) {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-bench-'))
  /** @type {(() => unknown)[]} */
  const releasers = [() => rm(folder, { recursive: true, force: true })]
  let files = 0
  /** @type {Workspace['open']} */
  const open = async (path, url, options = {}) => {
    const db = await createLockstep({
      sqlite: { path, setup: (connection) => void connection.pragma(synchronous) },
      postgres: { connectionString: url, max: 16 },
      // With a sample of reads compared it would be stage `shadow`.
      flags: { initial: { shadow: { sample: 0 } } },
      ...options,
    })
    releasers.push(() => db.close())
    return db
  }
  return {
    async createDatabase() {
      const name = `lockstep_bench_${randomBytes(6).toString('hex')}`
      await onServer(serverUrl, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`)
      releasers.push(() => onServer(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
      const url = new URL(serverUrl)
      url.pathname = `/${name}`
      return url.href
    },
    createFile(seed) {
      const path = join(folder, `${files++}.db`)
      const db = openFile(path)
      seed(db)
      db.close()
      return path
    },
    defer: (release) => void releasers.push(release),
    open,
    async mirror(path, url, options) {
      const db = await open(path, url, options)
      await db.install()
      await db.applySchema()
      await db.backfill()
      await db.caughtUp()
      return db
    },
    async close() {
      for (const release of releasers.toReversed()) await release()
    },
  }
}

/**
 * A pool as an application has it, with 16 connections.
 * @param {Workspace} workspace
 * @param {string} connectionString
 */
export function openPool(workspace, connectionString) {
  const pool = new Pool({ connectionString, max: 16 })
  // A connection may still be closing when its database is dropped; without a listener that would end the process.
  pool.on('error', () => undefined)
  workspace.defer(() => pool.end())
  return pool
}

/** @param {string} path */
export function openFile(path) {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.pragma(synchronous)
  return db
}

/**
 * @param {string} url
 * @param {string} statement
 */
export async function onServer(url, statement) {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await client.query(statement)
  } finally {
    await client.end()
  }
}
