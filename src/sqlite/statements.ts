import type { Connection, Statement } from './connection.ts'
import { sqliteError } from './errors.ts'

/** How a statement's result is wanted: objects, the first object, arrays, or what it changed. */
export type Method = 'all' | 'get' | 'values' | 'run'

export interface RunResult {
  changes: number
  lastInsertRowid: number | bigint
}

/** The most statements that one connection keeps prepared; the one used longest ago goes first. */
const maxPrepared = 1000

/** Prepared statements of one connection. Errors are Lockstep's, with SQLite's codes. */
export class SqliteStatements {
  readonly db: Connection
  readonly #safeIntegers: boolean
  readonly #objects = new Map<string, Statement>()
  readonly #arrays = new Map<string, Statement>()

  constructor(db: Connection, safeIntegers: boolean) {
    this.db = db
    this.#safeIntegers = safeIntegers
  }

  /** @param args as better-sqlite3 takes them. */
  execute(method: Method, sql: string, args: readonly unknown[]): unknown {
    try {
      if (method === 'values') return this.arraysOf(sql).all(...args)
      const statement = this.prepare(sql)
      if (method === 'run') return statement.run(...args)
      return method === 'get' ? statement.get(...args) : statement.all(...args)
    } catch (error) {
      throw sqliteError(error)
    }
  }

  prepare(sql: string): Statement {
    const known = this.#objects.get(sql)
    if (known !== undefined) return known
    try {
      return remember(this.#objects, sql, this.db.prepare(sql).safeIntegers(this.#safeIntegers))
    } catch (error) {
      throw sqliteError(error)
    }
  }

  /** Its rows are arrays. */
  arraysOf(sql: string): Statement {
    return (
      this.#arrays.get(sql) ??
      remember(this.#arrays, sql, this.db.prepare(sql).safeIntegers(this.#safeIntegers).raw())
    )
  }
}

function remember(cache: Map<string, Statement>, sql: string, statement: Statement): Statement {
  if (cache.size >= maxPrepared) {
    const [oldest] = cache.keys()
    if (oldest !== undefined) cache.delete(oldest)
  }
  cache.set(sql, statement)
  return statement
}
