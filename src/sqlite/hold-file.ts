import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { LockstepError } from '../core/errors.ts'
import type { Connection } from './connection.ts'
import { controlReader, isInstalled } from './control.ts'
import { isBusy, isSqliteError } from './errors.ts'

/** A database file that nobody else can use until it is released. */
export interface HeldFile {
  /** Gives it back; as it was, unless another file has its name by now. */
  release(isReplaced: boolean): void
}

/**
 * Asks whether nobody has the file open, and whether a move runs on it: Lockstep is installed, and the move not complete.
 * With this locking mode SQLite wants the whole file before its first look. Nothing is changed but that what a killed
 * process left in the WAL is written into the file. https://www.sqlite.org/pragma.html#pragma_locking_mode
 * @returns null for a file that is no sound database, of which SQLite cannot say who uses it
 * @throws LockstepError FILE_IN_USE
 */
export function lookAtFile(path: string): { isMoving: boolean } | null {
  return alone(path, (db) => {
    try {
      db.pragma('locking_mode = EXCLUSIVE')
      db.exec('BEGIN EXCLUSIVE')
      return { isMoving: isInstalled(db) && !controlReader(db)().completed }
    } finally {
      db.close()
    }
  })
}

/**
 * Takes a file for itself, to put another one in its place. It leaves WAL mode, as only the last connection of all can:
 * its WAL is in the file then, and closing it deletes no WAL of the next file's.
 * https://www.sqlite.org/wal.html#persistence_of_wal_mode
 * @returns null as `lookAtFile`
 * @throws LockstepError FILE_IN_USE
 */
export function holdFile(path: string): HeldFile | null {
  return alone(path, (db) => {
    const before = db.pragma('journal_mode', { simple: true })
    if (db.pragma('journal_mode = DELETE', { simple: true }) !== 'delete') throw inUse(path)
    db.exec('BEGIN EXCLUSIVE')
    return {
      release(isReplaced) {
        db.exec('ROLLBACK')
        if (!isReplaced && before === 'wal') db.pragma('journal_mode = WAL')
        db.close()
      },
    }
  })
}

function alone<T>(path: string, work: (db: Connection) => T): T | null {
  let db: Connection | undefined
  try {
    db = new Database(path, { fileMustExist: true, timeout: 0 })
    return work(db)
  } catch (error) {
    db?.close()
    if (isBusy(error)) throw inUse(path, undefined, error)
    if (!isSqliteError(error) || !/^SQLITE_(NOTADB|CORRUPT)/.test(error.code)) throw error
    refuseUnclear(path, error)
    return null
  }
}

/**
 * Where SQLite cannot tell who uses a file, as it is damaged or gone. Whoever opens a WAL database has a `-shm` file beside
 * it; a process that was killed leaves it as well.
 * @throws LockstepError FILE_IN_USE
 */
export function refuseUnclear(path: string, cause?: unknown): void {
  if (!existsSync(`${path}-shm`)) return
  const reason = 'it is no sound database, and its -shm file says that a process uses it, or died'
  throw inUse(path, reason, cause)
}

function inUse(
  path: string,
  reason = 'another process has it open',
  cause?: unknown,
): LockstepError {
  return new LockstepError(
    'FILE_IN_USE',
    `${path} is in use: ${reason}. Stop every process that uses it first; nothing was changed`,
    { details: { path }, cause },
  )
}
