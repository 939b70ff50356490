import { fillPlaceholders, type Logger, type Query } from 'drizzle-orm'
import type { Cache } from 'drizzle-orm/cache/core'
import type { WithCacheConfig } from 'drizzle-orm/cache/core/types'
import {
  SQLitePreparedQuery,
  type PreparedQueryConfig,
  type SelectedFieldsOrdered,
  type SQLiteExecuteMethod,
} from 'drizzle-orm/sqlite-core'
import type { Queryable, RunResult } from '../../api.ts'
import { copyJoins, mapRow, nameEntity, withCache } from './internals.ts'

/** What a query needs beside its text. */
export interface QueryContext {
  readonly logger: Logger
  readonly cache: Cache
}

/** A query as drizzle has built it. */
export interface BuiltQuery {
  readonly query: Query
  /** What the application selected; undefined for raw SQL, whose rows are objects. */
  readonly fields: SelectedFieldsOrdered | undefined
  readonly executeMethod: SQLiteExecuteMethod
  readonly isResponseInArrayMode: boolean
  /** Makes the answer of a relational query. */
  readonly mapRows: ((rows: unknown[][]) => unknown) | undefined
  readonly metadata:
    | { readonly type: 'select' | 'update' | 'delete' | 'insert'; readonly tables: string[] }
    | undefined
  readonly cacheConfig: WithCacheConfig | undefined
}

type Values = Record<string, unknown>

/**
 * One query, with or without placeholders, on a database or in a transaction.
 * Failures are drizzle's DrizzleQueryError; its `cause` is the LockstepError, with SQLite's code.
 */
export class LockstepPreparedQuery<
  T extends Omit<PreparedQueryConfig, 'type' | 'run'> = PreparedQueryConfig,
> extends SQLitePreparedQuery<{
  type: 'async'
  run: RunResult
  all: T['all']
  get: T['get']
  values: T['values']
  execute: T['execute']
}> {
  static {
    nameEntity(this, 'LockstepPreparedQuery')
  }

  readonly #queries: Queryable
  readonly #built: BuiltQuery
  readonly #context: QueryContext

  constructor(queries: Queryable, built: BuiltQuery, context: QueryContext) {
    super(
      'async',
      built.executeMethod,
      built.query,
      context.cache,
      built.metadata,
      built.cacheConfig,
    )
    this.#queries = queries
    this.#built = built
    this.#context = context
  }

  /** The same query on other ground: in the transaction of a batch. */
  on(queries: Queryable): LockstepPreparedQuery<T> {
    const copy = new LockstepPreparedQuery<T>(queries, this.#built, this.#context)
    copyJoins(this, copy)
    return copy
  }

  run(values?: Values): Promise<RunResult> {
    return this.#execute(values, (sql, params) => this.#queries.run(sql, params))
  }

  async all(values?: Values): Promise<T['all']> {
    const { fields, mapRows } = this.#built
    if (fields === undefined && mapRows === undefined)
      return this.#execute(values, (sql, params) => this.#queries.all(sql, params))
    const rows = await this.values(values)
    if (mapRows !== undefined) return mapRows(rows)
    return rows.map((row) => mapRow(this, fields as SelectedFieldsOrdered, row))
  }

  async get(values?: Values): Promise<T['get']> {
    const { fields, mapRows } = this.#built
    if (fields === undefined && mapRows === undefined)
      return this.#execute(values, (sql, params) => this.#queries.get(sql, params))
    // As arrays: two columns of one name would be one as an object.
    const [row] = await this.values(values)
    if (row === undefined) return undefined
    return mapRows === undefined
      ? mapRow(this, fields as SelectedFieldsOrdered, row)
      : mapRows([row])
  }

  values(values?: Values): Promise<unknown[][]> {
    return this.#execute(values, (sql, params) => this.#queries.values<unknown[]>(sql, params))
  }

  /** Asked by drizzle's builders. */
  isResponseInArrayMode(): boolean {
    return this.#built.isResponseInArrayMode
  }

  async #execute<R>(
    values: Values | undefined,
    run: (sql: string, params: unknown[]) => Promise<R>,
  ): Promise<R> {
    const { sql } = this.#built.query
    const params = fillPlaceholders(this.#built.query.params, values ?? {})
    this.#context.logger.logQuery(sql, params)
    return withCache(this, sql, params, () => run(sql, params))
  }
}
