import { randomUUID } from 'node:crypto'
import type { Queryer } from '../postgres/control.ts'
import { readTables } from '../postgres/read-tables.ts'
import type { Extent } from '../schema/change.ts'
import type { DdlPlan } from '../schema/ddl.ts'
import type { Table } from '../schema/model.ts'
import { addForeignKeys } from '../schema/postgres-foreign-keys.ts'
import { createIndexes } from '../schema/postgres-indexes.ts'
import type { PostgresTable } from '../schema/postgres-model.ts'
import { addPrimaryKey, createTable } from '../schema/postgres-tables.ts'
import { createTriggers } from '../schema/postgres-triggers.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'

/** What the tables are to have: keys and indexes come with the backfill, foreign keys with a flip. */
export interface Wanted {
  readonly extent: Extent
  readonly foreignKeys: boolean
}

/**
 * The model of the tables in PostgreSQL's words. PostgreSQL writes an expression in a form of its own, which nobody else
 * can foretell: so it makes the tables, empty, in a schema that nobody sees, as the caller's transaction takes it back.
 */
export async function wantedTables(
  client: Queryer,
  tables: readonly Table[],
  { extent, foreignKeys }: Wanted,
): Promise<Map<string, PostgresTable>> {
  const schema = `lockstep_wanted_${randomUUID()}`
  const run = async (plan: DdlPlan): Promise<void> => {
    for (const { sql } of plan.statements) await client.query(sql)
  }
  await client.query('SAVEPOINT lockstep_wanted')
  await client.query(`CREATE SCHEMA ${quote(schema)}`)
  for (const table of tables) await run(createTable(table, schema))
  if (extent === 'whole') {
    for (const table of tables) {
      await run(addPrimaryKey(table, schema))
      await run(createIndexes(table, schema))
    }
    if (foreignKeys)
      for (const table of tables) await run(addForeignKeys(table, { tables }, schema))
    for (const table of tables) await run(createTriggers(table, tables, schema))
  }
  const names = tables.map(({ name }) => name)
  const wanted = await readTables(client, schema, names)
  await client.query('ROLLBACK TO SAVEPOINT lockstep_wanted')
  await client.query('RELEASE SAVEPOINT lockstep_wanted')
  return wanted
}
