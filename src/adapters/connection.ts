import type { Lockstep, RunResult, TransactionOptions } from '../api.ts'
import type { Method } from '../sqlite/statements.ts'
import { callStatement } from './call-statement.ts'
import { beginTransaction, type OpenTransaction } from './open-transaction.ts'
import { returnsRows } from './returns-rows.ts'

/** Rows, or what was changed where a statement has none. */
export type Answer =
  | { readonly rows: unknown[]; readonly changed: null }
  | { readonly rows: null; readonly changed: Changed }

export interface Changed {
  readonly changes: number
  /** Undefined where PostgreSQL has no such number. */
  readonly lastInsertRowid: number | bigint | undefined
}

/**
 * What query builders take for a connection. Lockstep has none: statements outside of a transaction share what is
 * there, and those inside of one go where it goes.
 */
export class Connection {
  readonly #db: Lockstep
  #open: OpenTransaction | undefined

  constructor(db: Lockstep) {
    this.#db = db
  }

  get inTransaction(): boolean {
    return this.#open !== undefined
  }

  /** @throws TypeError where one is open already */
  async begin(options?: TransactionOptions): Promise<void> {
    if (this.#open !== undefined) {
      throw new TypeError(
        'cannot start a transaction within a transaction: use a savepoint, or end the one that is open',
      )
    }
    this.#open = await beginTransaction(this.#db, options)
  }

  async commit(): Promise<void> {
    // One that cannot commit has been rolled back, and takes the rollback that its caller sends then.
    await this.#active('commit').commit()
    this.#open = undefined
  }

  async rollback(): Promise<void> {
    const open = this.#active('rollback')
    this.#open = undefined
    await open.rollback()
  }

  async execute(sql: string, args: readonly unknown[]): Promise<Answer> {
    if (returnsRows(sql))
      return { rows: (await this.call('all', sql, args)) as unknown[], changed: null }
    const result = (await this.call('run', sql, args)) as RunResult
    // A copy is without a number that nobody knows; reading it would fail those who never look at it.
    const { changes, lastInsertRowid }: Partial<RunResult> = { ...result }
    return { rows: null, changed: { changes: changes ?? 0, lastInsertRowid } }
  }

  call(method: Method, sql: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#open !== undefined) return this.#open.call(method, sql, args)
    return callStatement(this.#db.prepare(sql), method, args)
  }

  #active(what: string): OpenTransaction {
    if (this.#open !== undefined) return this.#open
    throw new TypeError(`cannot ${what} - no transaction is active`)
  }
}
