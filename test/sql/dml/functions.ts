import { readFileSync } from 'node:fs'
import type { Client } from 'pg'

const files = ['values', 'writes']

/** What translated statements call on the server. */
export async function installFunctions(client: Client): Promise<void> {
  await client.query('CREATE SCHEMA IF NOT EXISTS sqlite')
  for (const name of files) {
    const file = new URL(`../../../src/compat/${name}.sql`, import.meta.url)
    await client.query(readFileSync(file, 'utf8'))
  }
}
