/**
 * Every code an operation of Lockstep can fail with. docs/errors.md has one heading for each, with the
 * way out. SQLite's own result codes (`SQLITE_CONSTRAINT_UNIQUE`, `SQLITE_BUSY`, ...) pass through
 * unchanged, and PostgreSQL's constraint violations are given the same ones.
 */
export type LockstepCode =
  | 'ACK_UNCONFIRMED'
  | 'ALIGN_TIMEOUT'
  | 'BACKFILL_INCOMPLETE'
  | 'BACKFILL_IN_PROGRESS'
  | 'BACKUP_INVALID'
  | 'BACKUP_TIMEOUT'
  | 'CAUGHT_UP_TIMEOUT'
  | 'CLOSED'
  | 'COMPAT_VERSION'
  | 'CONFIG_INVALID'
  | 'DIVERGENCE_UNKNOWN'
  | 'FILE_EXISTS'
  | 'FILE_IN_USE'
  | 'FILE_UNWRITABLE'
  | 'FLAGS_INVALID'
  | 'FLIP_CANCELLED'
  | 'FLIP_IN_PROGRESS'
  | 'GATE_REFUSED'
  | 'NOT_INSTALLED'
  | 'NOT_WAL'
  | 'OVERRIDE_INVALID'
  | 'PAIR_MISMATCH'
  | 'PG_DUMP_FAILED'
  | 'POSTGRES_DENIED'
  | 'POSTGRES_ERROR'
  | 'POSTGRES_NO_DATABASE'
  | 'POSTGRES_UNREACHABLE'
  | 'POSTGRES_UNSUITABLE'
  | 'PRIMARY_REWOUND'
  | 'ROWID_UNKNOWN'
  | 'SCHEMA_DRIFT'
  | 'SCHEMA_UNSUPPORTED'
  | 'SERIALIZATION_FAILED'
  | 'SQL_UNSUPPORTED'
  | 'STATEMENT_UNKNOWN'
  | 'SYNC_UNAVAILABLE'
  | 'TABLE_UNKNOWN'
  | 'TARGET_NOT_EMPTY'
  | 'TRANSACTION_TIMEOUT'
  | 'WRITE_QUEUE_FULL'
  | 'WRITE_TIMEOUT'

export type ErrorCode = LockstepCode | `SQLITE_${string}`

export interface ErrorContext {
  /** Facts about the failure: names, figures, states. Never values of rows, never passwords. */
  details?: Record<string, unknown>
  cause?: unknown
}

/** An operation failed. Misuse of the interface is a `TypeError` instead. */
export class LockstepError extends Error {
  override readonly name = 'LockstepError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}) {
    super(message, 'cause' in context ? { cause: context.cause } : undefined)
    this.code = code
    this.details = Object.freeze({ ...context.details })
  }
}

export function isLockstepError(error: unknown, code?: ErrorCode): error is LockstepError {
  return error instanceof LockstepError && (code === undefined || error.code === code)
}

/** A host with several addresses fails once for each, and says nothing for all of them. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
