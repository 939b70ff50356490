import type { Queryer } from './control.ts'
import { stateOf } from './errors.ts'

/**
 * Runs a change of the schema with deferred foreign keys checked at once, in the caller's transaction:
 * PostgreSQL changes no table with rows that wait to be checked at COMMIT, and SQLite fails a DROP TABLE
 * under them. All deferrable foreign keys are Lockstep's, and all of those wait for COMMIT.
 * Where rows break such a key already they wait on, and only their own tables cannot change.
 * https://www.postgresql.org/docs/current/sql-set-constraints.html
 */
export async function checkedFirst<T>(db: Queryer, change: () => Promise<T>): Promise<T> {
  await db.query('SAVEPOINT lockstep_check')
  try {
    await db.query('SET CONSTRAINTS ALL IMMEDIATE')
  } catch (error) {
    if (stateOf(error) !== '23503') throw error
    await db.query('ROLLBACK TO SAVEPOINT lockstep_check')
  }
  await db.query('RELEASE SAVEPOINT lockstep_check')
  const result = await change()
  await db.query('SET CONSTRAINTS ALL DEFERRED')
  return result
}
