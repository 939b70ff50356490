import type pg from 'pg'
import type { PostgresServer } from '../postgres/connection.ts'
import { copyInto } from '../postgres/copy.ts'
import { claimRange, markCopied, quarantineRows } from '../postgres/copied-ranges.ts'
import { isRowRefused } from '../postgres/errors.ts'
import { durably } from '../sqlite/control.ts'
import { rangeCondition, type KeyRange, type RangeEnd } from '../sqlite/copy-range.ts'
import { journalRows } from '../sqlite/journal.ts'
import type { OpenedRange } from '../sqlite/range-source.ts'
import type { SqliteWriter } from '../sqlite/writer.ts'
import type { Task } from './copy-plan.ts'

export interface RangeContext {
  readonly server: PostgresServer
  readonly writer: SqliteWriter
}

type Copied = Pick<RangeEnd, 'rows' | 'bytes'>

/**
 * Copies one range in one transaction, together with what it leaves behind and the note that it is done. A range of
 * which PostgreSQL refuses a row, such as one that breaks a CHECK, is left to the applier, which finds the row.
 */
export async function copyRange(
  context: RangeContext,
  client: pg.Client,
  task: Task,
  opened: OpenedRange,
): Promise<Copied> {
  try {
    return await inRange(client, task, () => copyRows(context, client, task, opened))
  } catch (error) {
    if (!isRowRefused(error)) throw error
    await journalRange(context.writer, task, opened.upTo)
    const nothing = { rows: 0, bytes: 0, rejected: [] }
    return inRange(client, task, async () => nothing)
  }
}

async function inRange(
  client: pg.Client,
  { table: { table }, number }: Task,
  work: () => Promise<RangeEnd>,
): Promise<Copied> {
  await client.query('BEGIN')
  try {
    if (!(await claimRange(client, table.id, number))) {
      await client.query('ROLLBACK')
      return { rows: 0, bytes: 0 }
    }
    const { rows, bytes, rejected } = await work()
    await quarantineRows(
      client,
      rejected.map((row) => ({ table: table.name, ...row })),
    )
    await markCopied(client, table.id, number, rows)
    await client.query('COMMIT')
    return { rows, bytes }
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

async function copyRows(
  { server }: RangeContext,
  client: pg.Client,
  { table: { table } }: Task,
  { chunks }: OpenedRange,
): Promise<RangeEnd> {
  await client.query(`SET LOCAL lockstep.applying = 'on'`)
  return copyInto(client, table, server.schema, chunks)
}

/** So that it outlives a power cut, as the note that the range is done does. */
async function journalRange(
  writer: SqliteWriter,
  { table: { table }, after }: Task,
  upTo: KeyRange['upTo'],
): Promise<void> {
  const { sql, values } = rangeCondition(table, { after, upTo })
  await writer.write(() => durably(writer.db, () => journalRows(writer.db, table, sql, values)))
}
