import { randomUUID } from 'node:crypto'
import type { VerifyProblem } from '../api.ts'
import { messageOf } from '../core/errors.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import { readControl, type Queryer } from '../postgres/control.ts'
import { isUnreachable, stateOf } from '../postgres/errors.ts'
import { readViews } from '../postgres/read-views.ts'
import { inTransaction, Rollback } from '../postgres/transaction.ts'
import type { Extent } from '../schema/change.ts'
import type { Table } from '../schema/model.ts'
import type { PostgresView } from '../schema/postgres-model.ts'
import { addPrimaryKey, createTable } from '../schema/postgres-tables.ts'
import { carryViews } from '../schema/postgres-views.ts'
import { foldName, quoteIdentifier as quote } from '../schema/quote.ts'
import { syncViews, type ViewSync } from '../schema/sync-views.ts'
import type { View } from '../sql/views.ts'

export interface ViewsToCompare {
  /** Of the tables on PostgreSQL. */
  readonly schema: string
  readonly tables: readonly Table[]
  /** Of SQLite, by folded name. */
  readonly views: ReadonlyMap<string, View>
  readonly extent: Extent
  /** Folded names of tables whose columns or keys are about to change. */
  readonly altered?: ReadonlySet<string>
}

/** Compares the views of PostgreSQL with SQLite's, in the caller's transaction. Changes nothing. */
export async function compareViews(client: Queryer, given: ViewsToCompare): Promise<ViewSync> {
  const { schema, tables, views, altered = new Set() } = given
  const { carried } = carryViews(views, tables, schema)
  const actual = await readViews(client, schema)
  const wanted = carried.length === 0 ? new Map() : await wantedViews(client, given)
  return syncViews({ carried, wanted, actual, schema, altered })
}

/** What is wrong with PostgreSQL's views, and what mends it. */
export async function findViewProblems(
  server: PostgresServer,
  { tables, views }: Pick<ViewsToCompare, 'tables' | 'views'>,
): Promise<VerifyProblem[]> {
  const { schema } = server
  const { problems } = await inTransaction(server, async (client) => {
    const extent = await builtExtent(client)
    return new Rollback(await compareViews(client, { schema, tables, views, extent }))
  })
  return [...problems].map(([table, problem]) => ({
    kind: 'view',
    table,
    message: `${problem}: \`lockstep schema sync --apply\` (db.syncSchema({ apply: true }))`,
  }))
}

/** What the tables have that are there: their keys come with the backfill. */
export async function builtExtent(client: Queryer): Promise<Extent> {
  const { backfill } = await readControl(client)
  return backfill === 'done' ? 'whole' : 'bare'
}

/**
 * The views in PostgreSQL's words, which nobody else can foretell: it makes them in a schema that nobody sees. In the place
 * of one that it refuses is the reason; left out is one that waits for the keys of its tables.
 */
async function wantedViews(
  client: Queryer,
  { tables, views, extent }: ViewsToCompare,
): Promise<Map<string, PostgresView | string>> {
  const schema = `lockstep_wanted_${randomUUID()}`
  const { carried } = carryViews(views, tables, schema)
  const read = new Set(carried.flatMap(({ reads }) => reads))
  await client.query('SAVEPOINT lockstep_wanted')
  await client.query(`CREATE SCHEMA ${quote(schema)}`)
  for (const table of tables.filter(({ name }) => read.has(foldName(name)))) {
    for (const { sql } of createTable(table, schema).statements) await client.query(sql)
    if (extent !== 'whole') continue
    for (const { sql } of addPrimaryKey(table, schema).statements) await client.query(sql)
  }
  const refused = new Map<string, string>()
  for (const { name, create } of carried) {
    const error = await refusalOf(client, create)
    const waits = extent !== 'whole' && stateOf(error) === groupingError
    if (error !== null && !waits) refused.set(name, messageOf(error))
  }
  const made = await readViews(client, schema)
  await client.query('ROLLBACK TO SAVEPOINT lockstep_wanted; RELEASE SAVEPOINT lockstep_wanted')
  return new Map<string, PostgresView | string>([...made, ...refused])
}

/** What is grouped by the key of a table may show all of its columns, once PostgreSQL knows the key. */
const groupingError = '42803'

async function refusalOf(client: Queryer, sql: string): Promise<unknown> {
  await client.query('SAVEPOINT lockstep_view')
  try {
    await client.query(sql)
    await client.query('RELEASE SAVEPOINT lockstep_view')
    return null
  } catch (error) {
    if (isUnreachable(error)) throw error
    await client.query('ROLLBACK TO SAVEPOINT lockstep_view; RELEASE SAVEPOINT lockstep_view')
    return error
  }
}
