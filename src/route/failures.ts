import { LockstepError } from '../core/errors.ts'
import { sqlState } from '../postgres/errors.ts'
import { isFenced } from '../sqlite/errors.ts'

/** The fence refused it, on either place. */
export function wasFenced(error: unknown): boolean {
  if (!(error instanceof LockstepError)) return false
  return error.details['sqlState'] === sqlState.fenced || isFenced(error)
}

export function reasonOf(error: unknown): string {
  return error instanceof LockstepError ? error.code : String(error)
}
