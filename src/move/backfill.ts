import type pg from 'pg'
import type { BackfillProgress, BackfillReport } from '../api.ts'
import { LockstepError } from '../core/errors.ts'
import type { Shipper } from '../mirror/shipper.ts'
import { backfillTables, lock, readControl, type BackfillPhase } from '../postgres/control.ts'
import { presentTables } from '../postgres/install.ts'
import { quoteQualified } from '../schema/quote.ts'
import { countRows } from '../sqlite/count-rows.ts'
import { refuseHiddenRows } from '../sqlite/hidden-rows.ts'
import { lookAround } from './allowance.ts'
import { addIndexes, addKeys, finish, type StepContext } from './backfill-steps.ts'
import type { TableCopy } from './copy-plan.ts'
import { copyTables } from './copy-tables.ts'
import { journalNullKeys } from './null-keys.ts'
import { Pace } from './pace.ts'
import { checkPostgresDrift } from './postgres-drift.ts'
import { Speed } from './speed.ts'

export interface BackfillSettings {
  /** Ranges that are copied at the same time, each by a thread and a connection of its own; then keys, then indexes. */
  readonly concurrency: number
  /** Rows in one range, at the most. */
  readonly rowsPerRange: number
  /** Sessions of others that run a statement on PostgreSQL; with more of them the copy waits. */
  readonly maxActive: number
  /** How far a standby of PostgreSQL may be behind; beyond that the copy waits. */
  readonly maxLagMs: number
}

export interface BackfillContext extends StepContext {
  readonly settings: BackfillSettings
  readonly shipper: Shipper
  readonly signal: AbortSignal | undefined
  readonly onProgress: (progress: BackfillProgress) => void
}

type Report = Omit<BackfillReport, 'findings'>

/**
 * Carries everything over while the application writes.
 *
 *   copy ──> keys ──> catch-up ──> indexes ──> sequences ──> done
 *
 * The order is the point (DESIGN.md 6): the copy is fuzzy, as each range has a snapshot of its own; then
 * every key journaled since capture began is shipped, which makes it one exact state; and only an exact
 * state satisfies UNIQUE. Each step can be stopped at any moment and goes on where it was.
 */
export async function backfill(context: BackfillContext): Promise<Report> {
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
    // An older version may have installed.
    await client.query(backfillTables)
    return await run(context, client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function run(context: BackfillContext, client: pg.Client): Promise<Report> {
  const { reach, writer, shipper, signal, tables } = context
  const started = performance.now()
  const { backfill: phase } = await readControl(client)
  // A table that was installed after the first backfill goes the same way as all of them did.
  const done = phase === 'done' && !(await isAnyUncopied(client))
  if (!done) {
    await checkPresent(context, client)
    await refuseHiddenRows(
      context.file,
      tables.map(({ name }) => name),
      signal,
    )
  }
  if (!done && (phase === 'none' || phase === 'done')) {
    await journalNullKeys(writer, tables)
    await reach('backfill:begun')
  }
  const tell = createTell(context, await countAll(context))
  if (!done) await enter(client, 'copy')
  const copies = await copy(context, client, tell)
  const enterStep = async (phase: Exclude<BackfillPhase, 'none'>): Promise<void> => {
    signal?.throwIfAborted()
    await enter(client, phase)
    tell({ phase, table: null })
  }
  // A process that died after the last phase has left only that to do which follows.
  if (!done) {
    await enterStep('keys')
    await addKeys(context, client)
    await reach('backfill:keys-added')
    await enterStep('catch-up')
    await shipper.catchUp('sqlite', signal)
    await reach('backfill:caught-up')
    await enterStep('indexes')
    await addIndexes(context, client)
    // Rows that were too large for one of them have been journaled.
    await shipper.catchUp('sqlite', signal)
    await reach('backfill:indexes-created')
    await enterStep('sequences')
    await finish(context, client)
    await reach('backfill:sequences-set')
    await enter(client, 'done')
    await reach('backfill:recorded')
  }
  await writer.write(() => writer.db.prepare('UPDATE _lockstep_control SET backfilled = 1').run())
  if (!done) tell({ phase: 'done', table: null })
  return {
    tables: await reportOf(client, context.server.schema, copies),
    ms: performance.now() - started,
  }
}

async function countAll({ file, tables, signal }: BackfillContext): Promise<number> {
  const counts = await countRows(
    file,
    tables.map(({ name }) => name),
    signal,
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

type Tell = (news: Partial<BackfillProgress>) => void

/** Tells what is new together with what was known. */
function createTell({ onProgress }: BackfillContext, total: number): Tell {
  const speed = new Speed(() => performance.now())
  let now: BackfillProgress = {
    phase: 'copy',
    table: null,
    rows: 0,
    total,
    rowsPerSecond: 0,
    timeLeftMs: null,
    waiting: null,
  }
  return (news) => {
    now = { ...now, ...news }
    if (news.rows !== undefined) {
      speed.count(news.rows)
      now.rowsPerSecond = Math.round(speed.rowsPerSecond)
      now.timeLeftMs = speed.timeLeftMs(total)
    }
    if (now.phase !== 'copy') now = { ...now, rowsPerSecond: 0, timeLeftMs: null, waiting: null }
    onProgress({ ...now })
  }
}

function copy(
  context: BackfillContext,
  client: pg.Client,
  tell: Tell,
): Promise<readonly TableCopy[]> {
  const { settings, server, signal = new AbortController().signal } = context
  const pace = new Pace({
    look: () => lookAround(server, settings),
    onWaiting: (waiting) => tell({ waiting }),
    signal,
  })
  return copyTables(
    {
      ...context,
      ...settings,
      pace,
      signal,
      onRows: (table, rows) => tell({ table, rows }),
    },
    client,
  )
}

async function isAnyUncopied(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query('SELECT 1 FROM lockstep.tables WHERE NOT copied LIMIT 1')
  return rowCount !== 0
}

/** @throws LockstepError SCHEMA_DRIFT where a table has not been made, or one stood there before that has other columns */
async function checkPresent({ server, tables }: BackfillContext, client: pg.Client): Promise<void> {
  const present = await presentTables(client, server.schema)
  const missing = tables.map(({ name }) => name).filter((name) => !present.has(name))
  if (missing.length === 0) return checkPostgresDrift(client, server.schema, tables)
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

/**
 * What quarantine holds counts, whether it was the copy or the applier that could not place it. Of a table with such rows the
 * others are counted: the applier brings those that came beside them.
 */
async function reportOf(
  client: pg.Client,
  schema: string,
  copies: readonly TableCopy[],
): Promise<Report['tables']> {
  const { rows: held } = await client.query<{ tbl: string; rows: number }>(
    'SELECT tbl, count(*)::int AS rows FROM lockstep.quarantine GROUP BY tbl',
  )
  const quarantined = new Map(held.map(({ tbl, rows }) => [tbl, rows]))
  const report: Report['tables'] = []
  for (const { table, rows, startedAt = 0, endedAt = startedAt } of copies) {
    const away = quarantined.get(table.name) ?? 0
    report.push({
      table: table.name,
      rows: away === 0 ? rows : await countOf(client, quoteQualified(schema, table.name)),
      quarantined: away,
      ms: endedAt - startedAt,
    })
  }
  return report
}

async function countOf(client: pg.Client, name: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${name}`)
  return Number(rows[0]?.count)
}
