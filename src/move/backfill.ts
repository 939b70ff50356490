import type pg from 'pg'
import { LockstepError } from '../core/errors.ts'
import type { Reach } from '../core/pause-points.ts'
import type { BackfillProgress, BackfillReport } from '../api.ts'
import type { Shipper } from '../mirror/shipper.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import { keepKeysAhead } from '../postgres/automatic-keys.ts'
import { lock, readControl, type BackfillPhase } from '../postgres/control.ts'
import type { Finding, Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import {
  applicationTriggers,
  disableApplicationTriggers,
  presentTables,
} from '../postgres/install.ts'
import { createTriggers } from '../schema/postgres-triggers.ts'
import { postgresTriggerNames } from '../schema/trigger-names.ts'
import { createIndexes } from '../schema/postgres-indexes.ts'
import { indexName, primaryKeyName } from '../schema/postgres-names.ts'
import { addPrimaryKey } from '../schema/postgres-tables.ts'
import type { SqliteFile } from '../sqlite/connection.ts'
import type { SqliteWriter } from '../sqlite/writer.ts'
import { copyTable, journalNullKeys } from './copy-table.ts'
import { runPlan, type SchemaRun } from './schema.ts'
import { setSequences } from './sequences.ts'

export interface BackfillContext {
  readonly server: PostgresServer
  readonly file: SqliteFile
  readonly writer: SqliteWriter
  readonly shipper: Shipper
  readonly tables: readonly Table[]
  readonly reach: Reach
  readonly signal: AbortSignal | undefined
  readonly onProgress: (progress: BackfillProgress) => void
  readonly onFindings: (findings: readonly Finding[]) => void
}

/**
 * Carries everything over while the application writes.
 *
 *   copy ──> keys ──> catch-up ──> indexes ──> sequences ──> done
 *
 * The order is the point (DESIGN.md 6): the copy is fuzzy, as each range has a snapshot of its own; then
 * every key journaled since capture began is shipped, which makes it one exact state; and only an exact
 * state satisfies UNIQUE. Each step can be stopped at any moment and goes on where it was.
 */
export async function backfill(
  context: BackfillContext,
): Promise<Omit<BackfillReport, 'findings'>> {
  const client = await context.server.connect()
  try {
    await client.query('SET synchronous_commit = on')
    const { rows } = await client.query<{ won: boolean }>(
      `SELECT pg_try_advisory_lock(${lock.backfill}) AS won`,
    )
    if (rows[0]?.won !== true) {
      throw new LockstepError(
        'BACKFILL_IN_PROGRESS',
        'Another process runs the backfill; wait for it, or end it first',
      )
    }
    return await run(context, client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function run(
  context: BackfillContext,
  client: pg.Client,
): Promise<Omit<BackfillReport, 'findings'>> {
  const started = performance.now()
  const { backfill: phase } = await readControl(client)
  const total = countRows(context)
  let rows = 0
  const report = (at: BackfillProgress['phase'], table: string | null, copied = rows): void =>
    context.onProgress({ phase: at, table, rows: copied, total })
  // A table that was installed after the first backfill goes the same way as all of them did.
  const done = phase === 'done' && !(await isAnyUncopied(client))
  if (!done) await checkPresent(context, client)
  if (!done && (phase === 'none' || phase === 'done')) {
    await journalNullKeys(context)
    await context.reach('backfill:begun')
  }
  const tables: BackfillReport['tables'] = []
  if (!done) await enter(client, 'copy')
  for (const table of context.tables) {
    const copied = await copyTable(context, client, table, (count) =>
      report('copy', table.name, rows + count),
    )
    rows += copied.rows
    tables.push(copied)
  }
  if (done) {
    // A process that died after the last phase has left this to do.
    await recordDone(context)
    return { tables, ms: performance.now() - started }
  }
  await step(context, client, 'keys', report, () => addKeys(context, client), 'backfill:keys-added')
  await step(
    context,
    client,
    'catch-up',
    report,
    () => context.shipper.catchUp('sqlite', context.signal),
    'backfill:caught-up',
  )
  await step(
    context,
    client,
    'indexes',
    report,
    () => addIndexes(context, client),
    'backfill:indexes-created',
  )
  await step(
    context,
    client,
    'sequences',
    report,
    () => finish(context, client),
    'backfill:sequences-set',
  )
  await enter(client, 'done')
  await context.reach('backfill:recorded')
  await recordDone(context)
  report('done', null)
  return { tables, ms: performance.now() - started }
}

async function step(
  context: BackfillContext,
  client: pg.Client,
  phase: Exclude<BackfillPhase, 'none'>,
  report: (phase: Exclude<BackfillPhase, 'none'>, table: null) => void,
  work: () => Promise<void>,
  point: Parameters<Reach>[0],
): Promise<void> {
  context.signal?.throwIfAborted()
  await enter(client, phase)
  report(phase, null)
  await work()
  await context.reach(point)
}

async function isAnyUncopied(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query('SELECT 1 FROM lockstep.tables WHERE NOT copied LIMIT 1')
  return rowCount !== 0
}

/** @throws LockstepError SCHEMA_DRIFT where a table has not been made */
async function checkPresent({ server, tables }: BackfillContext, client: pg.Client): Promise<void> {
  const present = await presentTables(client, server.schema)
  const missing = tables.map(({ name }) => name).filter((name) => !present.has(name))
  if (missing.length === 0) return
  throw new LockstepError(
    'SCHEMA_DRIFT',
    `PostgreSQL does not have ${missing.join(', ')} (schema ${server.schema}). Nothing was copied: run ` +
      '`lockstep schema --apply` (db.applySchema()) first',
    { details: { tables: missing } },
  )
}

async function enter(client: pg.Client, phase: BackfillPhase): Promise<void> {
  await client.query('UPDATE lockstep.control SET backfill = $1', [phase])
}

async function recordDone({ writer }: BackfillContext): Promise<void> {
  await writer.write(() => writer.db.prepare('UPDATE _lockstep_control SET backfilled = 1').run())
}

function countRows({ file, tables }: BackfillContext): number {
  let total = 0
  for (const table of tables) {
    total += file.reader
      .prepare(`SELECT count(*) FROM ${quote(table.name)}`)
      .pluck()
      .get() as number
  }
  return total
}

async function addKeys(
  { server, tables, reach }: BackfillContext,
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

async function addIndexes(
  { server, tables, reach, onFindings }: BackfillContext,
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
  { server, tables, onFindings }: BackfillContext,
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

async function finish(context: BackfillContext, client: pg.Client): Promise<void> {
  await setSequences(client, context.file.reader, context.tables, context.server.schema)
  await keepKeysAhead(client, context.server.schema, context.tables)
  await addTriggers(context, client)
  for (const table of context.tables) {
    await client.query(`ANALYZE ${quote(context.server.schema)}.${quote(table.name)}`)
  }
}
