import {
  createTableRelationsHelpers,
  DefaultLogger,
  extractTablesRelationalConfig,
  type DrizzleConfig,
  type ExtractTablesWithRelations,
  type Logger,
  type RelationalSchemaConfig,
} from 'drizzle-orm'
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch'
import { NoopCache, type Cache, type MutationOption } from 'drizzle-orm/cache/core'
import { BaseSQLiteDatabase, SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core'
import type { Lockstep, RunResult } from '../../api.ts'
import { isLockstep } from '../is-lockstep.ts'
import { nameEntity } from './internals.ts'
import { sessionOn, type LockstepSession } from './session.ts'

type Schema = Record<string, unknown>

/** drizzle's database over Lockstep, asynchronous as those of libsql and D1 are. */
export class LockstepDatabase<
  TSchema extends Schema = Record<string, never>,
> extends BaseSQLiteDatabase<'async', RunResult, TSchema> {
  static {
    nameEntity(this, 'LockstepDatabase')
  }

  readonly #session: LockstepSession<TSchema, ExtractTablesWithRelations<TSchema>>

  constructor(
    dialect: SQLiteAsyncDialect,
    session: LockstepSession<TSchema, ExtractTablesWithRelations<TSchema>>,
    schema: RelationalSchemaConfig<ExtractTablesWithRelations<TSchema>> | undefined,
  ) {
    super('async', dialect, session, schema)
    this.#session = session
  }

  /** Runs queries in one transaction, and answers with the result of each. */
  batch<U extends BatchItem<'sqlite'>, T extends Readonly<[U, ...U[]]>>(
    batch: T,
  ): Promise<BatchResponse<T>> {
    return this.#session.batch(batch) as Promise<BatchResponse<T>>
  }
}

/**
 * The application's drizzle over Lockstep, in the place of drizzle's driver.
 *
 * @example
 * import { createLockstep } from 'lockstep'
 * import { drizzle } from 'lockstep/drizzle'
 *
 * const client = await createLockstep({ sqlite: { path: './app.db' } })
 * const db = drizzle(client, { logger: true })
 *
 * @param client closed by whoever opened it
 * @throws DrizzleQueryError of its queries; `cause` is the LockstepError, with SQLite's code.
 */
export function drizzle<TSchema extends Schema = Record<string, never>>(
  client: Lockstep,
  config: DrizzleConfig<TSchema> = {},
): LockstepDatabase<TSchema> & { $client: Lockstep } {
  if (!isLockstep(client)) throw notOpened()
  const { casing, cache } = config
  const dialect = new SQLiteAsyncDialect(casing === undefined ? {} : { casing })
  const schema = relationsOf(config.schema)
  const context = { dialect, schema, logger: loggerOf(config.logger), cache: cache ?? noCache }
  const session = sessionOn<TSchema, ExtractTablesWithRelations<TSchema>>(client, context)
  const db = new LockstepDatabase<TSchema>(dialect, session, schema)
  if (cache !== undefined) shareCache(db, cache)
  return Object.assign(db, { $client: client })
}

const noCache: Cache = new NoopCache()

function notOpened(): TypeError {
  return new TypeError(
    'Expected the first argument of drizzle to be what createLockstep() resolves with: await it first',
  )
}

function relationsOf<TSchema extends Schema>(
  fullSchema: TSchema | undefined,
): RelationalSchemaConfig<ExtractTablesWithRelations<TSchema>> | undefined {
  if (fullSchema === undefined) return undefined
  const { tables, tableNamesMap } = extractTablesRelationalConfig<
    ExtractTablesWithRelations<TSchema>
  >(fullSchema, createTableRelationsHelpers)
  return { fullSchema, schema: tables, tableNamesMap }
}

const silent: Logger = { logQuery: () => undefined }

function loggerOf(logger: DrizzleConfig['logger']): Logger {
  if (logger === true) return new DefaultLogger()
  return logger === undefined || logger === false ? silent : logger
}

/** `db.$cache.invalidate()`, which drizzle's drivers put on the application's cache itself. */
function shareCache(db: object, cache: Cache): void {
  const invalidate = (changed: MutationOption): Promise<void> => cache.onMutate(changed)
  Object.assign(db, { $cache: Object.assign(cache, { invalidate }) })
}
