import type { SchemaSyncReport } from '../api.ts'
import { LockstepError, messageOf } from '../core/errors.ts'
import { keepKeysAhead } from '../postgres/automatic-keys.ts'
import { readControl, type Queryer } from '../postgres/control.ts'
import { isUnreachable, stateOf } from '../postgres/errors.ts'
import { presentTables } from '../postgres/install.ts'
import { readTables } from '../postgres/read-tables.ts'
import { inTransaction, Rollback } from '../postgres/transaction.ts'
import type { Extent } from '../schema/change.ts'
import type { DdlStatement } from '../schema/ddl.ts'
import { fingerprint } from '../schema/fingerprint.ts'
import type { Finding, Table } from '../schema/model.ts'
import { assertCarriable } from '../schema/postgres-names.ts'
import { foldName } from '../schema/quote.ts'
import type { SyncPlan } from '../schema/sync-plan.ts'
import { syncTable } from '../schema/sync-table.ts'
import type { ViewSync } from '../schema/sync-views.ts'
import { controlReader } from '../sqlite/control.ts'
import { readHighestKeys } from '../sqlite/counters.ts'
import { installedTables } from '../sqlite/install.ts'
import { applicationViews } from '../sqlite/views.ts'
import { checkServer } from './check-server.ts'
import { checkDrift, readMapped, type InstallBesides, type InstallContext } from './install.ts'
import { runPlan } from './schema.ts'
import { extentOf } from './schema-change.ts'
import { setSequences } from './sequences.ts'
import { compareViews } from './views.ts'
import { wantedTables } from './wanted-tables.ts'

/** Statements of the application queue up behind the wait for a lock. */
const lockTimeoutMs = 2000

/** What has been found, and what would be done about it. */
export interface SchemaSync {
  readonly report: SchemaSyncReport
  /** For an `install` that does it: it reads SQLite's schema anew, and alters PostgreSQL in its one transaction. */
  readonly besides: InstallBesides
}

/**
 * Compares the model, which SQLite's schema as it is today and the configuration make, with what PostgreSQL's catalogs
 * hold. Changes nothing.
 */
export async function planSync(context: InstallContext): Promise<SchemaSync> {
  const { file, server } = context
  const before = installedTables(file.reader)
  const { tables, findings } = readMapped(context, before)
  for (const table of tables) assertCarriable(table)
  await checkServer(server, tables)
  const { plans, views } = await inTransaction(server, async (client) => {
    return new Rollback(await planOf(client, context, before, tables))
  })
  const ships = plans.filter(({ ships: all }) => all).map(({ table }) => table.name)
  const run: Finding[] = []
  const report: SchemaSyncReport = {
    applied: false,
    sqlite: changedTables(file.reader, before, tables),
    statements: statementsOf({ plans, views }).map(({ sql }) => sql),
    obstacles: plans.flatMap(({ obstacles }) => obstacles),
    shipped: ships,
    findings: [...findings, ...plans.flatMap((plan) => plan.findings), ...views.findings],
  }
  return {
    report,
    besides: {
      unrepaired: new Set(ships),
      async alter(client, now) {
        run.length = 0
        await client.query(`SET LOCAL lock_timeout = ${lockTimeoutMs}`)
        await alter(client, context, await planOf(client, context, before, now), run)
        report.findings.push(...run)
      },
    },
  }
}

/** What brings PostgreSQL to the model: each table by itself, and the views around them all. */
interface WholePlan {
  readonly plans: readonly SyncPlan[]
  readonly views: ViewSync
}

function statementsOf({ plans, views }: WholePlan): DdlStatement[] {
  return [...views.first, ...plans.flatMap(({ statements }) => statements), ...views.last]
}

async function planOf(
  client: Queryer,
  { server: { schema }, writer }: InstallContext,
  before: readonly Table[],
  tables: readonly Table[],
): Promise<WholePlan> {
  const { primary, foreignKeys } = controlReader(writer.db)()
  const isCopy = primary === 'sqlite'
  const extent = await readExtent(client, before, schema)
  const wanted = await wantedTables(client, tables, { extent, foreignKeys: foreignKeys && !isCopy })
  const names = tables.map(({ name }) => name)
  const actual = await readTables(client, schema, names)
  const copied = await copiedTables(client)
  const known = new Map(before.map((table) => [table.name, table]))
  const plans = tables.flatMap((table) => {
    const found = wanted.get(table.name)
    if (found === undefined) return []
    const given = { table, tables, wanted: found, actual: actual.get(table.name) }
    const settings = { schema, isCopy, extent: copied.has(table.name) ? extent : 'bare' } as const
    return syncTable({ ...given, before: known.get(table.name) }, settings)
  })
  const altered = new Set(plans.filter(altersTable).map(({ table }) => foldName(table.name)))
  const views = applicationViews(writer.db)
  return { plans, views: await compareViews(client, { schema, tables, views, altered }) }
}

/** More than an index or a trigger: PostgreSQL refuses it of what a view reads. */
function altersTable({ statements }: SyncPlan): boolean {
  return statements.some(({ sql }) => sql.startsWith('ALTER TABLE '))
}

/** The others get their keys and indexes by the backfill that brings their rows. */
async function copiedTables(client: Queryer): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM lockstep.tables WHERE copied',
  )
  return new Set(rows.map(({ name }) => name))
}

/** How far the copy is, which a table that is new on SQLite does not take back. */
async function readExtent(
  client: Queryer,
  tables: readonly Table[],
  schema: string,
): Promise<Extent> {
  const { backfill } = await readControl(client)
  const present = await presentTables(client, schema)
  const isThere = tables.some(({ name }) => present.has(name))
  return extentOf(backfill === 'done', backfill, isThere)
}

async function alter(
  client: Queryer,
  { file, server: { schema } }: InstallContext,
  plan: WholePlan,
  findings: Finding[],
): Promise<void> {
  const { plans } = plan
  const obstacles = plans.flatMap((plan) => plan.obstacles)
  refuseObstacles(obstacles)
  try {
    const statements = statementsOf(plan)
    await runPlan(client, { statements, findings: [] }, { statements: [], findings })
  } catch (error) {
    if (isUnreachable(error)) throw error
    throw new LockstepError(
      'SCHEMA_DRIFT',
      `PostgreSQL does not take the change, and was not altered: ${messageOf(error)}. ${wayOut(error)}`,
      { cause: error },
    )
  }
  const numbered = plans
    .filter(({ statements }) => statements.some(({ sql }) => sql.includes(' AS IDENTITY ')))
    .map(({ table }) => table)
  await setSequences(client, readHighestKeys(file.reader, numbered), numbered, schema)
  await keepKeysAhead(client, schema, numbered)
}

function wayOut(error: unknown): string {
  return stateOf(error) === '55P03'
    ? 'Another session holds a table in a transaction (pg_stat_activity has it): once that has ended, run this again'
    : 'Mend what it names, or, while SQLite is the primary, drop the table there (CASCADE, where views read it) and ' +
        'run this again: it is made anew from SQLite'
}

/** @throws LockstepError SCHEMA_DRIFT */
export function refuseObstacles(obstacles: SchemaSyncReport['obstacles']): void {
  if (obstacles.length === 0) return
  const words = obstacles.map(({ table, message }) => `${table}: ${message}`)
  throw new LockstepError('SCHEMA_DRIFT', `Nothing was changed. ${words.join('. ')}`, {
    details: { obstacles },
  })
}

/** Those that are not as they were installed, tables that are gone among them. */
function changedTables(
  db: Parameters<typeof checkDrift>[0],
  before: readonly Table[],
  now: readonly Table[],
): string[] {
  const old = new Map(before.map((table) => [table.name, fingerprint({ tables: [table] })]))
  const changed = now
    .filter((table) => old.get(table.name) !== fingerprint({ tables: [table] }))
    .map(({ name }) => name)
  const there = new Set(now.map(({ name }) => name))
  const gone = before.map(({ name }) => name).filter((name) => !there.has(name))
  const names = [...changed, ...gone]
  if (names.length > 0) return names
  try {
    checkDrift(db, before)
    return []
  } catch (error) {
    // A trigger that was made since, or one of Lockstep's that is gone.
    if (error instanceof LockstepError && Array.isArray(error.details['tables']))
      return error.details['tables'].map(String)
    throw error
  }
}
