import { isLockstepError } from '../../src/core/errors.ts'
import type { Value } from '../../src/values/value.ts'

/** What a place answers to one statement. Integers are bigints, so that value classes can be told apart. */
export type Answer = Rows | Changed | Failed

export interface Rows {
  readonly kind: 'rows'
  readonly names: readonly string[]
  readonly rows: readonly (readonly Value[])[]
}

export interface Changed {
  readonly kind: 'changed'
  readonly changes: number
  /** Null where reading it is refused. */
  readonly lastInsertRowid: bigint | null
}

export interface Failed {
  readonly kind: 'failed'
  readonly code: string
  readonly message: string
  /** The SQLSTATE, where PostgreSQL has spoken. */
  readonly sqlState: string
  /** What had no faithful form, where Lockstep has spoken. */
  readonly construct: string
}

/** @param error as Lockstep or better-sqlite3 throws it */
export function failed(error: unknown): Failed {
  const { code, message } = error as { code?: unknown; message?: unknown }
  const details = isLockstepError(error) ? error.details : {}
  return {
    kind: 'failed',
    code: typeof code === 'string' ? code : (error as Error).name,
    message: String(message),
    sqlState: textOf(details['sqlState']),
    construct: textOf(details['construct']),
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
