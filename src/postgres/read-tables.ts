import type {
  PostgresColumn,
  PostgresForeignKey,
  PostgresIndex,
  PostgresTable,
  PostgresTrigger,
} from '../schema/postgres-model.ts'
import type { Queryer } from './control.ts'

/**
 * Reads ordinary tables from PostgreSQL's catalogs, whoever has made them. Those that are not there are left out.
 * https://www.postgresql.org/docs/current/catalogs.html
 */
export async function readTables(
  db: Queryer,
  schema: string,
  names: readonly string[],
): Promise<Map<string, PostgresTable>> {
  const rows = await readKeys(db, schema, names)
  const oids = rows.map(({ oid }) => oid)
  const columns = await read<PostgresColumn>(db, columnsOf, oids)
  const indexes = await read<PostgresIndex>(db, indexesOf, oids)
  const foreignKeys = await read<PostgresForeignKey>(db, foreignKeysOf, oids)
  const checks = await read<{ name: string }>(db, checksOf, oids)
  const triggers = await read<PostgresTrigger>(db, triggersOf, oids)
  return new Map(
    rows.map(({ oid, name, key }) => [
      name,
      {
        name,
        columns: columns(oid),
        primaryKey: key,
        indexes: indexes(oid),
        foreignKeys: foreignKeys(oid),
        checks: checks(oid).map((check) => check.name),
        triggers: triggers(oid),
      },
    ]),
  )
}

/** The tables alone, with their primary keys. */
export async function readKeys(
  db: Queryer,
  schema: string,
  names: readonly string[],
): Promise<readonly KeyedTable[]> {
  return (await db.query<KeyedTable>(tables, [schema, names])).rows
}

interface KeyedTable {
  readonly oid: string
  readonly name: string
  readonly key: PostgresTable['primaryKey']
}

/** What a query says of each table: rows of its number and one object. */
async function read<T>(
  db: Queryer,
  sql: string,
  oids: readonly string[],
): Promise<(oid: string) => T[]> {
  const { rows } = await db.query<{ oid: string; item: T }>(sql, [oids])
  const found = new Map<string, T[]>(oids.map((oid) => [oid, []]))
  for (const { oid, item } of rows) found.get(oid)?.push(item)
  return (oid) => found.get(oid) ?? []
}

const names = (numbers: string, relation: string): string => /* sql */ `
  coalesce((SELECT json_agg(a.attname ORDER BY k.at)
     FROM unnest(${numbers}) WITH ORDINALITY AS k (number, at)
     JOIN pg_attribute a ON a.attrelid = ${relation} AND a.attnum = k.number), '[]')`

const tables = /* sql */ `
  SELECT c.oid::text AS oid, c.relname AS name,
         (SELECT json_build_object('name', p.conname, 'columns', ${names('p.conkey', 'c.oid')},
                                   'valid', x.indisvalid AND x.indisready)
            FROM pg_constraint p JOIN pg_index x ON x.indexrelid = p.conindid
           WHERE p.conrelid = c.oid AND p.contype = 'p') AS key
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p')`

const columnsOf = /* sql */ `
  SELECT a.attrelid::text AS oid, json_build_object(
           'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
           'collation', CASE WHEN a.attcollation <> t.typcollation THEN l.collname END,
           'notNull', a.attnotnull, 'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
           'generated', a.attgenerated <> '',
           'expression', pg_get_expr(d.adbin, d.adrelid, true)) AS item
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
   ORDER BY a.attrelid, a.attnum`

/** Bit 1 of `indoption` is DESC, bit 2 NULLS FIRST. */
const indexesOf = /* sql */ `
  SELECT x.indrelid::text AS oid, json_build_object(
           'name', i.relname, 'method', m.amname, 'unique', x.indisunique,
           'valid', x.indisvalid AND x.indisready, 'where', pg_get_expr(x.indpred, x.indrelid, true),
           'parts', (SELECT json_agg(json_build_object(
                'expression', pg_get_indexdef(x.indexrelid, p.at::int, true),
                'descending', (x.indoption[p.at - 1] & 1) = 1,
                'nullsFirst', (x.indoption[p.at - 1] & 2) = 2,
                'collation', (SELECT l.collname FROM pg_collation l WHERE l.oid = x.indcollation[p.at - 1]),
                'operators', (SELECT o.opcname FROM pg_opclass o WHERE o.oid = x.indclass[p.at - 1])) ORDER BY p.at)
              FROM generate_series(1, x.indnkeyatts) AS p (at))) AS item
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_am m ON m.oid = i.relam
   WHERE x.indrelid = ANY ($1::oid[]) AND NOT x.indisprimary
   ORDER BY x.indrelid, i.relname`

const foreignKeysOf = /* sql */ `
  SELECT f.conrelid::text AS oid, json_build_object(
           'name', f.conname, 'columns', ${names('f.conkey', 'f.conrelid')}, 'parent', p.relname,
           'parentColumns', ${names('f.confkey', 'f.confrelid')},
           'onUpdate', f.confupdtype, 'onDelete', f.confdeltype, 'deferred', f.condeferred) AS item
    FROM pg_constraint f JOIN pg_class p ON p.oid = f.confrelid
   WHERE f.conrelid = ANY ($1::oid[]) AND f.contype = 'f'
   ORDER BY f.conrelid, f.conname`

const checksOf = /* sql */ `
  SELECT conrelid::text AS oid, json_build_object('name', conname) AS item FROM pg_constraint
   WHERE conrelid = ANY ($1::oid[]) AND contype IN ('c', 'x') ORDER BY conrelid, conname`

const triggersOf = /* sql */ `
  SELECT t.tgrelid::text AS oid, json_build_object(
           'name', t.tgname, 'type', t.tgtype, 'columns', ${names('t.tgattr', 't.tgrelid')},
           'carried', p.proname LIKE 'lockstep\\_trigger\\_%', 'body', p.prosrc) AS item
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
   WHERE t.tgrelid = ANY ($1::oid[]) AND NOT t.tgisinternal AND t.tgname NOT LIKE 'lockstep\\_%'
   ORDER BY t.tgrelid, t.tgname`
