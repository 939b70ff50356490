import type pg from 'pg'
import type { DescribeViolation } from '../schema/violations.ts'
import type { PostgresParameter } from '../sql/bind.ts'
import type { ConnectionFacts } from '../sql/connection-functions.ts'
import type { Decode } from '../sql/decode-row.ts'
import { encodeSlot, type RealToText } from '../sql/encode-slot.ts'
import { runAnswer } from '../sql/last-insert-rowid.ts'
import type { Statement } from '../sql/statement.ts'
import type { DescribingClient } from './describe.ts'
import { postgresError, wentAway } from './errors.ts'
import { conflictOfTrigger, isConflict } from './ignored-conflicts.ts'
import { nameOn } from './prepared-names.ts'
import type { PreparedStep, PreparedTranslation } from './prepared-translation.ts'
import { rememberFailure, rememberResult } from './remember.ts'

export type Method = 'all' | 'get' | 'values' | 'run'

/** A statement of the application, ready to run on PostgreSQL. */
export interface PostgresPlan {
  readonly statement: Statement
  /** @throws what is wrong with the arguments or the statement, before anything is sent */
  bind(args: readonly unknown[], facts: ConnectionFacts): BoundTranslation
  /** What the connection must be asked before `bind`; absent, or undefined, where nothing is left to ask. */
  readonly check?: () => ((client: DescribingClient) => Promise<void>) | undefined
}

/** A translation and the values for it, by SQLite's numbers minus 1. */
export interface BoundTranslation {
  readonly prepared: PreparedTranslation
  readonly values: readonly unknown[]
  readonly describe: DescribeViolation
}

/** Asks what is left to ask, outside of any pipeline: a caller sends more once it is answered. */
export async function checkPlan(client: PostgresClient, plan: PostgresPlan): Promise<void> {
  try {
    await plan.check?.()?.(client)
  } catch (error) {
    throw wentAway(error, 'none')
  }
}

/** The part of a client that runs statements. */
export interface PostgresClient extends DescribingClient {
  query(config: pg.QueryArrayConfig): Promise<pg.QueryArrayResult<unknown[]>>
  query(text: string): Promise<unknown>
}

/** What a statement's run needs besides its plan; the state is the connection's, or the transaction's. */
export interface RunContext extends ConnectionFacts {
  readonly safeIntegers: boolean
  readonly toText: RealToText
  /** Several steps of one statement need a transaction of their own where there is none. */
  readonly inTransaction: boolean
}

type Result = pg.QueryArrayResult<(string | null)[]>

/**
 * Runs a statement and gives what better-sqlite3 would, by its rules for what may be asked of which
 * statement. Everything is sent before the first answer is awaited, so that callers can put more around
 * it in the same round trip. Of several steps the caller makes one transaction.
 * @throws TypeError where rows are asked of a statement that has none
 */
export async function runOnPostgres(
  client: PostgresClient,
  plan: PostgresPlan,
  method: Method,
  args: readonly unknown[],
  context: RunContext,
): Promise<unknown> {
  checkMethod(plan.statement, method)
  const bound = plan.bind(args, context)
  const result = await send(client, bound, context).catch((error: unknown) => {
    rememberFailure(plan.statement, bound.prepared, error, context.state)
    throw error
  })
  rememberResult(plan.statement, bound.prepared, result, context.state)
  if (method === 'run') {
    const { state, safeIntegers } = context
    const changes = plan.statement.kind === 'select' ? 0 : state.changes
    return runAnswer(changes, state.lastInsertRowid, safeIntegers)
  }
  const { names, decoders } = bound.prepared
  if (method === 'values') return result.rows.map((row) => toArray(row, names.length, decoders))
  if (method === 'all') return result.rows.map((row) => toObject(row, names, decoders))
  return result.rows[0] === undefined ? undefined : toObject(result.rows[0], names, decoders)
}

function checkMethod(statement: Statement, method: Method): void {
  if (method !== 'run' && !statement.returnsRows) {
    throw new TypeError('This statement does not return data. Use run() instead')
  }
}

/** Whether the connection lets several queries be on their way at once. */
export function isPipelined(client: object): boolean {
  return (client as { pipeline?: unknown }).pipeline === true
}

async function send(
  client: PostgresClient,
  { prepared, values, describe }: BoundTranslation,
  { toText, inTransaction }: RunContext,
): Promise<Result> {
  const { steps } = prepared
  const own = steps.map((step) => queryOf(client, step, values, toText))
  const wrap = wrapOf(prepared, inTransaction)
  const queries: Query[] = wrap === null ? own : [wrap.before, ...own, wrap.after]
  const at = steps.findIndex(({ role }) => role === 'result') + Number(wrap !== null)
  try {
    const answers = isPipelined(client)
      ? await sendTogether(client, queries)
      : await sendInTurn(client, queries)
    return answers[at] as Result
  } catch (error) {
    if (wrap !== null && !inTransaction) await client.query('ROLLBACK').catch(() => undefined)
    if (prepared.translation.ignoresConflicts === true && isConflict(error))
      throw conflictOfTrigger(error)
    throw postgresError(error, describe)
  }
}

/** What goes around the steps: a transaction of their own, or what keeps the server from changing anything for them. */
function wrapOf(
  { translation, steps }: PreparedTranslation,
  inTransaction: boolean,
): { readonly before: string; readonly after: string } | null {
  if (translation.mustOnlyRead !== true) {
    return steps.length === 1 || inTransaction ? null : { before: 'BEGIN', after: 'COMMIT' }
  }
  if (!inTransaction) return { before: 'BEGIN READ ONLY', after: 'COMMIT' }
  // With the savepoint the transaction may write again.
  return {
    before: 'SAVEPOINT lockstep_reading; SET TRANSACTION READ ONLY',
    after: 'RELEASE SAVEPOINT lockstep_reading',
  }
}

type Query = pg.QueryArrayConfig | string

function start(client: PostgresClient, query: Query): Promise<unknown> {
  return typeof query === 'string' ? client.query(query) : client.query(query)
}

async function sendTogether(client: PostgresClient, queries: readonly Query[]): Promise<unknown[]> {
  const sent = await Promise.allSettled(queries.map((query) => start(client, query)))
  // The first failure is the cause of all that follow it.
  return sent.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason as Error
    return outcome.value
  })
}

async function sendInTurn(client: PostgresClient, queries: readonly Query[]): Promise<unknown[]> {
  const answers: unknown[] = []
  for (const query of queries) answers.push(await start(client, query))
  return answers
}

function queryOf(
  client: PostgresClient,
  step: PreparedStep,
  values: readonly unknown[],
  toText: RealToText,
): pg.QueryArrayConfig {
  const parameters: PostgresParameter[] = step.slots.map((slot) =>
    encodeSlot(slot, values[slot.parameter - 1], toText),
  )
  const name = step.seen ? nameOn(client, step.name) : undefined
  step.seen = true
  return {
    ...(name === undefined ? {} : { name }),
    text: step.text,
    values: parameters,
    rowMode: 'array',
    types: asText,
  }
}

/** Values are decoded by their column, not by their type on the server. */
const asText: pg.CustomTypesConfig = {
  getTypeParser: (() => (text: string) => text) as pg.CustomTypesConfig['getTypeParser'],
}

function valueAt(
  row: readonly (string | null)[],
  index: number,
  decoders: readonly Decode[],
): unknown {
  const text = row[index]
  return text === null || text === undefined ? null : (decoders[index] as Decode)(text)
}

function toArray(
  row: readonly (string | null)[],
  length: number,
  decoders: readonly Decode[],
): unknown[] {
  const values: unknown[] = []
  for (let index = 0; index < length; index++) values.push(valueAt(row, index, decoders))
  return values
}

/** Of columns with one name the last wins, as in better-sqlite3. */
function toObject(
  row: readonly (string | null)[],
  names: readonly string[],
  decoders: readonly Decode[],
): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (const [index, name] of names.entries()) {
    const value = valueAt(row, index, decoders)
    if (name === '__proto__')
      Object.defineProperty(object, name, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      })
    else object[name] = value
  }
  return object
}
