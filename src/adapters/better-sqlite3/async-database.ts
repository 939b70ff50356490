import { AsyncLocalStorage } from 'node:async_hooks'
import type { Lockstep, Queryable, TransactionOptions } from '../../api.ts'
import { findBeneath } from '../../route/beneath.ts'
import type { Connection } from '../../sqlite/connection.ts'
import { runLevel, type Level } from '../nested.ts'
import { returnsRows } from '../returns-rows.ts'
import { AsyncStatement, checkExact, type StatementGround } from './async-statement.ts'

/** A function that runs in a transaction, and its kinds, as better-sqlite3's `transaction` gives them. */
export interface AsyncTransaction<A extends unknown[], R> {
  (...args: A): Promise<R>
  readonly default: AsyncTransaction<A, R>
  readonly deferred: AsyncTransaction<A, R>
  readonly immediate: AsyncTransaction<A, R>
  readonly exclusive: AsyncTransaction<A, R>
  readonly database: AsyncDatabase
}

/**
 * better-sqlite3's Database with promises, in every stage. Statements that are run inside of a transaction's
 * function belong to it, as they do there; a transaction inside of one is a savepoint.
 *
 * @example
 * const db = asyncDatabase(await createLockstep({ sqlite: { path: './app.db' } }))
 * const user = await db.prepare('SELECT * FROM users WHERE id = ?').get(7)
 */
export function asyncDatabase(lockstep: Lockstep): AsyncDatabase {
  return new AsyncDatabase(lockstep)
}

export class AsyncDatabase implements AsyncDisposable {
  readonly lockstep: Lockstep
  readonly memory: false = false
  readonly readonly: false = false
  readonly #file: {
    readonly reader: Connection
    readonly writer: Connection
    readonly path: string
  }
  readonly #ground: StatementGround
  readonly #level = new AsyncLocalStorage<Level>()
  #safeIntegers = false
  #open = true

  constructor(lockstep: Lockstep) {
    const { file, safeIntegers } = findBeneath(lockstep)
    this.lockstep = lockstep
    this.#file = file
    this.#ground = {
      database: lockstep,
      transaction: () => this.#level.getStore()?.queries,
      reader: file.reader,
      exact: safeIntegers,
    }
  }

  get name(): string {
    return this.#file.path
  }

  get open(): boolean {
    return this.#open && this.#file.reader.open
  }

  /** Whether the call is made inside of a transaction's function. */
  get inTransaction(): boolean {
    return this.#level.getStore() !== undefined
  }

  prepare<Row = unknown>(source: string): AsyncStatement<Row> {
    return new AsyncStatement<Row>(source, this.#ground, this.#safeIntegers)
  }

  async exec(source: string): Promise<this> {
    checkText(source)
    await this.#queries().exec(source)
    return this
  }

  /** @param work may run again on PostgreSQL, after a serialization failure: it has no effects outside of the database */
  transaction<A extends unknown[], R>(
    work: (...args: A) => Promise<R> | R,
  ): AsyncTransaction<A, R> {
    if (typeof work !== 'function') throw new TypeError('Expected first argument to be a function')
    const inTransaction = this.#inTransaction.bind(this)
    const by = (options?: TransactionOptions) =>
      function (this: unknown, ...args: A): Promise<R> {
        return inTransaction(async () => Reflect.apply(work, this, args) as R, options)
      }
    const kinds = {
      default: by(),
      deferred: by({ mode: 'deferred' }),
      immediate: by({ mode: 'immediate' }),
      exclusive: by({ mode: 'exclusive' }),
    }
    for (const kind of Object.values(kinds)) Object.assign(kind, kinds, { database: this })
    return kinds.default as AsyncTransaction<A, R>
  }

  async pragma(source: string, options: { simple?: boolean } = {}): Promise<unknown> {
    checkText(source)
    if (typeof options !== 'object' || options === null)
      throw new TypeError('Expected second argument to be an options object')
    const { simple } = { simple: false, ...options }
    if (typeof simple !== 'boolean')
      throw new TypeError('Expected the "simple" option to be a boolean')
    const sql = `PRAGMA ${source}`
    if (!returnsRows(sql)) {
      await this.#queries().run(sql)
      return simple ? undefined : []
    }
    const statement = this.prepare(sql)
    return simple ? statement.pluck().get() : statement.all()
  }

  defaultSafeIntegers(toggle: boolean = true): this {
    checkExact(this.#ground.exact, toggle)
    this.#safeIntegers = toggle
    return this
  }

  /**
   * Defines a function where SQLite serves. PostgreSQL has none of it: a statement that calls it fails there with
   * `no such function` and its name, unless an override gives that statement a form of its own.
   */
  function(...definition: unknown[]): this {
    return this.#define('function', definition)
  }

  /** As `function`. */
  aggregate(...definition: unknown[]): this {
    return this.#define('aggregate', definition)
  }

  table(): never {
    throw notHere('Virtual tables that the application defines')
  }

  loadExtension(): never {
    throw notHere('Extensions')
  }

  /** An online copy of the SQLite file, which in every stage holds what is committed or follows it. */
  backup(
    destination: string,
    options?: Parameters<Connection['backup']>[1],
  ): ReturnType<Connection['backup']> {
    return this.#file.reader.backup(destination, options)
  }

  /** Closes Lockstep. */
  async close(): Promise<this> {
    this.#open = false
    await this.lockstep.close()
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #queries(): Queryable {
    return this.#level.getStore()?.queries ?? this.lockstep
  }

  #inTransaction<R>(work: () => Promise<R>, options?: TransactionOptions): Promise<R> {
    const inside = (level: Level): Promise<R> => this.#level.run(level, work)
    const outer = this.#level.getStore()
    if (outer !== undefined) return outer.nested(inside)
    return this.lockstep.transaction((tx) => runLevel(tx, inside), options)
  }

  /** On each connection that runs the application's statements. */
  #define(kind: 'function' | 'aggregate', definition: readonly unknown[]): this {
    const { reader, writer } = this.#file
    for (const connection of [writer, reader]) {
      const define = connection[kind] as (...definition: readonly unknown[]) => unknown
      Reflect.apply(define, connection, definition)
    }
    return this
  }
}

function checkText(source: unknown): void {
  if (typeof source !== 'string') throw new TypeError('Expected first argument to be a string')
}

function notHere(what: string): TypeError {
  return new TypeError(
    `${what} are of SQLite alone, and PostgreSQL has no form of them. Give them to each connection with ` +
      'the option sqlite.setup of createLockstep()',
  )
}
