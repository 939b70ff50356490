import type { Lockstep, Queryable, TransactionOptions } from '../api.ts'
import type { Method } from '../sqlite/statements.ts'
import { mayRunAgain, Replay, runCall, Unrepeatable, type Call } from './replay.ts'

/**
 * A transaction that its caller steers, as drivers with BEGIN and COMMIT do, over Lockstep's, which are functions.
 *
 *   begin ──> open ──call()──> open ──commit()/rollback()──> ended
 *               └──the transaction fails as a whole──> failed
 *
 * The function takes one command after the other. Where it runs again, what has been answered already is
 * replayed first; the command that was under way follows, and its caller waits for it alone.
 */
export interface OpenTransaction {
  call(method: Method, sql: string, args: readonly unknown[]): Promise<unknown>
  commit(): Promise<void>
  rollback(): Promise<void>
}

type End = 'commit' | 'rollback'

interface Command {
  readonly what: Call | End
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Ended = { readonly error: unknown } | 'committed' | 'rolled back'

class RolledBack extends Error {}

/** Resolves once the transaction is open: where it has to wait for others, it has waited. */
export async function beginTransaction(
  db: Pick<Lockstep, 'transaction'>,
  options?: TransactionOptions,
): Promise<OpenTransaction> {
  const transaction = new Transaction()
  await transaction.begin(db, options)
  return transaction
}

class Transaction implements OpenTransaction {
  readonly #replay = new Replay()
  readonly #waiting: Command[] = []
  /** Taken off the queue, and not answered yet. */
  #current: Command | undefined
  #wake: (() => void) | undefined
  #end: Ended | undefined

  begin(db: Pick<Lockstep, 'transaction'>, options?: TransactionOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const work = async (tx: Queryable): Promise<void> => {
        await this.#replay.run(tx)
        resolve()
        await this.#takeCommands(tx)
      }
      db.transaction(work, options).then(
        () => this.#settle('committed'),
        (error: unknown) => {
          reject(error)
          if (error instanceof RolledBack) this.#settle('rolled back')
          else this.#settle({ error: error instanceof Unrepeatable ? error.told : error })
        },
      )
    })
  }

  call(method: Method, sql: string, args: readonly unknown[]): Promise<unknown> {
    return this.#send({ method, sql, args })
  }

  async commit(): Promise<void> {
    await this.#send('commit')
  }

  /** One that has failed as a whole has been rolled back already. */
  async rollback(): Promise<void> {
    if (typeof this.#end !== 'object') await this.#send('rollback')
  }

  #send(what: Call | End): Promise<unknown> {
    if (this.#end !== undefined) return Promise.reject(this.#hasEnded())
    return new Promise((resolve, reject) => {
      this.#waiting.push({ what, resolve, reject })
      this.#wake?.()
    })
  }

  async #takeCommands(tx: Queryable): Promise<void> {
    for (;;) {
      const command = (this.#current ??= await this.#next())
      if (command === undefined || command.what === 'commit') return
      if (command.what === 'rollback') throw new RolledBack()
      await this.#answer(tx, command, command.what)
      this.#current = undefined
    }
  }

  async #answer(tx: Queryable, command: Command, call: Call): Promise<void> {
    try {
      const value = await runCall(tx, call)
      this.#replay.keep(call, { value })
      command.resolve(value)
    } catch (error) {
      if (mayRunAgain(error)) throw error
      this.#replay.keep(call, { error })
      command.reject(error)
    }
  }

  /** Undefined once the transaction has ended without a command, as one that was idle for too long does. */
  async #next(): Promise<Command | undefined> {
    while (this.#waiting.length === 0 && this.#end === undefined)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.#waiting.shift()
  }

  #settle(end: Ended): void {
    this.#end = end
    const current = this.#current
    this.#current = undefined
    if (typeof end === 'object') current?.reject(end.error)
    else current?.resolve(undefined)
    for (const { reject } of this.#waiting.splice(0)) reject(this.#hasEnded())
    this.#wake?.()
  }

  #hasEnded(): unknown {
    return typeof this.#end === 'object'
      ? this.#end.error
      : new TypeError(
          'This transaction has ended already: begin another one, and await each query before the end',
        )
  }
}
