import type { Queryable } from '../api.ts'
import { createQueryable } from '../route/transaction.ts'
import { callStatement } from './call-statement.ts'

/**
 * Transactions inside of a transaction, by savepoints.
 *
 *   open ──nested()──> covered ──its function has ended──> open ──> ended
 *
 * While an inner one is open the outer one is covered: a statement of it would belong to the inner one and go
 * back with it. So calls on a covered or an ended level are refused, and an outer function that ends while its
 * inner one is still open commits nothing.
 */
export interface Level {
  /** The calls of this level; they are refused while it is covered, and once it has ended. */
  readonly queries: Queryable
  /** @throws TypeError while another inner transaction is open */
  nested<T>(work: (inner: Level) => Promise<T>): Promise<T>
}

/** Runs the function of a whole transaction on its outermost level. */
export async function runLevel<T>(
  tx: Queryable,
  work: (level: Level) => Promise<T>,
  depth = 0,
): Promise<T> {
  const state = { covered: false, ended: false }
  let broken: { readonly error: unknown } | undefined
  const check = (): void => {
    if (state.ended) throw hasEnded()
    if (state.covered) throw isCovered()
  }
  const level: Level = {
    queries: checked(tx, check),
    async nested(inner) {
      check()
      state.covered = true
      try {
        return await inSavepoint(tx, inner, depth, (error) => (broken ??= { error }))
      } finally {
        state.covered = false
      }
    },
  }
  try {
    const result = await work(level)
    if (state.covered) throw leftOpen()
    // What the inner one did could not be taken back, so all of it must go.
    if (broken !== undefined) throw broken.error
    return result
  } finally {
    state.ended = true
  }
}

async function inSavepoint<T>(
  tx: Queryable,
  work: (inner: Level) => Promise<T>,
  depth: number,
  onBroken: (error: unknown) => void,
): Promise<T> {
  const name = `lockstep_nested_${depth}`
  await tx.run(`SAVEPOINT ${name}`)
  let result: T
  try {
    result = await runLevel(tx, work, depth + 1)
  } catch (error) {
    await tx.exec(`ROLLBACK TO ${name}; RELEASE ${name}`).catch(onBroken)
    throw error
  }
  await tx.run(`RELEASE ${name}`)
  return result
}

/** The same calls, each behind a check; a check that throws rejects the call. */
function checked(tx: Queryable, check: () => void): Queryable {
  return createQueryable(
    async (method, sql, args) => {
      check()
      return callStatement(tx.prepare(sql), method, args)
    },
    async (script) => {
      check()
      return tx.exec(script)
    },
  )
}

function isCovered(): TypeError {
  return new TypeError(
    'A nested transaction is open: until it has ended, use the transaction that its function gets, and await it. ' +
      'Nested transactions of one transaction run one after the other',
  )
}

function hasEnded(): TypeError {
  return new TypeError('This transaction has ended already: a call on it was not awaited')
}

/** The outer transaction has ended before an inner one, and is rolled back. */
export function leftOpen(): TypeError {
  return new TypeError(
    'A nested transaction was left open: the function around it ended first, so nothing was committed. ' +
      'Await the nested transaction, or return its promise',
  )
}
