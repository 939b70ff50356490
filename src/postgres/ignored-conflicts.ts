import { LockstepError, messageOf } from '../core/errors.ts'
import { stateOf } from './errors.ts'

/** What OR IGNORE leaves rows out for: NULL where it must not be, a key, a CHECK. A foreign key it does not. */
const conflicts: ReadonlySet<string | undefined> = new Set(['23502', '23505', '23514'])

/** @param error of a statement that leaves out its own conflicts, so that one of its triggers' has met this one. */
export function isConflict(error: unknown): boolean {
  return conflicts.has(stateOf(error))
}

/** SQLite puts the statement's policy in place of that of its triggers. https://www.sqlite.org/lang_createtrigger.html */
export function conflictOfTrigger(cause: unknown): LockstepError {
  const construct = 'A conflict that a trigger meets behind OR IGNORE'
  const message = `${construct} (${messageOf(cause)}), which SQLite ignores as well, fails on PostgreSQL. Use ON CONFLICT DO NOTHING, or leave out in WHERE what collides`
  return new LockstepError('SQL_UNSUPPORTED', message, { cause, details: { construct } })
}
