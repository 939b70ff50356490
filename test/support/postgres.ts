import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'
import { startEmbeddedPostgres } from '../../src/demo/embedded-postgres.ts'
import { startPostgresServer, type PostgresServer } from '../../src/demo/postgres-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser's connection string to the server that this project of the run uses. */
    postgresUrl: string
    /** The database that `createDatabase` copies. */
    postgresTemplate: string
  }
}

/**
 * A server of the test's own, for tests that kill or restart it. Without `bindir` it is the embedded
 * PostgreSQL 18. Durability is on, as in production, unless `settings` has it off.
 */
export async function startPostgres(
  options: { bindir?: string; settings?: Readonly<Record<string, string>> } = {},
): Promise<PostgresServer> {
  const { bindir, settings = {} } = options
  if (bindir === undefined) return await startEmbeddedPostgres({ settings })
  return await startPostgresServer({ bindir, settings })
}

export interface TestDatabase {
  url: string
  drop(): Promise<void>
}

/** A fresh, empty database on the run's server: UTF8, C locale. One for each test file. */
export async function createDatabase(): Promise<TestDatabase> {
  const server = inject('postgresUrl')
  const name = `lockstep_test_${randomBytes(6).toString('hex')}`
  await onServer(server, `CREATE DATABASE "${name}" TEMPLATE "${inject('postgresTemplate')}"`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: async () => {
      await onServer(server, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
    },
  }
}

/** Runs one statement on a connection of its own. */
export async function onServer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
