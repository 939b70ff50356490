import { LockstepError } from '../core/errors.ts'

/** How long a transaction may stay open while no statement of it is under way. */
export interface IdleLimit {
  /** A statement has just ended. */
  touch(): void
  /**
   * Settles as `work` does, or rejects once the transaction has been idle for too long.
   * @throws LockstepError TRANSACTION_TIMEOUT
   */
  hold<T>(work: () => Promise<T>): Promise<T>
}

/**
 * A transaction keeps every other writer of SQLite waiting, and a flip on both places. One that is forgotten, or
 * waits for another service, would do so for as long as that takes. One whose statements take long is not idle.
 */
export function createIdleLimit(maxIdleMs: number, isBusy: () => boolean): IdleLimit {
  let idleSince = performance.now()
  return {
    touch: () => (idleSince = performance.now()),
    hold: <T>(work: () => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        let timer: NodeJS.Timeout
        const look = (): void => {
          const leftMs = isBusy() ? maxIdleMs : idleSince + maxIdleMs - performance.now()
          if (leftMs <= 0) reject(heldTooLong(maxIdleMs))
          else timer = setTimeout(look, Math.ceil(leftMs)).unref()
        }
        look()
        void work()
          .then(resolve, reject)
          .finally(() => clearTimeout(timer))
      }),
  }
}

function heldTooLong(maxIdleMs: number): LockstepError {
  return new LockstepError(
    'TRANSACTION_TIMEOUT',
    `A transaction was open for ${maxIdleMs} ms without a statement, and others waited for it: it was rolled back. ` +
      'Commit it or roll it back sooner, do work that needs no database outside of it, or raise ' +
      'writes.maxTransactionIdleMs',
  )
}
