import type pg from 'pg'
import { isLockstepError, messageOf } from '../core/errors.ts'
import { isUnreachable } from '../postgres/errors.ts'
import {
  checkPlan,
  runOnPostgres,
  type PostgresPlan,
  type RunContext,
} from '../postgres/statements.ts'
import { Savepoints } from '../route/savepoints.ts'
import { keyCodec } from '../schema/key-codec.ts'
import type { Table } from '../schema/model.ts'
import { foldName } from '../sql/quote.ts'
import { keyText } from '../values/compare.ts'
import type { Effect } from './effect.ts'
import { giveKeySql, keepKeysSql, nextKeysSql } from './generated-keys.ts'
import type { RowKey } from './left-rows.ts'
import type { LoggedWrite } from './write-log.ts'

/** How a statement went on PostgreSQL, beside what SQLite answered. */
export type Course =
  | { readonly kind: 'same' }
  | { readonly kind: 'untranslated' | 'unknown'; readonly reason: string }
  /** PostgreSQL alone refuses it; or SQLite did, or they gave other rowids; or they say other numbers of rows. */
  | { readonly kind: 'refused' | 'failed'; readonly sqlite: string; readonly postgres: string }
  | {
      readonly kind: 'count'
      readonly sqlite: string
      readonly postgres: string
      readonly more: boolean
    }

/** One row that a statement has changed on PostgreSQL. */
export interface Touched extends RowKey {
  /** The number of the last statement that changed it. */
  readonly by: number
}

export interface Rehearsed {
  /** Of the statements in their order, up to the first that did not go as on SQLite. */
  readonly courses: readonly Course[]
  readonly touched: readonly Touched[]
}

export interface Stage {
  readonly schema: string
  readonly tables: readonly Table[]
  readonly planOf: (sql: string) => PostgresPlan
  readonly context: RunContext
  /** Rows that may be changed; of more nothing is known. */
  readonly maxRows: number
}

/** The statements ran into a bound of the rehearsal, or the server did: nothing is known of them. */
export class RehearsalEnded extends Error {}

/**
 * Runs the statements of a batch on a connection whose transaction has been prepared for it, each transaction of the
 * application behind the other, until one goes another way than on SQLite: what follows would only follow from that.
 * @param effects of the statements, in their order
 */
export async function rehearse(
  client: pg.Client,
  transactions: readonly (readonly LoggedWrite[])[],
  effects: readonly Effect[],
  stage: Stage,
): Promise<Rehearsed> {
  const courses: Course[] = []
  const marks: bigint[] = []
  const end = transactions.flat().length
  const keepAll = keepKeysSql(insertedInto(effects, stage), stage.schema)
  for (const writes of transactions) {
    const savepoints = new Savepoints()
    for (const write of writes) {
      const effect = effects[courses.length] as Effect
      marks.push(await prepare(client, write, effect, stage))
      const course =
        write.kind === 'transaction'
          ? await step(client, savepoints.take(...stepOf(write, stage)), keepAll)
          : await runOne(client, write, effect, stage)
      courses.push(course)
      if (course.kind !== 'same') return { courses, touched: [] }
    }
    const deferred = await checkDeferred(client)
    if (deferred !== null) {
      courses.splice(-1, 1, { kind: 'refused', sqlite: 'a commit', postgres: deferred })
      return { courses, touched: [] }
    }
  }
  if (courses.length < end) return { courses, touched: [] }
  return { courses, touched: await readTouched(client, marks, stage) }
}

/**
 * Has PostgreSQL give the keys that SQLite gave.
 * @returns the newest entry of the journal on PostgreSQL
 */
async function prepare(
  client: pg.Client,
  { kind, sql, answer }: LoggedWrite,
  effect: Effect,
  stage: Stage,
): Promise<bigint> {
  const { schema, tables, planOf } = stage
  const mark = `SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('lockstep.journal', 'seq')), 0) AS mark`
  const keys = [nextKeysSql(insertedInto([effect], stage), schema)]
  const first = kind === 'insert' && !effect.mayUpdate ? firstKey(answer) : null
  if (first !== null) {
    const target = foldName(planOf(sql).statement.target ?? '')
    const own = tables.find(({ name, key }) => key.kind !== 'declared' && foldName(name) === target)
    if (own !== undefined) keys.push(giveKeySql(own, schema, first))
  }
  const answers = (await client.query([mark, ...keys].join(';\n'))) as unknown as Marked | Marked[]
  const [marked] = Array.isArray(answers) ? answers : [answers]
  return BigInt(marked?.rows[0]?.mark ?? 0)
}

function insertedInto(effects: readonly Effect[], { tables }: Stage): readonly Table[] {
  return tables.filter(({ name }) => effects.some((effect) => effect.inserts.has(foldName(name))))
}

type Marked = pg.QueryResult<{ mark: string }>

/** The first of the keys that an INSERT was given, or null where it inserted none. */
function firstKey(answer: LoggedWrite['answer']): bigint | null {
  if ('code' in answer || answer.changes === 0) return null
  const first = answer.rowid - BigInt(answer.changes) + 1n
  return first >= 1n ? first : null
}

async function step(client: pg.Client, text: string, keepKeys: string): Promise<Course> {
  await client.query(`${text};\n${keepKeys}`)
  return { kind: 'same' }
}

function stepOf({ sql }: LoggedWrite, { planOf }: Stage): Parameters<Savepoints['take']> {
  const { step: kind, savepoint } = planOf(sql).statement
  return [kind, savepoint ?? '']
}

async function runOne(
  client: pg.Client,
  write: LoggedWrite,
  effect: Effect,
  stage: Stage,
): Promise<Course> {
  const { answer, method, args } = write
  const { context, planOf } = stage
  const fails = 'code' in answer
  const before = context.state.lastInsertRowid
  const keepKeys = keepKeysSql(insertedInto([effect], stage), stage.schema)
  if (fails) await client.query(`SAVEPOINT lockstep_refused;\n${keepKeys}`)
  try {
    const plan = planOf(write.sql)
    await checkPlan(client, plan)
    const rows = await runOnPostgres(client, plan, method, args, context)
    if (fails) return { kind: 'failed', sqlite: answer.code, postgres: 'no error' }
    return compareCounts(write, rows, context.state, before)
  } catch (error) {
    const refusal = refusalOf(error)
    if (refusal.kind !== 'refused' || !fails) return refusal
    await client.query('ROLLBACK TO SAVEPOINT lockstep_refused')
    // Several may be violated, and each place says which it found first.
    const isConstraint = isLockstepError(error) && error.code.startsWith('SQLITE_CONSTRAINT')
    return isConstraint ? { kind: 'same' } : { ...refusal, kind: 'failed', sqlite: answer.code }
  } finally {
    if (!fails) remember(write, context)
  }
}

/** What is left of SQLite's connection for the next statement is what SQLite's own had. */
function remember({ answer }: LoggedWrite, { state }: RunContext): void {
  if ('code' in answer) return
  state.changes = answer.changes
  state.lastInsertRowid = answer.rowid
}

/**
 * @param before the rowid that was the last: one that PostgreSQL's statement has not given says nothing, as on SQLite a
 * transaction that was undone since, or another statement of the connection, may have given another
 */
function compareCounts(
  write: LoggedWrite,
  rows: unknown,
  state: RunContext['state'],
  before: RunContext['state']['lastInsertRowid'],
): Course {
  const { answer, kind } = write
  if ('code' in answer) return { kind: 'same' }
  const given = Array.isArray(rows) ? rows.length : null
  const counts: [string, number | null, number | null][] = [
    ['rows changed', answer.changes, state.changes],
    ['rows returned', answer.rows, given],
  ]
  for (const [what, sqlite, postgres] of counts)
    if (sqlite !== null && postgres !== null && sqlite !== postgres) {
      const more = postgres > sqlite
      return { kind: 'count', sqlite: `${sqlite} ${what}`, postgres: `${postgres} ${what}`, more }
    }
  const { lastInsertRowid } = state
  const isOther =
    kind === 'insert' &&
    answer.changes > 0 &&
    typeof lastInsertRowid === 'bigint' &&
    lastInsertRowid !== before &&
    lastInsertRowid !== answer.rowid
  if (!isOther) return { kind: 'same' }
  return {
    kind: 'failed',
    sqlite: `lastInsertRowid ${answer.rowid}`,
    postgres: `lastInsertRowid ${lastInsertRowid}`,
  }
}

/** States in which the server says nothing of the statement: cancelled, no room, a lock, a conflict with a batch. */
const saysNothing = new Set(['57014', '53100', '55P03', '40001', '40P01', '25P03'])

function refusalOf(error: unknown): Course {
  const sqlState = isLockstepError(error) ? error.details['sqlState'] : undefined
  const isConstraint = isLockstepError(error) && error.code.startsWith('SQLITE_CONSTRAINT')
  const saysValues = sqlState !== undefined && !isConstraint
  const reason = saysValues ? withoutValues(messageOf(error)) : messageOf(error)
  if (isUnreachable(error) || isLockstepError(error, 'POSTGRES_UNREACHABLE'))
    throw new RehearsalEnded(reason)
  if (typeof sqlState === 'string' && saysNothing.has(sqlState)) throw new RehearsalEnded(reason)
  if (isLockstepError(error, 'ROWID_UNKNOWN')) return { kind: 'unknown', reason }
  // Without a construct it is the arguments that PostgreSQL does not take, and others may be taken.
  if (isLockstepError(error, 'SQL_UNSUPPORTED') && error.details['construct'] !== undefined)
    return { kind: 'untranslated', reason }
  return { kind: 'refused', sqlite: 'no error', postgres: reason }
}

/** PostgreSQL names the value that it does not take. */
function withoutValues(message: string): string {
  return message.replaceAll(/"[^"]*"|'[^']*'|\b\d[\d.]*/g, '?')
}

/** What would be checked at a commit is checked here, and stays to be checked, as it does before one. */
async function checkDeferred(client: pg.Client): Promise<string | null> {
  try {
    await client.query('SAVEPOINT lockstep_commit; SET CONSTRAINTS ALL IMMEDIATE')
  } catch (error) {
    const refusal = refusalOf(error)
    return refusal.kind === 'refused' ? refusal.postgres : messageOf(error)
  }
  await client.query('ROLLBACK TO SAVEPOINT lockstep_commit; RELEASE SAVEPOINT lockstep_commit')
  return null
}

/** The rows that PostgreSQL's own journal names, as it does while it is the primary. */
async function readTouched(
  client: pg.Client,
  marks: readonly bigint[],
  { tables, maxRows }: Stage,
): Promise<Touched[]> {
  const { rows } = await client.query<{ seq: string; tbl: number; key: string[] }>(
    'SELECT seq, tbl, key FROM lockstep.journal WHERE seq > $1 ORDER BY seq LIMIT $2',
    [String(marks[0] ?? 0), maxRows + 1],
  )
  if (rows.length > maxRows) throw new RehearsalEnded(`more than ${maxRows} rows were changed`)
  const byId = new Map(tables.map((table) => [table.id, table]))
  const touched = new Map<string, Touched>()
  for (const { seq, tbl, key: texts } of rows) {
    const table = byId.get(tbl)
    if (table === undefined) continue
    const key = keyCodec(table).decode(texts)
    const by = marks.findLastIndex((mark) => mark < BigInt(seq))
    const text = keyText(key)
    touched.set(`${tbl} ${text}`, { table, key, text, by })
  }
  return [...touched.values()]
}
