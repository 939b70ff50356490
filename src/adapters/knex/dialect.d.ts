/** knex's own dialect, which has no types; by this path its documentation has dialects extended. */
declare module 'knex/lib/dialects/better-sqlite3/index.js' {
  import type { Knex } from 'knex'

  interface QueryOptions {
    readonly safeIntegers?: boolean
  }

  /** A statement on its way through knex; `response` and `context` are what its results are made of. */
  export interface KnexQuery {
    readonly sql: string
    readonly bindings?: readonly unknown[]
    readonly options?: QueryOptions
    response?: unknown
    context?: { readonly lastID: number | bigint | undefined; readonly changes: number }
  }

  export default class BetterSqlite3Client extends Knex.Client {
    constructor(config: Knex.Config)
    _driver(): unknown
    _query(connection: unknown, query: KnexQuery): Promise<KnexQuery>
    /** Dates as milliseconds, booleans as 0 and 1. */
    _formatBindings(bindings: readonly unknown[] | undefined): unknown[]
    override poolDefaults(): ReturnType<Knex.Client['poolDefaults']>
  }
}
