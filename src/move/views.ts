import type { VerifyProblem } from '../api.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import type { Queryer } from '../postgres/control.ts'
import { readViews } from '../postgres/read-views.ts'
import { inTransaction, Rollback } from '../postgres/transaction.ts'
import type { Table } from '../schema/model.ts'
import { carryViews } from '../schema/postgres-views.ts'
import { syncViews, type ViewSync } from '../schema/sync-views.ts'
import type { View } from '../sql/views.ts'

export interface ViewsToCompare {
  /** Of the tables on PostgreSQL. */
  readonly schema: string
  readonly tables: readonly Table[]
  /** Of SQLite, by folded name. */
  readonly views: ReadonlyMap<string, View>
  /** Folded names of tables whose columns or keys are about to change. */
  readonly altered?: ReadonlySet<string>
}

/** Compares the views of PostgreSQL with SQLite's, in the caller's transaction. Changes nothing. */
export async function compareViews(
  client: Queryer,
  { schema, tables, views, altered = new Set() }: ViewsToCompare,
): Promise<ViewSync> {
  const { carried } = carryViews(views, tables, schema)
  const names = carried.map(({ name }) => name)
  return syncViews({ carried, actual: await readViews(client, schema, names), schema, altered })
}

/** What is wrong with PostgreSQL's views, and what mends it. */
export async function findViewProblems(
  server: PostgresServer,
  { tables, views }: Pick<ViewsToCompare, 'tables' | 'views'>,
): Promise<VerifyProblem[]> {
  const { schema } = server
  const { problems } = await inTransaction(server, async (client) => {
    return new Rollback(await compareViews(client, { schema, tables, views }))
  })
  return [...problems].map(([table, problem]) => ({
    kind: 'view',
    table,
    message: `${problem}: \`lockstep schema sync --apply\` (db.syncSchema({ apply: true }))`,
  }))
}
