import { Client } from 'pg'
import { installCompat } from '../../src/compat/install.ts'
import { createDatabase } from '../support/postgres.ts'

/** One database for a whole corpus: every case is a transaction that is rolled back. */
export interface FidelityServer extends AsyncDisposable {
  /** The connection of the case under way. */
  readonly client: Client
  readonly version: string
  /** Gives a fresh connection: prepared statements of finished cases are of no more use. */
  renew(): Promise<void>
}

/** How a session must be set for values to arrive in the form that the decoders read. */
const settings = `SET bytea_output = hex; SET extra_float_digits = 1; SET datestyle = ISO;
  SET timezone = 'UTC'; SET search_path = public; SET statement_timeout = '20s';
  SET client_min_messages = error; SET jit = off`

/** Connects to a fresh database with the compatibility schema. */
export async function openFidelityServer(): Promise<FidelityServer> {
  const database = await createDatabase()
  const connect = async (): Promise<Client> => {
    const client = new Client({ connectionString: database.url, pipeline: true })
    client.on('error', () => {})
    await client.connect()
    await client.query(settings)
    return client
  }
  let client = await connect()
  await client.query('BEGIN')
  await client.query('CREATE SCHEMA lockstep')
  await installCompat(client)
  await client.query('COMMIT')
  const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
  return {
    get client() {
      return client
    },
    version: rows[0]?.server_version ?? '',
    async renew() {
      await client.end()
      client = await connect()
    },
    async [Symbol.asyncDispose]() {
      await client.end()
      await database.drop()
    },
  }
}
