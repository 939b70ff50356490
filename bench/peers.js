import {
  init,
  LDMigrationStage,
  LDMigrationSuccess,
  createMigration,
} from '@launchdarkly/node-server-sdk'
import { TestData } from '@launchdarkly/node-server-sdk/integrations'
import { experimentAsync } from 'tzientist'
import { isDeepStrictEqual } from 'node:util'
import { insertUser, seedUsers, usersOnPostgres, usersOnSqlite } from './users.js'
import { onServer, openFile, openPool } from './workspace.js'

/** @typedef {import('./workspace.js').Workspace} Workspace */

/**
 * One table on both places behind their own drivers, as the peers' users write it by hand: the same four functions
 * serve each peer.
 * @param {Workspace} workspace
 * @param {number} rows
 */
export async function openByHand(workspace, rows) {
  const url = await workspace.createDatabase()
  await onServer(url, usersOnPostgres)
  const path = workspace.createFile((file) => {
    file.exec(usersOnSqlite)
    seedUsers(file, rows)
  })
  const pool = openPool(workspace, url)
  const db = openFile(path)
  workspace.defer(() => db.close())
  const select = db.prepare('SELECT * FROM users WHERE id = ?')
  const insert = db.prepare(insertUser)
  const byHand = {
    readSqlite: async (/** @type {number} */ id) => select.get(id),
    readPostgres: async (/** @type {number} */ id) => {
      const text = 'SELECT id::float8, email, name, age::float8, score FROM users WHERE id = $1'
      const { rows: found } = await pool.query({ name: 'select', text, values: [id] })
      return found[0]
    },
    writeSqlite: async (/** @type {unknown[]} */ values) =>
      Number(insert.run(...values).lastInsertRowid),
    writePostgres: async (/** @type {unknown[]} */ values) => {
      const text =
        'INSERT INTO users (email, name, age, score) VALUES ($1, $2, $3, $4) RETURNING id'
      const { rows: made } = await pool.query({ name: 'insert', text, values })
      return made[0]
    },
  }
  const all = db.prepare('SELECT email, name, age, score FROM users ORDER BY id').all()
  await pool.query(
    `INSERT INTO users (email, name, age, score)
     SELECT email, name, age, score FROM json_populate_recordset(NULL::users, $1)`,
    [JSON.stringify(all)],
  )
  return byHand
}

/** @typedef {Awaited<ReturnType<typeof openByHand>>} ByHand */

/** Compares as the peers' users would, and counts. */
function createCheck() {
  const counts = { compared: 0, different: 0 }
  const isSame = (/** @type {unknown} */ left, /** @type {unknown} */ right) => {
    const same = isDeepStrictEqual(left, right)
    counts.compared++
    if (!same) counts.different++
    return same
  }
  return { counts, isSame }
}

/**
 * LaunchDarkly's migration helper at one stage, with flags from memory: no network, no events.
 * @param {Workspace} workspace
 * @param {ByHand} byHand
 * @param {LDMigrationStage} stage
 */
export async function openLaunchDarkly(workspace, byHand, stage) {
  const data = new TestData()
  await data.update(data.flag('cutover').valueForAll(stage))
  const client = init('sdk-key-of-no-account', {
    updateProcessor: data.getFactory(),
    sendEvents: false,
    diagnosticOptOut: true,
    logger: { error() {}, warn() {}, info() {}, debug() {} },
  })
  await client.waitForInitialization({ timeout: 5 })
  workspace.defer(() => client.close())
  const { counts, isSame } = createCheck()
  const of =
    (/** @type {(value: any) => Promise<unknown>} */ call) =>
    async (/** @type {unknown} */ value) =>
      LDMigrationSuccess(await call(value))
  const migration = createMigration(client, {
    readOld: of(byHand.readSqlite),
    readNew: of(byHand.readPostgres),
    writeOld: of(byHand.writeSqlite),
    writeNew: of(byHand.writePostgres),
    check: isSame,
  })
  const user = { kind: 'user', key: 'bench' }
  return {
    counts,
    write: (/** @type {unknown[]} */ values) =>
      migration.write('cutover', user, LDMigrationStage.Off, values),
    read: (/** @type {number} */ id) => migration.read('cutover', user, LDMigrationStage.Off, id),
  }
}

/**
 * An experiment of tzientist around a read, for a share of the calls.
 * @param {ByHand} byHand
 * @param {number} percent
 */
export function openScientist({ readSqlite, readPostgres }, percent) {
  const { counts, isSame } = createCheck()
  const read = experimentAsync({
    name: 'read',
    control: readSqlite,
    candidate: readPostgres,
    options: {
      inParallel: true,
      enabled: () => Math.random() * 100 < percent,
      publish: ({ controlResult, candidateResult }) => void isSame(controlResult, candidateResult),
    },
  })
  return { counts, read }
}
