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
import { readCounters } from '../sqlite/counters.ts'
import { runPlan, type SchemaRun } from './schema.ts'
import { setSequences } from './sequences.ts'

/** What the steps behind the copy need. */
export interface StepContext {
  readonly server: PostgresServer
  readonly file: SqliteFile
  readonly tables: readonly Table[]
  readonly reach: Reach
  readonly onFindings: (findings: readonly Finding[]) => void
}

export async function addKeys(
  { server, tables, reach }: StepContext,
  client: pg.Client,
): Promise<void> {
  for (const table of tables) {
    const { rowCount } = await client.query(
      `SELECT 1 FROM pg_constraint WHERE conname = $1 AND conrelid = to_regclass($2)`,
      [primaryKeyName(table), `${quote(server.schema)}.${quote(table.name)}`],
    )
    if (rowCount !== 0) continue
    for (const { sql } of addPrimaryKey(table, server.schema).statements) await client.query(sql)
    await reach('backfill:key-added')
  }
}

export async function addIndexes(
  { server, tables, reach, onFindings }: StepContext,
  client: pg.Client,
): Promise<void> {
  for (const table of tables) {
    const present = await presentIndexes(client, server.schema, table)
    const missing = table.indexes.filter((index) => !present.has(indexName(table, index)))
    const plan = createIndexes({ ...table, indexes: missing }, server.schema)
    const made = { statements: [], findings: [...plan.findings] }
    await client.query('BEGIN')
    await runPlan(client, plan, made)
    await client.query('COMMIT')
    await reach('backfill:table-indexed')
    onFindings(made.findings)
  }
}

/** A backfill that goes on after a crash finds the indexes that it made before. */
async function presentIndexes(
  client: pg.Client,
  schema: string,
  table: Table,
): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT indexname AS name FROM pg_indexes WHERE schemaname = $1 AND tablename = $2',
    [schema, table.name],
  )
  return new Set(rows.map(({ name }) => name))
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
    const names = postgresTriggerNames(table.triggers)
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

export async function finish(context: StepContext, client: pg.Client): Promise<void> {
  const remembered = readCounters(context.file.reader)
  await setSequences(client, remembered, context.tables, context.server.schema)
  await keepKeysAhead(client, context.server.schema, context.tables)
  await addTriggers(context, client)
  for (const table of context.tables) {
    await client.query(`ANALYZE ${quote(context.server.schema)}.${quote(table.name)}`)
  }
}
