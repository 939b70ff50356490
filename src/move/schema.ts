import { installCompat } from '../compat/install.ts'
import { messageOf } from '../core/errors.ts'
import type { Reach } from '../core/pause-points.ts'
import type { PlaceName } from '../place/place.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import type { Queryer } from '../postgres/control.ts'
import { isUnreachable, stateOf } from '../postgres/errors.ts'
import { disableApplicationTriggers, installCapture, presentTables } from '../postgres/install.ts'
import { inTransaction } from '../postgres/transaction.ts'
import { refused, type DdlPlan } from '../schema/ddl.ts'
import type { Finding, Table } from '../schema/model.ts'
import { createIndexes } from '../schema/postgres-indexes.ts'
import { createTable } from '../schema/postgres-tables.ts'
import { carryViews } from '../schema/postgres-views.ts'
import type { View } from '../sql/views.ts'
import { checkServer } from './check-server.ts'
import { checkPostgresDrift } from './postgres-drift.ts'
import { compareViews, type ViewsToCompare } from './views.ts'

export interface SchemaRun {
  readonly statements: string[]
  readonly findings: Finding[]
}

/** What PostgreSQL is to have. */
export interface SchemaToMake {
  readonly tables: readonly Table[]
  /** Of SQLite, by folded name. */
  readonly views: ReadonlyMap<string, View>
}

/** What `applySchema` would run. */
export function planSchema({ tables, views }: SchemaToMake, schema: string): SchemaRun {
  const plans = tables.map((table) => createTable(table, schema))
  const { carried, findings } = carryViews(views, tables, schema)
  const made = plans.flatMap(({ statements }) => statements.map(({ sql }) => sql))
  return {
    statements: [...made, ...carried.map(({ create }) => create)],
    findings: [
      ...plans.flatMap((plan) => plan.findings),
      ...tables.flatMap((table) => createIndexes(table, schema).findings),
      ...findings,
    ],
  }
}

/**
 * Creates the tables that are not there yet, bare, with capture and fence on each, and the views. A table that is there
 * must have the columns it would be given. Runs in one transaction.
 * @throws LockstepError SCHEMA_DRIFT, TARGET_NOT_EMPTY, POSTGRES_DENIED
 */
export async function applySchema(
  server: PostgresServer,
  { tables, views }: SchemaToMake,
  primary: PlaceName,
  reach: Reach,
): Promise<SchemaRun> {
  const { schema } = server
  const run: SchemaRun = { statements: [], findings: [] }
  await checkServer(server, tables)
  await inTransaction(server, async (client) => {
    // Tables may use its functions in CHECKs, defaults and generated columns.
    await installCompat(client)
    const present = await presentTables(client, schema)
    for (const table of tables) {
      const plan = createTable(table, schema)
      run.findings.push(...plan.findings, ...createIndexes(table, schema).findings)
      if (present.has(table.name)) await checkPostgresDrift(client, schema, [table])
      else await runPlan(client, plan, run)
      await installCapture(client, schema, table)
    }
    if (primary === 'sqlite') await disableApplicationTriggers(client, schema, tables)
    run.findings.push(...carryViews(views, tables, schema).findings)
    // One that shows the columns of a grouped key waits for the key, and what is refused for good is told then.
    const made: SchemaRun = { statements: run.statements, findings: [] }
    await applyViews(client, { schema, tables, views }, made)
    run.findings.push(...made.findings.filter(({ code }) => code !== 'VIEW_NOT_CARRIED'))
  })
  await reach('schema:tables-created')
  return run
}

/** Runs DDL in order inside a transaction; what may fail does so in a savepoint and becomes a finding. */
export async function runPlan(db: Queryer, plan: DdlPlan, run: SchemaRun): Promise<void> {
  for (const statement of plan.statements) {
    await db.query('SAVEPOINT ddl')
    try {
      await db.query(statement.sql)
      run.statements.push(statement.sql)
    } catch (error) {
      // What an earlier run made before it was stopped is there: 42P07, duplicate_table, is said of indexes too.
      const isThere = stateOf(error) === '42P07' && statement.isView !== true
      if (!isThere && (!statement.mayFail || isUnreachable(error))) throw error
      await db.query('ROLLBACK TO SAVEPOINT ddl')
      if (!isThere) run.findings.push(refused(statement, messageOf(error)))
    }
    await db.query('RELEASE SAVEPOINT ddl')
  }
}

/** Makes PostgreSQL's views what they are to be, in the caller's transaction. */
export async function applyViews(
  client: Queryer,
  given: ViewsToCompare,
  run: SchemaRun,
): Promise<void> {
  const { first, last, findings } = await compareViews(client, given)
  await runPlan(client, { statements: [...first, ...last], findings: [] }, run)
  run.findings.push(...findings)
}
