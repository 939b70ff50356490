import { LockstepError } from '../core/errors.ts'

/** A name as PostgreSQL takes it whatever it holds: keywords, quotes, dollar signs, any case. */
export function quoteName(name: string): string {
  // Most names hold neither; looking first takes a part of the time.
  if (!/["\0]/.test(name)) return `"${name}"`
  if (name.includes('\0')) {
    throw new LockstepError('SQL_UNSUPPORTED', 'A name holds a NUL character')
  }
  return `"${name.replaceAll('"', '""')}"`
}

/**
 * A string constant that means the same whether `standard_conforming_strings` is on or off. No NUL may be
 * in it, which PostgreSQL cannot hold (and which marks slots while a statement is built).
 */
export function quoteText(text: string): string {
  if (text.includes('\0')) {
    throw new LockstepError('SQL_UNSUPPORTED', 'A text constant holds a NUL character')
  }
  const doubled = text.replaceAll("'", "''")
  return doubled.includes('\\') ? ` E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`
}

export function quoteBytes(bytes: Uint8Array): string {
  return ` E'\\\\x${Buffer.from(bytes).toString('hex')}'::bytea`
}

/** SQLite compares names without regard to the case of ASCII letters only. */
export function foldName(name: string): string {
  // Most names are in small letters; looking first takes a part of the time.
  if (!capital.test(name)) return name
  return name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

const capital = /[A-Z]/

/** PostgreSQL cuts longer names, so that two could become one. https://www.postgresql.org/docs/current/limits.html */
export const MAX_NAME_BYTES = 63
