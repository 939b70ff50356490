import type pg from 'pg'
import { isLockstepError } from '../core/errors.ts'
import { sleep } from '../core/wait.ts'
import { setForms, setSearchPath } from '../postgres/connection.ts'
import { lock } from '../postgres/control.ts'
import { wentAway } from '../postgres/errors.ts'
import { lockWithin, unlock } from '../postgres/session-lock.ts'
import { isWornOut } from '../postgres/prepared-names.ts'
import {
  checkPlan,
  runOnPostgres,
  type Method,
  type PostgresPlan,
  type RunContext,
} from '../postgres/statements.ts'
import { createConnectionState } from '../sql/connection-functions.ts'
import type { RealToText } from '../sql/encode-slot.ts'
import { explainPlan, explainRows } from './explain.ts'
import { inTransaction, type PostgresTransaction } from './postgres-transaction.ts'
import type { PostgresChanges } from './schema-changes.ts'

/** Runs the application's statements on PostgreSQL, SERIALIZABLE as they were on SQLite. */
export interface PostgresExecutor {
  read(method: Method, plan: PostgresPlan, args: readonly unknown[]): Promise<unknown>
  write(method: Method, plan: PostgresPlan, args: readonly unknown[]): Promise<unknown>
  /** Rows as EXPLAIN QUERY PLAN gives them, with a line of PostgreSQL's plan each. */
  explain(method: Method, plan: PostgresPlan, args: readonly unknown[]): Promise<unknown>
  transaction<T>(work: (transaction: PostgresTransaction) => Promise<T>): Promise<T>
  /** Opens the pool's connections, as writes that a flip has held all come at once; those that fail are left out. */
  warm(): Promise<void>
}

export interface PostgresExecutorOptions {
  readonly pool: pg.Pool
  /** Another pool for a read from inside of a transaction's function: it must not wait for what those hold. */
  readonly poolOfRead: () => pg.Pool
  /** The schema of the application's tables. */
  readonly schema: string
  readonly safeIntegers: boolean
  /** How often a serialization failure is tried again before the caller gets it. */
  readonly maxRetries: number
  /** What SQLite makes of a REAL as text, and its version, which the application may ask for. */
  readonly toText: RealToText
  readonly sqliteVersion: string
  /** Throws where writes are known to be held: those that waited for a connection need not go to the fence. */
  readonly checkOpen: () => void
  /** Changes of the schema in one transaction on the connection. */
  readonly schemaChanges: (client: pg.PoolClient) => PostgresChanges
}

const isolation = 'SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE'

export function createPostgresExecutor(options: PostgresExecutorOptions): PostgresExecutor {
  const { pool, poolOfRead, maxRetries, schema, checkOpen } = options
  const state = createConnectionState()
  const context: RunContext = { ...options, state, inTransaction: false }
  const acquire = createAcquire(`${isolation}; ${setForms}; ${setSearchPath(schema)}`)

  async function withClient<T>(
    from: pg.Pool,
    work: (client: pg.PoolClient) => Promise<T>,
  ): Promise<T> {
    const client = await acquire(from)
    let broken = false
    try {
      return await work(client)
    } catch (error) {
      broken = isLockstepError(error, 'POSTGRES_UNREACHABLE')
      throw error
    } finally {
      client.release(broken || isWornOut(client))
    }
  }

  const attempt = <T>(
    work: (client: pg.PoolClient) => Promise<T>,
    from: pg.Pool = pool,
  ): Promise<T> =>
    retrySerialization(maxRetries, (alone) =>
      withClient(from, (client) => (alone ? runAlone(client, work) : work(client))),
    )
  const run = (method: Method, plan: PostgresPlan, args: readonly unknown[]): Promise<unknown> =>
    attempt(
      onceChecked(plan, (client) => runOnPostgres(client, plan, method, args, context)),
      poolOfRead(),
    )
  const write: typeof run = (method, plan, args) =>
    attempt(
      onceChecked(plan, (client) => {
        checkOpen()
        return runOnPostgres(client, plan, method, args, context).catch((error: unknown) => {
          throw wentAway(error, 'unknown')
        })
      }),
    )

  const integer = context.safeIntegers ? BigInt : Number

  return {
    read: run,
    write,
    async explain(method, plan, args) {
      const lines = (await run('values', explainPlan(plan), args)) as unknown[][]
      return explainRows(method, lines, integer)
    },
    transaction: (work) =>
      attempt((client) => {
        checkOpen()
        return inTransaction(client, context, options.schemaChanges(client), work)
      }),
    async warm() {
      const free = pool.options.max - (pool.totalCount - pool.idleCount)
      // Held until all are open: one that was released would be the next one's.
      const acquired = await Promise.allSettled(Array.from({ length: free }, () => acquire(pool)))
      for (const one of acquired) if (one.status === 'fulfilled') one.value.release()
    },
  }
}

/** Takes a connection out of a pool; one that is new gets its settings. */
function createAcquire(settings: string): (from: pg.Pool) => Promise<pg.PoolClient> {
  const prepared = new WeakSet<pg.PoolClient>()
  return async (from) => {
    const client = await from.connect().catch((error: unknown) => {
      throw wentAway(error, 'none')
    })
    if (prepared.has(client)) return client
    try {
      await client.query(settings)
    } catch (error) {
      client.release(true)
      throw wentAway(error, 'none')
    }
    prepared.add(client)
    return client
  }
}

/** Most plans need no check, and cost none. */
function onceChecked<T>(
  plan: PostgresPlan,
  work: (client: pg.PoolClient) => Promise<T>,
): (client: pg.PoolClient) => Promise<T> {
  if (plan.check === undefined) return work
  return async (client) => {
    await checkPlan(client, plan)
    return work(client)
  }
}

/** After so many failures a transaction no longer competes. */
const competingTries = 5

/**
 * Serialization failures are PostgreSQL's way to say: again. On a small table almost any two transactions
 * conflict, as they share its pages, so one that keeps losing runs alone in the end and cannot lose.
 * https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html
 */
async function retrySerialization<T>(
  maxRetries: number,
  work: (alone: boolean) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt > competingTries)
    } catch (error) {
      if (!isLockstepError(error, 'SERIALIZATION_FAILED') || attempt > maxRetries) throw error
      await sleep(Math.random() * Math.min(2 ** attempt, 50))
    }
  }
}

/**
 * For how long a transaction that wants to run alone keeps others from beginning. Behind one that stays
 * open longer it competes on, as the others must not stand still for it.
 */
const aloneWaitMs = 100

/**
 * Waits until no transaction writes and keeps others waiting, for the length of one. The lock is taken
 * before the transaction begins: its snapshot must not be older than the wait.
 */
async function runAlone<T>(
  client: pg.PoolClient,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const alone = await lockWithin(client, lock.alone, aloneWaitMs).catch((error: unknown) => {
    throw wentAway(error, 'none')
  })
  if (!alone) return work(client)
  try {
    return await work(client)
  } finally {
    await unlock(client, lock.alone)
  }
}
