import { type Query, type RelationalSchemaConfig, type TablesRelationalConfig } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { WithCacheConfig } from 'drizzle-orm/cache/core/types'
import {
  SQLiteSession,
  SQLiteTransaction,
  type PreparedQueryConfig,
  type SelectedFieldsOrdered,
  type SQLiteAsyncDialect,
  type SQLiteExecuteMethod,
  type SQLiteTransactionConfig,
} from 'drizzle-orm/sqlite-core'
import type { Lockstep, Queryable, RunResult } from '../../api.ts'
import { runLevel, type Level } from '../nested.ts'
import { nameEntity, type BatchInternals } from './internals.ts'
import { LockstepPreparedQuery, type BuiltQuery, type QueryContext } from './prepared-query.ts'

type Schema = Record<string, unknown>
type Tables = TablesRelationalConfig

/** What a database, its transactions and their sessions have in common. */
export interface SessionContext<TSchema extends Tables> extends QueryContext {
  readonly dialect: SQLiteAsyncDialect
  readonly schema: RelationalSchemaConfig<TSchema> | undefined
}

/** How a session runs several statements as one. */
interface Grouped {
  transaction<T>(
    work: (level: Level) => Promise<T>,
    config: SQLiteTransactionConfig | undefined,
  ): Promise<T>
}

/** drizzle's queries on Lockstep: of a database, or of one level of a transaction. */
export class LockstepSession<
  TFullSchema extends Schema,
  TSchema extends Tables,
> extends SQLiteSession<'async', RunResult, TFullSchema, TSchema> {
  static {
    nameEntity(this, 'LockstepSession')
  }

  readonly #queries: Queryable
  readonly #grouped: Grouped
  readonly #context: SessionContext<TSchema>

  constructor(queries: Queryable, grouped: Grouped, context: SessionContext<TSchema>) {
    super(context.dialect)
    this.#queries = queries
    this.#grouped = grouped
    this.#context = context
  }

  override prepareQuery<T extends Omit<PreparedQueryConfig, 'type' | 'run'>>(
    query: Query,
    fields: SelectedFieldsOrdered | undefined,
    executeMethod: SQLiteExecuteMethod,
    isResponseInArrayMode: boolean,
    mapRows?: BuiltQuery['mapRows'],
    metadata?: BuiltQuery['metadata'],
    cacheConfig?: WithCacheConfig,
  ): LockstepPreparedQuery<T> {
    const built: BuiltQuery = {
      query,
      fields,
      executeMethod,
      isResponseInArrayMode,
      mapRows,
      metadata,
      cacheConfig,
    }
    return new LockstepPreparedQuery<T>(this.#queries, built, this.#context)
  }

  /** All of them in one transaction, in which each has the answer that it has alone. */
  async batch(items: readonly BatchItem<'sqlite'>[]): Promise<unknown[]> {
    const prepared = items.map((item) => (item as unknown as BatchInternals)._prepare())
    return this.#grouped.transaction(async ({ queries }) => {
      const answers: unknown[] = []
      for (const query of prepared) answers.push(await this.#runOn(queries, query))
      return answers
    }, undefined)
  }

  override transaction<T>(
    work: (tx: LockstepTransaction<TFullSchema, TSchema>) => Promise<T>,
    config?: SQLiteTransactionConfig,
  ): Promise<T> {
    return this.#grouped.transaction(
      (level) => work(transactionOn<TFullSchema, TSchema>(level, this.#context, 0)),
      config,
    )
  }

  #runOn(queries: Queryable, prepared: ReturnType<BatchInternals['_prepare']>): Promise<unknown> {
    if (prepared instanceof LockstepPreparedQuery) return prepared.on(queries).execute()
    const { method = 'all', ...query } = prepared.getQuery()
    const executeMethod = method === 'values' ? 'all' : method
    const raw = this.prepareQuery(query, undefined, executeMethod, false).on(queries)
    return raw[method]()
  }
}

/** A transaction; those inside of it are savepoints. */
export class LockstepTransaction<
  TFullSchema extends Schema,
  TSchema extends Tables,
> extends SQLiteTransaction<'async', RunResult, TFullSchema, TSchema> {
  static {
    nameEntity(this, 'LockstepTransaction')
  }

  readonly #level: Level
  readonly #context: SessionContext<TSchema>

  constructor(
    level: Level,
    session: LockstepSession<TFullSchema, TSchema>,
    context: SessionContext<TSchema>,
    nestedIndex: number,
  ) {
    super('async', context.dialect, session, context.schema, nestedIndex)
    this.#level = level
    this.#context = context
  }

  override transaction<T>(
    work: (tx: LockstepTransaction<TFullSchema, TSchema>) => Promise<T>,
  ): Promise<T> {
    return this.#level.nested((inner) =>
      work(transactionOn<TFullSchema, TSchema>(inner, this.#context, this.nestedIndex + 1)),
    )
  }
}

function transactionOn<TFullSchema extends Schema, TSchema extends Tables>(
  level: Level,
  context: SessionContext<TSchema>,
  nestedIndex: number,
): LockstepTransaction<TFullSchema, TSchema> {
  const inside: Grouped = { transaction: (work) => level.nested(work) }
  const session = new LockstepSession<TFullSchema, TSchema>(level.queries, inside, context)
  return new LockstepTransaction(level, session, context, nestedIndex)
}

/** The session of a database, whose transactions are Lockstep's. */
export function sessionOn<TFullSchema extends Schema, TSchema extends Tables>(
  db: Lockstep,
  context: SessionContext<TSchema>,
): LockstepSession<TFullSchema, TSchema> {
  const whole: Grouped = {
    transaction: (work, { behavior } = {}) =>
      db.transaction((tx) => runLevel(tx, work), behavior === undefined ? {} : { mode: behavior }),
  }
  return new LockstepSession(db, whole, context)
}
