import type { Plan } from '../../route/plans.ts'
import type { Connection, Statement } from '../../sqlite/connection.ts'
import type { SyncGuard } from './sync-guard.ts'

type Native = Statement

/** A statement of better-sqlite3, each of whose calls the guard has let through. */
export class SyncStatement implements Native {
  readonly database: Connection
  readonly #native: Native
  readonly #plan: Plan
  readonly #guard: SyncGuard
  #bound: readonly unknown[] = []

  constructor(native: Native, plan: Plan, guard: SyncGuard, database: Connection) {
    this.#native = native
    this.#plan = plan
    this.#guard = guard
    this.database = database
  }

  get source(): string {
    return this.#native.source
  }

  get reader(): boolean {
    return this.#native.reader
  }

  get readonly(): boolean {
    return this.#native.readonly
  }

  get busy(): boolean {
    return this.#native.busy
  }

  run(...params: unknown[]): ReturnType<Native['run']> {
    return this.#call(params, () => this.#native.run(...params))
  }

  get(...params: unknown[]): unknown {
    return this.#call(params, () => this.#native.get(...params))
  }

  all(...params: unknown[]): unknown[] {
    return this.#call(params, () => this.#native.all(...params))
  }

  iterate(...params: unknown[]): IterableIterator<unknown> {
    return this.#call(params, () => this.#native.iterate(...params))
  }

  pluck(...toggle: [] | [boolean?]): this {
    this.#native.pluck(...toggle)
    return this
  }

  expand(...toggle: [] | [boolean?]): this {
    this.#native.expand(...toggle)
    return this
  }

  raw(...toggle: [] | [boolean?]): this {
    this.#native.raw(...toggle)
    return this
  }

  bind(...params: unknown[]): this {
    this.#native.bind(...params)
    this.#bound = params
    return this
  }

  columns(): ReturnType<Native['columns']> {
    return this.#native.columns()
  }

  safeIntegers(...toggle: [] | [boolean?]): this {
    this.#native.safeIntegers(...toggle)
    return this
  }

  #call<T>(params: readonly unknown[], work: () => T): T {
    const args = this.#bound.length === 0 ? params : this.#bound
    return this.#guard.run(this.#plan, args, work)
  }
}
