import type pg from 'pg'
import type { PostgresServer } from '../postgres/connection.ts'
import { lock } from '../postgres/control.ts'

/** One step of DDL, or the like, that takes its time. */
export interface DdlTask {
  /** What no two sessions may make at once. */
  readonly name: string
  /** Runs in a transaction of its own. What an earlier run has made is there. */
  readonly run: (client: pg.Client) => Promise<void>
  /** Behind its commit. */
  readonly done?: () => Promise<void> | void
}

/**
 * Runs tasks in the order given, several at once: PostgreSQL builds an index on one core for most of the time. A process
 * that was killed leaves a server at work that has not noticed; whoever goes on waits for it, name by name.
 * @param client one of the connections, already open
 * @throws the first failure, once those that were under way have ended; no other one begins
 */
export async function runSideBySide(
  server: Pick<PostgresServer, 'connect'>,
  client: pg.Client,
  concurrency: number,
  tasks: readonly DdlTask[],
): Promise<void> {
  const left = [...tasks]
  const work = async (connection: pg.Client): Promise<void> => {
    try {
      for (let task = left.shift(); task !== undefined; task = left.shift()) {
        await inTurn(connection, task)
        await task.done?.()
      }
    } catch (error) {
      left.length = 0
      throw error
    }
  }
  const others = Array.from({ length: Math.min(concurrency, tasks.length) - 1 }, async () => {
    const connection = await server.connect()
    try {
      await connection.query('SET synchronous_commit = on')
      await work(connection)
    } finally {
      await connection.end().catch(() => undefined)
    }
  })
  const ends = await Promise.allSettled([work(client), ...others])
  const failure = ends.find((end) => end.status === 'rejected')
  if (failure !== undefined) throw failure.reason
}

async function inTurn(client: pg.Client, { name, run }: DdlTask): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(`SELECT pg_advisory_xact_lock(${lock.makingClass}, hashtext($1))`, [name])
    await run(client)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}
