import { Client } from 'pg'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'

/** An empty database that is the demo's own. */
export interface DemoDatabase {
  readonly url: string
  /** Drops it, and stops the server where the demo has started it. */
  close(): Promise<void>
}

/** On the server of `databaseUrl`, or on one that is started for it. */
export async function createDemoDatabase(
  name: string,
  databaseUrl?: string,
): Promise<DemoDatabase> {
  if (databaseUrl !== undefined) return await createOn(databaseUrl, name, async () => {})
  const server = await startEmbeddedPostgres()
  try {
    return await createOn(server.url, name, async () => await server.stop())
  } catch (error) {
    await server.stop()
    throw error
  }
}

async function createOn(
  server: string,
  name: string,
  afterwards: () => Promise<void>,
): Promise<DemoDatabase> {
  await runOn(server, `CREATE DATABASE ${quote(name)} TEMPLATE template0 ENCODING 'UTF8'`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    close: async () => {
      try {
        await runOn(server, `DROP DATABASE IF EXISTS ${quote(name)} WITH (FORCE)`)
      } finally {
        await afterwards()
      }
    },
  }
}

async function runOn(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
