import assert from 'node:assert/strict'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { isLockstepError } from '../../../src/core/errors.ts'
import { setSequences } from '../../../src/move/sequences.ts'
import { keepKeysAhead } from '../../../src/postgres/automatic-keys.ts'
import { runOnPostgres } from '../../../src/postgres/statements.ts'
import type { StatementSource } from '../../../src/route/statement-source.ts'
import { shippedColumns, type Table } from '../../../src/schema/model.ts'
import type { TypeOverrides } from '../../../src/schema/overrides.ts'
import { quoteIdentifier as quote } from '../../../src/schema/quote.ts'
import { sqliteArguments } from '../../../src/sql/bind.ts'
import type { Catalog } from '../../../src/sql/catalog.ts'
import type { RunAnswer } from '../../../src/sql/last-insert-rowid.ts'
import { analyze } from '../../../src/sql/statement.ts'
import type { Translator } from '../../../src/sql/translation.ts'
import { codecFor } from '../../../src/values/codec.ts'
import { keyText } from '../../../src/values/compare.ts'
import type { Value } from '../../../src/values/value.ts'
import { readCounters } from '../../../src/sqlite/counters.ts'
import { createCheckedTranslator } from '../../support/postgres-parser.ts'
import { createDatabase } from '../../support/postgres.ts'
import { planOf, runContext, sourceOf } from '../../support/statements.ts'
import { carry, modelOf } from '../../schema/carry.ts'

export type Statement = string | readonly [sql: string, ...params: unknown[]]

/** What one place made of a statement: what it answers or the code of its error, and what the tables hold then. */
export interface Outcome {
  readonly answer: unknown
  readonly state: Readonly<Record<string, readonly string[]>>
}

/** The same tables on SQLite and on PostgreSQL, on which statements run side by side. */
export interface Places extends AsyncDisposable {
  /** Runs the statements in order from the first state and gives what each place made of each. */
  outcomes(
    statements: readonly Statement[],
    options?: OutcomeOptions,
  ): Promise<{ sqlite: Outcome[]; postgres: Outcome[] }>
}

export interface OutcomeOptions {
  /**
   * Sets PostgreSQL's sequences back to the highest rowid before each statement: they have gaps where a
   * statement failed or a row was deleted, which SQLite has not.
   */
  readonly closeGaps?: boolean
}

/**
 * @param schema SQL that makes the tables and first rows.
 * @param translator another one than Lockstep's, to see what would come of it.
 * @param overrides the types of single columns, as a configuration chooses them.
 */
export async function openPlaces(
  schema: string,
  translator: (catalog: Catalog) => Translator = createCheckedTranslator,
  overrides: TypeOverrides = {},
): Promise<Places> {
  const db = new Database(':memory:')
  db.exec(schema)
  db.defaultSafeIntegers(true)
  const database = await createDatabase('compat')
  const client = new Client({ connectionString: database.url })
  await client.connect()
  const model = modelOf(db, overrides).schema
  await client.query('SET client_min_messages = warning; CREATE SCHEMA lockstep')
  const { unencodable } = await carry(client, db, model)
  if (Object.keys(overrides).length > 0) assert.deepEqual(unencodable, [])
  await keepKeysAhead(client, 'public', model.tables)
  const source = sourceOf({
    tables: model.tables,
    translator,
    safeIntegers: true,
  })
  return {
    outcomes: async (statements, { closeGaps = false } = {}) => {
      await setSequences(client, readCounters(db), model.tables, 'public')
      const last = db.prepare<[], bigint>('SELECT last_insert_rowid()').pluck().get() ?? 0n
      const run = { source, tables: model.tables, statements, closeGaps, last }
      const sqlite = onSqlite(db, run)
      const postgres = await onPostgres(client, run)
      return {
        sqlite: withoutUnknown(sqlite, postgres),
        postgres: withoutUnknown(postgres, postgres),
      }
    },
    [Symbol.asyncDispose]: async () => {
      db.close()
      await client.end()
      await database.drop()
    },
  }
}

interface Run {
  readonly source: StatementSource
  readonly tables: readonly Table[]
  readonly statements: readonly Statement[]
  readonly closeGaps: boolean
  /** The rowid that SQLite's connection gave last. */
  readonly last: bigint
}

function onSqlite(db: Database.Database, { source, tables, statements }: Run): Outcome[] {
  db.exec('BEGIN')
  try {
    return statements.map((statement) => {
      const answer = runOnSqlite(db, source, statement)
      const state = tables.map((table) => {
        const sql = `SELECT ${columnList(table)} FROM main.${quote(table.name)}`
        return [table.name, sorted(db.prepare<[], Value[]>(sql).raw().all())] as const
      })
      return { answer, state: Object.fromEntries(state) }
    })
  } finally {
    if (db.inTransaction) db.exec('ROLLBACK')
  }
}

function runOnSqlite(
  db: Database.Database,
  source: StatementSource,
  statement: Statement,
): unknown {
  const [sql, ...args] = parts(statement)
  try {
    const params = sqliteArguments(analyze(sql), args)
    const prepared = db.prepare<unknown[], Value[]>(sql)
    if (!prepared.reader) {
      const result = prepared.run(...params)
      return { changes: result.changes, ...lastRowid(sql, source, result) }
    }
    const names = prepared.columns().map(({ name }) => name)
    return { names, rows: sorted(prepared.raw().all(...params)) }
  } catch (error) {
    return { error: (error as { code?: string }).code ?? String(error) }
  }
}

async function onPostgres(
  client: Client,
  { source, tables, statements, closeGaps, last }: Run,
): Promise<Outcome[]> {
  const context = runContext({ safeIntegers: true, inTransaction: true })
  context.state.lastInsertRowid = last
  const outcomes: Outcome[] = []
  await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE')
  try {
    for (const statement of statements) {
      if (closeGaps) await setSequences(client, new Map(), tables, 'public')
      await client.query('SAVEPOINT statement')
      const answer = await runTranslated(client, source, statement, context)
      if ('error' in (answer as object)) await client.query('ROLLBACK TO statement')
      outcomes.push({ answer, state: await postgresState(client, tables) })
    }
  } finally {
    await client.query('ROLLBACK')
  }
  return outcomes
}

async function runTranslated(
  client: Client,
  source: StatementSource,
  statement: Statement,
  context: ReturnType<typeof runContext>,
): Promise<unknown> {
  const [sql, ...params] = parts(statement)
  try {
    const plan = planOf(sql, source)
    const facts = { ...context, safeIntegers: true }
    if (!plan.statement.returnsRows) {
      const result = await runOnPostgres(client, plan, 'run', params, facts)
      const { changes } = result as RunAnswer
      return { changes, ...lastRowid(sql, source, result as RunAnswer) }
    }
    const { prepared } = plan.bind(params, facts)
    const rows = await runOnPostgres(client, plan, 'values', params, facts)
    return { names: [...prepared.names], rows: sorted(rows as Value[][]) }
  } catch (error) {
    if (!isLockstepError(error)) throw error
    return error.code === 'POSTGRES_ERROR' || error.code === 'SQL_UNSUPPORTED'
      ? { error: error.code, message: error.message }
      : { error: error.code }
  }
}

/**
 * SQLite's connection remembers it from an earlier statement, which only an INSERT changes. Of a table with a key
 * of another kind no number is promised.
 */
function lastRowid(
  sql: string,
  { catalog }: StatementSource,
  answer: RunAnswer,
): { lastInsertRowid?: bigint | 'unknown' } {
  const { kind, target } = analyze(sql)
  const hasRowid = target !== null && catalog.relation(target)?.rowid != null
  return kind === 'insert' && hasRowid ? { lastInsertRowid: rowidOf(answer) } : {}
}

function rowidOf(answer: RunAnswer): bigint | 'unknown' {
  try {
    return BigInt(answer.lastInsertRowid)
  } catch (error) {
    if (isLockstepError(error, 'ROWID_UNKNOWN')) return 'unknown'
    throw error
  }
}

async function postgresState(
  client: Client,
  tables: readonly Table[],
): Promise<Record<string, string[]>> {
  const state: Record<string, string[]> = {}
  for (const table of tables) {
    const codecs = shippedColumns(table).map(codecFor)
    const { rows } = await client.query<(string | null)[]>({
      text: `SELECT ${columnList(table)} FROM ${quote(table.name)}`,
      rowMode: 'array',
      types: { getTypeParser: (() => (text: string) => text) as never },
    })
    const decoded = rows.map((row) =>
      codecs.map((codec, index) => codec.decode(row[index] ?? null)),
    )
    state[table.name] = sorted(decoded)
  }
  return state
}

/** Rowids that PostgreSQL does not know and says so, behind an INSERT that has failed for one, are not compared. */
function withoutUnknown(outcomes: readonly Outcome[], postgres: readonly Outcome[]): Outcome[] {
  return outcomes.map(({ answer, state }, index) => {
    const said = postgres[index]?.answer as { lastInsertRowid?: unknown }
    if (said.lastInsertRowid !== 'unknown') return { answer, state }
    const { lastInsertRowid: _, ...rest } = answer as Record<string, unknown>
    return { answer: rest, state }
  })
}

function parts(statement: Statement): readonly [string, ...unknown[]] {
  return typeof statement === 'string' ? [statement] : statement
}

function columnList(table: Table): string {
  return shippedColumns(table)
    .map(({ name }) => quote(name))
    .join(', ')
}

function sorted(rows: readonly (readonly Value[])[]): string[] {
  return rows.map(keyText).toSorted()
}
