import type { Queryer } from './control.ts'

/** What of a server decides whether it can hold the copy. */
export interface ServerFacts {
  readonly version: string
  readonly majorVersion: number
  readonly encoding: string
  readonly user: string
  /** A standby, or a user whose transactions are read only unless they say otherwise. */
  readonly isReadOnly: boolean
  /** The user may create schemas in the database. */
  readonly mayCreate: boolean
  /** The schema of the application's tables is there, and the user may create tables in it. */
  readonly hasSchema: boolean
  readonly mayCreateTables: boolean
  /** Lockstep's own schema is there. */
  readonly isInstalled: boolean
  /** Tables, views and others that have the name of one of the tables, in the schema of the application. */
  readonly inTheWay: readonly string[]
  /** What has the name of a table or an index and is none, or none of this table; and a schema `lockstep` of somebody else. */
  readonly strangers: readonly string[]
  /** Tables that are there already, and belong to somebody else. */
  readonly notOwned: readonly string[]
}

/** Reads the catalog alone. */
export async function readServerFacts(
  db: Queryer,
  schema: string,
  tables: readonly string[],
  indexes: readonly { readonly name: string; readonly table: string }[] = [],
): Promise<ServerFacts> {
  const { rows } = await db.query<Server>(serverFacts, [schema])
  const named = [...tables, ...indexes.map(({ name }) => name)]
  const found = await db.query<Relation>(relations, [schema, named])
  const { isInstalled, hasForeign, ...server } = rows[0] as Server
  const isTable = (name: string): boolean => tables.includes(name)
  const isRight = ({ name, kind, of }: Relation): boolean =>
    isTable(name)
      ? kind === 'table'
      : kind === 'index' && indexes.some((index) => index.name === name && index.table === of)
  const strangers = found.rows.filter((each) => !isRight(each))
  const others = hasForeign && !isInstalled ? ["schema lockstep, which is somebody else's"] : []
  return {
    ...server,
    isInstalled,
    inTheWay: found.rows.map(({ name }) => name).filter(isTable),
    strangers: [...others, ...strangers.map(({ name, kind }) => `${kind} ${name}`)],
    notOwned: found.rows.filter((each) => isRight(each) && !each.owned).map(({ name }) => name),
  }
}

interface Server extends Omit<ServerFacts, 'inTheWay' | 'strangers' | 'notOwned'> {
  readonly hasForeign: boolean
}

interface Relation {
  readonly name: string
  readonly kind: string
  /** The table of an index. */
  readonly of: string | null
  readonly owned: boolean
}

const serverFacts = /* sql */ `
  SELECT current_setting('server_version') AS version,
         current_setting('server_version_num')::int / 10000 AS "majorVersion",
         current_setting('server_encoding') AS encoding, current_user AS user,
         current_setting('transaction_read_only') = 'on' AS "isReadOnly",
         has_database_privilege(current_database(), 'CREATE') AS "mayCreate",
         to_regnamespace(quote_ident($1)) IS NOT NULL AS "hasSchema",
         coalesce(has_schema_privilege(to_regnamespace(quote_ident($1)), 'CREATE'), false) AS "mayCreateTables",
         to_regclass('lockstep.control') IS NOT NULL AS "isInstalled",
         to_regnamespace('lockstep') IS NOT NULL AS "hasForeign"`

/** A partitioned table has no triggers with transition tables. */
const relations = /* sql */ `
  SELECT c.relname AS name, t.relname AS of, pg_has_role(c.relowner, 'USAGE') AS owned,
         CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'f' THEN 'foreign table'
           WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
           WHEN 'i' THEN 'index' WHEN 'I' THEN 'partitioned index' ELSE 'type' END AS kind
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_index x ON x.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = x.indrelid
   WHERE n.nspname = $1 AND c.relname = ANY ($2) ORDER BY c.relname`
