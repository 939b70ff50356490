import type pg from 'pg'
import { isLockstepError, LockstepError } from '../core/errors.ts'
import { sleep } from '../core/wait.ts'
import { lock } from '../postgres/control.ts'
import { isSerializationFailure, stateOf, wentAway } from '../postgres/errors.ts'
import { runOnPostgres, type PostgresPlan } from '../postgres/statements.ts'
import type { Method } from '../sqlite/statements.ts'

/** Runs the application's statements on PostgreSQL, SERIALIZABLE as they were on SQLite. */
export interface PostgresExecutor {
  read(method: Method, plan: PostgresPlan, args: readonly unknown[]): Promise<unknown>
  write(method: Method, plan: PostgresPlan, args: readonly unknown[]): Promise<unknown>
  /** All of them in one transaction, without parameters. */
  exec(plans: readonly PostgresPlan[]): Promise<void>
  transaction<T>(work: (call: PostgresCall) => Promise<T>): Promise<T>
}

export type PostgresCall = (
  method: Method,
  plan: PostgresPlan,
  args: readonly unknown[],
) => Promise<unknown>

export interface PostgresExecutorOptions {
  readonly pool: pg.Pool
  readonly safeIntegers: boolean
  /** How often a serialization failure is tried again before the caller gets it. */
  readonly maxRetries: number
}

const serializable = 'SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE'

export function createPostgresExecutor(options: PostgresExecutorOptions): PostgresExecutor {
  const { pool, safeIntegers, maxRetries } = options
  const prepared = new WeakSet<pg.PoolClient>()

  async function withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch((error: unknown) => {
      throw wentAway(error, 'none')
    })
    let broken = false
    try {
      if (!prepared.has(client)) {
        await client.query(serializable).catch((error: unknown) => {
          throw wentAway(error, 'none')
        })
        prepared.add(client)
      }
      return await work(client)
    } catch (error) {
      broken = isLockstepError(error, 'POSTGRES_UNREACHABLE')
      throw error
    } finally {
      client.release(broken)
    }
  }

  const attempt = <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> =>
    retrySerialization(maxRetries, (alone) =>
      withClient((client) => (alone ? runAlone(client, work) : work(client))),
    )
  const run = (method: Method, plan: PostgresPlan, args: readonly unknown[]): Promise<unknown> =>
    attempt((client) => runOnPostgres(client, plan, method, args, safeIntegers))
  const write: typeof run = (method, plan, args) =>
    attempt((client) =>
      runOnPostgres(client, plan, method, args, safeIntegers).catch((error: unknown) => {
        throw wentAway(error, 'unknown')
      }),
    )
  const transaction = <T>(work: (call: PostgresCall) => Promise<T>): Promise<T> =>
    attempt((client) => inTransaction(client, safeIntegers, work))

  return {
    read: run,
    write,
    transaction,
    exec: (plans) =>
      transaction(async (call) => {
        // Without a name they are not kept prepared: a script runs once.
        for (const plan of plans)
          await call(plan.statement.returnsRows ? 'all' : 'run', { ...plan, name: '' }, [])
      }),
  }
}

/**
 * One transaction. The fence is passed at its start, so that it cannot be refused half-way; and each
 * statement has a savepoint, so that one that fails leaves the transaction usable, as on SQLite.
 */
async function inTransaction<T>(
  client: pg.PoolClient,
  safeIntegers: boolean,
  work: (call: PostgresCall) => Promise<T>,
): Promise<T> {
  // A transaction whose COMMIT was not sent has certainly been rolled back.
  let outcome: 'none' | 'unknown' = 'none'
  let inWork = false
  try {
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT lockstep.enter()')
    inWork = true
    const result = await work(async (method, plan, args) => {
      const run = (): Promise<unknown> => runOnPostgres(client, plan, method, args, safeIntegers)
      // A savepoint of the application must outlive the statement that makes it.
      return (plan.statement.kind === 'transaction' ? run() : inSavepoint(client, run)).catch(
        (error: unknown) => {
          throw wentAway(error, 'none')
        },
      )
    })
    inWork = false
    outcome = 'unknown'
    const { command } = await client.query('COMMIT')
    if (command !== 'COMMIT')
      throw new LockstepError(
        'SERIALIZATION_FAILED',
        'The transaction was rolled back by PostgreSQL',
      )
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    // What the application throws goes through to it as it is.
    throw inWork ? error : wentAway(error, outcome)
  }
}

async function inSavepoint<T>(client: pg.PoolClient, work: () => Promise<T>): Promise<T> {
  await client.query('SAVEPOINT statement')
  try {
    const rows = await work()
    await client.query('RELEASE SAVEPOINT statement')
    return rows
  } catch (error) {
    if (!isSerializationFailure((error as Error).cause))
      await client.query('ROLLBACK TO SAVEPOINT statement').catch(() => undefined)
    throw error
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
  if (!(await lockAlone(client))) return work(client)
  try {
    return await work(client)
  } finally {
    // Where the connection is gone the lock is too.
    await client.query(`SELECT pg_advisory_unlock(${lock.alone})`).catch(() => undefined)
  }
}

async function lockAlone(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query(`SET lock_timeout = ${aloneWaitMs}`)
    try {
      await client.query(`SELECT pg_advisory_lock(${lock.alone})`)
      return true
    } catch (error) {
      if (stateOf(error) === '55P03') return false
      throw error
    } finally {
      await client.query('RESET lock_timeout')
    }
  } catch (error) {
    throw wentAway(error, 'none')
  }
}
