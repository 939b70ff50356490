import { isTrivia, sqliteError } from './parser.ts'
import type { SqlToken } from './parser.ts'

/** One parameter of a statement, however often it is used. */
export interface Parameter {
  /** SQLite's number, from 1. https://www.sqlite.org/lang_expr.html#parameters */
  readonly ordinal: number
  /** Without its sigil; the digits of `?NNN`; null for `?`. */
  readonly name: string | null
  readonly kind: 'anonymous' | 'numbered' | 'named'
}

/** `slots[n - 1]` is what `$n` stands for: a parameter's number, or its name without the sigil. */
export interface PostgresText {
  readonly text: string
  readonly slots: readonly (number | string)[]
}

/** SQLITE_MAX_VARIABLE_NUMBER of better-sqlite3's build, SQLite's default. */
const MAX_ORDINAL = 32_766

/** The parameters in order of first appearance, and the position of each placeholder among them. */
export interface Placeholders {
  readonly parameters: readonly Parameter[]
  readonly positions: ReadonlyMap<SqlToken, number>
}

/** Numbers the parameters as SQLite does: by appearance, `?NNN` by its own number. */
export function readPlaceholders(sql: string, tokens: readonly SqlToken[]): Placeholders {
  const parameters: Parameter[] = []
  const positions = new Map<SqlToken, number>()
  const ordinals = new Map<string, number>()
  /** By the parameter's number, its place in the list. */
  const places = new Map<number, number>()
  let highest = 0
  for (const token of tokens) {
    if (token.name !== 'VARIABLE') continue
    const ordinal = ordinalOf(sql, token, ordinals) ?? highest + 1
    highest = Math.max(highest, ordinal)
    if (highest > MAX_ORDINAL) throw sqliteError(sql, 'too many SQL variables', token.offset)
    const kind = kindOf(token.text)
    if (kind === 'named') ordinals.set(token.text, ordinal)
    const parameter = {
      ordinal,
      name: kind === 'anonymous' ? null : nameOf(token.text, kind),
      kind,
    }
    const place = places.get(ordinal) ?? parameters.length
    places.set(ordinal, place)
    // SQLite gives `?` the name of a `?NNN` that turns out to be the same parameter.
    if ((parameters[place]?.kind ?? 'anonymous') === 'anonymous') parameters[place] = parameter
    positions.set(token, place + 1)
  }
  return { parameters, positions }
}

function kindOf(text: string): Parameter['kind'] {
  if (text === '?') return 'anonymous'
  return text.startsWith('?') ? 'numbered' : 'named'
}

/** SQLite keeps the text of `?NNN` as its name, leading zeros and all. */
function nameOf(text: string, kind: Parameter['kind']): string | null {
  return kind === 'anonymous' ? null : text.slice(1)
}

function ordinalOf(
  sql: string,
  token: SqlToken,
  ordinals: ReadonlyMap<string, number>,
): number | undefined {
  // better-sqlite3 is built without Tcl's variables (`$a::b(c)`), which the lexer here would take.
  const tcl = /::|\(/.exec(token.text)
  if (tcl) throw sqliteError(sql, 'unrecognized token: ":"', token.offset + tcl.index)
  if (kindOf(token.text) !== 'numbered') return ordinals.get(token.text)
  const ordinal = Number(token.text.slice(1))
  if (ordinal >= 1 && ordinal <= MAX_ORDINAL) return ordinal
  throw sqliteError(sql, `variable number must be between ?1 and ?${MAX_ORDINAL}`, token.offset)
}

/**
 * The same statement with dense `$n` placeholders in source order. The semicolons and comments behind
 * it are cut off, so that a clause can be appended. Nothing else changes, except where PostgreSQL's
 * lexer would read the very same characters as something else: see `commentFor` and `needsSpace`.
 */
export function postgresText(
  tokens: readonly SqlToken[],
  { parameters, positions }: Placeholders,
): PostgresText {
  const end = tokens.findLastIndex((token) => !isTrivia(token) && token.name !== 'SEMI') + 1
  const start = tokens.findIndex((token) => !isTrivia(token) && token.name !== 'SEMI')
  const begin = tokens.slice(0, start).findLastIndex((token) => token.name === 'SEMI') + 1
  const statement = tokens.slice(begin, end)
  let text = ''
  for (const [index, token] of statement.entries()) {
    if (needsSpace(statement[index - 1], token)) text += ' '
    text += token.name === 'COMMENT' ? commentFor(token.text) : textFor(token, positions)
  }
  return {
    text: text.trimStart(),
    slots: parameters.map(({ kind, name, ordinal }) => (kind === 'named' && name) || ordinal),
  }
}

function textFor(token: SqlToken, positions: ReadonlyMap<SqlToken, number>): string {
  const position = positions.get(token)
  return position === undefined ? token.text : `$${position}`
}

/**
 * Block comments nest in PostgreSQL and not in SQLite, and there a carriage return ends a line comment.
 * Kept, such a comment would hide a part of the statement, or turn a comment into code.
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-COMMENTS
 */
function commentFor(comment: string): string {
  const differs = comment.startsWith('--') ? comment.includes('\r') : comment.includes('/*', 1)
  return differs ? ' ' : comment
}

/**
 * `and?` would become the identifier `and$1`, `?a` the malformed `$1a`, and `e'x'` is a name with an
 * alias to SQLite but an escaped string to PostgreSQL.
 */
function needsSpace(left: SqlToken | undefined, right: SqlToken): boolean {
  if (left === undefined || isTrivia(left) || isTrivia(right)) return false
  const glued = /[\w$\u0080-\uFFFF]$/.test(left.text)
  if (right.name === 'VARIABLE') return glued
  if (left.name === 'VARIABLE') return /^[\w$\u0080-\uFFFF]/.test(right.text)
  return glued && (right.name === 'STRING' || /^["']/.test(right.text))
}
