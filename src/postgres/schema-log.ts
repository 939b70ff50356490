import { messageOf } from '../core/errors.ts'
import type { PlaceName } from '../place/place.ts'
import { refused } from '../schema/ddl.ts'
import type { Finding, Table } from '../schema/model.ts'
import { createIndexes } from '../schema/postgres-indexes.ts'
import { indexName } from '../schema/postgres-names.ts'
import type { SchemaStep } from '../schema/step.ts'
import { keepKeysAhead } from './automatic-keys.ts'
import type { Queryer } from './control.ts'
import { databaseError, isTooLarge, isUnreachable, stateOf } from './errors.ts'
import { disableApplicationTriggers, installCapture, presentTables } from './install.ts'

export interface StepContext {
  readonly schema: string
  readonly primary: PlaceName
  /** Mirroring has ended: nothing is captured any more. */
  readonly completed: boolean
  /**
   * PostgreSQL is behind: duplicates that have left SQLite may still be here. A unique index that they, or rows too
   * large for it, prevent is left for `unfinished` to name, and made once the rows are equal.
   */
  readonly late?: boolean
}

/** How long a change of the schema waits for others' locks: statements queue up behind the wait. */
const lockTimeoutMs = 2000

/**
 * Takes one step in the caller's transaction: tables, their capture, the stored model, and the log's entry
 * that says so. Gives what of it PostgreSQL could not have, none of which the data needs.
 */
export async function takeStep(
  db: Queryer,
  step: SchemaStep,
  { schema, primary, completed, late = false }: StepContext,
): Promise<Finding[]> {
  const findings: Finding[] = []
  let deferred = false
  await db.query(`SET LOCAL lock_timeout = ${lockTimeoutMs}`)
  // A batch that was read before must not arrive after: its position is over. A batch takes the record's
  // lock before those of the tables too, so that neither waits for the other.
  await db.query('UPDATE lockstep.control SET batch = batch + 1')
  // Of two that take the same step the second finds it taken.
  await db.query('INSERT INTO lockstep.schema_log (version, highest, step) VALUES ($1, $2, $3)', [
    step.version,
    step.highest,
    JSON.stringify(step),
  ])
  for (const statement of step.postgres) {
    const mayWait = late && statement.sql.startsWith('CREATE UNIQUE INDEX')
    if (!statement.mayFail && !mayWait) {
      await db.query(statement.sql)
      continue
    }
    await db.query('SAVEPOINT lockstep_step')
    try {
      await db.query(statement.sql)
    } catch (error) {
      const isDuplicate = stateOf(error) === '23505'
      const waits = mayWait && (isDuplicate || isTooLarge(error))
      // Without a unique index rows would come in that SQLite refuses.
      const isNeeded = isDuplicate || !statement.mayFail
      if (isUnreachable(error) || (isNeeded && !waits)) throw error
      await db.query('ROLLBACK TO SAVEPOINT lockstep_step')
      if (waits) deferred = true
      else findings.push(refused(statement, messageOf(error)))
    }
    await db.query('RELEASE SAVEPOINT lockstep_step')
  }
  if (deferred)
    await db.query('UPDATE lockstep.schema_log SET deferred = true WHERE version = $1', [
      step.version,
    ])
  await storeModel(db, step)
  const present = await presentTables(db, schema)
  const numbers = new Set(step.changed)
  const there = step.tables.filter(({ name }) => present.has(name))
  const changed = there.filter(({ id }) => numbers.has(id))
  if (!completed) for (const table of changed) await installCapture(db, schema, table)
  await keepKeysAhead(db, schema, changed)
  // A trigger of another table is made anew where a foreign key between the two has come or gone.
  if (primary === 'sqlite') await disableApplicationTriggers(db, schema, there)
  return findings
}

async function storeModel(db: Queryer, { tables, changed, dropped }: SchemaStep): Promise<void> {
  const ids = dropped.map(({ id }) => id)
  if (ids.length > 0) {
    await db.query('DELETE FROM lockstep.tables WHERE id = ANY ($1)', [ids])
    await db.query('DELETE FROM lockstep.journal WHERE tbl = ANY ($1)', [ids])
    await db.query('DELETE FROM lockstep.quarantine WHERE tbl = ANY ($1)', [
      dropped.map(({ name }) => name),
    ])
  }
  const numbers = new Set(changed)
  for (const table of tables.filter(({ id }) => numbers.has(id))) {
    // A table that is made beside its twin has no copy to wait for: its rows are journaled from the first.
    await db.query(
      /* sql */ `
      INSERT INTO lockstep.tables (id, name, model, copied)
      SELECT $1, $2, $3, backfill = 'done' FROM lockstep.control
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, model = excluded.model`,
      [table.id, table.name, JSON.stringify(table)],
    )
  }
}

/** There are unique indexes that wait for the rows to be equal. */
export async function isUnfinished(db: Queryer): Promise<boolean> {
  const { rowCount } = await db.query('SELECT 1 FROM lockstep.schema_log WHERE deferred LIMIT 1')
  return rowCount !== 0
}

/**
 * Makes the unique indexes that had to wait, in the caller's transaction.
 * @throws where a duplicate, or a row that is too large, is still there
 */
export async function finishIndexes(
  db: Queryer,
  tables: readonly Table[],
  schema: string,
): Promise<void> {
  const { rows } = await db.query<{ name: string }>(
    'SELECT indexname AS name FROM pg_indexes WHERE schemaname = $1',
    [schema],
  )
  const present = new Set(rows.map(({ name }) => name))
  for (const table of tables) {
    const indexes = table.indexes.filter(
      (index) => index.unique && !present.has(indexName(table, index)),
    )
    for (const { sql } of createIndexes({ ...table, indexes }, schema).statements)
      await db.query(sql)
  }
  await db.query('UPDATE lockstep.schema_log SET deferred = false WHERE deferred')
}

/** Someone else has taken the step meanwhile. */
export function isTaken(error: unknown): boolean {
  const known = databaseError(error)
  return known?.code === '23505' && known.table === 'schema_log'
}

/** The version of the last step that this place has taken, 0 before the first. */
export async function stepVersion(db: Queryer): Promise<number> {
  const { rows } = await db.query<{ version: string | null }>(
    'SELECT max(version) AS version FROM lockstep.schema_log',
  )
  return Number(rows[0]?.version ?? 0)
}

/** The steps behind a version, in order. */
export async function stepsAfter(db: Queryer, version: number): Promise<SchemaStep[]> {
  const { rows } = await db.query<{ step: SchemaStep }>(
    'SELECT step FROM lockstep.schema_log WHERE version > $1 ORDER BY version',
    [version],
  )
  return rows.map(({ step }) => step)
}
