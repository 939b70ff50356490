import { decision, viewNotCarried } from './findings.ts'
import type { Finding } from './model.ts'

/** One statement for PostgreSQL. */
export interface DdlStatement {
  readonly sql: string
  readonly table: string
  /** What the statement makes or removes, as SQLite names it: a table, an index, a constraint. */
  readonly object: string
  /** Run it in a savepoint; where PostgreSQL refuses it go on, with `refused` as a finding. */
  readonly mayFail: boolean
  /** It makes a view, which others may need and Lockstep does not. */
  readonly isView?: true
}

export interface DdlPlan {
  /** In the order in which they must run. */
  readonly statements: readonly DdlStatement[]
  readonly findings: readonly Finding[]
}

/** The finding for a statement that PostgreSQL refused. `reason` is its message, without any value. */
export function refused(statement: DdlStatement, reason: string): Finding {
  if (statement.isView === true) return viewNotCarried(statement.object, reason)
  const message = `PostgreSQL refused "${statement.object}": ${reason}`
  return decision('INDEX_REFUSED', { table: statement.table }, message)
}
