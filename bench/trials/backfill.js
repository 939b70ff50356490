import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { createLockstep } from '#built/index.js'
import { figure } from '../figure.js'
import { interleave } from '../statistics.js'
import { seedUsers, usersOnPostgres, usersOnSqlite } from '../users.js'
import { onServer, openFile } from '../workspace.js'

const sizes = {
  full: { rounds: 3, rows: 200_000 },
  tiny: { rounds: 1, rows: 500 },
}

/** @type {import('../trial.js').Trial} */
export const backfill = {
  name: 'backfill',
  compares:
    'the backfill (copy, keys, catch-up, indexes, sequences, ANALYZE), against reading the same rows with better-sqlite3 into one COPY on a table that has its indexes; and verify, which has no rival',
  async run(workspace, size) {
    const { rounds, rows } = sizes[size]
    const seed = (/** @type {import('better-sqlite3').Database} */ db) => {
      db.exec(usersOnSqlite)
      seedUsers(db, rows)
    }
    /** @type {number[]} */
    const verified = []
    const results = await interleave(rounds, {
      async lockstep() {
        const path = workspace.createFile(seed)
        const connectionString = await workspace.createDatabase()
        const db = await createLockstep({ sqlite: { path }, postgres: { connectionString } })
        await db.install()
        await db.applySchema()
        const copied = await timed(() => db.backfill())
        const { equal } = await timedInto(verified, rows, () => db.verify())
        await db.close()
        if (!equal) throw new Error('The copy is not equal')
        return rows / copied
      },
      async copy() {
        const file = openFile(workspace.createFile(seed))
        const url = await workspace.createDatabase()
        await onServer(url, usersOnPostgres)
        const seconds = await timed(() => copyAll(file, url))
        file.close()
        return rows / seconds
      },
    })
    return [
      figure(
        'backfill against a bare COPY',
        'x',
        results.map(({ lockstep, copy }) => lockstep / copy),
      ),
      figure(
        'backfill',
        'rows/s',
        results.map(({ lockstep }) => lockstep),
      ),
      figure(
        'bare COPY',
        'rows/s',
        results.map(({ copy }) => copy),
      ),
      figure('verify', 'rows/s', verified),
    ]
  },
}

/**
 * @param {import('better-sqlite3').Database} file
 * @param {string} url
 */
async function copyAll(file, url) {
  const client = new Client({ connectionString: url })
  await client.connect()
  const stream = client.query(copyFrom('COPY users (id, email, name, age, score) FROM STDIN'))
  let buffer = ''
  for (const row of file.prepare('SELECT id, email, name, age, score FROM users').raw().iterate()) {
    buffer += `${/** @type {unknown[]} */ (row).join('\t')}\n`
    if (buffer.length < 65_536) continue
    if (!stream.write(buffer)) await once(stream, 'drain')
    buffer = ''
  }
  stream.end(buffer)
  await finished(stream)
  await client.query('ANALYZE users')
  await client.end()
}

/** Seconds that the work took.
 * @param {() => Promise<unknown>} work
 */
async function timed(work) {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}

/**
 * @template T
 * @param {number[]} into rows per second are added here
 * @param {number} rows
 * @param {() => Promise<T>} work
 */
async function timedInto(into, rows, work) {
  const begun = performance.now()
  const result = await work()
  into.push((rows / (performance.now() - begun)) * 1000)
  return result
}
