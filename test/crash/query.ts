import { Client, type QueryResultRow } from 'pg'

/** The rows of one query, past Lockstep. */
export async function queryPostgres<R extends QueryResultRow>(
  url: string,
  sql: string,
): Promise<R[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<R>(sql)).rows
  } finally {
    await client.end()
  }
}
