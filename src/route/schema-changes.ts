import type pg from 'pg'
import type { AskSqlite } from './driver-answers.ts'
import type { StatementSource } from './statement-source.ts'
import type { Statement } from '../sql/statement.ts'
import type { Connection } from '../sqlite/connection.ts'

/**
 * What changes of the schema do in one transaction of the primary. The other place is changed in a
 * transaction of its own, which commits behind the primary's: the primary's COMMIT is the commit point.
 *
 *   run, run, ... ─ prepare ─ [COMMIT on the primary] ─ committed        the other place follows at once,
 *        └─────────── rolledBack                                         or, after a crash, from the log
 */
export interface TransactionChanges {
  /** Runs a statement that changes the schema; capture follows at once. */
  run(statement: Statement): Promise<void>
  /** Just before COMMIT. @throws where the other place cannot have the change: then nothing happens. */
  prepare(): Promise<void>
  /** Right after COMMIT; never throws, as the change has happened. */
  committed(): Promise<void>
  /** Also after `prepare`, and where nothing was run. */
  rolledBack(): Promise<void>
}

export interface PostgresChanges extends Omit<TransactionChanges, 'run'> {
  /**
   * @param savepoints what makes those that the application has open: the file then has them too
   * @returns what brings the rows of a table that is made of a query, for the caller to run
   */
  run(statement: Statement, savepoints?: readonly string[]): Promise<string | null>
  /** The application has made, released or gone back to a savepoint, in these words. */
  savepoint(sql: string): void
  /** Translates for the schema as this transaction has made it; undefined while it has not. */
  source(): StatementSource | undefined
  /** Asks the file as this transaction has made it. */
  ask(): AskSqlite | undefined
}

export interface SchemaChanges {
  onSqlite(db: Connection): TransactionChanges
  onPostgres(client: pg.ClientBase): PostgresChanges
}

/** Whether a statement is for both places: DDL, and the version numbers that the application keeps. */
export function changesSchema({ kind, sql }: Pick<Statement, 'kind' | 'sql'>): boolean {
  if (kind === 'ddl') return true
  return kind === 'pragma' && /\b(?:user_version|application_id)\s*[=(]/i.test(sql)
}
