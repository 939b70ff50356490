import type pg from 'pg'
import { LockstepError } from '../core/errors.ts'
import type { BackfillReport } from '../api.ts'
import type { Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { controlReader } from '../sqlite/control.ts'
import { journalRows } from '../sqlite/journal.ts'
import type { BackfillContext } from './backfill.ts'
import { checkEmpty } from './copy-table.ts'

/** The tables that came to the application after the backfill, and are not on PostgreSQL yet. */
export async function lateTables(
  { tables }: BackfillContext,
  client: pg.Client,
): Promise<readonly Table[]> {
  const { rows } = await client.query<{ id: number }>(
    'SELECT id FROM lockstep.tables WHERE NOT copied',
  )
  const ids = new Set(rows.map(({ id }) => id))
  return tables.filter(({ id }) => ids.has(id))
}

/**
 * Carries one late table over. The applier runs already, so nothing may be copied beside it: all keys go
 * into the journal, and the rows come the way of every change. Can be run again at any point.
 * @param addKey puts the primary key on, without which nothing can be applied
 * @throws LockstepError TARGET_NOT_EMPTY; GATE_REFUSED where PostgreSQL is the primary
 */
export async function carryLateTable(
  { server, writer }: BackfillContext,
  client: pg.Client,
  table: Table,
  addKey: () => Promise<void>,
): Promise<BackfillReport['tables'][number]> {
  const started = performance.now()
  if (controlReader(writer.db)().primary !== 'sqlite') {
    throw new LockstepError(
      'GATE_REFUSED',
      `Table ${table.name} is new on SQLite, which is not the primary: roll back first, or create it on PostgreSQL`,
    )
  }
  const { rowCount } = await client.query(
    'SELECT 1 FROM pg_constraint WHERE conrelid = $1::regclass',
    [`${quote(server.schema)}.${quote(table.name)}`],
  )
  if (rowCount === 0) await checkEmpty(client, server.schema, table)
  await addKey()
  await writer.write(() => journalRows(writer.db, table, 'TRUE'))
  const rows = writer.db
    .prepare(`SELECT count(*) FROM ${quote(table.name)}`)
    .pluck()
    .get() as number
  await client.query('UPDATE lockstep.tables SET copied = true, copied_rows = $2 WHERE id = $1', [
    table.id,
    rows,
  ])
  return { table: table.name, rows, quarantined: 0, ms: performance.now() - started }
}
