import { Client } from 'pg'
import { createDatabase, type Template } from './postgres.ts'

/** A fresh database of the run's server, and one connection to it. */
export interface ConnectedDatabase extends AsyncDisposable {
  readonly url: string
  readonly client: Client
}

/** One for each test file; disposing of it drops the database. */
export async function openDatabase(template: Template = 'empty'): Promise<ConnectedDatabase> {
  const database = await createDatabase(template)
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
  return await openDatabase('compat')
}
