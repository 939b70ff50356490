import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { LockstepError } from '../core/errors.ts'
import { isSqliteError, sqliteError } from './errors.ts'

export type Connection = Database.Database
export type Statement<P extends unknown[] = unknown[]> = Database.Statement<P>

export interface SqliteOptions {
  readonly path?: string
  readonly database?: Connection
  /** Called with every connection that Lockstep opens itself: for pragmas and user functions. */
  readonly setup?: (database: Connection) => void
}

/** The connections to one SQLite file. */
export interface SqliteFile {
  readonly path: string
  /** The application sets up each connection, so that one which is opened elsewhere may read other rows. */
  readonly isSetUp: boolean
  /** Takes the application's writes; the only connection of this process that does. */
  readonly writer: Connection
  /** Sees committed data only, whatever transaction is open on the writer. */
  readonly reader: Connection
  /** Opens a further read-only connection; the caller closes it. */
  openReader(): Connection
  /** Opens a further connection that reads and writes, which is closed with the others. */
  openOwn(busyTimeoutMs: number): Connection
  /** Opens a connection for the applier's writes: no cascades, no checks, the primary has decided. */
  openApplier(): Connection
  close(): void
}

/**
 * Opens the file and checks what Lockstep relies on: it is there, writable, sound, and in WAL mode,
 * without which a reader would block the application's writer.
 * @throws LockstepError SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_NOTADB, SQLITE_CORRUPT, NOT_WAL
 */
export function openSqlite(options: SqliteOptions): SqliteFile {
  const path = options.database?.name ?? options.path ?? ''
  if (options.database?.memory === true || path === '' || path === ':memory:') {
    throw new LockstepError(
      'SQLITE_CANTOPEN',
      'Lockstep needs a database file: a memory database has no second connection to read a snapshot from',
    )
  }
  const opened: Connection[] = []
  const openSetUp = (settings: Database.Options): Connection => {
    const connection = openChecked(path, settings)
    options.setup?.(connection)
    return connection
  }
  const open = (settings: Database.Options): Connection => {
    const connection = openSetUp(settings)
    opened.push(connection)
    return connection
  }
  try {
    const writer = options.database ?? open({ timeout: 0 })
    checkWritable(path, writer)
    const reader = open({ readonly: true, timeout: 0 })
    return {
      path,
      isSetUp: options.setup !== undefined,
      writer,
      reader,
      openReader: () => openSetUp({ readonly: true, timeout: 0 }),
      openOwn: (busyTimeoutMs) => open({ timeout: busyTimeoutMs }),
      openApplier: () => {
        const applier = openSetUp({ timeout: 0 })
        // PostgreSQL forgets what has been applied, so a power cut must not take it from here.
        applier.pragma('synchronous = FULL')
        applier.pragma('foreign_keys = OFF')
        applier.pragma('ignore_check_constraints = ON')
        return applier
      },
      close: () => opened.forEach((connection) => connection.close()),
    }
  } catch (error) {
    for (const connection of opened) connection.close()
    throw error
  }
}

/**
 * A connection to look at a file with, whatever its journal mode and its rights are. The caller closes it.
 * @throws LockstepError SQLITE_CANTOPEN, SQLITE_NOTADB, SQLITE_CORRUPT
 */
export function openReadOnly(options: SqliteOptions, busyTimeoutMs: number): Connection {
  const path = options.database?.name ?? options.path ?? ''
  const connection = openChecked(path, { readonly: true, timeout: busyTimeoutMs })
  options.setup?.(connection)
  return connection
}

/**
 * For how long the first look waits: after a crash the first process that comes reads the log again, and keeps the
 * others out meanwhile (SQLITE_BUSY_RECOVERY). https://www.sqlite.org/wal.html#sometimes_queries_return_sqlite_busy_in_wal_mode
 */
const openTimeoutMs = 5000

function openChecked(path: string, settings: Database.Options): Connection {
  if (!existsSync(path)) {
    throw new LockstepError('SQLITE_CANTOPEN', `There is no SQLite file at ${path}`, {
      details: { path },
    })
  }
  refuseEmpty(path)
  let connection: Connection | undefined
  try {
    connection = new Database(path, { ...settings, timeout: openTimeoutMs, fileMustExist: true })
    // Reading the schema is what finds a file that is no database; opening alone does not.
    connection.prepare('SELECT count(*) FROM sqlite_schema').get()
    connection.pragma(`busy_timeout = ${settings.timeout ?? 0}`)
    return connection
  } catch (error) {
    connection?.close()
    // Even a reader of a WAL file makes a file beside it.
    if (isSqliteError(error) && error.code.startsWith('SQLITE_READONLY'))
      throw readOnly(path, error)
    throw sqliteError(error, `Cannot read the SQLite file ${path}`)
  }
}

/** Opened, SQLite would throw away the WAL beside it, in which rows may be. https://www.sqlite.org/walformat.html */
function refuseEmpty(path: string): void {
  if (statSync(path).size > 0) return
  throw new LockstepError(
    'SQLITE_CANTOPEN',
    `The SQLite file ${path} is empty (0 bytes). Where it was emptied, put the file of today back, or a backup. A new database begins ` +
      'with `PRAGMA journal_mode = WAL`',
    { details: { path } },
  )
}

function readOnly(path: string, cause?: unknown): LockstepError {
  return new LockstepError(
    'SQLITE_READONLY',
    `The SQLite file ${path} is read-only here. Lockstep adds its triggers and journal to it: ` +
      'make the file and its folder writable for this user',
    { details: { path }, cause },
  )
}

/** Whether this user may write the file, and make the files beside it that WAL needs. */
export function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    accessSync(dirname(path), constants.W_OK)
    return true
  } catch {
    return false
  }
}

function checkWritable(path: string, writer: Connection): void {
  if (writer.readonly || !mayWrite(path) || writer.pragma('query_only', { simple: true }) === 1) {
    throw readOnly(path)
  }
  requireWal(writer)
}

/** @throws LockstepError NOT_WAL */
export function requireWal(connection: Connection): void {
  const mode = connection.pragma('journal_mode', { simple: true })
  if (mode === 'wal') return
  const path = connection.name
  throw new LockstepError(
    'NOT_WAL',
    `The SQLite file ${path} is in journal mode ${String(mode)}; Lockstep needs WAL, in which readers never ` +
      'block the writer. Run `PRAGMA journal_mode = WAL` once: it is kept in the file',
    { details: { path, mode } },
  )
}

/**
 * Looks through the whole file for damage; run once, at install, as it reads every page.
 * @throws LockstepError SQLITE_CORRUPT
 */
export function checkSound(connection: Connection): void {
  const [first] = readDamage(connection)
  if (first === undefined || first.quick_check === 'ok') return
  throw new LockstepError(
    'SQLITE_CORRUPT',
    `The SQLite file ${connection.name} is damaged: ${first.quick_check}. Recover it with ` +
      '`sqlite3 FILE .recover`, or restore a backup, before moving it',
    { details: { path: connection.name } },
  )
}

function readDamage(connection: Connection): { quick_check: string }[] {
  try {
    return connection.pragma('quick_check(1)') as { quick_check: string }[]
  } catch (error) {
    throw sqliteError(error, `Cannot check the SQLite file ${connection.name}`)
  }
}
