import type pg from 'pg'
import { LockstepError } from '../core/errors.ts'
import { Mutex } from '../core/wait.ts'
import {
  endsTransaction,
  isSerializationFailure,
  isTimedOut,
  postgresError,
  wentAway,
} from '../postgres/errors.ts'
import {
  isPipelined,
  runOnPostgres,
  type Method,
  type PostgresPlan,
  type RunContext,
} from '../postgres/statements.ts'
import { violationsOf } from '../schema/violations.ts'
import { runAnswer } from '../sql/last-insert-rowid.ts'
import { analyze } from '../sql/statement.ts'
import { Savepoints } from './savepoints.ts'
import { changesSchema, type PostgresChanges } from './schema-changes.ts'

/** Of constraints only foreign keys wait for COMMIT, and SQLite names none of them. */
const describeLate = violationsOf([])

/** What `work` can do inside of its transaction. */
export interface PostgresTransaction {
  readonly call: (method: Method, plan: PostgresPlan, args: readonly unknown[]) => Promise<unknown>
  readonly changes: PostgresChanges
}

/**
 * One transaction. The fence is passed at its start, so that it cannot be refused half-way; and each
 * statement has a savepoint, so that one that fails leaves the transaction usable, as on SQLite.
 */
export async function inTransaction<T>(
  client: pg.PoolClient,
  outside: RunContext,
  changes: PostgresChanges,
  work: (transaction: PostgresTransaction) => Promise<T>,
): Promise<T> {
  // A transaction whose COMMIT was not sent has certainly been rolled back.
  let outcome: 'none' | 'unknown' = 'none'
  let inWork = false
  // The server says why it ends a session that is idle when it does, not when it is next asked something.
  let timedOut: Error | undefined
  const onError = (error: Error): void => {
    if (isTimedOut(error)) timedOut = postgresError(error)
  }
  client.on('error', onError)
  const context: RunContext = { ...outside, state: { ...outside.state }, inTransaction: true }
  try {
    await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT lockstep.enter()')
    inWork = true
    const call = createCall(client, context, changes)
    const result = await work({ call, changes })
    inWork = false
    if (call.isOver())
      throw new LockstepError('SQLITE_ERROR', 'cannot commit - no transaction is active')
    await changes.prepare()
    outcome = 'unknown'
    const { command } = await client.query('COMMIT')
    if (command !== 'COMMIT')
      throw new LockstepError(
        'SERIALIZATION_FAILED',
        'The transaction was rolled back by PostgreSQL',
      )
    await changes.committed()
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    await changes.rolledBack()
    if (timedOut !== undefined && outcome === 'none') throw timedOut
    // What the application throws goes through to it as it is.
    throw inWork ? error : wentAway(postgresError(error, describeLate), outcome)
  } finally {
    client.off('error', onError)
    // SQLite's connection remembers what a transaction has done, even where it was rolled back.
    Object.assign(outside.state, context.state)
  }
}

type Call = PostgresTransaction['call'] & {
  /** A trigger has rolled the transaction back. */
  isOver(): boolean
}

function createCall(client: pg.PoolClient, context: RunContext, changes: PostgresChanges): Call {
  const savepoints = new Savepoints()
  let isOver = false
  // Calls that were not awaited must not come between a statement and its savepoint.
  const inTurn = new Mutex()
  const call: PostgresTransaction['call'] = (method, plan, args) =>
    inTurn
      .run(async () => {
        // SQLite would run it outside of any transaction, and commit it.
        if (isOver) throw endedByTrigger()
        if (plan.statement.kind === 'transaction')
          return step({ client, context, savepoints, changes }, plan.statement)
        if (changesSchema(plan.statement)) {
          await changeSchema({ client, context, savepoints, changes }, plan.statement)
          return nothingChanged(context)
        }
        const check = plan.check?.()
        if (check !== undefined) await inSavepoint(client, () => check(client))
        return inSavepoint(client, () => runOnPostgres(client, plan, method, args, context))
      })
      .catch((error: unknown) => {
        isOver ||= endsTransaction(error)
        throw wentAway(error, 'none')
      })
  return Object.assign(call, { isOver: () => isOver })
}

function endedByTrigger(): LockstepError {
  return new LockstepError(
    'SQL_UNSUPPORTED',
    'A trigger has rolled back this transaction by RAISE(ROLLBACK): statements behind it would run outside of it. ' +
      'Let the error leave the function',
  )
}

interface Stepping {
  readonly client: pg.PoolClient
  readonly context: RunContext
  readonly savepoints: Savepoints
  readonly changes: PostgresChanges
}

/** A table that is made of a query is filled by a statement of its own, and both are one. */
async function changeSchema(
  { client, context, savepoints, changes }: Stepping,
  statement: PostgresPlan['statement'],
): Promise<void> {
  const whole = 'SAVEPOINT lockstep_change'
  const both = async (sql: string): Promise<void> => {
    await client.query(sql)
    changes.savepoint(sql)
  }
  await both(whole)
  try {
    const fill = await changes.run(statement, [...savepoints.statements, whole])
    const source = changes.source()
    if (fill !== null && source !== undefined) {
      const insert = analyze(fill)
      const bind: PostgresPlan['bind'] = (args, facts) => source.bind(insert, null, args, facts)
      const state = { ...context.state }
      await runOnPostgres(client, { statement: insert, bind }, 'run', [], { ...context, state })
    }
    await both(`RELEASE ${whole}`)
  } catch (error) {
    if (!isSerializationFailure((error as Error).cause)) {
      // Where the connection is gone the transaction is too.
      await both(`ROLLBACK TO ${whole}`).catch(() => undefined)
      await both(`RELEASE ${whole}`).catch(() => undefined)
    }
    throw error
  }
}

/** A savepoint of the application, which outlives the statement that makes it. */
async function step(
  { client, context, savepoints, changes }: Stepping,
  { step, savepoint }: PostgresPlan['statement'],
): Promise<unknown> {
  const name = savepoint ?? ''
  const sql = savepoints.take(step, name)
  await client.query(sql)
  changes.savepoint(sql)
  return nothingChanged(context)
}

function nothingChanged({ state, safeIntegers }: RunContext): unknown {
  return runAnswer(0, state.lastInsertRowid, safeIntegers)
}

const open = 'SAVEPOINT lockstep_statement'
const release = 'RELEASE SAVEPOINT lockstep_statement'
const undo = 'ROLLBACK TO SAVEPOINT lockstep_statement; RELEASE SAVEPOINT lockstep_statement'

/**
 * The savepoint, the statement and the release go out together: one round trip instead of three. Where
 * the statement fails the release does too, and the transaction goes back to before it.
 */
async function inSavepoint<T>(client: pg.PoolClient, work: () => Promise<T>): Promise<T> {
  if (!isPipelined(client)) return inSavepointStepByStep(client, work)
  const opened = client.query(open)
  const running = work()
  const released = client.query(release)
  const [before, done, after] = await Promise.allSettled([opened, running, released])
  if (before.status === 'rejected') throw before.reason as Error
  if (done.status === 'fulfilled' && after.status === 'fulfilled') return done.value
  const error = (done.status === 'rejected' ? done : (after as PromiseRejectedResult))
    .reason as Error
  if (after.status === 'rejected') await goBack(client, error)
  throw error
}

async function inSavepointStepByStep<T>(client: pg.PoolClient, work: () => Promise<T>): Promise<T> {
  await client.query(open)
  try {
    const rows = await work()
    await client.query(release)
    return rows
  } catch (error) {
    await goBack(client, error)
    throw error
  }
}

/** After a serialization failure only the whole transaction can be run again. */
async function goBack(client: pg.PoolClient, error: unknown): Promise<void> {
  if (isSerializationFailure((error as Error).cause)) return
  await client.query(undo).catch(() => undefined)
}
