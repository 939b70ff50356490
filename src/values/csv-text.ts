import type { PostgresType } from './value.ts'

/** Types whose text has nothing in it that CSV would quote. */
const bare: readonly PostgresType[] = ['bigint', 'double precision', 'numeric', 'bytea']

/** Whether a field is written in quotes whatever is in it, so that NULL and `''` are told apart. */
export function isQuoted(type: PostgresType): boolean {
  return !bare.includes(type)
}

/**
 * One field as PostgreSQL's COPY writes it in its CSV format, with FORCE_QUOTE for the quoted ones.
 * https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
export function csvField(text: string | null, type: PostgresType): string {
  if (text === null) return ''
  return isQuoted(type) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Stands for a value that the column cannot hold: no field that PostgreSQL writes is this one. */
export const misfitField = 'x'
