import type { Client } from 'pg'
import { readFileSync } from 'node:fs'

/** What translated statements call on the server. */
export async function installFunctions(client: Client): Promise<void> {
  await client.query('CREATE SCHEMA sqlite')
  const file = new URL('../../../src/compat/writes.sql', import.meta.url)
  await client.query(readFileSync(file, 'utf8'))
}
