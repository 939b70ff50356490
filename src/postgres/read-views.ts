import type { PostgresView } from '../schema/postgres-model.ts'
import { viewMark } from '../schema/postgres-views.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { Queryer } from './control.ts'

/**
 * Reads the views of a schema from PostgreSQL's catalogs, whoever has made them, in the order in which they were made. PostgreSQL leaves out the schema of
 * names that the search path finds, so that definitions of two schemas can be compared: a savepoint of the caller's
 * transaction gives the path back.
 */
export async function readViews(db: Queryer, schema: string): Promise<Map<string, PostgresView>> {
  await db.query('SAVEPOINT lockstep_views')
  await db.query(`SET LOCAL search_path = ${quote(schema)}`)
  const { rows } = await db.query<PostgresView>(views, [schema, viewMark])
  await db.query('ROLLBACK TO SAVEPOINT lockstep_views; RELEASE SAVEPOINT lockstep_views')
  return new Map(rows.map((view) => [view.name, view]))
}

const views = /* sql */ `
  SELECT c.relname AS name, pg_get_viewdef(c.oid) AS definition,
         CASE WHEN starts_with(o.text, $2) THEN substr(o.text, length($2) + 1) END AS source,
         coalesce((SELECT json_agg(json_build_object(
                     'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                     'collation', l.collname) ORDER BY a.attnum)
            FROM pg_attribute a LEFT JOIN pg_collation l ON l.oid = a.attcollation
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]') AS columns
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
         LATERAL (SELECT obj_description(c.oid, 'pg_class') AS text) o
   WHERE n.nspname = $1 AND c.relkind = 'v'
   ORDER BY c.oid`

/** Lockstep goes, and the views stay, as anybody's. */
export async function releaseViews(db: Queryer, schema: string): Promise<void> {
  for (const { name, source } of (await readViews(db, schema)).values())
    if (source !== null) await db.query(`COMMENT ON VIEW ${quote(schema)}.${quote(name)} IS NULL`)
}
