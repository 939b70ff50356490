import { isLockstepError } from '../../src/core/errors.ts'
import { answerByDriver } from '../../src/route/driver-answers.ts'
import type { Plan } from '../../src/route/plans.ts'
import { refuseUncarried } from '../../src/sql/ddl/allowed.ts'
import type { Failed } from './answer.ts'
import type { Outcome } from './outcome.ts'

/**
 * Whether a difference is what a finding had announced, so that it is no silent one.
 * @param error what SQLite says, or null where it has taken the statement
 */
export function explains(finding: string, error: Failed | null): boolean {
  const { code, message } = error ?? { code: '', message: '' }
  if (finding === 'TRIGGER_NOT_CARRIED' || finding === 'GENERATED_COLUMN') return true
  if (finding.startsWith('CHECK_')) return code === 'SQLITE_CONSTRAINT_CHECK'
  if (finding.startsWith('INDEX_'))
    return code === 'SQLITE_CONSTRAINT_UNIQUE' || message.endsWith('in an index')
  const ofKey =
    code === 'SQLITE_CONSTRAINT_FOREIGNKEY' || message.startsWith('foreign key mismatch')
  return finding === 'FOREIGN_KEY_NOT_CARRIED' && ofKey
}

/** What Lockstep refuses while PostgreSQL is the primary, before a place is asked; null where it does not. */
export function refusalByDriver(plan: Plan): Outcome | null {
  const ask = async (): Promise<unknown> => undefined
  try {
    if (plan.isDdl) refuseUncarried(plan.sql)
    else {
      const file = { read: ask, onWriter: ask }
      void answerByDriver(plan, 'run', [], { place: 'postgres', file, isInstalled: true })
    }
    return null
  } catch (error) {
    if (!isLockstepError(error, 'SQL_UNSUPPORTED')) throw error
    const cause = String(error.details['construct'])
    return { verdict: 'refused', cause, detail: error.message }
  }
}
