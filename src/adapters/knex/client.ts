import { callbackify } from 'node:util'
import type { Knex } from 'knex'
import BetterSqlite3Client, { type KnexQuery } from 'knex/lib/dialects/better-sqlite3/index.js'
import type { Lockstep } from '../../api.ts'
import { findBeneath } from '../../route/beneath.ts'
import { Connection } from '../connection.ts'
import { leftOpen } from '../nested.ts'

/** What knex sends for a transaction of its own; in a nested one it sends savepoints, which are statements. */
const steps: ReadonlyMap<string, (connection: PooledConnection) => Promise<void>> = new Map([
  ['BEGIN;', (connection) => connection.begin()],
  ['COMMIT;', (connection) => connection.commitWhole()],
  ['ROLLBACK', (connection) => connection.rollback()],
])

/** A connection of knex's pool. */
class PooledConnection extends Connection {
  /** Set by knex while one of its transactions has the connection, up to the end of the first nested one. */
  __knexTxId?: string

  /** What begins and ends transactions comes from knex then, and not from a query of the application. */
  get isTransacting(): boolean {
    return this.inTransaction || this.__knexTxId !== undefined
  }

  /** The nested transactions of knex that have not ended. */
  readonly #nested = new Set<string>()

  /** Follows what knex sends for nested transactions. */
  see(sql: string): void {
    if (sql === 'BEGIN;') this.#nested.clear()
    const [, end, name = ''] = /^(RELEASE |ROLLBACK TO )?SAVEPOINT (trx\d+);?$/.exec(sql) ?? []
    if (name !== '' && end === undefined) this.#nested.add(name)
    else this.#nested.delete(name)
  }

  /** @throws TypeError where a nested transaction is open, the half of which would be committed; all is rolled back */
  async commitWhole(): Promise<void> {
    if (this.#nested.size === 0) return this.commit()
    await this.rollback()
    throw leftOpen()
  }
}

/**
 * knex's client for better-sqlite3 over Lockstep: the application builds the same queries, whichever place serves them.
 * `destroy()` closes Lockstep, as that of knex closes the database.
 *
 * @example
 * const db = knex({ client: lockstepClient(await createLockstep(options)), useNullAsDefault: true })
 */
export function lockstepClient(lockstep: Lockstep): typeof Knex.Client {
  const { file, safeIntegers } = findBeneath(lockstep)

  return class LockstepClient extends BetterSqlite3Client {
    constructor(config: Knex.Config) {
      // Without a connection knex has no pool. Those of Lockstep need none, so it holds any number of them.
      super({ ...config, connection: { filename: file.path } })
    }

    override _driver(): null {
      return null
    }

    /** A transaction has a connection to itself, and others go on meanwhile. */
    override poolDefaults(): ReturnType<Knex.Client['poolDefaults']> {
      return { ...super.poolDefaults(), min: 0, max: 100 }
    }

    override async acquireRawConnection(): Promise<PooledConnection> {
      return new PooledConnection(lockstep)
    }

    override async destroyRawConnection(): Promise<void> {}

    /** One whose commit has failed is still in its transaction. */
    override async releaseConnection(connection: PooledConnection): Promise<void> {
      if (connection.inTransaction) await connection.rollback()
      await super.releaseConnection(connection)
    }

    override async _query(connection: PooledConnection, query: KnexQuery): Promise<KnexQuery> {
      connection.see(query.sql)
      const step = connection.isTransacting ? steps.get(query.sql) : undefined
      if (step !== undefined) {
        await step(connection)
        return query
      }
      checkNumbers(query, safeIntegers)
      const bindings = this._formatBindings(query.bindings)
      const { rows, changed } = await connection.execute(query.sql, [bindings])
      if (rows !== null) query.response = rows
      else {
        query.response = changed
        query.context = { lastID: changed.lastInsertRowid, changes: changed.changes }
      }
      return query
    }

    override destroy(callback?: (error: unknown) => void): Promise<void> {
      const destroyed = super.destroy(undefined) as Promise<void>
      const closed = destroyed.then(() => lockstep.close())
      if (callback !== undefined) callbackify(() => closed)(callback)
      return closed
    }
  }
}

/** @throws TypeError where a query wants numbers in another form than all of Lockstep's have */
function checkNumbers({ options }: KnexQuery, safeIntegers: boolean): void {
  const wanted = options?.safeIntegers ?? safeIntegers
  if (wanted === safeIntegers) return
  throw new TypeError(
    `Open Lockstep with sqlite.safeIntegers: ${wanted}: one query alone cannot have its integers otherwise`,
  )
}
