import Database from 'better-sqlite3'
import { closedMeanwhile, isOfClosed } from '../core/closing.ts'
import { LockstepError, messageOf, type ErrorCode } from '../core/errors.ts'

/** The words that the triggers raise; anything that starts with them was refused by the fence. */
export const fenceWords = 'lockstep: '

/** Gives SQLite's failures Lockstep's error class; the code stays SQLite's own. */
export function sqliteError(error: unknown, context?: string): Error {
  if (error instanceof LockstepError) return error
  if (isOfClosed(error)) return closedMeanwhile(error)
  if (!(error instanceof Database.SqliteError)) return error as Error
  const message = context === undefined ? error.message : `${context}: ${error.message}`
  return new LockstepError(error.code as ErrorCode, message, { cause: error })
}

export function isSqliteError(error: unknown): error is InstanceType<typeof Database.SqliteError> {
  return error instanceof Database.SqliteError
}

/** Another connection holds the write lock; nothing was changed. */
export function isBusy(error: unknown): boolean {
  // A statement of the application has its failure wrapped already when the writer looks at it.
  const known = error instanceof Database.SqliteError || error instanceof LockstepError
  return known && error.code.startsWith('SQLITE_BUSY')
}

/** A constraint of the application's refused the statement; the fence's refusals have the same code. */
export function isConstraint(error: unknown): error is Error {
  const known = error instanceof Database.SqliteError || error instanceof LockstepError
  return known && error.code.startsWith('SQLITE_CONSTRAINT') && !isFenced(error)
}

/** A text or a blob would be longer than SQLite allows. https://www.sqlite.org/limits.html#max_length */
export function isTooBig(error: unknown): boolean {
  return isSqliteError(error) && error.code === 'SQLITE_TOOBIG'
}

/** The write was refused because this place is not the primary, or a flip is under way. */
export function isFenced(error: unknown): boolean {
  return messageOf(error).startsWith(fenceWords)
}
