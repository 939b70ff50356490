import { Client } from 'pg'
import { installCompat } from '../../src/compat/install.ts'
import { createDatabase } from './postgres.ts'

/** A fresh database of the run's server, and one connection to it. */
export interface ConnectedDatabase extends AsyncDisposable {
  readonly url: string
  readonly client: Client
}

/** One for each test file; disposing of it drops the database. */
export async function openDatabase(): Promise<ConnectedDatabase> {
  const database = await createDatabase()
  const client = new Client({ connectionString: database.url })
  await client.connect()
  return {
    url: database.url,
    client,
    async [Symbol.asyncDispose]() {
      await client.end()
      await database.drop()
    },
  }
}

/** With the compatibility schema. */
export async function openCompatDatabase(): Promise<ConnectedDatabase> {
  const database = await openDatabase()
  await database.client.query('BEGIN')
  await installCompat(database.client)
  await database.client.query('COMMIT')
  return database
}
