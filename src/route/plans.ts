import { isLockstepError, LockstepError } from '../core/errors.ts'
import type { PostgresPlan } from '../postgres/statements.ts'
import { replaceConnectionCalls, type ConnectionCalls } from '../sql/connection-functions.ts'
import { noOverrides, type Overrides } from '../sql/overrides/overrides.ts'
import { pragmaRole, type PragmaUseOnPostgres } from '../sql/pragma-role.ts'
import { schemaQuery, type SchemaQuery } from '../sql/schema-query.ts'
import {
  analyze,
  type Statement,
  type StatementKind,
  type TransactionStep,
} from '../sql/statement.ts'
import { noRecord, type StatementRecord } from './statement-record.ts'
import type { StatementSource } from './statement-source.ts'

/** One distinct text of SQL and what the router must know of it; kept, as reading it costs more than running it. */
export interface Plan {
  readonly sql: string
  /** Sees its calls. */
  readonly record: StatementRecord
  /** BEGIN, COMMIT, SAVEPOINT and their like, else null. */
  readonly step: TransactionStep | null
  /** False for what changes data, the schema or the connection. */
  readonly readonly: boolean
  /** INSERT, UPDATE or DELETE, which can run inside any transaction. */
  readonly changesRows: boolean
  /** Changes the schema, which no trigger of the fence sees. */
  readonly isDdl: boolean
  /** Every table that is read or written; empty where the text could not be read. */
  readonly tables: readonly string[]
  /** `?1` binds by number, which better-sqlite3 takes only by name. */
  readonly numbered: boolean
  /** What the text says; throws what is wrong with it. */
  statement(): Statement
  /** Null where the text could not be read. */
  readonly kind: StatementKind | null
  /** The answer depends on the connection that runs it: `changes()` and the like. */
  readonly asksConnection: boolean
  /** For a query of nothing but the schema, which SQLite answers in every stage. */
  readonly schemaQuery: SchemaQuery | null
  readonly pragma: PragmaUseOnPostgres | null
  /** One of the last three, which are no statements on rows. */
  readonly asksDriver: boolean
  /** @param source of a transaction that has changed the schema; else that of the schema as it stands. */
  postgres(source?: StatementSource): PostgresPlan
}

const changes = new Set(['insert', 'update', 'delete'])
const maxPlans = 2000

export interface Plans {
  of(sql: string): Plan
  clear(): void
}

/**
 * @param source translates for the schema as it stands
 * @param overrides are looked up once for each text
 * @param recordOf gives what sees the calls of a text
 */
export function createPlans(
  source: () => StatementSource,
  overrides: Overrides = noOverrides,
  recordOf: (sql: string) => StatementRecord = () => noRecord,
): Plans {
  const plans = new Map<string, Plan>()
  return {
    of(sql) {
      const known = plans.get(sql)
      if (known !== undefined) return known
      const plan = createPlan(sql, recordOf(sql), source, overrides)
      if (plans.size >= maxPlans) plans.delete(plans.keys().next().value as string)
      plans.set(sql, plan)
      return plan
    },
    clear: () => plans.clear(),
  }
}

function createPlan(
  sql: string,
  record: StatementRecord,
  current: () => StatementSource,
  overrides: Overrides,
): Plan {
  const read = tryAnalyze(sql)
  const known = read instanceof Error ? undefined : read
  if (known !== undefined && changes.has(known.kind)) refuseOwn(known)
  const statementOf = (): Statement => {
    if (read instanceof Error) throw read
    return read
  }
  const calls: ConnectionCalls | null = known === undefined ? null : replaceConnectionCalls(sql)
  const asked = known?.kind === 'select' ? schemaQuery(sql, known.tables) : null
  const pragma = known?.kind === 'pragma' ? pragmaRole(sql) : null
  const planOf = (source: () => StatementSource): PostgresPlan => {
    const statement = statementOf()
    const override = overrides.of(statement)
    if (override === undefined)
      return { statement, bind: (args, facts) => source().bind(statement, calls, args, facts) }
    return {
      statement,
      check: () => source().overridden(statement, override).check(),
      bind: (args) => source().overridden(statement, override).bind(args),
    }
  }
  let plan: PostgresPlan | undefined
  return {
    sql,
    record,
    step: known?.step ?? null,
    readonly:
      known?.kind === 'select' ||
      known?.kind === 'explain' ||
      (known?.kind === 'pragma' && known.readonly),
    changesRows: known !== undefined && changes.has(known.kind),
    isDdl: known?.kind === 'ddl',
    tables: known?.tables ?? [],
    numbered: known?.parameters.some((parameter) => parameter.kind === 'numbered') ?? false,
    kind: known?.kind ?? null,
    asksConnection: calls !== null,
    schemaQuery: asked,
    pragma,
    asksDriver: calls !== null || asked !== null || pragma !== null,
    statement: statementOf,
    postgres: (source) =>
      source === undefined ? (plan ??= planOf(current)) : planOf(() => source),
  }
}

/**
 * One change of a control record would leave no place that takes writes; in SQLite's words for what an
 * application may not change either.
 */
function refuseOwn({ target }: Statement): void {
  if (target?.toLowerCase().startsWith('_lockstep_') === true)
    throw new LockstepError('SQLITE_ERROR', `table ${target} may not be modified`)
}

/** SQLite itself is the judge of what it serves: wrong SQL becomes an error where it is run. */
function tryAnalyze(sql: string): Statement | Error {
  try {
    return analyze(sql)
  } catch (error) {
    if (isLockstepError(error)) return error
    throw error
  }
}
