import type { PostgresServer } from './connection.ts'

/** What a server and the way to it are like. Nothing is changed. */
export interface ServerExamination {
  readonly version: string
  readonly majorVersion: number
  readonly encoding: string
  readonly mayCreateSchema: boolean
  /** The user may create tables in the schema of the application, or the schema is not there and may be made. */
  readonly mayCreateTables: boolean
  readonly inRecovery: boolean
  readonly isReadOnly: boolean
  readonly tls: string | null
  readonly maxConnections: number
  readonly usedConnections: number
  /** What the server's clock says less what ours says, in milliseconds. */
  readonly clockSkewMs: number
  /** One query there and back. */
  readonly roundTripMs: number
  /** A setting of a session is still there in its next transaction; behind a pooler of transactions it may not be. */
  readonly keepsSession: boolean
}

type Row = Omit<ServerExamination, 'clockSkewMs' | 'roundTripMs' | 'keepsSession'>

/** https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-SSL-VIEW for TLS. */
const question = /* sql */ `
  SELECT current_setting('server_version') AS version,
         current_setting('server_version_num')::int / 10000 AS "majorVersion",
         current_setting('server_encoding') AS encoding,
         has_database_privilege(current_database(), 'CREATE') AS "mayCreateSchema",
         coalesce(has_schema_privilege(to_regnamespace(quote_ident($1))::oid, 'CREATE')
                  AND has_schema_privilege(to_regnamespace(quote_ident($1))::oid, 'USAGE'),
                  has_database_privilege(current_database(), 'CREATE')) AS "mayCreateTables",
         pg_is_in_recovery() AS "inRecovery",
         current_setting('default_transaction_read_only') = 'on' AS "isReadOnly",
         (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl) AS tls,
         current_setting('max_connections')::int AS "maxConnections",
         (SELECT coalesce(sum(numbackends), 0)::int FROM pg_stat_database) AS "usedConnections"`

export async function examineServer(server: PostgresServer): Promise<ServerExamination> {
  const client = await server.connect()
  try {
    const { rows } = await client.query<Row>(question, [server.schema])
    const sentAt = Date.now()
    const answer = await client.query<{ now: string }>(
      'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now',
    )
    const roundTripMs = Date.now() - sentAt
    await client.query("SELECT set_config('lockstep.probe', 'here', false)")
    const kept = await client.query<{ probe: string | null }>(
      "SELECT current_setting('lockstep.probe', true) AS probe",
    )
    return {
      ...(rows[0] as Row),
      roundTripMs,
      clockSkewMs: Math.round(Number(answer.rows[0]?.now) - sentAt - roundTripMs / 2),
      keepsSession: kept.rows[0]?.probe === 'here',
    }
  } finally {
    await client.end()
  }
}
