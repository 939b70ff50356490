import type pg from 'pg'
import { sleep } from '../core/wait.ts'
import type { PostgresServer } from './connection.ts'
import { durably } from './control.ts'
import { isUnreachable, stateOf } from './errors.ts'

/** A transaction rolls itself back by throwing this from its work; `inTransaction` returns the result. */
export class Rollback<T> {
  readonly result: T
  constructor(result: T) {
    this.result = result
  }
}

/** How often a transaction that met a lock tries again, and how long it lets others run in between. */
const maxTries = 20
const restMs = 50

/**
 * Runs one of Lockstep's own transactions on a connection of its own. It commits when `work` resolves,
 * and rolls back when it throws or resolves with a `Rollback`. Where it deadlocks with another one, or
 * waits for a lock longer than `lockTimeoutMs`, it runs again, some times.
 * @param lockTimeoutMs how long to wait for a lock: others queue up behind the wait
 */
export async function inTransaction<T>(
  server: PostgresServer,
  work: (client: pg.PoolClient) => Promise<T | Rollback<T>>,
  lockTimeoutMs?: number,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(server, work, lockTimeoutMs)
    } catch (error) {
      const state = stateOf(error)
      if ((state !== '40P01' && state !== '55P03') || attempt === maxTries) throw error
      await sleep(restMs)
    }
  }
}

async function runOnce<T>(
  server: PostgresServer,
  work: (client: pg.PoolClient) => Promise<T | Rollback<T>>,
  lockTimeoutMs: number | undefined,
): Promise<T> {
  const client = await server.control.connect()
  let broken = false
  try {
    await client.query('BEGIN')
    await client.query(`SELECT ${durably}`)
    if (lockTimeoutMs !== undefined) await client.query(`SET LOCAL lock_timeout = ${lockTimeoutMs}`)
    const result = await work(client)
    await client.query(result instanceof Rollback ? 'ROLLBACK' : 'COMMIT')
    return result instanceof Rollback ? result.result : result
  } catch (error) {
    broken = isUnreachable(error)
    if (!broken) await client.query('ROLLBACK').catch(() => (broken = true))
    throw error
  } finally {
    client.release(broken)
  }
}
