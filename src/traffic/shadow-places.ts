import type pg from 'pg'
import { isLockstepError } from '../core/errors.ts'
import { within } from '../core/wait.ts'
import type { Engine } from '../engine/engine.ts'
import { align } from '../mirror/align.ts'
import { setForms, setSearchPath } from '../postgres/connection.ts'
import { createReadConnections, ReadTimeoutError } from '../postgres/read-connections.ts'
import type { Queryer } from '../postgres/control.ts'
import { stepVersion as postgresStep } from '../postgres/schema-log.ts'
import type { RunContext } from '../postgres/statements.ts'
import type { Plans } from '../route/plans.ts'
import { readOnPostgres } from '../shadow/read-postgres.ts'
import type { BothPlaces, PostgresAnswer, Query } from '../shadow/trial.ts'
import { sqliteArguments } from '../sql/bind.ts'
import { createConnectionState } from '../sql/connection-functions.ts'
import { createCappedReader, type CappedReader } from '../sqlite/capped-read.mjs'
import type { Connection } from '../sqlite/connection.ts'
import { sqliteError } from '../sqlite/errors.ts'
import type { SqliteFacts } from '../sqlite/facts.ts'
import { createReadThread } from '../sqlite/read-thread.ts'
import { stepVersion as sqliteStep } from '../sqlite/schema-change.ts'

/** Where shadow reads run: beside the application's own connections, and off its event loop. */
export interface ShadowPlaces {
  /** Both as they are now. */
  readonly live: BothPlaces
  /** Both at aligned snapshots that are taken after the call. Fails where the schema changes under `work`. */
  aligned(work: (places: BothPlaces) => Promise<void>): Promise<void>
  close(): Promise<void>
}

/** So long may giving snapshots back take, where the server hangs. */
const releaseMs = 5000

export function createShadowPlaces(
  engine: Engine,
  { plans, facts }: { plans: Plans; facts: SqliteFacts },
): ShadowPlaces {
  const { options, server, file } = engine
  const { timeoutMs, maxRows, maxBytes } = options.shadow
  const caps = { maxRows, maxBytes }
  const thread = createReadThread(file.path, options.sqlite.busyTimeoutMs)
  const settings = shadowSettings(server.schema)
  const connections = createReadConnections(server, settings)
  const context: Omit<RunContext, 'inTransaction'> = {
    ...facts,
    safeIntegers: true,
    state: createConnectionState(),
  }
  const argumentsOf = ({ sql, args }: Query): unknown[] =>
    sqliteArguments(plans.of(sql).statement(), args)
  const onPostgres = (
    client: pg.Client,
    { sql, args }: Query,
    inTransaction: boolean,
  ): Promise<PostgresAnswer> =>
    readOnPostgres(client, plans.of(sql).postgres(), args, { ...context, inTransaction })
  let ownReader: CappedReader | undefined
  return {
    live: {
      async sqlite(query) {
        const args = argumentsOf(query)
        try {
          return await thread.read(query.sql, args, { ...caps, timeoutMs })
        } catch (error) {
          // No function can be given to a thread, so what needs one of the application's runs where they are.
          if (options.sqlite.setup === undefined || !isLockstepError(error, 'SQLITE_ERROR'))
            throw error
          ownReader ??= createCappedReader(file.reader)
          return timed(ownReader, query.sql, args, caps)
        }
      },
      postgres: (query) => connections.run(timeoutMs, (client) => onPostgres(client, query, false)),
    },
    async aligned(work) {
      const snapshots = await align(engine.control().primary, engine)
      try {
        const version = await commonVersion(snapshots.sqlite, snapshots.postgres)
        const read = createCappedReader(snapshots.sqlite)
        await snapshots.postgres.query(settings)
        await work({
          sqlite: async ({ maxRows = caps.maxRows, ...query }) =>
            timed(read, query.sql, argumentsOf(query), { ...caps, maxRows }),
          postgres: (query) =>
            within(
              timeoutMs,
              undoneWhereItFails(snapshots.postgres, (client) => onPostgres(client, query, true)),
              () => new ReadTimeoutError(timeoutMs),
            ),
        })
        // PostgreSQL reads its catalog as it is at the moment, whatever the snapshot.
        if ((await commonVersion(file.reader, server.control)) !== version) throw schemaChanges()
      } finally {
        await within(releaseMs, snapshots.release()).catch(() => undefined)
      }
    },
    close: async () => {
      await Promise.all([thread.close(), connections.close()])
    },
  }
}

/** How many changes of the schema both places have taken. */
async function commonVersion(sqlite: Connection, postgres: Queryer): Promise<number> {
  const { version } = sqliteStep(sqlite)
  if ((await postgresStep(postgres)) !== version) throw schemaChanges()
  return version
}

function schemaChanges(): Error {
  return new Error('The schema changes, so that the places cannot be compared')
}

/** A statement that fails leaves the transaction, and so the snapshot, to those behind it. */
async function undoneWhereItFails<T>(
  client: pg.Client,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  await client.query('SAVEPOINT lockstep_shadow')
  try {
    return await work(client)
  } catch (error) {
    await client.query('ROLLBACK TO SAVEPOINT lockstep_shadow').catch(() => undefined)
    throw error
  } finally {
    await client.query('RELEASE SAVEPOINT lockstep_shadow').catch(() => undefined)
  }
}

/** For connections beside the application's: with other costs the same statement would run in another way. */
export function shadowSettings(schema: string): string {
  return `${setForms}; SET random_page_cost = 1.1; ${setSearchPath(schema)}`
}

function timed(
  read: CappedReader,
  sql: string,
  args: readonly unknown[],
  caps: Parameters<CappedReader>[2],
): ReturnType<CappedReader> & { ms: number } {
  const begun = performance.now()
  try {
    return { ...read(sql, args, caps), ms: performance.now() - begun }
  } catch (error) {
    throw sqliteError(error)
  }
}
