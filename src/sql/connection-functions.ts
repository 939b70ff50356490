import type { AstNode } from 'sqlite3-parser'
import { LockstepError } from '../core/errors.ts'
import { insertsOneRow, knownRowid, type LastInsertRowid } from './last-insert-rowid.ts'
import { descendants } from './translate/syntax.ts'
import { isTrivia, parseStatements, tokenize, type SqlToken } from './parser.ts'
import { readPlaceholders } from './placeholders.ts'
import type { ResultColumn } from './translation.ts'

/** What SQLite keeps for each connection. https://www.sqlite.org/lang_corefunc.html */
export interface ConnectionState {
  changes: number
  /** Null once triggers or foreign keys may have changed rows that nobody has counted. */
  totalChanges: number | null
  lastInsertRowid: LastInsertRowid
}

export function createConnectionState(): ConnectionState {
  return { changes: 0, totalChanges: 0, lastInsertRowid: 0n }
}

/** Only inside a transaction, by what it has done so far; outside, by what this process has done. */
export interface ConnectionFacts {
  readonly state: ConnectionState
  readonly sqliteVersion: string
}

const functions: Readonly<Record<string, (facts: ConnectionFacts) => unknown>> = {
  changes: ({ state }) => BigInt(state.changes),
  total_changes: ({ state }) => {
    if (state.totalChanges !== null) return BigInt(state.totalChanges)
    throw refused('total_changes() behind triggers and foreign keys', 'Add up changes()')
  },
  last_insert_rowid: ({ state }) => knownRowid(state.lastInsertRowid),
  sqlite_version: ({ sqliteVersion }) => sqliteVersion,
}

function refused(construct: string, wayOut: string): LockstepError {
  return new LockstepError(
    'SQL_UNSUPPORTED',
    `${construct} has no faithful form on PostgreSQL. ${wayOut}`,
    {
      details: { construct, wayOut },
    },
  )
}

/** A statement whose calls of these functions are parameters behind the application's own. */
export interface ConnectionCalls {
  readonly sql: string
  /** How many numbers the application's own parameters take. */
  readonly first: number
  /** The values that follow the application's, by SQLite's numbers. */
  values(facts: ConnectionFacts): readonly unknown[]
  /** Gives the columns that are named by their text the application's own text back. */
  rename(columns: readonly ResultColumn[]): ResultColumn[]
}

const quick = /\b(?:changes|total_changes|last_insert_rowid|sqlite_version)\s*\(/i

/**
 * Replaces `changes()`, `total_changes()`, `last_insert_rowid()` and `sqlite_version()`, which only the
 * driver can answer, by parameters with numbers behind the application's. Null where there is none.
 */
export function replaceConnectionCalls(sql: string): ConnectionCalls | null {
  if (!quick.test(sql)) return null
  const tokens = tokenize(sql)
  // A text that looks like a parameter could not be told from one in a column's name.
  if (tokens.some(({ name, text }) => name !== 'VARIABLE' && /\?\d/.test(text))) return null
  const { parameters, positions } = readPlaceholders(sql, tokens)
  let highest = Math.max(0, ...parameters.map(({ ordinal }) => ordinal))
  const first = highest
  const asked: string[] = []
  const texts = new Map<string, string>()
  let text = ''
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index] as SqlToken
    const end = callEnd(tokens, index)
    const name = token.text.toLowerCase()
    if (end !== null) {
      const original = tokens.slice(index, end + 1).map((each) => each.text)
      texts.set(`?${++highest}`, original.join(''))
      asked.push(name)
      text += `?${highest}`
      index = end
    } else if (positions.has(token)) {
      // A number in the middle would count for the plain `?` behind it, so each gets its own.
      const position = positions.get(token) as number
      const ordinal = parameters[position - 1]?.ordinal as number
      texts.set(`?${ordinal}`, token.text)
      text += `?${ordinal}`
    } else text += token.text
  }
  if (highest === first) return null
  return {
    sql: text,
    first,
    values(facts) {
      if (asked.includes('last_insert_rowid')) refuseOwnRowid(sql)
      return asked.map((name) => functions[name]?.(facts))
    },
    rename: (columns) =>
      columns.map((column) => ({
        ...column,
        name: column.name.replaceAll(/\?\d+/g, (found) => texts.get(found) ?? found),
      })),
  }
}

function asksForRowid(node: AstNode): boolean {
  return [...descendants(node)].some(
    (each) => each.type === 'FunctionCallExpr' && /^last_insert_rowid$/i.test(each.name.name),
  )
}

/** An INSERT of several rows changes its answer from row to row, and RETURNING asks when it has changed. */
function refuseOwnRowid(sql: string): void {
  const [statement] = parseStatements(sql)
  if (statement?.type !== 'InsertStmt') return
  const { body, returning = [] } = statement
  if (!returning.some(asksForRowid) && (insertsOneRow(statement) || !asksForRowid(body))) return
  throw refused(
    'last_insert_rowid() of the rows that the statement inserts',
    'Ask for the key itself',
  )
}

/** The index of the closing parenthesis of a call without arguments that begins here, or null. */
function callEnd(tokens: readonly SqlToken[], index: number): number | null {
  const token = tokens[index] as SqlToken
  if (!Object.hasOwn(functions, token.text.toLowerCase())) return null
  if (before(tokens, index)?.name === 'DOT') return null
  const open = after(tokens, index)
  if (open === null || tokens[open]?.name !== 'LP') return null
  const close = after(tokens, open)
  return close !== null && tokens[close]?.name === 'RP' ? close : null
}

function after(tokens: readonly SqlToken[], index: number): number | null {
  for (let next = index + 1; next < tokens.length; next++) {
    if (!isTrivia(tokens[next] as SqlToken)) return next
  }
  return null
}

function before(tokens: readonly SqlToken[], index: number): SqlToken | undefined {
  return tokens.slice(0, index).findLast((token) => !isTrivia(token))
}
