import type pg from 'pg'
import { isLockstepError } from '../core/errors.ts'
import { within } from '../core/wait.ts'
import type { PostgresServer } from './connection.ts'
import { isUnreachable } from './errors.ts'

/** A few connections for reads beside the application's, which never waits for them. */
export interface ReadConnections {
  /**
   * Runs `work` on a connection of its own. After `timeoutMs` the connection is given up with what runs on it,
   * however the server behaves.
   * @param what runs, for the error: a read unless it says something else
   */
  run<T>(timeoutMs: number, work: (client: pg.Client) => Promise<T>, what?: string): Promise<T>
  close(): Promise<void>
}

/** @param settings is run on each connection first; reads that change something are refused */
export function createReadConnections(server: PostgresServer, settings: string): ReadConnections {
  const free: pg.Client[] = []
  let closed = false
  const acquire = async (): Promise<pg.Client> => {
    const known = free.pop()
    if (known !== undefined) return known
    const client = await server.connect()
    const forget = (): void => {
      const at = free.indexOf(client)
      if (at >= 0) free.splice(at, 1)
    }
    client.once('end', forget)
    client.once('error', forget)
    // A read of one statement sees one snapshot; SERIALIZABLE would make the application's own writes fail.
    await client.query(
      `SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY; ${settings}`,
    )
    return client
  }
  const release = (client: pg.Client | undefined): void => {
    if (closed) giveUp(client)
    else if (client !== undefined) free.push(client)
  }
  return {
    async run(timeoutMs, work, what) {
      let client: pg.Client | undefined
      const running = (async () => {
        client = await acquire()
        return work(client)
      })()
      try {
        const result = await within(timeoutMs, running, () => new ReadTimeoutError(timeoutMs, what))
        release(client)
        return result
      } catch (error) {
        if (error instanceof ReadTimeoutError) {
          giveUp(client)
          // One that was still being opened comes too late.
          running.then(
            () => giveUp(client),
            () => giveUp(client),
          )
        } else if (isLost(error)) giveUp(client)
        else release(client)
        throw error
      }
    },
    async close() {
      closed = true
      await Promise.all(free.splice(0).map((client) => client.end().catch(() => undefined)))
    },
  }
}

/** A client with a query under way closes its socket, and waits for nobody. */
function giveUp(client: pg.Client | undefined): void {
  client?.end().catch(() => undefined)
}

/** Whether the connection went with the failure; else it was the statement's alone. */
function isLost(error: unknown): boolean {
  return isUnreachable(error) || isLockstepError(error, 'POSTGRES_UNREACHABLE')
}

/** The read, or what else was run, was given up; nothing is known of its answer. */
export class ReadTimeoutError extends Error {
  constructor(timeoutMs: number, what = 'The read') {
    super(`${what} took longer than ${timeoutMs} ms`)
  }
}
