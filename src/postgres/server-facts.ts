import type { Queryer } from './control.ts'

/** What of a server decides whether it can hold the copy. */
export interface ServerFacts {
  readonly version: string
  readonly majorVersion: number
  readonly encoding: string
  /** The user may create schemas in the database. */
  readonly mayCreate: boolean
  /** Tables, views and others that have the name of one of the tables, in the schema of the application. */
  readonly inTheWay: readonly string[]
}

/** Reads the catalog alone. */
export async function readServerFacts(
  db: Queryer,
  schema: string,
  tables: readonly string[],
): Promise<ServerFacts> {
  const { rows } = await db.query<
    Omit<ServerFacts, 'inTheWay'>
  >(/* sql */ `SELECT current_setting('server_version') AS version,
      current_setting('server_version_num')::int / 10000 AS "majorVersion",
      current_setting('server_encoding') AS encoding,
      has_database_privilege(current_database(), 'CREATE') AS "mayCreate"`)
  const found = await db.query<{ name: string }>(
    /* sql */ `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = ANY ($2) ORDER BY c.relname`,
    [schema, tables],
  )
  return { ...(rows[0] as ServerFacts), inTheWay: found.rows.map(({ name }) => name) }
}
