import type pg from 'pg'
import type { Reach } from '../core/pause-points.ts'
import { LockstepError } from '../core/errors.ts'
import type { Queryer } from '../postgres/control.ts'
import { strangeKeys } from '../postgres/server-facts.ts'
import { readProgress, type TableProgress } from '../postgres/copied-ranges.ts'
import type { Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import type { SqliteFile } from '../sqlite/connection.ts'
import { openRangeSource } from '../sqlite/range-source.ts'
import { CopyPlan, type TableCopy, type Task } from './copy-plan.ts'
import { copyRange, type RangeContext } from './copy-range.ts'
import type { Pace } from './pace.ts'

export interface CopyContext extends RangeContext {
  readonly file: SqliteFile
  readonly tables: readonly Table[]
  readonly concurrency: number
  readonly rowsPerRange: number
  readonly pace: Pace
  readonly reach: Reach
  readonly signal: AbortSignal
  /** @param rows of all tables so far, those of earlier runs included */
  readonly onRows: (table: string, rows: number) => void
}

/**
 * Copies what is not copied yet, several ranges at once. Each lane has a connection to PostgreSQL and a reader of
 * SQLite of its own. Rows that PostgreSQL cannot take go to quarantine in the same transaction.
 */
export async function copyTables(
  context: CopyContext,
  client: pg.Client,
): Promise<readonly TableCopy[]> {
  const plan = new CopyPlan(client, await readAll(context, client), context.rowsPerRange)
  await plan.settle()
  const open = plan.tables.filter(({ copied }) => !copied)
  const lanes = open.length === 0 ? 0 : context.concurrency
  const failed = new AbortController()
  const results = await Promise.allSettled(
    Array.from({ length: lanes }, async () => {
      try {
        await runLane(
          { ...context, signal: AbortSignal.any([context.signal, failed.signal]) },
          plan,
        )
      } catch (error) {
        plan.close()
        failed.abort(error)
        throw error
      }
    }),
  )
  const failure = results.find(({ status }) => status === 'rejected') as PromiseRejectedResult
  // The lanes that ended because another one failed say why that one did.
  if (failure !== undefined) throw failed.signal.reason
  return plan.tables
}

async function runLane(context: CopyContext, plan: CopyPlan): Promise<void> {
  const { server, file, pace, reach, signal } = context
  const next = async (workedMs: number): Promise<Task | undefined> => {
    await pace.rest(workedMs)
    signal.throwIfAborted()
    return plan.take()
  }
  let task = await next(0)
  // A small database is copied before all lanes have something to do.
  if (task === undefined) return
  const client = await server.connect()
  const source = openRangeSource(file)
  try {
    // Rows and the note that they are copied are lost together or not at all, and the steps that follow wait for the
    // disk. https://www.postgresql.org/docs/current/wal-async-commit.html
    await client.query('SET synchronous_commit = off')
    while (task !== undefined) {
      const begun = performance.now()
      const { table } = task.table
      const opened = await source.open({ table, after: task.after, until: task.until })
      if ('rows' in task.until) {
        await plan.bound(task, opened.upTo)
        await reach('backfill:range-begun')
      }
      const { rows, bytes } = await copyRange(context, client, task, opened)
      const isLast = await plan.done(task, rows, bytes)
      context.onRows(
        table.name,
        plan.tables.reduce((sum, one) => sum + one.rows, 0),
      )
      await reach(isLast ? 'backfill:table-copied' : 'backfill:range-copied')
      task = await next(performance.now() - begun)
    }
  } finally {
    await Promise.all([source.close(), client.end().catch(() => undefined)])
  }
}

async function readAll(
  { tables, server }: CopyContext,
  client: pg.Client,
): Promise<{ table: Table; progress: TableProgress }[]> {
  const found: { table: Table; progress: TableProgress }[] = []
  for (const table of tables) {
    const progress = await readProgress(client, table.id)
    if (!progress.copied && progress.last === null) await checkEmpty(client, server.schema, table)
    found.push({ table, progress })
  }
  return found
}

/** @throws LockstepError TARGET_NOT_EMPTY */
async function checkEmpty(db: Queryer, schema: string, table: Table): Promise<void> {
  const details = { table: table.name }
  const { rowCount } = await db.query(`SELECT 1 FROM ${quote(schema)}.${quote(table.name)} LIMIT 1`)
  if (rowCount !== 0)
    throw new LockstepError(
      'TARGET_NOT_EMPTY',
      `The PostgreSQL table ${schema}.${table.name} holds rows that Lockstep did not copy. Nothing was changed: ` +
        'empty it, or choose another database or schema (postgres.schema)',
      { details },
    )
  const [key] = await strangeKeys(db, schema, [table.name])
  if (key !== undefined)
    throw new LockstepError(
      'TARGET_NOT_EMPTY',
      `PostgreSQL has in schema ${schema} the ${key}. Nothing was changed: drop it, as the copy makes its own once the rows are there`,
      { details },
    )
}
