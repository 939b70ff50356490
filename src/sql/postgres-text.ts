import { LockstepError } from '../core/errors.ts'

/** Whether half of a surrogate pair stands alone in it, which SQLite keeps as three bytes that are not UTF-8. */
export function hasHalfPair(text: string): boolean {
  return /\p{Surrogate}/u.test(text)
}

/**
 * A bound text as PostgreSQL can store it.
 * @throws LockstepError SQL_UNSUPPORTED for what it has no place for: a NUL character, half of a surrogate pair
 */
export function postgresText(text: string): string {
  if (text.includes('\0')) throw unstorable('a NUL character')
  if (hasHalfPair(text))
    throw unstorable('half of a surrogate pair, as of an emoji that was cut in two')
  return text
}

function unstorable(what: string): LockstepError {
  return new LockstepError(
    'SQL_UNSUPPORTED',
    `A string parameter holds ${what}, which PostgreSQL cannot store in text. ` +
      'Bind a Buffer to keep the bytes, or remove the character',
  )
}
