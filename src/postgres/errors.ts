import { DatabaseError } from 'pg-protocol'
import { LockstepError, messageOf, type ErrorCode } from '../core/errors.ts'
import type { DescribeViolation, Violation } from '../schema/violations.ts'

/** SQLSTATEs that Lockstep's own functions raise; class LS is free for applications. */
export const sqlState = {
  /** A write met the fence: PostgreSQL is not the primary, or a flip is under way. */
  fenced: 'LS001',
  /** A batch lost the race for the position. */
  stale: 'LS002',
  /** The SQLite file has lost journal entries that were applied already. */
  rewound: 'LS003',
  /** A translated statement met data for which SQLite's answer cannot be told. */
  unsupported: 'LS005',
  /** A rowid was to be NULL. */
  mismatch: 'LS006',
  /** What SQLite fails of while the statement runs, in its words. */
  failed: 'LS007',
  /** A trigger of the application called RAISE(); the message is its own. */
  raised: 'LS010',
  /** It called RAISE(ROLLBACK): the transaction around the statement is over. */
  rolledBack: 'LS011',
  /** A value of a class that the column of a STRICT table does not take. */
  datatype: 'LS012',
} as const

/** program_limit_exceeded: of a row, an entry of an index or a value that is larger than PostgreSQL stores. */
const tooLarge = '54000'

/**
 * PostgreSQL's refusals under the codes that better-sqlite3 gives to SQLite's.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html, https://www.sqlite.org/rescode.html
 */
const sqliteCodes: Readonly<Record<string, ErrorCode>> = {
  // The distance of a frame, and the argument of ntile(), below what either place takes.
  '22013': 'SQLITE_ERROR',
  '22014': 'SQLITE_ERROR',
  '23001': 'SQLITE_CONSTRAINT_FOREIGNKEY',
  '23502': 'SQLITE_CONSTRAINT_NOTNULL',
  '23503': 'SQLITE_CONSTRAINT_FOREIGNKEY',
  '23505': 'SQLITE_CONSTRAINT_UNIQUE',
  '23514': 'SQLITE_CONSTRAINT_CHECK',
  '42601': 'SQLITE_ERROR',
  '42702': 'SQLITE_ERROR',
  '42703': 'SQLITE_ERROR',
  '42883': 'SQLITE_ERROR',
  '42P01': 'SQLITE_ERROR',
  // A FULL JOIN of another condition than an equality, for one.
  '0A000': 'SQL_UNSUPPORTED',
  // 'now' in a row, of which a function of dates was to make the same at all times.
  '42P17': 'SQL_UNSUPPORTED',
  // A recursive table on the inner side of an outer join.
  '42P19': 'SQL_UNSUPPORTED',
  // More columns, or a longer or deeper statement, than PostgreSQL takes.
  '54001': 'SQL_UNSUPPORTED',
  '54011': 'SQL_UNSUPPORTED',
  // A value that does not fit what PostgreSQL has for it: too long, out of range, of another class, with a NUL.
  '22001': 'SQL_UNSUPPORTED',
  '22003': 'SQL_UNSUPPORTED',
  '22021': 'SQL_UNSUPPORTED',
  // A pattern of LIKE that ends with its escape character, where SQLite matches nothing.
  '22025': 'SQL_UNSUPPORTED',
  '22P02': 'SQL_UNSUPPORTED',
  '22P05': 'SQL_UNSUPPORTED',
  // A value, a row or a key beyond PostgreSQL's bounds.
  [tooLarge]: 'SQLITE_TOOBIG',
  // ON CONFLICT DO UPDATE of one row twice in one statement, which PostgreSQL does not do.
  '21000': 'SQL_UNSUPPORTED',
  [sqlState.unsupported]: 'SQL_UNSUPPORTED',
  [sqlState.mismatch]: 'SQLITE_MISMATCH',
  [sqlState.failed]: 'SQLITE_ERROR',
  [sqlState.datatype]: 'SQLITE_CONSTRAINT_DATATYPE',
  // Waiting for another's lock took too long, as SQLITE_BUSY says of the whole file.
  '55P03': 'SQLITE_BUSY',
  '42501': 'POSTGRES_DENIED',
  [sqlState.raised]: 'SQLITE_CONSTRAINT_TRIGGER',
  [sqlState.rolledBack]: 'SQLITE_CONSTRAINT_TRIGGER',
}

/** What the server said, with its SQLSTATE; undefined for failures of the connection. */
export function databaseError(error: unknown): DatabaseError | undefined {
  if (error instanceof DatabaseError) return error
  // Another copy of pg-protocol may be at work inside the application's pg.
  const candidate = error as Partial<DatabaseError> | undefined
  return error instanceof Error &&
    typeof candidate?.code === 'string' &&
    candidate.severity !== undefined
    ? (error as DatabaseError)
    : undefined
}

export function stateOf(error: unknown): string | undefined {
  return databaseError(error)?.code
}

/** Settings of the server by the SQLSTATE with which it ends a transaction that goes beyond them. */
const transactionTimeouts: Readonly<Record<string, string>> = {
  '25P03': 'idle_in_transaction_session_timeout',
  '25P04': 'transaction_timeout',
}

/** The server has ended the session because of its transaction: it would end the same one again. */
export function isTimedOut(error: unknown): boolean {
  return (stateOf(error) ?? '') in transactionTimeouts
}

function endedByServer({ message }: DatabaseError, setting: string): string {
  return (
    `PostgreSQL has rolled this transaction back (${message}): it was open for longer than its ${setting} allows. ` +
    `Commit it sooner, do work that needs no database outside of it, or raise ${setting} for the role`
  )
}

/** The transaction may succeed when it is run again. */
export function isSerializationFailure(error: unknown): boolean {
  const state = stateOf(error)
  return state === '40001' || state === '40P01'
}

/** A trigger has rolled back the transaction around the statement. */
export function endsTransaction(error: unknown): boolean {
  return stateOf((error as Error).cause) === sqlState.rolledBack
}

/** A value or a constraint of a row stood in the way, or what PostgreSQL computes of it; not the server. */
export function isRowRefused(error: unknown): boolean {
  const state = stateOf(error) ?? ''
  if (isTooLarge(error)) return true
  return state.startsWith('22') || state.startsWith('23') || state === sqlState.unsupported
}

/** A row, or its entry in an index, is larger than PostgreSQL stores. `chr(0)` fails with the same SQLSTATE. */
export function isTooLarge(error: unknown): boolean {
  const known = databaseError(error)
  return known?.code === tooLarge && known.routine !== 'chr'
}

/**
 * The server cannot be reached or is going away: no connection, shutting down, starting up, too many
 * clients. Whether a statement that was under way took effect is unknown.
 */
export function isUnreachable(error: unknown): boolean {
  const known = databaseError(error)
  if (known === undefined)
    return (
      error instanceof Error && !(error instanceof TypeError) && !(error instanceof LockstepError)
    )
  const state = known.code ?? ''
  return state.startsWith('08') || state.startsWith('53') || state.startsWith('57P')
}

/**
 * Nothing gets through to the data: the server is unreachable, or answers and lets this user no more to them, as where the
 * login or a right was taken away. A wrong password and a missing database are mistakes in the settings, and are told.
 */
export function isShutOut(error: unknown): boolean {
  const state = stateOf(error) ?? ''
  return isUnreachable(error) || state === '28000' || state === '42501'
}

/**
 * The server has answered that its disk is full, and has rolled the statement back; a server that ends over it (PANIC) may
 * have committed. In another language than English it is not told apart, and counts as one that ends.
 */
export function isDiskFull(error: unknown): boolean {
  const known = databaseError(error)
  return known?.code === '53100' && known.severity === 'ERROR'
}

/** What Node.js and pg say of a connection that was not made, or broke. */
export function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  if (typeof code === 'string')
    return /^(ECONN|ENOTFOUND|ETIMEDOUT|EHOST|ENET|EPIPE|EAI_)|CERT|TLS|SSL/.test(code)
  return /^(Connection terminated|timeout e|Query read timeout|Client (was closed|has encountered)|SASL|The server does not)/.test(
    error.message,
  )
}

/**
 * What became of a write whose server went away. `none`: it has certainly not taken effect, so it may
 * run again. `unknown`: the answer was lost, and only the database knows.
 */
export function wentAway(error: unknown, outcome: 'none' | 'unknown'): Error {
  const known = postgresError(error)
  if (!(known instanceof LockstepError) || known.code !== 'POSTGRES_UNREACHABLE') return known
  const advice =
    outcome === 'none'
      ? 'The statement has not taken effect'
      : 'The answer was lost: whether this write took effect is unknown. Look before you run it again'
  return new LockstepError('POSTGRES_UNREACHABLE', `${known.message}. ${advice}`, {
    cause: known.cause,
    details: { ...known.details, outcome },
  })
}

/** True where `wentAway` has said that the write may run again. */
export function hasNotBegun(error: unknown): boolean {
  return error instanceof LockstepError && error.details['outcome'] === 'none'
}

/**
 * Gives PostgreSQL's failures Lockstep's error class.
 * @param describe says a violated constraint in SQLite's words
 */
export function postgresError(error: unknown, describe: DescribeViolation = () => null): Error {
  if (error instanceof LockstepError || error instanceof TypeError || error instanceof RangeError)
    return error
  const known = databaseError(error)
  const details = {
    sqlState: known?.code,
    table: known?.table,
    column: known?.column,
    constraint: known?.constraint,
  }
  if (known === undefined || (isUnreachable(error) && !isDiskFull(known))) {
    return new LockstepError(
      'POSTGRES_UNREACHABLE',
      `PostgreSQL cannot be reached: ${messageOf(error)}`,
      { cause: error, details },
    )
  }
  if (isSerializationFailure(error)) {
    return new LockstepError('SERIALIZATION_FAILED', known.message, { cause: error, details })
  }
  const { table, column, constraint } = known
  const violation = describe({ sqlState: known.code ?? '', table, column, constraint })
  const { code, message, details: more }: Violation = violation ?? said(known)
  return new LockstepError(code, message, { cause: error, details: { ...details, ...more } })
}

/** Every json that the translator writes is well-formed, so that one which is not is the application's. */
function said(error: DatabaseError): { readonly code: ErrorCode; readonly message: string } {
  if (error.code === '22P02' && error.message.endsWith('for type json')) {
    return { code: 'SQLITE_ERROR', message: 'malformed JSON' }
  }
  if (isDiskFull(error))
    return {
      code: 'SQLITE_FULL',
      message: `database or disk is full, PostgreSQL's: ${error.message}`,
    }
  // No key is left to give, which AUTOINCREMENT says in these words. https://www.sqlite.org/autoinc.html
  if (error.code === '2200H') return { code: 'SQLITE_FULL', message: 'database or disk is full' }
  if (error.code === tooLarge && !isTooLarge(error))
    return { code: 'SQL_UNSUPPORTED', message: `${error.message}. ${noSuchText}` }
  const timeout = transactionTimeouts[error.code ?? '']
  if (timeout !== undefined)
    return { code: 'TRANSACTION_TIMEOUT', message: endedByServer(error, timeout) }
  if (error.code === '25006')
    return {
      code: 'POSTGRES_DENIED',
      message:
        `${error.message}: connect to the primary of the cluster instead of a standby, or set ` +
        'default_transaction_read_only off for this user and database',
    }
  if (error.code === '27000') return { code: 'SQL_UNSUPPORTED', message: changesItsRow }
  const way = waysOut[error.code ?? '']
  const message = way === undefined ? error.message : `${error.message}. ${way}`
  return { code: codeOf(error), message }
}

const changesItsRow =
  'A BEFORE trigger has changed the very row which the statement is to change or delete, by itself or by way of other triggers. ' +
  'Make it an AFTER trigger, or set the values in the statement'

const noSuchText =
  'SQLite cuts and casts bytes, and PostgreSQL has no text that is not UTF-8 or has a NUL: cut characters with substr(), ' +
  'or keep the bytes in a BLOB'

/** What the server says of a value, by SQLSTATE, names neither what SQLite does there nor what to write instead. */
const waysOut: Readonly<Record<string, string>> = {
  [tooLarge]:
    'PostgreSQL, unlike SQLite, has a bound there (docs/limits.md has them all): shorten the value, or drop the index that ' +
    'it is in',
  '22003':
    'SQLite goes on in REAL where a number is beyond 64 bits, or with an infinity: CAST an operand AS REAL, or keep it in range',
  '22021': noSuchText,
}

function codeOf(error: DatabaseError): ErrorCode {
  if (error.code === '23505' && /^lockstep_pk_|_pkey$/.test(error.constraint ?? ''))
    return 'SQLITE_CONSTRAINT_PRIMARYKEY'
  return sqliteCodes[error.code ?? ''] ?? 'POSTGRES_ERROR'
}
