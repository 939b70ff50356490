import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { openFile } from './workspace.js'

/**
 * A process that writes past Lockstep, as a cron job would: it knows nothing of it.
 * @typedef {object} WriterOptions
 * @property {'sqlite' | 'postgres'} kind
 * @property {string} target the file, or the connection string
 * @property {number} rows how many rows there are at the start
 * @property {number} rowsPerSecond half of them inserted, half of them updated
 */

/** Rows in one transaction. */
const rowsPerTransaction = 25

/**
 * @param {WriterOptions} options
 * @returns {Promise<{ stop(): Promise<{ rows: number, seconds: number }> }>} once it writes
 */
export async function startWriter(options) {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(options)], { execArgv: [] })
  const exited = once(child, 'exit')
  const failed = exited.then(() => {
    throw new Error(`The writer ended early, with code ${child.exitCode}`)
  })
  await Promise.race([once(child, 'message'), failed])
  failed.catch(() => undefined)
  return {
    async stop() {
      const answer = once(child, 'message')
      child.send('stop')
      const [written] = await Promise.race([answer, failed])
      await exited
      return written
    },
  }
}

/** @param {WriterOptions} options */
async function write(options) {
  const writer = options.kind === 'sqlite' ? sqliteWriter(options) : await postgresWriter(options)
  const stopping = new AbortController()
  process.once('message', () => stopping.abort())
  const begun = performance.now()
  let rows = 0
  process.send?.('ready')
  while (!stopping.signal.aborted) {
    const due = ((performance.now() - begun) / 1000) * options.rowsPerSecond
    if (due < rows + rowsPerTransaction) {
      await sleep(1)
      continue
    }
    await writer.transaction()
    rows += rowsPerTransaction
  }
  const seconds = (performance.now() - begun) / 1000
  await writer.close()
  process.send?.({ rows, seconds })
  process.disconnect()
}

const inserted = Math.floor(rowsPerTransaction / 2)
const updated = rowsPerTransaction - inserted

/** Addresses of rows are never used twice, whichever process writes them. */
const run = `${process.pid}-${Date.now()}`

/** @param {WriterOptions} options */
function sqliteWriter({ target, rows }) {
  const db = openFile(target)
  const insert = db.prepare('INSERT INTO users (email, name, age, score) VALUES (?, ?, ?, ?)')
  const update = db.prepare('UPDATE users SET name = ?, score = score + 1 WHERE id = ?')
  let next = 0
  const transaction = db.transaction(() => {
    for (let row = 0; row < inserted; row++)
      insert.run(`${run}-${next++}@example.com`, 'A new user', next % 90, next / 3)
    for (let row = 0; row < updated; row++)
      update.run(`User at ${next}`, 1 + Math.floor(Math.random() * rows))
  })
  return {
    transaction: async () => transaction.immediate(),
    close: async () => void db.close(),
  }
}

/** @param {WriterOptions} options */
async function postgresWriter({ target, rows }) {
  const client = new Client({ connectionString: target })
  await client.connect()
  let next = 0
  const insert = {
    name: 'insert',
    text: `INSERT INTO users (email, name, age, score)
      SELECT $1 || n || '@example.com', 'A new user', n % 90, n / 3.0 FROM generate_series($2::int, $3::int) AS n`,
  }
  const update = {
    name: 'update',
    text: 'UPDATE users SET name = $1, score = score + 1 WHERE id = ANY ($2::bigint[])',
  }
  return {
    async transaction() {
      const ids = Array.from({ length: updated }, () => 1 + Math.floor(Math.random() * rows))
      await client.query('BEGIN')
      await client.query({ ...insert, values: [`${run}-`, next, next + inserted - 1] })
      await client.query({ ...update, values: [`User at ${next}`, ids] })
      await client.query('COMMIT')
      next += inserted
    },
    close: () => client.end(),
  }
}

const [, script, options] = process.argv
if (script === fileURLToPath(import.meta.url)) await write(JSON.parse(options ?? '{}'))
