import type { PostgresView } from '../schema/postgres-model.ts'
import { definitionHash, viewMark } from '../schema/view-mark.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { Queryer } from './control.ts'

/**
 * Reads the views of a schema from PostgreSQL's catalogs, whoever has made them, in the order in which they were made; and
 * what else has one of the names. Anybody may, in a transaction: a savepoint of it gives the search path back.
 */
export async function readViews(
  db: Queryer,
  schema: string,
  names: readonly string[] = [],
): Promise<Map<string, PostgresView>> {
  await db.query('SAVEPOINT lockstep_views')
  await db.query('SET LOCAL search_path = pg_catalog')
  const { rows } = await db.query<PostgresView>(views, [schema, names, viewMark])
  await db.query('ROLLBACK TO SAVEPOINT lockstep_views; RELEASE SAVEPOINT lockstep_views')
  return new Map(rows.map((view) => [view.name, view]))
}

const views = /* sql */ `
  SELECT c.relname AS name, m.parts[1] AS form, m.parts[3] AS source,
         coalesce(m.parts[2] = ${definitionHash('c.oid')}, false) AS intact
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN LATERAL (
      SELECT regexp_match(obj_description(c.oid, 'pg_class'), '^' || $3 || '(\\w+) (\\w+) of (.*)$') AS parts
    ) m ON c.relkind = 'v'
   WHERE n.nspname = $1 AND (c.relkind = 'v' OR c.relname = ANY ($2))
   ORDER BY c.oid`

/** Lockstep goes, and the views stay, as anybody's. */
export async function releaseViews(db: Queryer, schema: string): Promise<void> {
  for (const { name, source } of (await readViews(db, schema)).values())
    if (source !== null) await db.query(`COMMENT ON VIEW ${quote(schema)}.${quote(name)} IS NULL`)
}
