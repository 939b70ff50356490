import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'
import { startEmbeddedPostgres } from '../../src/demo/embedded-postgres.ts'
import { startPostgresServer, type PostgresServer } from '../../src/demo/postgres-server.ts'

/** An empty database, or one in which the compatibility schema has been installed, as it is once for a server's life. */
export type Template = 'empty' | 'compat'

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser's connection string to the server that this project of the run uses. */
    postgresUrl: string
    /** The databases that `createDatabase` copies. */
    postgresTemplates: Readonly<Record<Template, string>>
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

/** A fresh database on the run's server: UTF8, C locale. One for each test file. */
export async function createDatabase(template: Template = 'empty'): Promise<TestDatabase> {
  const server = inject('postgresUrl')
  const name = `lockstep_test_${randomBytes(6).toString('hex')}`
  // Without the log, copying the files takes half the work of writing each page to it.
  await onServer(
    server,
    `CREATE DATABASE "${name}" TEMPLATE "${inject('postgresTemplates')[template]}" STRATEGY FILE_COPY`,
  )
  return {
    url: inDatabase(server, name),
    drop: async () => {
      await onServer(server, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
    },
  }
}

/** The connection string of another database on the same server. */
export function inDatabase(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
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
