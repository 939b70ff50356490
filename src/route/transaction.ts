import type {
  Params,
  PreparedStatement,
  Queryable,
  RunResult,
  SqlValue,
  TransactionOptions,
} from '../api.ts'
import { sqliteArguments } from '../sql/bind.ts'
import { splitScript } from '../sql/script.ts'
import type { Method } from '../sqlite/statements.ts'
import type { Closing } from '../core/closing.ts'
import { isLockstepError } from '../core/errors.ts'
import { isLongTurn } from '../core/long-turn.ts'
import { yieldToEventLoop } from '../core/wait.ts'
import { hasNotBegun } from '../postgres/errors.ts'
import { createIdleLimit } from './idle-limit.ts'
import { answerByDriver, type AskSqlite } from './driver-answers.ts'
import type { Plan, Plans } from './plans.ts'
import type { PostgresExecutor } from './postgres-executor.ts'
import type { PostgresTransaction } from './postgres-transaction.ts'
import type { Router } from './router.ts'
import { recorded } from './statement-record.ts'
import type { Execute, SqliteExecutor } from './sqlite-executor.ts'
import type { TransactionScope } from './transaction-scope.ts'

/** Runs one statement, wherever that is. */
type Call = (method: Method, sql: string, args: readonly unknown[]) => Promise<unknown>

export interface TransactionsOptions {
  readonly router: Router
  readonly plans: Plans
  readonly sqlite: SqliteExecutor
  readonly postgres: PostgresExecutor
  readonly scope: TransactionScope
  readonly closing: Closing
  readonly isInstalled: () => boolean
  /** For how long a transaction may stay open without a statement. */
  readonly maxTransactionIdleMs: number
}

const modes = new Set(['deferred', 'immediate', 'exclusive'])

/**
 * Runs `work` in one transaction of the primary. The fence is passed before `work` begins: on SQLite
 * with the write lock (`immediate`, the default), on PostgreSQL with the writers' lock, so a flip waits
 * for it and never interrupts it.
 */
export async function runTransaction<T>(
  options: TransactionsOptions,
  work: (tx: Queryable) => Promise<T>,
  { mode = 'immediate' }: TransactionOptions = {},
): Promise<T> {
  if (typeof work !== 'function')
    throw new TypeError('Expected the first argument to be an async function')
  if (!modes.has(mode))
    throw new TypeError(`Expected mode to be one of ${[...modes].join(', ')}, not ${mode}`)
  const { router, plans, sqlite, postgres, isInstalled } = options
  const insideOf = (sql: string): Plan => inside(plans.of(sql))
  return router.write({
    sqlite: () =>
      sqlite.transaction(mode, (execute) =>
        whileOpen(options, work, async (method, sql, args) => {
          const plan = insideOf(sql)
          plan.record.begin(args)
          const call = () => callOnSqlite(plan, method, args, execute, isInstalled())
          return recorded(plan.record, 'sqlite', call)
        }),
      ),
    postgres: () =>
      postgres.transaction((transaction) =>
        whileOpen(options, work, async (method, sql, args) => {
          const plan = insideOf(sql)
          plan.record.begin(args)
          const call = () => callOnPostgres(plan, method, args, transaction, sqlite)
          return recorded(plan.record, 'postgres', call)
        }),
      ),
  })
}

async function callOnSqlite(
  plan: Plan,
  method: Method,
  args: readonly unknown[],
  execute: Execute,
  isInstalled: boolean,
): Promise<unknown> {
  if (plan.isDdl && isInstalled) {
    checkReturnsNothing(method)
    await execute.changeSchema(plan.statement())
    const { id } = execute.call('get', 'SELECT last_insert_rowid() AS id', []) as { id: unknown }
    return { changes: 0, lastInsertRowid: id }
  }
  const bound = plan.numbered ? sqliteArguments(plan.statement(), args) : args
  const ask: AskSqlite = async (...asked) => execute.call(...asked)
  const file = { read: ask, onWriter: ask }
  return (
    answerByDriver(plan, method, bound, { place: 'sqlite', file, isInstalled }) ??
    execute.call(method, plan.sql, bound)
  )
}

async function callOnPostgres(
  plan: Plan,
  method: Method,
  args: readonly unknown[],
  { call, changes }: PostgresTransaction,
  sqlite: SqliteExecutor,
): Promise<unknown> {
  if (plan.isDdl) checkReturnsNothing(method)
  const changing = changes.ask()
  // The foreign keys of the connection that changes the schema are off meanwhile.
  const isOff = changing !== undefined && plan.pragma?.name === 'foreign_keys'
  const ask = isOff ? sqlite.read : changing
  const file = { read: ask ?? sqlite.read, onWriter: ask ?? sqlite.onWriter }
  const bound = plan.numbered ? sqliteArguments(plan.statement(), args) : args
  const answer = answerByDriver(plan, method, bound, {
    place: 'postgres',
    file,
    isInstalled: true,
    inTransaction: true,
  })
  return answer ?? call(method, plan.postgres(changes.source()), args)
}

function checkReturnsNothing(method: Method): void {
  if (method !== 'run')
    throw new TypeError('This statement does not return data. Use run() instead')
}

/**
 * The calls on `tx` are refused once the transaction has ended: they would run outside of it. So it does not end
 * before those under way have, and commits nothing where the function did not wait for them, or `close` has begun.
 */
async function whileOpen<T>(
  { scope, closing, maxTransactionIdleMs }: TransactionsOptions,
  work: (tx: Queryable) => Promise<T>,
  call: Call,
): Promise<T> {
  let open = true
  const underWay = new Set<Promise<unknown>>()
  const idle = createIdleLimit(maxTransactionIdleMs, () => underWay.size > 0)
  let lost: { readonly error: unknown } | undefined
  const follow = <R>(running: Promise<R>): Promise<R> => {
    underWay.add(running)
    // Whoever awaits this goes on only after the call has left the set.
    return running.finally(() => {
      underWay.delete(running)
      idle.touch()
    })
  }
  const callWhileOpen: Call = async (method, sql, args) => {
    if (!open)
      throw new TypeError('This transaction has ended already: a call on tx was not awaited')
    if (isLongTurn()) await yieldToEventLoop()
    closing.check()
    return call(method, sql, args).catch((error: unknown) => {
      if (mayRunAgain(error)) lost ??= { error }
      throw error
    })
  }
  const tx = createQueryable(
    (method, sql, args) => follow(callWhileOpen(method, sql, args)),
    (script) => follow(execEach(callWhileOpen, script)),
  )
  try {
    return await scope.run(async () => {
      const result = await idle.hold(async () => work(tx))
      if (underWay.size > 0) throw notAwaited()
      closing.check()
      return result
    })
  } catch (error) {
    // What the function makes of it, as an ORM does, would hide that the transaction can run again.
    throw lost === undefined ? error : lost.error
  } finally {
    await Promise.allSettled(underWay)
    open = false
  }
}

function mayRunAgain(error: unknown): boolean {
  return isLockstepError(error, 'SERIALIZATION_FAILED') || hasNotBegun(error)
}

function notAwaited(): TypeError {
  return new TypeError(
    'A call on tx was not awaited: the function of the transaction ended before it did, so nothing was committed. ' +
      'Await each call, or return its promise',
  )
}

function inside(plan: Plan): Plan {
  if (plan.step === 'begin' || plan.step === 'commit' || plan.step === 'rollback') {
    throw new TypeError(
      'The transaction commits when its function resolves, and rolls back when it throws',
    )
  }
  return plan
}

/** The calls of API.md over one function that runs a statement. */
export function createQueryable(call: Call, exec?: (script: string) => Promise<void>): Queryable {
  return {
    all: <T = Record<string, SqlValue>>(sql: string, params?: Params) =>
      call('all', sql, one(params)) as Promise<T[]>,
    get: <T = Record<string, SqlValue>>(sql: string, params?: Params) =>
      call('get', sql, one(params)) as Promise<T | undefined>,
    values: <T extends unknown[] = SqlValue[]>(sql: string, params?: Params) =>
      call('values', sql, one(params)) as Promise<T[]>,
    run: (sql, params) => call('run', sql, one(params)) as Promise<RunResult>,
    exec: exec ?? ((script) => execEach(call, script)),
    prepare: (sql) => prepare(call, sql),
  }
}

function one(params: Params | undefined): readonly unknown[] {
  return params === undefined ? [] : [params]
}

function prepare(call: Call, sql: string): PreparedStatement {
  if (typeof sql !== 'string') throw new TypeError('Expected first argument to be a string')
  return {
    all: <T = Record<string, SqlValue>>(...params: unknown[]) =>
      call('all', sql, params) as Promise<T[]>,
    get: <T = Record<string, SqlValue>>(...params: unknown[]) =>
      call('get', sql, params) as Promise<T | undefined>,
    values: <T extends unknown[] = SqlValue[]>(...params: unknown[]) =>
      call('values', sql, params) as Promise<T[]>,
    run: (...params) => call('run', sql, params) as Promise<RunResult>,
  }
}

async function execEach(call: Call, script: string): Promise<void> {
  for (const sql of splitScript(script)) {
    // A statement of a script may return rows, which nobody asked for.
    await call('run', sql, []).catch((error: unknown) => {
      if (error instanceof TypeError && error.message.includes('returns data'))
        return call('all', sql, [])
      throw error
    })
  }
}
