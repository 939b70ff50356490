import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import type { FlipReport } from '../api.ts'
import { LockstepError } from '../core/errors.ts'
import { repair } from '../move/repair.ts'
import { lossPrefix } from '../place/place.ts'
import {
  closeFence,
  compareAndSetControl,
  findControl,
  lock,
  type PostgresControl,
} from '../postgres/control.ts'
import { dropForeignKeys } from '../schema/postgres-foreign-keys.ts'
import { isUnreachable } from '../postgres/errors.ts'
import { disableApplicationTriggers } from '../postgres/install.ts'
import { inTransaction, Rollback } from '../postgres/transaction.ts'
import type { Table } from '../schema/model.ts'
import { keyCodec } from '../schema/key-codec.ts'
import { recordAction, recordOnce } from '../sqlite/audit.ts'
import { journalKeys } from '../sqlite/journal.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { durably, type ControlRow } from '../sqlite/control.ts'
import type { CutoverContext } from './context.ts'
import { auditFlip } from './flip-audit.ts'
import { movedStep, readSqlite, stepSqlite } from './steps.ts'

/**
 * Makes SQLite the primary while PostgreSQL is lost. What PostgreSQL had committed and the applier had
 * not yet brought over is missing here: nothing with `ack: both`, otherwise at most what was written
 * since `appliedAtMs`. It is not forgotten: when the server comes back, `reconcile` keeps it.
 * @param force another server may answer in its place, one that does not hold the data
 * @throws LockstepError GATE_REFUSED while PostgreSQL answers, or where it is not the primary; PAIR_MISMATCH
 */
export async function acceptLoss(context: CutoverContext, force: boolean): Promise<FlipReport> {
  const { writer } = context
  const ours = readSqlite(context)
  if (ours.primary !== 'postgres' || ours.state !== 'moved') {
    throw new LockstepError(
      'GATE_REFUSED',
      'PostgreSQL is not the primary, so there is nothing to give up: use `lockstep rollback` without --accept-loss',
    )
  }
  await refuseWhileAnswered(context, ours, force)
  const started = performance.now()
  const name = `${lossPrefix}${randomUUID()}`
  const moved = movedStep(ours.epoch, 'sqlite', 'sqlite', name)
  const audited = (): void => {
    const { epoch } = moved
    recordAction(writer.db, 'accept-loss', { epoch, lastAppliedAtMs: ours.appliedAtMs })
    auditFlip(context, moved, {})
  }
  if (!(await stepSqlite(context, ours, moved, audited))) {
    throw new LockstepError(
      'FLIP_CANCELLED',
      'Another process has moved the primary meanwhile; look at `lockstep status`',
    )
  }
  await context.reach('loss:accepted')
  return {
    from: 'postgres',
    to: 'sqlite',
    epoch: ours.epoch + 1,
    pauseMs: performance.now() - started,
    drained: 0,
  }
}

/** The address may lead to a server that was put in the place of the lost one, or be wrong. */
async function refuseWhileAnswered(
  { server }: CutoverContext,
  { migration }: ControlRow,
  force: boolean,
): Promise<void> {
  let theirs: PostgresControl | undefined
  try {
    theirs = await findControl(server.control)
  } catch (error) {
    if (isUnreachable(error)) return
    throw error
  }
  if (theirs?.migration === migration)
    throw new LockstepError(
      'GATE_REFUSED',
      'PostgreSQL answers, so nothing needs to be lost: use `lockstep rollback` without --accept-loss, with --force if a gate stands in the way',
    )
  if (!force)
    throw new LockstepError(
      'PAIR_MISMATCH',
      'A PostgreSQL answers that does not hold this data: check the connection settings, as the one that does may be ' +
        'up elsewhere and take writes. If it is lost for good, use `lockstep rollback --accept-loss --force`',
    )
}

/**
 * PostgreSQL believes to be the primary of an epoch that is over: it was lost and is back, or it was
 * restored from a backup. Left to itself it would take writes beside SQLite. (One that stands just
 * before the end of its flip is no such case: there is nothing on it that SQLite has not got.)
 */
export function needsReconciliation(ours: ControlRow, theirs: PostgresControl): boolean {
  const isFlipped = theirs.state === 'committing' && theirs.epoch + 1 === ours.epoch
  return (
    ours.primary === 'sqlite' &&
    theirs.primary === 'postgres' &&
    theirs.epoch < ours.epoch &&
    !isFlipped
  )
}

/**
 * Takes such a server back as the secondary. The rows whose changes never came over are kept in
 * `lockstep.lost` as JSON, for people to look at; then their keys go into SQLite's journal, so that the
 * applier makes PostgreSQL equal to SQLite. Where no loss was accepted the server has gone back in time,
 * and no journal says what it misses: then every row is shipped again.
 */
export async function reconcile(
  context: CutoverContext,
  ours: ControlRow,
  theirs: PostgresControl,
): Promise<boolean> {
  const { server, writer } = context
  const isRestored = !ours.attempt.startsWith(lossPrefix)
  if (isRestored) {
    await closeFence(server.control, theirs)
    const repairing = { server, writer, primary: 'sqlite' } as const
    for (const table of context.tables()) await repair(repairing, table)
  }
  const to = movedStep(ours.epoch - 1, 'sqlite', 'postgres', ours.attempt)
  const taken = await inTransaction(
    server,
    async (client) => {
      if (!(await compareAndSetControl(client, { from: theirs, to }))) return new Rollback(false)
      await context.reach('reconcile:fenced')
      // Who passed the fence before it closed may still commit; its keys belong to what was lost.
      await client.query(`SELECT pg_advisory_xact_lock(${lock.writers})`)
      await client.query(lostTable)
      for (const table of context.tables()) {
        await keepLost(context, client, table, theirs.epoch)
        await context.reach('reconcile:table-kept')
      }
      await client.query('TRUNCATE lockstep.journal')
      await disableApplicationTriggers(client, server.schema, context.tables())
      // Before the commit, behind which nobody would know that the entry is missing.
      const detail = {
        epoch: ours.epoch,
        theirs: theirs.epoch,
        batch: String(theirs.batch),
        isRestored,
      }
      await writer.write(() => recordOnce(writer.db, 'reconcile', detail))
      await context.reach('reconcile:audited')
      return true
    },
    2000,
  )
  if (taken) await context.reach('reconcile:committed')
  return taken
}

const lostTable = /* sql */ `CREATE TABLE IF NOT EXISTS lockstep.lost (
  tbl text NOT NULL, key text[] NOT NULL, row_data jsonb, epoch bigint NOT NULL, at timestamptz NOT NULL DEFAULT now())`

/** Keeps what one table's journal names, and lets SQLite's version of these rows come back. */
async function keepLost(
  { server, writer }: CutoverContext,
  client: pg.PoolClient,
  table: Table,
  epoch: number,
): Promise<void> {
  const name = `${quote(server.schema)}.${quote(table.name)}`
  const matches = table.key.columns
    .map((column, index) => `t.${quote(column)}::text = j.key[${index + 1}]`)
    .join(' AND ')
  await client.query(
    `INSERT INTO lockstep.lost (tbl, key, row_data, epoch)
     SELECT DISTINCT $1, j.key, to_jsonb(t), $2::bigint
       FROM lockstep.journal j LEFT JOIN ${name} t ON ${matches} WHERE j.tbl = $3`,
    [table.name, epoch, table.id],
  )
  const { rows } = await client.query<{ key: string[] }>(
    'SELECT DISTINCT key FROM lockstep.journal WHERE tbl = $1',
    [table.id],
  )
  const { decode } = keyCodec(table)
  const keys = rows.map(({ key }) => decode(key))
  // A power cut must not take them back once PostgreSQL has let go of them.
  await writer.write(() => durably(writer.db, () => journalKeys(writer.db, table, keys)))
  for (const { sql } of dropForeignKeys(table, server.schema).statements) await client.query(sql)
}
