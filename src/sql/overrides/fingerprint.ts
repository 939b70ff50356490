import { createHash } from 'node:crypto'
import { cleanSql, isTrivia, tokenize, type SqlToken } from '../parser.ts'

/** Of the tokens that begin with a letter, those that are no keywords of SQLite. */
const notKeywords = new Set(['ID', 'BLOB', 'STRING', 'ILLEGAL'])

/**
 * A statement without what its author may write in any way: white space, comments, the case of keywords and the
 * semicolons behind it. Names, literals and placeholders stay as they are written, because a hand-written form is
 * for that very statement: Oracle's SQL profiles and SQL Server's plan guides match so by default, while the
 * statistics of pg_stat_statements, which put statements together, leave the constants out.
 */
export function normalizeStatement(sql: string): string {
  const tokens = tokenize(cleanSql(sql)).filter((token) => !isTrivia(token))
  const end = tokens.findLastIndex(({ name }) => name !== 'SEMI') + 1
  return tokens.slice(0, end).map(textOf).join(' ')
}

/** What `lockstep assess --sql` prints for a statement, and an override may name: 16 hexadecimal digits. */
export function fingerprintOf(sql: string): string {
  return createHash('sha256').update(normalizeStatement(sql)).digest('hex').slice(0, 16)
}

function textOf({ name, text }: SqlToken): string {
  return /^[a-z]/i.test(text) && !notKeywords.has(name) ? text.toUpperCase() : text
}
