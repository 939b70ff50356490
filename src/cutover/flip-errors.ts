import { isLockstepError, LockstepError, messageOf } from '../core/errors.ts'

/** Past `committing`, and only PostgreSQL knows. */
export function undecided(error: unknown): LockstepError {
  return new LockstepError(
    'POSTGRES_UNREACHABLE',
    `PostgreSQL went away at the commit point of the flip: ${messageOf(error)}. Whether it committed is known only there, ` +
      'so writes stay held; every process settles the flip by itself as soon as it answers',
    { cause: error },
  )
}

/** Given up before anything was held or ended. */
export function notCaughtUp(timeoutMs: number): LockstepError {
  return new LockstepError(
    'CAUGHT_UP_TIMEOUT',
    `The secondary did not catch up in ${timeoutMs} ms, so nothing was begun and no write was held. ` +
      'Let the lag go down (`lockstep status`) or writes come slower, or raise flip.catchUpTimeoutMs, and try again',
    { details: { timeoutMs } },
  )
}

/** What is left of the budget at some step says nothing to whoever chooses it. */
export function usedUp(pauseBudgetMs: number): Error {
  return new Error(`the pause budget of ${pauseBudgetMs} ms is used up`)
}

/** A compare-and-set failed. */
export function overtaken(): LockstepError {
  return new LockstepError(
    'FLIP_CANCELLED',
    'The flip was overtaken: its time was over and another process settled it. Nothing is lost; try again',
  )
}

/** Whatever it was that ended the flip before its commit point. */
export function cancelled(error: unknown): LockstepError {
  if (isLockstepError(error, 'FLIP_CANCELLED') || isLockstepError(error, 'GATE_REFUSED'))
    return error
  return new LockstepError(
    'FLIP_CANCELLED',
    `The flip was cancelled and writes go on where they were: ${messageOf(error)}. ` +
      'Let the lag go down or end long transactions, or allow a longer pause (pauseBudgetMs), and try again',
    { cause: error },
  )
}
