import { isLockstepError, LockstepError } from './errors.ts'

/**
 * Whether `close` has begun. A call that comes then is refused; one that is under way and fails of it is told so,
 * instead of what a driver says of its connection.
 */
export class Closing {
  #begun = false

  begin(): void {
    this.#begun = true
  }

  /** @throws LockstepError CLOSED */
  check(): void {
    if (this.#begun)
      throw new LockstepError('CLOSED', 'This database is closed: call createLockstep() again')
  }

  /** For `catch`: rejects with CLOSED where the call was cut off, and with what it failed of else. */
  readonly rethrow = (error: unknown): never => {
    throw this.#begun && isCutOff(error) ? closedMeanwhile(error) : error
  }
}

/** A transaction commits before its call resolves, so of a call that fails nothing else is there. */
export function closedMeanwhile(cause: unknown): LockstepError {
  return new LockstepError(
    'CLOSED',
    'This database was closed before the call had ended: what it had not committed was rolled back, and it does not go on',
    { cause },
  )
}

/** better-sqlite3's answer on a connection that `close` has closed, and pg's on a pool and on a connection. */
const answers = new Set([
  'The database connection is not open',
  'Cannot use a pool after calling end on the pool',
  'Client was closed and is not queryable',
])

export function isOfClosed(error: unknown): boolean {
  return error instanceof Error && answers.has(error.message)
}

function isCutOff(error: unknown): boolean {
  if (isLockstepError(error, 'FLIP_CANCELLED')) return true
  // That nobody knows what became of a write is more than that it was cut off.
  if (isLockstepError(error, 'POSTGRES_UNREACHABLE')) return error.details['outcome'] !== 'unknown'
  return isOfClosed(error)
}
