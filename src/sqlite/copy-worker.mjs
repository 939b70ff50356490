import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'

// Plain JavaScript, as a thread loads its file by itself: from the sources as well as from what is built of them.
// Its caller is copy-database.ts, which says what goes in and what comes out.

/** So many pages are copied before the thread looks at the clock. */
const pagesPerTurn = 512
/** So many lines of damage are enough to know of it. */
const maxDamage = 20

/**
 * In WAL mode an open read transaction keeps its snapshot, whatever others commit, and the copy is made from it. Without
 * one each commit of another connection would begin the copy anew. https://www.sqlite.org/backup.html
 */
async function copy({ source, file, busyTimeoutMs, timeoutMs }) {
  const db = new Database(source, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs })
  try {
    db.exec('BEGIN')
    const version = db.pragma('schema_version', { simple: true })
    const takenAtMs = Date.now()
    const deadline = performance.now() + timeoutMs
    await db.backup(file, {
      progress({ totalPages, remainingPages }) {
        if (performance.now() > deadline) {
          throw Object.assign(new Error('the time is over'), { code: 'BACKUP_TIMEOUT' })
        }
        report(totalPages - remainingPages, totalPages)
        return pagesPerTurn
      },
    })
    keepSchemaVersion(file, version)
    return { takenAtMs }
  } finally {
    db.close()
  }
}

/** SQLite begins to count anew in a copy, and Lockstep would take that for a change of the schema. */
function keepSchemaVersion(file, version) {
  const db = new Database(file, { fileMustExist: true })
  try {
    // SQLite ignores it otherwise. https://www.sqlite.org/c3ref/c_dbconfig_defensive.html
    db.unsafeMode()
    db.pragma(`schema_version = ${version}`)
  } finally {
    db.close()
  }
}

/** Reads the whole file. It is opened for writing, as a reader alone would leave its WAL files behind. */
function check({ file }) {
  const db = new Database(file, { fileMustExist: true })
  try {
    const counted = countRows(db)
    return {
      ...checkIntegrity(db),
      tables: counted,
      foreignKeys: checkForeignKeys(db),
      lockstep: readPosition(db),
      sqliteVersion: db.prepare('SELECT sqlite_version()').pluck().get(),
      userVersion: db.pragma('user_version', { simple: true }),
      schemaVersion: db.pragma('schema_version', { simple: true }),
    }
  } finally {
    db.close()
  }
}

/** What only the application's own functions and collations can check is named, and the rest is checked. */
function checkIntegrity(db) {
  try {
    return { damage: damageOf(db.pragma(`integrity_check(${maxDamage})`)), unchecked: [] }
  } catch (error) {
    if (error.code !== 'SQLITE_ERROR') throw error
  }
  const damage = []
  const unchecked = []
  const names = db
    .prepare(`SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'view'`)
    .pluck()
    .all()
  for (const name of names) {
    try {
      damage.push(...damageOf(db.pragma(`integrity_check(${quote(name)})`)))
    } catch (error) {
      if (error.code !== 'SQLITE_ERROR') throw error
      unchecked.push({ table: name, reason: error.message })
    }
  }
  return { damage, unchecked }
}

function damageOf(rows) {
  return rows.map((row) => row.integrity_check).filter((line) => line !== 'ok')
}

function countRows(db) {
  const names = db
    .prepare(
      `SELECT name FROM pragma_table_list
        WHERE schema = 'main' AND type IN ('table', 'shadow')
          AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_lockstep\\_%' ESCAPE '\\'
        ORDER BY name`,
    )
    .pluck()
    .all()
  return names.map((name, done) => {
    report(done, names.length)
    return {
      table: name,
      rows: db
        .prepare(`SELECT count(*) FROM ${quote(name)}`)
        .pluck()
        .get(),
    }
  })
}

/** The violations of each table, counted. They are the application's, and no damage. */
function checkForeignKeys(db) {
  const counts = new Map()
  for (const { table } of db.prepare('PRAGMA foreign_key_check').iterate()) {
    counts.set(table, (counts.get(table) ?? 0) + 1)
  }
  return [...counts].map(([table, rows]) => ({ table, rows }))
}

/** Where Lockstep's journal stands in this very snapshot, or null where it is not installed. */
function readPosition(db) {
  const isThere = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = '_lockstep_control'`).get()
  const control = isThere && db.prepare('SELECT * FROM _lockstep_control').get()
  if (!control) return null
  const journal = db
    .prepare(
      'SELECT coalesce(max(seq), 0) AS newest, count(*) FILTER (WHERE tbl <> 0) AS waiting FROM _lockstep_journal',
    )
    .get()
  return {
    migration: control.migration,
    epoch: control.epoch,
    primary: control.primary_place,
    state: control.state,
    completed: control.completed === 1,
    journal,
    appliedAtMs: control.applied_at_ms,
  }
}

function quote(name) {
  return `"${name.replaceAll('"', '""')}"`
}

function report(done, total) {
  if (Atomics.load(workerData.stopped, 0) === 1) throw new Error('stopped')
  send({ progress: { done, total } })
}

function send(message) {
  // Nothing is handed over, all is copied.
  parentPort.postMessage(message, [])
}

try {
  const result = workerData.source === undefined ? check(workerData) : await copy(workerData)
  send({ result })
} catch (error) {
  send({ failure: { code: error.code, message: error.message } })
}
