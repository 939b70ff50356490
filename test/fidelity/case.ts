import type Database from 'better-sqlite3'
import { isLockstepError } from '../../src/core/errors.ts'
import { splitScript } from '../../src/sql/script.ts'
import { analyze, type Statement } from '../../src/sql/statement.ts'
import type { Base } from './base.ts'
import { TypeMemory } from './learn-types.ts'
import { identical, worse, type Outcome } from './outcome.ts'
import type { MakeTranslator } from './postgres-side.ts'
import type { FidelityServer } from './server.ts'
import { openSqlite, runOnSqlite } from './sqlite-side.ts'
import { leavesSameState, Twin } from './twin.ts'

/** The statements of a script; text that cannot be cut is one statement, whose error is compared. */
export function statementsOf(scripts: readonly string[]): string[] {
  return scripts.flatMap((script) => {
    try {
      return splitScript(script)
    } catch (error) {
      if (isLockstepError(error)) return [script]
      throw error
    }
  })
}

/** What the columns of a case hold in the course of it. */
export function learn(statements: readonly string[], base: Base | null): TypeMemory {
  const types = new TypeMemory()
  const db = base?.copy() ?? openSqlite()
  try {
    for (const sql of statements) runAndObserve(db, types, sql)
  } finally {
    db.close()
  }
  return types
}

/** Runs one statement on the file from which types are learnt. */
export function runAndObserve(
  db: Database.Database,
  types: TypeMemory,
  sql: string,
  args: readonly unknown[] = [],
): void {
  const statement = tryAnalyze(sql)
  runOnSqlite(db, sql, args, statement)
  const { kind, target } = statement ?? { kind: 'error', target: null }
  if (kind === 'ddl') types.observe(db, target)
  if (kind !== 'insert' && kind !== 'update' && kind !== 'delete') return
  // A trigger writes other tables than the one that the statement names.
  const isAlone = db.prepare(triggers).get() === undefined
  if (!isAlone) types.observe(db, null)
  else if (kind !== 'delete') types.observe(db, target)
}

const triggers = "SELECT 1 FROM sqlite_schema WHERE type = 'trigger' LIMIT 1"

function tryAnalyze(sql: string): Statement | null {
  try {
    return analyze(sql)
  } catch {
    return null
  }
}

/** The worst of a case, and the statement that it was. */
export interface CaseOutcome {
  readonly outcome: Outcome
  readonly sql: string
  /** How many statements were compared; none means that the case says nothing of the translator. */
  readonly compared: number
}

/**
 * Runs a case of several statements from an empty file, or from a base. It ends with the first statement that is not
 * identical, as nothing after it starts from the same state.
 */
export async function runCase(
  server: FidelityServer,
  makeTranslator: MakeTranslator,
  scripts: readonly string[],
  base: Base | null = null,
): Promise<CaseOutcome> {
  const statements = statementsOf(scripts)
  const types = learn(statements, base)
  const twin = await Twin.open(server, { makeTranslator, types, base })
  let compared = 0
  let worst = identical
  let worstSql = statements.at(-1) ?? ''
  try {
    for (const sql of statements) {
      const { outcome } = await twin.run(sql)
      if (outcome === null) continue
      compared += 1
      if (worse(worst, outcome) !== worst) worstSql = sql
      worst = worse(worst, outcome)
      if (!leavesSameState(outcome)) return { outcome: worst, sql: worstSql, compared }
    }
    return { outcome: worse(worst, await twin.compareAll()), sql: worstSql, compared }
  } finally {
    await twin.close()
  }
}
