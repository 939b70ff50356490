import { Query } from 'pg'
import type pg from 'pg'

/** A connection that takes a query object of pg's as well. */
export interface DescribingClient {
  query<T extends pg.Submittable>(query: T): T
}

/** A result's column as the server announces it. */
export type DescribedColumn = Pick<pg.FieldDef, 'name' | 'dataTypeID'>

/**
 * Has the server read a statement without running it, and gives the columns that it would return; none where it
 * returns no rows. It is sent at once, so that it keeps its place among pipelined queries.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 */
export function describeStatement(
  client: DescribingClient,
  text: string,
): Promise<readonly DescribedColumn[]> {
  return new Promise((resolve, reject) => {
    const query = new Query({ text }, (error: Error | null | undefined, result) => {
      if (error) reject(error)
      else resolve(result.fields ?? [])
    })
    // pg has no call for it; a Query of its own is what a pipelined connection takes.
    query.submit = (connection) => {
      connection.parse({ text, name: '', types: [] }, true)
      connection.describe({ type: 'S', name: '' }, true)
      connection.sync()
    }
    client.query(query)
  })
}
