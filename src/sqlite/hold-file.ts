import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { LockstepError } from '../core/errors.ts'
import { controlReader, isInstalled } from './control.ts'
import { isBusy, isSqliteError } from './errors.ts'

/** A database file that nobody else can use until it is released. */
export interface HeldFile {
  /** Whether the application's move runs on it: installed, and not complete. */
  readonly isMoving: boolean
  release(): void
}

/**
 * Takes a file for itself. Leaving WAL mode is what SQLite allows to the only connection alone; what the WAL holds is
 * written into the file by it, so that the file is whole by itself afterwards, in journal mode DELETE.
 * https://www.sqlite.org/wal.html#persistence_of_wal_mode
 * @returns null for a file that is no sound database, of which SQLite cannot say who uses it
 * @throws LockstepError FILE_IN_USE
 */
export function holdFile(path: string): HeldFile | null {
  let db: Database.Database | undefined
  try {
    db = new Database(path, { fileMustExist: true, timeout: 0 })
    const isMoving = isInstalled(db) && !controlReader(db)().completed
    // What cannot be had because of others is an error, and so is what comes back unchanged.
    const mode = db.pragma('journal_mode = DELETE', { simple: true })
    if (mode !== 'delete') throw inUse(path, 'another process has it open')
    db.exec('BEGIN EXCLUSIVE')
    const held = db
    return { isMoving, release: () => held.close() }
  } catch (error) {
    db?.close()
    if (isBusy(error)) throw inUse(path, 'another process has it open', error)
    const isDamaged =
      isSqliteError(error) &&
      ['SQLITE_NOTADB', 'SQLITE_CORRUPT'].includes(error.code.split('_', 2).join('_'))
    if (!isDamaged) throw error
    // Whoever opens a WAL database has this file beside it; a process that was killed leaves it as well.
    if (existsSync(`${path}-shm`))
      throw inUse(
        path,
        'it is no sound database, and a -shm file beside it says that a process has it open, or was killed',
        error,
      )
    return null
  }
}

function inUse(path: string, reason: string, cause?: unknown): LockstepError {
  return new LockstepError(
    'FILE_IN_USE',
    `${path} is in use: ${reason}. Stop every process that uses it first; nothing was changed`,
    { details: { path }, cause },
  )
}
