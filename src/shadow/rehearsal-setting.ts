import type pg from 'pg'
import { enableApplicationTriggers } from '../postgres/install.ts'
import type { Table } from '../schema/model.ts'
import { foreignKeysInOrder } from '../schema/postgres-foreign-keys.ts'
import { foldName } from '../sql/quote.ts'
import { beginKeysSql } from './generated-keys.ts'

export interface RehearsalSetting {
  readonly schema: string
  /** All that are mirrored. */
  readonly tables: readonly Table[]
  /** Those whose rows may change, folded. */
  readonly touched: ReadonlySet<string>
  readonly hasForeignKeys: boolean
  /** The highest keys that SQLite remembers of AUTOINCREMENT tables, at the state before. */
  readonly counters: ReadonlyMap<string, bigint>
  readonly budgetMs: number
}

/** A server that is busy with something else on a table is not waited for: batches would wait as well. */
const lockTimeoutMs = 50

/**
 * Begins a transaction that sees PostgreSQL as it would be if it were the primary at this moment: the fence lets it
 * pass, foreign keys are there, the application's triggers are on, and keys go on where SQLite's do. All of that is
 * part of the transaction, which never commits. A sequence that is made to start anew gets new storage with the
 * transaction, so that keys drawn from it are not drawn once it has been rolled back.
 * https://www.postgresql.org/docs/current/sql-altersequence.html
 *
 * Whatever becomes of this process, the server ends the transaction once it has waited for `budgetMs`.
 * @returns the position of the batches that it sees, and the tables of which it holds not all rows
 */
export async function beginRehearsal(
  client: pg.Client,
  { budgetMs }: Pick<RehearsalSetting, 'budgetMs'>,
): Promise<{ position: bigint; quarantined: ReadonlySet<string> }> {
  const bound = Math.max(1, Math.ceil(budgetMs))
  await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE;
    SET LOCAL statement_timeout = ${bound}; SET LOCAL idle_in_transaction_session_timeout = ${bound};
    SET LOCAL lock_timeout = ${Math.min(bound, lockTimeoutMs)}; SET LOCAL lockstep.entered = 'on'`)
  const { rows } = await client.query<{ batch: string; quarantined: string[] }>(/* sql */ `
    SELECT batch, ARRAY(SELECT DISTINCT tbl FROM lockstep.quarantine) AS quarantined
      FROM lockstep.control WHERE primary_place = 'sqlite'`)
  const [row] = rows
  return {
    position: BigInt(row?.batch ?? -1),
    quarantined: new Set(row?.quarantined.map(foldName)),
  }
}

/** Makes it the primary, in the eyes of this transaction. */
export async function setTheStage(client: pg.Client, setting: RehearsalSetting): Promise<void> {
  const { schema, tables, touched, hasForeignKeys, counters } = setting
  const own = tables.filter(({ name }) => touched.has(foldName(name)))
  const keys = beginKeysSql(own, schema, counters)
  if (keys !== '') await client.query(keys)
  if (hasForeignKeys) {
    const bound = tables.filter(
      ({ name, foreignKeys }) =>
        touched.has(foldName(name)) ||
        foreignKeys.some(({ parent }) => touched.has(foldName(parent))),
    )
    const statements = foreignKeysInOrder(bound, { tables }, schema)
    if (statements.length > 0) await client.query(statements.map(({ sql }) => sql).join(';\n'))
  }
  await enableApplicationTriggers(client, schema)
}
