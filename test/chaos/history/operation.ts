/** What a client was told of an operation: done, refused so that nothing has happened, or nothing certain. */
export type Outcome = 'acknowledged' | 'failed' | 'unknown'

/**
 * What clients do. Every value and token is used by one operation only, so what is found later says whose
 * it is.
 *
 * - `insert`: a row with the token, in a table that no constraint protects from a second one
 * - `pair`: a transaction: two rows with the token in two tables, and an amount from one account to another
 * - `write`: gives a register the value
 * - `read`: a register's value, read in a transaction, so on the primary
 * - `own-read`: a register's value, read by the session wherever the flags send it
 */
export type Action =
  | { readonly kind: 'insert' | 'pair'; readonly token: string }
  | { readonly kind: 'write'; readonly key: number; readonly value: string }
  | { readonly kind: 'read' | 'own-read'; readonly key: number; readonly value: string | null }

/** One operation of one client; times are microseconds of a clock that all processes of the machine share. */
export type Operation = Action & {
  /** Runs one operation after the other, in one session. */
  readonly client: string
  readonly begin: number
  /** Undefined where the client died before it was told. */
  readonly end?: number | undefined
  readonly outcome: Outcome
}

/** A line of a process's log: the beginning of an operation of one of its clients, or its end. */
export type LogLine =
  | {
      readonly id: number
      readonly client: string
      readonly begin: number
      readonly action: Action
    }
  | {
      readonly id: number
      readonly end: number
      readonly outcome: Outcome
      readonly value?: string | null
      /** What went wrong, for people. */
      readonly code?: string
      readonly message?: string
    }

/** The operations of one process's log; one that has no end is one whose outcome nobody knows. */
export function operationsOf(lines: readonly LogLine[]): Operation[] {
  const operations = new Map<number, Operation>()
  for (const line of lines) {
    if ('begin' in line) {
      const { id, client, begin, action } = line
      operations.set(id, { ...action, client, begin, outcome: 'unknown' })
      continue
    }
    const { id, end, outcome, value } = line
    const operation = operations.get(id)
    if (operation === undefined) throw new Error(`An operation ended that never began: ${id}`)
    const read = value === undefined ? {} : { value }
    operations.set(id, { ...operation, ...read, end, outcome } as Operation)
  }
  return [...operations.values()]
}
