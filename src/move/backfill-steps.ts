import type pg from 'pg'
import type { Reach } from '../core/pause-points.ts'
import { keepKeysAhead } from '../postgres/automatic-keys.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import { applicationTriggers, disableApplicationTriggers } from '../postgres/install.ts'
import type { Finding, Table } from '../schema/model.ts'
import { createIndexes } from '../schema/postgres-indexes.ts'
import { indexName, primaryKeyName } from '../schema/postgres-names.ts'
import { addPrimaryKey } from '../schema/postgres-tables.ts'
import { createTriggers } from '../schema/postgres-triggers.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { postgresTriggerNames } from '../schema/trigger-names.ts'
import type { SqliteFile } from '../sqlite/connection.ts'
import { readHighestKeys } from '../sqlite/counters.ts'
import { applicationViews } from '../sqlite/views.ts'
import type { SqliteWriter } from '../sqlite/writer.ts'
import { leavingLargeKeys } from './large-keys.ts'
import { applyViews, runPlan, type SchemaRun } from './schema.ts'
import { setSequences } from './sequences.ts'
import { runSideBySide } from './side-by-side.ts'

/** What the steps behind the copy need. */
export interface StepContext {
  readonly server: PostgresServer
  /** `concurrency`: so many keys or indexes are made at once. */
  readonly settings: { readonly concurrency: number }
  readonly file: SqliteFile
  readonly writer: SqliteWriter
  readonly tables: readonly Table[]
  readonly reach: Reach
  readonly onFindings: (findings: readonly Finding[]) => void
}

export async function addKeys(context: StepContext, client: pg.Client): Promise<void> {
  const { server, settings, tables, reach } = context
  const tasks = tables.map((table) => ({
    name: `${server.schema}.${primaryKeyName(table)}`,
    async run(lane: pg.Client) {
      const { rowCount } = await lane.query(
        `SELECT 1 FROM pg_constraint WHERE conname = $1 AND conrelid = to_regclass($2)`,
        [primaryKeyName(table), `${quote(server.schema)}.${quote(table.name)}`],
      )
      if (rowCount !== 0) return
      await leavingLargeKeys(context, lane, { table, columns: table.key.columns }, async () => {
        for (const { sql } of addPrimaryKey(table, server.schema).statements) await lane.query(sql)
      })
    },
    done: () => reach('backfill:key-added'),
  }))
  await runSideBySide(server, client, settings.concurrency, tasks)
}

/** Each index by itself; one that an earlier run has made is there. */
export async function addIndexes(context: StepContext, client: pg.Client): Promise<void> {
  const { server, settings, tables, reach, onFindings } = context
  const tasks = tables.flatMap((table) =>
    table.indexes.map((index) => {
      const plan = createIndexes({ ...table, indexes: [index] }, server.schema)
      const made: SchemaRun = { statements: [], findings: [...plan.findings] }
      return {
        name: `${server.schema}.${indexName(table, index)}`,
        run: (lane: pg.Client) =>
          leavingLargeKeys(
            context,
            lane,
            { table, columns: index.parts.flatMap(({ column }) => column ?? []) },
            () => runPlan(lane, plan, made),
          ),
        async done() {
          onFindings(made.findings)
          await reach('backfill:index-created')
        },
      }
    }),
  )
  await runSideBySide(server, client, settings.concurrency, tasks)
}

/** Those of the application, for the time after a flip; until then they are switched off. */
async function addTriggers(
  { server, tables, onFindings }: StepContext,
  client: pg.Client,
): Promise<void> {
  const made: SchemaRun = { statements: [], findings: [] }
  await client.query('BEGIN')
  const there = new Set(
    (await applicationTriggers(client, server.schema)).map(({ tbl, name }) => `${tbl}.${name}`),
  )
  for (const table of tables) {
    const names = postgresTriggerNames(table, tables)
    // What an operator has written for the same name stays.
    const missing = table.triggers.filter(
      ({ name }) => ![name, names.get(name)].some((each) => there.has(`${table.name}.${each}`)),
    )
    const plan = createTriggers(table, tables, server.schema, missing)
    made.findings.push(...plan.findings)
    await runPlan(client, plan, made)
  }
  await disableApplicationTriggers(client, server.schema, tables)
  await client.query('COMMIT')
  onFindings(made.findings)
}

/** Those that had to wait for the keys of their tables, or were made between. */
async function addViews(
  { server: { schema }, file, tables, onFindings }: StepContext,
  client: pg.Client,
): Promise<void> {
  const made: SchemaRun = { statements: [], findings: [] }
  const views = applicationViews(file.reader)
  await client.query('BEGIN')
  await applyViews(client, { schema, tables, views }, made)
  await client.query('COMMIT')
  onFindings(made.findings)
}

export async function finish(context: StepContext, client: pg.Client): Promise<void> {
  const highest = readHighestKeys(context.file.reader, context.tables)
  await setSequences(client, highest, context.tables, context.server.schema)
  await keepKeysAhead(client, context.server.schema, context.tables)
  await addTriggers(context, client)
  await addViews(context, client)
  const { schema } = context.server
  const tasks = context.tables.map(({ name }) => ({
    name: `${schema}.${name}`,
    run: async (lane: pg.Client) =>
      void (await lane.query(`ANALYZE ${quote(schema)}.${quote(name)}`)),
  }))
  await runSideBySide(context.server, client, context.settings.concurrency, tasks)
}
