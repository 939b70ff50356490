import { isLockstepError } from '../core/errors.ts'
import { cleanSql, parseStatements, tokenize, type SqlToken } from '../sql/parser.ts'
import { splitTokens } from '../sql/script.ts'
import { nameInPlaceOfValue, nameReason, pieceOfSql } from './holes.ts'
import type { Piece } from './piece.ts'

/** A statement as it was found, and where it begins in the text of its piece. */
export interface FoundStatement {
  /** A `?` stands where the template has a value, with spaces behind it, so that places stay those of the file. */
  readonly sql: string
  /** The same for a reader. */
  readonly shown: string
  readonly offset: number
  readonly piece: Piece
  /** The text is spliced together at run time, so that no fingerprint is that of what is sent. */
  readonly isSpliced: boolean
  /** What it is beside a statement by the grammar speaks for SQL as well; else it may be a phrase. */
  readonly isMeant: boolean
}

export interface FoundText {
  readonly statements: readonly FoundStatement[]
  /** Why the text, which looks like SQL, cannot be read, and where. */
  readonly unreadable: readonly { readonly offset: number; readonly reason: string }[]
  /** It has the tag `sql` and is no statement. */
  readonly isFragment: boolean
}

const nothing: FoundText = { statements: [], unreadable: [], isFragment: false }

const verbs =
  /^(?:select|insert|update|delete|replace|with|values|create|alter|drop|pragma|explain|begin|commit|end|rollback|savepoint|release|attach|detach|vacuum|analyze|reindex)$/i

/** The first word behind white space and comments. */
function firstWord(text: string): string {
  let at = 0
  for (;;) {
    while (/\s/.test(text.charAt(at))) at += 1
    const close = text.startsWith('--', at) ? '\n' : text.startsWith('/*', at) ? '*/' : null
    if (close === null) break
    const end = text.indexOf(close, at + 2)
    if (end < 0) return ''
    at = end + close.length
  }
  return /^\w*/.exec(text.slice(at, at + 20))?.[0] ?? ''
}

/** What comes behind it says nothing new of a statement, and is long to search. */
const maxSearched = 10_000

const clauses = String.raw`\b(?:SELECT\b[^]*\bFROM|(?:INSERT(?:\s+OR\s+\w+)?|REPLACE)\s+INTO|UPDATE\b[^]*\bSET|DELETE\s+FROM|WITH\b[^]*\bAS\s*\(|(?:CREATE|DROP)\s+(?:TEMP\w*\s+|UNIQUE\s+|VIRTUAL\s+)?(?:TABLE|INDEX|VIEW|TRIGGER)|ALTER\s+TABLE|PRAGMA)\b`

/**
 * More than a verb, which is a word of English as well. Prose says it in small letters, so where nothing else speaks
 * for SQL only capitals count.
 */
const hasClauses = new RegExp(clauses, 'i')
const hasClausesInCapitals = new RegExp(clauses)
/** A verb alone, as in `exec('BEGIN')`; in small letters it is a word. */
const isShout = /^\s*[A-Z]{3,}\b/

/** The statements of a piece. In a program, text that is no SQL is passed over without a word. */
export function statementsOf(piece: Piece): FoundText {
  const { context, text } = piece
  if (context !== 'script' && !verbs.test(firstWord(text))) {
    return context === 'tag' ? { ...nothing, isFragment: true } : nothing
  }
  const searched = text.slice(0, maxSearched)
  const isSure = (context === 'plain' ? hasClausesInCapitals : hasClauses).test(searched)
  const isMeant = isSure || (context !== 'plain' && isShout.test(text))
  try {
    const found = splitTokens(tokenize(cleanSql(text))).map((tokens) => statementOf(tokens, piece))
    if (context === 'script') return { ...nothing, statements: found }
    return { ...read(found, isSure, isMeant), isFragment: context === 'tag' && !isMeant }
  } catch (error) {
    if (!isLockstepError(error)) throw error
    if (!isSure) return nothing
    return { ...nothing, unreadable: [{ offset: 0, reason: error.message }] }
  }
}

function read(
  found: readonly FoundStatement[],
  isSure: boolean,
  isMeant: boolean,
): Pick<FoundText, 'statements' | 'unreadable'> {
  const statements: FoundStatement[] = []
  const unreadable: FoundText['unreadable'][number][] = []
  for (const statement of found) {
    const reason = problemOf(statement)
    if (reason === null) statements.push({ ...withValues(statement), isMeant })
    else if (isSure) unreadable.push({ offset: statement.offset, reason })
  }
  return { statements, unreadable }
}

function statementOf(tokens: readonly SqlToken[], piece: Piece): FoundStatement {
  const first = tokens[0] as SqlToken
  const last = tokens.at(-1) as SqlToken
  const sql = piece.text.slice(first.offset, last.offset + last.text.length)
  return { sql, shown: sql, offset: first.offset, piece, isSpliced: false, isMeant: true }
}

function problemOf({ sql, piece }: FoundStatement): string | null {
  const known = pieceOfSql(sql, piece.holes)
  if (known !== null) return known
  try {
    parseStatements(sql)
  } catch (error) {
    if (!isLockstepError(error)) throw error
    const { message } = error
    const near = piece.holes.find(({ placeholder }) => message.includes(placeholder))
    return near === undefined ? message : nameReason(near)
  }
  return nameInPlaceOfValue(sql, piece.holes)
}

/** A value becomes a `?`, as an ORM sends it. What stands inside of a text or a name stays a part of it. */
function withValues(statement: FoundStatement): FoundStatement {
  const { piece } = statement
  if (piece.holes.length === 0) return statement
  const placeholders = new Set(piece.holes.map(({ placeholder }) => placeholder))
  let sql = ''
  let isSpliced = piece.context !== 'tag'
  for (const { name, text } of tokenize(statement.sql)) {
    const isHole = name === 'VARIABLE' && placeholders.has(text)
    // As wide as before, so that places in the text stay where they are.
    sql += isHole ? '?'.padEnd(text.length) : text
    if (!isHole && [...placeholders].some((each) => text.includes(each))) isSpliced = true
  }
  const shown = piece.holes
    .reduce((text, { placeholder, code }) => text.replaceAll(placeholder, () => `\${${code}}`), sql)
    .replaceAll(/\? {15,}/g, '? ')
    .trimEnd()
  return { ...statement, sql: sql.trimEnd(), shown, isSpliced }
}
