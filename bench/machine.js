import { readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'
import Database from 'better-sqlite3'
import { Client } from 'pg'

/**
 * What the figures depend on.
 * @param {string} serverUrl
 */
export async function describeMachine(serverUrl) {
  const memory = new Database(':memory:')
  const sqlite = /** @type {string} */ (memory.prepare('SELECT sqlite_version()').pluck().get())
  memory.close()
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    /** Above the number of cores, others were running: the ratios of such a run mean little. */
    loadAverage: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    system: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
    sqlite,
    ...(await describeServer(serverUrl)),
    packages: Object.fromEntries(['better-sqlite3', 'pg'].map((name) => [name, versionOf(name)])),
  }
}

/** @param {string} serverUrl */
async function describeServer(serverUrl) {
  const client = new Client({ connectionString: serverUrl })
  await client.connect()
  const { rows } = await client.query(
    `SELECT current_setting('server_version') AS postgres, current_setting('fsync') AS fsync,
            current_setting('synchronous_commit') AS "synchronousCommit"`,
  )
  await client.end()
  return /** @type {{ postgres: string, fsync: string, synchronousCommit: string }} */ (rows[0])
}

/** @param {string} name */
function versionOf(name) {
  const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url)
  return /** @type {{ version: string }} */ (JSON.parse(readFileSync(manifest, 'utf8'))).version
}
