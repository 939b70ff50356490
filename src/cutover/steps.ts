import type pg from 'pg'
import type { Control, ControlState, PlaceName } from '../place/place.ts'
import * as postgres from '../postgres/control.ts'
import { disableApplicationTriggers, enableApplicationTriggers } from '../postgres/install.ts'
import type { DdlStatement } from '../schema/ddl.ts'
import { inTransaction } from '../postgres/transaction.ts'
import {
  foreignKeysInOrder,
  dropForeignKeys,
  validateForeignKeys,
} from '../schema/postgres-foreign-keys.ts'
import * as sqlite from '../sqlite/control.ts'
import { readHighestKeys } from '../sqlite/counters.ts'
import { setSequences, setSqliteSequences } from '../move/sequences.ts'
import type { CutoverContext } from './context.ts'
import { auditFlip, type FlipFacts } from './flip-audit.ts'

/** A place in the control record's state machine; see place.ts for the diagram. */
export type Step = Pick<Control, 'epoch' | 'primary' | 'state' | 'attempt' | 'deadlineMs'>

export function nextStep(from: Control, to: ControlState, attempt: string, deadlineMs = 0): Step {
  return { epoch: from.epoch, primary: from.primary, state: to, attempt, deadlineMs }
}

/** The record of either side once `primary` has taken over from `epoch`. */
export function movedStep(
  epoch: number,
  primary: PlaceName,
  side: PlaceName,
  attempt: string,
): Step {
  return {
    epoch: epoch + 1,
    primary,
    state: side === primary ? 'open' : 'moved',
    attempt,
    deadlineMs: 0,
  }
}

/** One durable compare-and-set on the SQLite side; false where someone else has moved the record. */
export function stepSqlite(
  { writer }: CutoverContext,
  from: Control,
  to: Step | (() => Step),
  also?: () => void,
): Promise<boolean> {
  return writer.write(() =>
    sqlite.durably(writer.db, () => {
      const step = typeof to === 'function' ? to() : to
      const taken = sqlite.compareAndSetControl(writer.db, { from, to: step })
      if (taken) also?.()
      return taken
    }),
  )
}

/** One compare-and-set on the PostgreSQL side. */
export async function stepPostgres(
  { server }: CutoverContext,
  from: Control,
  to: Step,
): Promise<boolean> {
  return postgres.compareAndSetControl(server.control, { from, to })
}

export function readSqlite({ writer }: CutoverContext): sqlite.ControlRow {
  return sqlite.controlReader(writer.db)()
}

/**
 * The commit point on PostgreSQL: in one transaction the foreign keys come, sequences pass the highest
 * key, the application's triggers are switched on, and the record says that PostgreSQL is the primary.
 */
export async function commitOnPostgres(
  context: CutoverContext,
  client: pg.PoolClient,
  from: Control,
  to: Step,
  remainingMs: number,
): Promise<boolean> {
  const { server, file, foreignKeys } = context
  const tables = context.tables()
  const boundMs = Math.max(1, Math.floor(remainingMs))
  // A process that stands still here would hold the record, and with it all writes, until it goes on.
  await client.query(`BEGIN; SET LOCAL lock_timeout = ${boundMs};
    SET LOCAL idle_in_transaction_session_timeout = ${boundMs}`)
  if (!(await postgres.compareAndSetControl(client, { from, to }))) {
    await client.query('ROLLBACK')
    return false
  }
  await setSequences(client, readHighestKeys(file.reader, tables), tables, server.schema)
  if (foreignKeys) await run(client, foreignKeysInOrder(tables, { tables }, server.schema))
  await enableApplicationTriggers(client, server.schema)
  await context.reach('flip:before-commit-point')
  await client.query('COMMIT')
  return true
}

/** The commit point on SQLite: the record, its audit and the AUTOINCREMENT counters, in one durable transaction. */
export async function commitOnSqlite(
  context: CutoverContext,
  from: Control,
  to: Step,
  also: { readonly sequences: ReadonlyMap<string, bigint>; readonly facts: () => FlipFacts },
): Promise<boolean> {
  await context.reach('flip:before-commit-point')
  return stepSqlite(context, from, to, () => {
    setSqliteSequences(context.writer.db, also.sequences)
    auditFlip(context, to, also.facts())
  })
}

/**
 * Makes PostgreSQL a secondary: no foreign keys, as batches come in any order, and no triggers of the
 * application. The locks it needs are waited for only briefly, as reads queue up behind the wait; the
 * caller tries again.
 */
export async function moveAwayFromPostgres(
  context: CutoverContext,
  from: Control,
  to: Step,
): Promise<boolean> {
  const { server } = context
  const tables = context.tables()
  return inTransaction(
    server,
    async (client) => {
      if (!(await postgres.compareAndSetControl(client, { from, to }))) return false
      await run(
        client,
        tables.flatMap((table) => dropForeignKeys(table, server.schema).statements),
      )
      await disableApplicationTriggers(client, server.schema, tables)
      return true
    },
    200,
  )
}

/**
 * Checks the rows that came before the foreign keys did; writes go on meanwhile. Nothing is done for keys
 * that have been validated.
 */
export async function validateOnPostgres({
  server,
  tables,
  foreignKeys,
}: CutoverContext): Promise<void> {
  if (!foreignKeys) return
  const schema = { tables: tables() }
  const client = await server.connect()
  try {
    const { rows } = await client.query<{ name: string }>(
      `SELECT conname AS name FROM pg_constraint WHERE contype = 'f' AND NOT convalidated
          AND connamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)`,
      [server.schema],
    )
    const pending = new Set(rows.map(({ name }) => name))
    for (const table of schema.tables) {
      const { statements } = validateForeignKeys(table, schema, server.schema)
      for (const { sql, object } of statements) if (pending.has(object)) await client.query(sql)
    }
  } finally {
    await client.end()
  }
}

async function run(client: pg.PoolClient, statements: readonly DdlStatement[]): Promise<void> {
  if (statements.length > 0) await client.query(statements.map(({ sql }) => sql).join(';\n'))
}
