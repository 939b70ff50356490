import { cleanSql, tokenize } from './parser.ts'

const literals = new Set(['STRING', 'BLOB', 'INTEGER', 'FLOAT', 'QNUMBER'])

/** The text with a question mark for each value that is written in it: a statement may hold what no log should. */
export function withoutLiterals(sql: string): string {
  return tokenize(cleanSql(sql))
    .map(({ name, text }) => (literals.has(name) ? '?' : text))
    .join('')
}
