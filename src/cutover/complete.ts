import type pg from 'pg'
import { LockstepError } from '../core/errors.ts'
import type { Control } from '../place/place.ts'
import type { PostgresServer } from '../postgres/connection.ts'
import { dropCaptureStatements } from '../postgres/capture.ts'
import { stateOf } from '../postgres/errors.ts'
import { inTransaction } from '../postgres/transaction.ts'
import type { Table } from '../schema/model.ts'
import { recordAction } from '../sqlite/audit.ts'
import { durably } from '../sqlite/control.ts'
import { catchUpWithin } from './catch-up.ts'
import type { CutoverContext } from './context.ts'
import { readSqlite } from './steps.ts'

/**
 * Rows that PostgreSQL could not hold when a flip by force made it the primary: only the list of them says where they are.
 * @throws LockstepError GATE_REFUSED
 */
export async function refuseLeftBehind({ control }: PostgresServer): Promise<void> {
  const { rows } = await control.query<{ left: number }>(
    'SELECT count(*)::int AS left FROM lockstep.quarantine',
  )
  const left = rows[0]?.left ?? 0
  if (left === 0) return
  throw new LockstepError(
    'GATE_REFUSED',
    `Rows that SQLite alone has since a flip by force: ${left} (\`lockstep quarantine\` lists them). Write each on PostgreSQL as it ` +
      'fits there, give it up by `lockstep repair TABLE KEY --discard` (db.repair({ table, keys, discard: true })), or go on all the ' +
      'same with force',
    { details: { left } },
  )
}

/**
 * Ends mirroring for good. PostgreSQL loses capture and fence and goes on alone; the SQLite file stays as
 * it is, fenced, as the record of this moment. Goes on where a process died in the middle.
 * @throws LockstepError GATE_REFUSED where SQLite is still the primary; CAUGHT_UP_TIMEOUT where SQLite does
 *   not get the last writes in `catchUpTimeoutMs`
 */
export async function complete(context: CutoverContext, catchUpTimeoutMs: number): Promise<void> {
  const { server, writer } = context
  const control = readSqlite(context)
  if (!control.completed) await recordCompleted(context, control, catchUpTimeoutMs)
  else if (!(await isUnreleased(context))) return
  for (const table of context.tables()) await release(context, table)
  await inTransaction(server, (client) => client.query('TRUNCATE lockstep.journal'), 500)
  await context.reach('complete:released')
  await writer.write(() => recordAction(writer.db, 'complete', { epoch: control.epoch }))
}

/**
 * One table at a time, as each trigger goes only when nobody uses its table: under traffic the locks of all of them
 * would hardly be had at once.
 */
async function release({ server }: CutoverContext, table: Table): Promise<void> {
  const drop = async (client: pg.PoolClient): Promise<void> => {
    for (const statement of dropCaptureStatements(table, server.schema))
      await client.query(statement)
  }
  await inTransaction(server, drop, 500).catch((error: unknown) => {
    if (stateOf(error) !== '55P03') throw error
    throw new LockstepError(
      'POSTGRES_ERROR',
      `PostgreSQL's table ${table.name} is in use all the time, by a long transaction it seems (pg_stat_activity has ` +
        'it), so its capture could not be taken off. The migration is complete all the same: run `lockstep complete` ' +
        '(db.complete()) again, which goes on from here',
      { details: { table: table.name }, cause: error },
    )
  })
}

/** From here on there is no way back, so PostgreSQL may lose its capture; before, writes would be missed. */
async function recordCompleted(
  context: CutoverContext,
  { primary }: Control,
  catchUpTimeoutMs: number,
): Promise<void> {
  const { writer, reach } = context
  if (primary !== 'postgres') {
    throw new LockstepError(
      'GATE_REFUSED',
      'SQLite is still the primary: flip to postgres first; to give the migration up, run `lockstep uninstall`',
    )
  }
  await catchUpWithin(context, 'postgres', catchUpTimeoutMs)
  await writer.write(() =>
    durably(writer.db, () => writer.db.prepare('UPDATE _lockstep_control SET completed = 1').run()),
  )
  await reach('complete:recorded')
}

async function isUnreleased({ server }: CutoverContext): Promise<boolean> {
  const { rowCount } = await server.control.query(
    `SELECT 1 WHERE EXISTS (SELECT FROM pg_trigger WHERE tgname = 'lockstep_guard') OR EXISTS (SELECT FROM lockstep.journal)`,
  )
  return rowCount !== 0
}
