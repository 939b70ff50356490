import { LockstepError } from '../core/errors.ts'
import { lineColAt, withOptions } from 'sqlite3-parser'
import type { Limit, ParseDiagnostic, SortedColumn, Stmt, Token } from 'sqlite3-parser'

const grammar = withOptions({ digitSeparator: '_' })

/** A token of SQLite's lexer; `name` is the grammar's own (`SELECT`, `VARIABLE`, `COMMENT`, ...). */
export interface SqlToken {
  readonly name: string
  readonly text: string
  readonly offset: number
}

/** Every token in order, white space and comments included. Never throws: bad input is `ILLEGAL`. */
export function tokenize(sql: string): SqlToken[] {
  return Array.from(grammar.tokenize(sql, { emitTrivia: true }), toSqlToken)
}

function toSqlToken({ type, text, span }: Token): SqlToken {
  return { name: grammar.tokenName(type) ?? '', text, offset: span.offset }
}

export function isTrivia(token: SqlToken): boolean {
  return token.name === 'SPACE' || token.name === 'COMMENT'
}

/**
 * Text that the lexer takes as SQLite does: a byte order mark is white space to SQLite, and a NUL ends
 * the statement there. Text behind a NUL would be dropped without a word, so it is refused.
 */
export function cleanSql(sql: string): string {
  const offset = sql.indexOf('\0')
  if (offset >= 0) {
    throw new LockstepError(
      'SQL_UNSUPPORTED',
      `The SQL text holds a NUL character${place(sql, offset)}`,
      {
        details: position(sql, offset),
      },
    )
  }
  return sql.startsWith('\uFEFF') ? ` ${sql.slice(1)}` : sql
}

/** The statements of a text; throws `SQLITE_ERROR` with SQLite's message, the line and the column. */
export function parseStatements(sql: string): readonly Stmt[] {
  const result = grammar.parse(sql)
  if (result.status === 'ok') return result.root.cmds
  const limited = parseLimited(sql)
  if (limited) return [limited]
  const [problem] = result.errors
  if (problem !== undefined && namesTwice.test(problem.message)) throw namedTwice(sql, problem)
  throw sqliteError(sql, problem?.message ?? 'syntax error', problem?.span.offset ?? 0)
}

/** SQLite takes such a list, of an INSERT for one; the grammar has lost the second name. */
const namesTwice = /^column ".*" specified more than once$/s

function namedTwice(sql: string, { message, span }: ParseDiagnostic): LockstepError {
  return new LockstepError('SQL_UNSUPPORTED', message + place(sql, span.offset), {
    details: { construct: 'A column named twice', ...position(sql, span.offset) },
  })
}

/** In SQLite's own words, which applications look for; `line` and `column`, from 1, are in the details. */
export function sqliteError(sql: string, message: string, offset: number): LockstepError {
  return new LockstepError('SQLITE_ERROR', message, { details: position(sql, offset) })
}

function position(sql: string, offset: number): { line: number; column: number } {
  const { line, col } = lineColAt(sql, offset)
  return { line, column: col + 1 }
}

function place(sql: string, offset: number): string {
  const { line, column } = position(sql, offset)
  return ` at line ${line}, column ${column}`
}

/**
 * The grammar is that of a default build, without `UPDATE/DELETE ... ORDER BY ... LIMIT`, which
 * better-sqlite3 enables. There the first ORDER or LIMIT outside of parentheses begins that tail, so the
 * two halves are parsed apart. https://www.sqlite.org/lang_delete.html#optional_limit_and_order_by_clauses
 */
function parseLimited(sql: string): Stmt | undefined {
  const cut = tailOffset(sql)
  if (cut === undefined) return undefined
  const head = grammar.parse(sql.slice(0, cut))
  if (head.status !== 'ok' || head.root.cmds.length !== 1) return undefined
  // Padding keeps the offsets of the tail those of the whole text.
  const tail = grammar.parse('SELECT 1'.padEnd(cut) + sql.slice(cut))
  const [select, second] = tail.status === 'ok' ? tail.root.cmds : []
  if (select?.type !== 'SelectStmt' || second || select.body.compounds?.length) return undefined
  const { orderBy, limit } = select.body
  return withTail(head.root.cmds[0], orderBy, limit)
}

function withTail(
  statement: Stmt | undefined,
  orderBy: readonly SortedColumn[] | undefined,
  limit: Limit | undefined,
): Stmt | undefined {
  if (statement?.type === 'UpdateStmt' || statement?.type === 'DeleteStmt') {
    return { ...statement, orderBy, limit }
  }
  if (statement?.type !== 'ExplainStmt') return undefined
  const inner = withTail(statement.stmt, orderBy, limit)
  return inner && { ...statement, stmt: inner }
}

function tailOffset(sql: string): number | undefined {
  // To read every token takes as long as to parse them.
  if (!/\b(?:update|delete)\b/i.test(sql) || !/\b(?:order|limit)\b/i.test(sql)) return undefined
  let depth = 0
  for (const token of tokenize(sql)) {
    if (token.name === 'LP') depth += 1
    if (token.name === 'RP') depth -= 1
    if (depth === 0 && (token.name === 'ORDER' || token.name === 'LIMIT')) return token.offset
  }
  return undefined
}
