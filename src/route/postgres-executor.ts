import type pg from 'pg'
import { isLockstepError, LockstepError } from '../core/errors.ts'
import { sleep } from '../core/wait.ts'
import { isSerializationFailure, postgresError } from '../postgres/errors.ts'
import { runOnPostgres, type PostgresPlan } from '../postgres/statements.ts'
import { analyze } from '../sql/statement.ts'
import { splitScript } from '../sql/script.ts'
import type { Method } from '../sqlite/statements.ts'

/** Runs the application's statements on PostgreSQL, SERIALIZABLE as they were on SQLite. */
export interface PostgresExecutor {
  read(method: Method, plan: PostgresPlan, args: readonly unknown[]): Promise<unknown>
  write(method: Method, plan: PostgresPlan, args: readonly unknown[]): Promise<unknown>
  exec(script: string): Promise<void>
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
      throw postgresError(error)
    })
    let broken = false
    try {
      if (!prepared.has(client)) {
        await client.query(serializable).catch(rethrow)
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

  const run = (method: Method, plan: PostgresPlan, args: readonly unknown[]): Promise<unknown> =>
    withClient((client) => runOnPostgres(client, plan, method, args, safeIntegers))

  const transaction = <T>(work: (call: PostgresCall) => Promise<T>): Promise<T> =>
    retrySerialization(maxRetries, () =>
      withClient((client) => inTransaction(client, safeIntegers, work)),
    )

  return {
    read: run,
    write: (method, plan, args) => retrySerialization(maxRetries, () => run(method, plan, args)),
    transaction,
    exec: (script) =>
      transaction(async (call) => {
        for (const sql of splitScript(script)) {
          const statement = analyze(sql)
          if (!['select', 'insert', 'update', 'delete'].includes(statement.kind)) {
            throw new LockstepError(
              'SQL_UNSUPPORTED',
              `A statement of kind ${statement.kind} does not run on PostgreSQL: ${sql}`,
            )
          }
          await call(
            statement.returnsRows ? 'all' : 'run',
            { statement, name: '', rowidColumn: null },
            [],
          )
        }
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
  try {
    await Promise.all([
      client.query('BEGIN ISOLATION LEVEL SERIALIZABLE'),
      client.query('SELECT lockstep.enter()'),
    ]).catch(rethrow)
    const result = await work(async (method, plan, args) => {
      // A savepoint of the application must outlive the statement that makes it.
      if (plan.statement.kind === 'transaction')
        return runOnPostgres(client, plan, method, args, safeIntegers)
      await client.query('SAVEPOINT statement').catch(rethrow)
      try {
        const rows = await runOnPostgres(client, plan, method, args, safeIntegers)
        await client.query('RELEASE SAVEPOINT statement').catch(rethrow)
        return rows
      } catch (error) {
        if (!isSerializationFailure((error as Error).cause))
          await client.query('ROLLBACK TO SAVEPOINT statement').catch(rethrow)
        throw error
      }
    })
    const { command } = await client.query('COMMIT').catch(rethrow)
    if (command !== 'COMMIT')
      throw new LockstepError(
        'SERIALIZATION_FAILED',
        'The transaction was rolled back by PostgreSQL',
      )
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    // What the application threw reaches its caller as it is.
    throw error
  }
}

function rethrow(error: unknown): never {
  throw postgresError(error)
}

/** Serialization failures are PostgreSQL's way to say: again. https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html */
async function retrySerialization<T>(maxRetries: number, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const again = error instanceof LockstepError && error.code === 'SERIALIZATION_FAILED'
      if (!again || attempt > maxRetries) throw error
      await sleep(Math.random() * Math.min(2 ** attempt, 100))
    }
  }
}
