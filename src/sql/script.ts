import { cleanSql, isTrivia, sqliteError, tokenize } from './parser.ts'
import type { SqlToken } from './parser.ts'

/**
 * Cuts a script into its statements, without their semicolons and the comments around them. The body
 * of a trigger stays whole: like SQLite's shell, it ends at a semicolon, `END` and a semicolon.
 * https://www.sqlite.org/c3ref/complete.html
 * Text that SQLite's lexer refuses is `SQLITE_ERROR`, before anything of the script has run.
 */
export function splitScript(sql: string): string[] {
  const text = cleanSql(sql)
  const tokens = tokenize(text)
  const illegal = tokens.find((token) => token.name === 'ILLEGAL')
  if (illegal) throw sqliteError(text, `unrecognized token: "${illegal.text}"`, illegal.offset)
  return splitTokens(tokens).map((statement) => textOf(text, statement))
}

/** The tokens of each statement, white space, comments and bare semicolons left out. */
export function splitTokens(tokens: readonly SqlToken[]): SqlToken[][] {
  const statements: SqlToken[][] = []
  let statement: SqlToken[] = []
  for (const token of tokens) {
    if (isTrivia(token)) continue
    if (token.name !== 'SEMI' || (createsTrigger(statement) && !endsTrigger(statement))) {
      statement.push(token)
      continue
    }
    if (statement.length > 0) statements.push(statement)
    statement = []
  }
  if (statement.length > 0) statements.push(statement)
  return statements
}

/** `[EXPLAIN [QUERY PLAN]] CREATE [TEMP|TEMPORARY] TRIGGER` */
function createsTrigger(statement: readonly SqlToken[]): boolean {
  const words = statement.slice(0, 6).map((token) => token.name)
  const create = words.indexOf('CREATE')
  if (create < 0 || (create > 0 && words[0] !== 'EXPLAIN')) return false
  return words[words[create + 1] === 'TEMP' ? create + 2 : create + 1] === 'TRIGGER'
}

function endsTrigger(statement: readonly SqlToken[]): boolean {
  return statement.at(-1)?.name === 'END' && statement.at(-2)?.name === 'SEMI'
}

function textOf(sql: string, statement: readonly SqlToken[]): string {
  const first = statement[0] as SqlToken
  const last = statement.at(-1) as SqlToken
  return sql.slice(first.offset, last.offset + last.text.length)
}
