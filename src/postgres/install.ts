import type { Table } from '../schema/model.ts'
import { quoteIdentifier as quote, quoteLiteral } from '../schema/quote.ts'
import { captureStatements, dropCaptureStatements } from './capture.ts'
import { controlSchema, type Queryer } from './control.ts'
import { releaseViews } from './read-views.ts'

/**
 * Puts schema `lockstep` and, on tables that exist already, the capture triggers in place. Safe to run
 * again: the control record, the journal and the progress of a copy stay.
 */
export async function installPostgres(
  db: Queryer,
  migration: string,
  tables: readonly Table[],
): Promise<void> {
  await db.query(controlSchema)
  await db.query(
    /* sql */ `
    INSERT INTO lockstep.control (id, migration, epoch, primary_place, state, attempt, deadline_ms, batch, backfill)
    VALUES (1, $1, 1, 'sqlite', 'moved', '', 0, 0, 'none') ON CONFLICT (id) DO NOTHING`,
    [migration],
  )
  await db.query('DELETE FROM lockstep.tables WHERE id <> ALL ($1)', [
    tables.map((table) => table.id),
  ])
  for (const table of tables) {
    await db.query(
      /* sql */ `
      INSERT INTO lockstep.tables (id, name, model) VALUES ($1, $2, $3)
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, model = excluded.model`,
      [table.id, table.name, JSON.stringify(table)],
    )
  }
}

/** Puts capture and fence on one table; the table is there. */
export async function installCapture(db: Queryer, schema: string, table: Table): Promise<void> {
  for (const statement of captureStatements(table, schema)) await db.query(statement)
}

/** Takes everything of Lockstep's out; the application's tables and rows stay. */
export async function uninstallPostgres(
  db: Queryer,
  schema: string,
  tables: readonly Table[],
): Promise<void> {
  const present = await presentTables(db, schema)
  for (const table of tables.filter(({ name }) => present.has(name))) {
    for (const statement of dropCaptureStatements(table, schema)) await db.query(statement)
  }
  await enableApplicationTriggers(db, schema)
  await dropCarriedTriggers(db, schema)
  await releaseViews(db, schema)
  await db.query('DROP SCHEMA IF EXISTS lockstep CASCADE')
}

/** The functions of the triggers that were carried over, and the triggers with them. */
async function dropCarriedTriggers(db: Queryer, schema: string): Promise<void> {
  const { rows } = await db.query<{ name: string }>(
    /* sql */ `
    SELECT p.proname AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = $1 AND p.proname LIKE 'lockstep\\_trigger\\_%'`,
    [schema],
  )
  for (const { name } of rows)
    await db.query(`DROP FUNCTION ${quote(schema)}.${quote(name)}() CASCADE`)
}

export async function presentTables(db: Queryer, schema: string): Promise<Set<string>> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')`,
    [schema],
  )
  return new Set(rows.map((row) => row.name))
}

/**
 * Triggers that an operator made on PostgreSQL for the time after the flip. While PostgreSQL is the
 * secondary they must not run, as the rows that arrive have been through SQLite's own; needs no superuser.
 * One that was made anew is on again, though it was switched off before.
 */
export async function disableApplicationTriggers(
  db: Queryer,
  schema: string,
  tables: readonly Table[],
): Promise<void> {
  const { rows } = await db.query<{ tbl: string; name: string }>(
    /* sql */ `
    INSERT INTO lockstep.disabled_triggers (tbl, name)
    SELECT c.relname, t.tgname FROM pg_trigger t
      JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = ANY ($2) AND NOT t.tgisinternal AND t.tgenabled <> 'D'
       AND t.tgname NOT LIKE 'lockstep\\_%'
    ON CONFLICT (tbl, name) DO UPDATE SET name = excluded.name RETURNING tbl, name`,
    [schema, tables.map((table) => table.name)],
  )
  for (const { tbl, name } of rows) {
    await db.query(`ALTER TABLE ${quote(schema)}.${quote(tbl)} DISABLE TRIGGER ${quote(name)}`)
  }
}

/** The reverse of `disableApplicationTriggers`, for the moment that PostgreSQL becomes the primary. */
export async function enableApplicationTriggers(db: Queryer, schema: string): Promise<void> {
  const statements = await db.query<{ enable: string }>(/* sql */ `
    SELECT CASE WHEN to_regclass('lockstep.disabled_triggers') IS NULL THEN '' ELSE 'yes' END AS enable`)
  if (statements.rows[0]?.enable !== 'yes') return
  const { rows } = await db.query<{ tbl: string; name: string }>(
    'DELETE FROM lockstep.disabled_triggers RETURNING tbl, name',
  )
  for (const { tbl, name } of rows) {
    await db.query(
      /* sql */ `DO ${quoteLiteral(`BEGIN
      IF EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = ${quoteLiteral(name)}
                  AND tgrelid = to_regclass(${quoteLiteral(`${quote(schema)}.${quote(tbl)}`)})) THEN
        ALTER TABLE ${quote(schema)}.${quote(tbl)} ENABLE TRIGGER ${quote(name)};
      END IF; END`)}`,
    )
  }
}

/** Triggers of the application on PostgreSQL, switched on or off: `table` and `name` of each. */
export async function applicationTriggers(
  db: Queryer,
  schema: string,
): Promise<{ tbl: string; name: string }[]> {
  const { rows } = await db.query<{ tbl: string; name: string }>(
    /* sql */ `
    SELECT c.relname AS tbl, t.tgname AS name FROM pg_trigger t
      JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND NOT t.tgisinternal AND t.tgname NOT LIKE 'lockstep\\_%'`,
    [schema],
  )
  return rows
}

/** The unique indexes that PostgreSQL enforces (a failed build leaves one that it does not), whoever has made them: `table` and `name` of each. */
export async function uniqueIndexesThere(
  db: Queryer,
  schema: string,
): Promise<{ tbl: string; name: string }[]> {
  const { rows } = await db.query<{ tbl: string; name: string }>(
    /* sql */ `
    SELECT c.relname AS tbl, i.relname AS name FROM pg_index x
      JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND x.indisunique AND x.indisvalid AND x.indisready`,
    [schema],
  )
  return rows
}
