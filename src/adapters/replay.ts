import { createHash } from 'node:crypto'
import { serialize } from 'node:v8'
import type { Queryable } from '../api.ts'
import { LockstepError } from '../core/errors.ts'
import type { Method } from '../sqlite/statements.ts'
import { callStatement } from './call-statement.ts'

/** A statement of a transaction, as its caller gave it. */
export interface Call {
  readonly method: Method
  readonly sql: string
  readonly args: readonly unknown[]
}

/** What a caller was told: an answer, or a failure that left the transaction usable. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown }

/** More statements than this are not kept: a transaction that long fails where a shorter one would run again. */
const maxKept = 1000

/**
 * What the caller of an open transaction has been told so far. Where PostgreSQL asks for the transaction to be run
 * again, its statements run again; as long as each gets the answer that it got before, the caller cannot tell, and
 * goes on. https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html
 */
export class Replay {
  readonly #kept: { readonly call: Call; readonly digest: string }[] = []
  #isTooLong = false

  keep(call: Call, outcome: Outcome): void {
    if (this.#kept.length >= maxKept) this.#isTooLong = true
    if (this.#isTooLong || isMisuse(outcome)) return
    // The caller may change what it was given, values and answers alike.
    this.#kept.push({
      call: { ...call, args: structuredClone(call.args) },
      digest: digestOf(outcome),
    })
  }

  /** @throws Unrepeatable where an answer is another one now */
  async run(tx: Queryable): Promise<void> {
    if (this.#isTooLong) throw new Unrepeatable(`it has more than ${maxKept} statements`)
    for (const { call, digest } of this.#kept) {
      if (digestOf(await outcomeOf(tx, call)) === digest) continue
      throw new Unrepeatable('another transaction has changed what it had read')
    }
  }
}

/** The transaction was rolled back, and only its caller can run it again. */
export class Unrepeatable extends Error {
  readonly told: LockstepError

  constructor(why: string) {
    super(why)
    this.told = new LockstepError(
      'SERIALIZATION_FAILED',
      `The transaction met another one and was rolled back, and ${why}. Run it again from its start`,
    )
  }
}

export function runCall(tx: Queryable, { method, sql, args }: Call): Promise<unknown> {
  return callStatement(tx.prepare(sql), method, args)
}

async function outcomeOf(tx: Queryable, call: Call): Promise<Outcome> {
  try {
    return { value: await runCall(tx, call) }
  } catch (error) {
    if (error instanceof LockstepError && mayRunAgain(error)) throw error
    return { error }
  }
}

/** The transaction is over, and Lockstep may run it again from its start. */
export function mayRunAgain(error: unknown): boolean {
  if (!(error instanceof LockstepError)) return false
  return error.code === 'SERIALIZATION_FAILED' || error.details['outcome'] === 'none'
}

/** It has not come as far as the database. */
function isMisuse(outcome: Outcome): boolean {
  return 'error' in outcome && !(outcome.error instanceof LockstepError)
}

function digestOf(outcome: Outcome): string {
  const told = 'error' in outcome ? String(outcome.error) : outcome.value
  return createHash('sha256').update(serialize(told)).digest('base64')
}
