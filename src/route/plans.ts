import { isLockstepError, LockstepError } from '../core/errors.ts'
import type { Column, Table } from '../schema/model.ts'
import { quoteIdentifier as quote } from '../schema/quote.ts'
import { nameColumns, type Narrow } from '../sql/stars.ts'
import { NumberColumns } from '../postgres/number-columns.ts'
import { rowidColumn, type PostgresPlan } from '../postgres/statements.ts'
import {
  analyze,
  type Statement,
  type StatementKind,
  type TransactionStep,
} from '../sql/statement.ts'

/** One distinct text of SQL and what the router must know of it; kept, as reading it costs more than running it. */
export interface Plan {
  readonly sql: string
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
  /** @throws LockstepError SQL_UNSUPPORTED for what only SQLite runs. */
  postgres(): PostgresPlan
}

/** Kinds of statements that run on PostgreSQL too. */
const translated = new Set(['select', 'insert', 'update', 'delete', 'transaction'])
const changes = new Set(['insert', 'update', 'delete'])
const maxPlans = 2000

export interface Plans {
  of(sql: string): Plan
  clear(): void
}

/** @param tables the mirrored tables by name in lower case */
export function createPlans(tables: () => ReadonlyMap<string, Table>): Plans {
  const plans = new Map<string, Plan>()
  let made = 0
  let numbers: NumberColumns | undefined
  const context: PlanContext = {
    tables,
    numbersIn: (names) => {
      numbers ??= new NumberColumns(tables())
      return numbers.concerns(names) ? numbers : null
    },
  }
  return {
    of(sql) {
      const known = plans.get(sql)
      if (known !== undefined) return known
      const plan = createPlan(sql, `lockstep_s${made++}`, context)
      if (plans.size >= maxPlans) plans.delete(plans.keys().next().value as string)
      plans.set(sql, plan)
      return plan
    },
    clear() {
      plans.clear()
      numbers = undefined
    },
  }
}

interface PlanContext {
  readonly tables: () => ReadonlyMap<string, Table>
  readonly numbersIn: (names: readonly string[]) => NumberColumns | null
}

function createPlan(sql: string, name: string, { tables, numbersIn }: PlanContext): Plan {
  const read = tryAnalyze(sql)
  const known = read instanceof Error ? undefined : read
  let there: Statement | undefined
  const statement = (): Statement => {
    if (read instanceof Error) throw read
    return read
  }
  return {
    sql,
    step: known?.step ?? null,
    readonly:
      known?.kind === 'select' ||
      known?.kind === 'explain' ||
      (known?.kind === 'pragma' && known.readonly),
    changesRows: known !== undefined && changes.has(known.kind),
    isDdl: known?.kind === 'ddl',
    tables: known?.tables ?? [],
    numbered: known?.parameters.some((parameter) => parameter.kind === 'numbered') ?? false,
    statement,
    postgres: () => {
      const { kind } = statement()
      if (!translated.has(kind)) throw untranslated(kind, sql)
      there ??= onPostgres(statement(), tables())
      return {
        statement: there,
        name,
        rowidColumn: rowidColumn(there, tables()),
        numbers: numbersIn(there.tables),
      }
    },
  }
}

/** A table without a key has its rowid as a column there, which a statement must not meet unasked. */
function onPostgres(statement: Statement, tables: ReadonlyMap<string, Table>): Statement {
  const narrow = (name: string): Narrow | null => {
    const table = tables.get(name.toLowerCase())
    if (table?.key.kind !== 'rowid') return null
    const { columns } = table
    return {
      columns: quoted(columns),
      stored: quoted(columns.filter(({ generated }) => !generated)),
    }
  }
  if (!statement.tables.some((name) => narrow(name) !== null)) return statement
  return analyze(nameColumns(statement.sql, narrow))
}

function quoted(columns: readonly Column[]): string[] {
  return columns.map(({ name }) => quote(name))
}

/** A schema that changed on one place alone would stop the mirror, so DDL is not passed on. */
function untranslated(kind: StatementKind, sql: string): LockstepError {
  const why =
    kind === 'ddl'
      ? 'The schema is not changed through Lockstep while PostgreSQL is the primary: roll back, change it on both ' +
        'places (docs/what-if.md, "The schema has changed"), and flip again'
      : `A statement of kind ${kind} does not run on PostgreSQL`
  return new LockstepError('SQL_UNSUPPORTED', `${why}: ${sql}`, { details: { kind } })
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
