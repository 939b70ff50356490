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
  /** Without it nothing in the schema can be named. */
  readonly mayUseSchema: boolean
  /** Lockstep's own schema is there. */
  readonly isInstalled: boolean
  /** Tables, views and others that have the name of one of the tables, in the schema of the application. */
  readonly inTheWay: readonly string[]
  /**
   * What has the name of a table, an index or another thing that is to be made and is none, or none of this table; and a
   * schema `lockstep` of somebody else.
   */
  readonly strangers: readonly string[]
  /** Tables that are there already, and belong to somebody else. */
  readonly notOwned: readonly string[]
}

/** What a table gets besides itself, in the namespace that it shares with them. */
export interface PartOfTable {
  readonly name: string
  readonly table: string
  readonly kind: 'index' | 'sequence'
}

/** Reads the catalog alone. */
export async function readServerFacts(
  db: Queryer,
  schema: string,
  tables: readonly string[],
  parts: readonly PartOfTable[],
): Promise<ServerFacts> {
  const { rows } = await db.query<Server>(serverFacts, [schema])
  const named = [...tables, ...parts.map(({ name }) => name)]
  const found = await db.query<Relation>(relations, [schema, named])
  const types = await db.query<Relation>(typesNamed, [schema, tables])
  const { isInstalled, hasForeign, ...server } = rows[0] as Server
  const isTable = (name: string): boolean => tables.includes(name)
  const isRight = ({ name, kind, of }: Relation): boolean =>
    isTable(name)
      ? kind === 'table'
      : parts.some((part) => part.name === name && part.kind === kind && part.table === of)
  // Once it is installed they are Lockstep's own, also where a table has another name for a moment.
  const isOurs = ({ name }: Relation): boolean => isInstalled && /^lockstep_(pk|seq)_/.test(name)
  const strangers = [...found.rows.filter((each) => !isRight(each) && !isOurs(each)), ...types.rows]
  const others = isInstalled || found.rows.length === 0 ? [] : await strangeKeys(db, schema, tables)
  if (hasForeign && !isInstalled) others.push(foreignSchema)
  return {
    ...server,
    isInstalled,
    inTheWay: found.rows.map(({ name }) => name).filter(isTable),
    strangers: [...others, ...strangers.map(({ name, kind }) => `${kind} ${name}`)],
    notOwned: found.rows.filter((each) => isRight(each) && !each.owned).map(({ name }) => name),
  }
}

/** Primary keys that a table has and Lockstep has not made: the copy makes its own, and a table has one. */
export async function strangeKeys(
  db: Queryer,
  schema: string,
  tables: readonly string[],
): Promise<string[]> {
  const { rows } = await db.query<{ name: string; table: string }>(keysOfOthers, [schema, tables])
  return rows.map(({ name, table }) => `primary key ${name} of table ${table}`)
}

interface Server extends Omit<ServerFacts, 'inTheWay' | 'strangers' | 'notOwned'> {
  readonly hasForeign: boolean
}

interface Relation {
  readonly name: string
  readonly kind: string
  /** The table of an index, or of the sequence of an identity column. */
  readonly of: string | null
  readonly owned: boolean
}

const foreignSchema =
  "schema lockstep, which is somebody else's (rename it, or choose another database)"

const serverFacts = /* sql */ `
  SELECT current_setting('server_version') AS version,
         current_setting('server_version_num')::int / 10000 AS "majorVersion",
         current_setting('server_encoding') AS encoding, current_user AS user,
         current_setting('transaction_read_only') = 'on' AS "isReadOnly",
         has_database_privilege(current_database(), 'CREATE') AS "mayCreate",
         to_regnamespace(quote_ident($1)) IS NOT NULL AS "hasSchema",
         coalesce(has_schema_privilege(to_regnamespace(quote_ident($1)), 'CREATE'), false) AS "mayCreateTables",
         coalesce(has_schema_privilege(to_regnamespace(quote_ident($1)), 'USAGE'), false) AS "mayUseSchema",
         EXISTS (SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                  WHERE n.nspname = 'lockstep' AND c.relname = 'control' AND a.attname = 'migration') AS "isInstalled",
         to_regnamespace('lockstep') IS NOT NULL AS "hasForeign"`

/** A partitioned table has no triggers with transition tables. */
const relations = /* sql */ `
  SELECT c.relname AS name, coalesce(t.relname, o.relname) AS of, pg_has_role(c.relowner, 'USAGE') AS owned,
         CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'f' THEN 'foreign table'
           WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
           WHEN 'i' THEN 'index' WHEN 'I' THEN 'partitioned index' ELSE 'type' END AS kind
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_index x ON x.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = x.indrelid
    LEFT JOIN pg_depend d ON c.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
    LEFT JOIN pg_class o ON o.oid = d.refobjid
   WHERE n.nspname = $1 AND c.relname = ANY ($2) ORDER BY c.relname`

const keysOfOthers = /* sql */ `
  SELECT k.conname AS name, c.relname AS table
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind = 'r' AND k.contype = 'p' AND k.conname !~ '^lockstep_pk_[0-9]+$'
   ORDER BY c.relname`

/** A table brings a type of its name; those that belong to relations, and arrays, which make way, are left out. */
const typesNamed = /* sql */ `
  SELECT y.typname AS name, NULL AS of, false AS owned,
         CASE y.typtype WHEN 'd' THEN 'domain' WHEN 'e' THEN 'enum' WHEN 'r' THEN 'range type' ELSE 'type' END AS kind
    FROM pg_type y JOIN pg_namespace n ON n.oid = y.typnamespace
   WHERE n.nspname = $1 AND y.typname = ANY ($2) AND y.typrelid = 0 AND (y.typtype <> 'b' OR y.typelem = 0)
   ORDER BY y.typname`
