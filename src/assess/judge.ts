import { isLockstepError, LockstepError, messageOf } from '../core/errors.ts'
import type { TrialSchema } from '../move/trial-schema.ts'
import type { PreparedTranslation } from '../postgres/prepared-translation.ts'
import type { PostgresPlan } from '../postgres/statements.ts'
import { answerByDriver, type FileConnections } from '../route/driver-answers.ts'
import { explained } from '../route/explain.ts'
import type { Plan, Plans } from '../route/plans.ts'
import { createConnectionState, type ConnectionFacts } from '../sql/connection-functions.ts'
import { refuseUncarried } from '../sql/ddl/allowed.ts'
import { asSelectOf } from '../sql/ddl/as-select.ts'
import { fitOverride, overridable, type Override } from '../sql/overrides/override.ts'
import type { Overrides } from '../sql/overrides/overrides.ts'
import { tryValues } from './sample-values.ts'
import type { Verdict } from './sql-report.ts'

export interface Judgement {
  readonly verdict: Verdict
  readonly error: LockstepError | null
  /** What would be sent, for PostgreSQL to look at. */
  readonly prepared: readonly PreparedTranslation[]
  /** An override is used. It is checked where it is used. */
  readonly override: PostgresPlan | null
}

export interface JudgeOptions {
  readonly plans: Plans
  /** Those that the plans were made with. */
  readonly overrides: Overrides
  readonly sqliteVersion: string
  /** Has SQLite read a statement that reads or writes rows, without running it. @throws what SQLite says */
  readonly readBySqlite: (sql: string) => void
  /** Takes the changes of the schema in the order of the text. */
  readonly trial: TrialSchema
}

const carried: Judgement = { verdict: 'translates', error: null, prepared: [], override: null }

/** Says of one statement what running it while PostgreSQL is the primary would do. Neither place runs it. */
export function judge(sql: string, options: JudgeOptions): Judgement {
  try {
    const plan = options.plans.of(sql)
    const { kind } = plan.statement()
    if (kind === 'explain') return judge(explained(sql), options)
    if (kind === 'transaction') return decide(transactionStep())
    if (kind === 'ddl') {
      refuseUncarried(sql)
      const made = asSelectOf(sql)
      const filled = made === null ? carried : judge(made.query, options)
      options.trial.change(sql)
      return filled
    }
    if (answerByDriver(plan, 'all', [], onPostgres) !== undefined) return carried
    if (plan.pragma?.role === 'header' || !overridable.has(kind)) return carried
    return judgeRows(plan, options)
  } catch (error) {
    // Only what is no statement to the grammar here: SQLite runs some PRAGMAs while it reads them.
    const isUnread = options.plans.of(sql).kind === null
    return (isUnread ? unreadBySqlite(sql, options) : null) ?? refuse(error)
  }
}

/** It answers nothing, as only whether it would be asked counts. */
const nobody: FileConnections = { read: async () => [], onWriter: async () => [] }
const onPostgres = { place: 'postgres', file: nobody, isInstalled: true } as const

function judgeRows(plan: Plan, options: JudgeOptions): Judgement {
  const wrong = unreadBySqlite(plan.sql, options)
  if (wrong !== null) return wrong
  const postgres = plan.postgres()
  const override = options.overrides.of(plan.statement())
  if (override !== undefined) return judgeOverride(postgres, override)
  const facts: ConnectionFacts = {
    state: createConnectionState(),
    sqliteVersion: options.sqliteVersion,
  }
  const { made, error } = tryValues(
    postgres.statement,
    (args) => postgres.bind(args, facts).prepared,
  )
  if (error !== null) return refuse(notCarried(error))
  return { ...carried, prepared: [...new Set(made)] }
}

/** What only the server can tell is left to it. */
function judgeOverride(plan: PostgresPlan, override: Override): Judgement {
  try {
    fitOverride(plan.statement, override)
    return { ...carried, override: plan }
  } catch (error) {
    if (!isLockstepError(error)) throw error
    return { ...decide(error), override: plan }
  }
}

/** A statement that SQLite refuses today, with the schema that is there, is none that a move could break. */
function unreadBySqlite(sql: string, { readBySqlite }: JudgeOptions): Judgement | null {
  try {
    readBySqlite(sql)
    return null
  } catch (error) {
    return decide(
      new LockstepError('SQLITE_ERROR', `SQLite refuses it as well: ${messageOf(error)}`, {
        details: {
          construct: 'a statement that SQLite refuses',
          wayOut:
            'Correct it or leave it out; where it is for another schema than that of the file, assess it with that one',
        },
        cause: error,
      }),
    )
  }
}

/** SQLite has read the statement, so what the translator misses is there and is not carried over. */
function notCarried(error: unknown): unknown {
  if (!isLockstepError(error, 'SQLITE_ERROR')) return error
  return new LockstepError(
    'SQLITE_ERROR',
    `${error.message}: SQLite has it, and PostgreSQL will not`,
    {
      details: {
        ...error.details,
        construct: 'what is not carried over',
        wayOut:
          'See what the findings say of the schema, then write the statement in another way, or an override for it',
      },
      cause: error,
    },
  )
}

function decide(error: LockstepError): Judgement {
  return { ...carried, verdict: 'decision', error }
}

function refuse(error: unknown): Judgement {
  if (error instanceof TypeError || error instanceof RangeError) {
    return {
      ...carried,
      verdict: 'refused',
      error: new LockstepError('SQL_UNSUPPORTED', error.message),
    }
  }
  if (!isLockstepError(error)) throw error
  return { ...carried, verdict: 'refused', error }
}

function transactionStep(): LockstepError {
  return new LockstepError(
    'SQL_UNSUPPORTED',
    'A transaction cannot begin or end by a statement: other calls share the connection',
    {
      details: {
        construct: 'BEGIN, COMMIT, ROLLBACK and SAVEPOINT',
        wayOut: 'Use db.transaction(async (tx) => ...), in which SAVEPOINT may stand',
      },
    },
  )
}
