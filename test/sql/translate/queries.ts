import { readFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { readSchemaFacts } from '../../../src/sqlite/schema-facts.ts'
import { isLockstepError } from '../../../src/core/errors.ts'
import { runOnPostgres } from '../../../src/postgres/statements.ts'
import type { StatementSource } from '../../../src/route/statement-source.ts'
import type { TypeOverrides } from '../../../src/schema/overrides.ts'
import { keyText } from '../../../src/values/compare.ts'
import type { Value } from '../../../src/values/value.ts'
import { carry, modelOf } from '../../schema/carry.ts'
import { createCheckedTranslator } from '../../support/postgres-parser.ts'
import { createDatabase } from '../../support/postgres.ts'
import { planOf, runContext, sourceOf } from '../../support/statements.ts'

export type Query = string | readonly [sql: string, ...params: unknown[]]

/** What a place made of a query: rows with their classes, or the code of its error. */
export type Answer =
  | { readonly names: readonly string[]; readonly rows: readonly string[] }
  | { readonly error: string; readonly message: string }

/** The same tables on SQLite and on PostgreSQL, that queries are asked of. */
export interface Queries extends AsyncDisposable {
  readonly source: StatementSource
  readonly client: Client
  readonly database: Database.Database
  sqlite(query: Query): Answer
  postgres(query: Query): Promise<Answer>
}

/**
 * @param schema SQL that makes the tables and their rows.
 * @param overrides the types of single columns, as a configuration chooses them.
 */
export async function openQueries(schema: string, overrides: TypeOverrides = {}): Promise<Queries> {
  const db = new Database(':memory:')
  db.exec(schema)
  db.defaultSafeIntegers(true)
  const database = await createDatabase('compat')
  const client = new Client({ connectionString: database.url })
  await client.connect()
  const model = modelOf(db, overrides).schema
  await client.query('SET client_min_messages = warning; CREATE SCHEMA lockstep')
  await client.query(
    readFileSync(new URL('../../../src/compat/writes.sql', import.meta.url), 'utf8'),
  )
  await carry(client, db, model)
  const facts = readSchemaFacts(db)
  const source = sourceOf({
    tables: model.tables,
    translator: (catalog) => createCheckedTranslator({ ...catalog, ...facts }),
    safeIntegers: true,
  })
  return {
    source,
    client,
    database: db,
    sqlite: (query) => askSqlite(db, query, source),
    postgres: async (query) => await askPostgres(client, query, source),
    [Symbol.asyncDispose]: async () => {
      db.close()
      await client.end()
      await database.drop()
    },
  }
}

/** The same for all tests of a file; give it what `openQueries` takes. */
export function queriesOfFile(...of: Parameters<typeof openQueries>): () => Queries {
  let queries: Queries
  beforeAll(async () => {
    queries = await openQueries(...of)
  })
  afterAll(async () => {
    await queries[Symbol.asyncDispose]()
  })
  return () => queries
}

function askSqlite(db: Database.Database, query: Query, source: StatementSource): Answer {
  const [sql, ...params] = parts(query)
  try {
    const prepared = db.prepare<unknown[], Value[]>(sql)
    const names = prepared.columns().map(({ name }) => name)
    return { names, rows: arranged(prepared.raw().all(...params), query, source) }
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    return { error: code ?? 'TypeError', message }
  }
}

async function askPostgres(client: Client, query: Query, source: StatementSource): Promise<Answer> {
  const [sql, ...params] = parts(query)
  const context = runContext({ safeIntegers: true, inTransaction: false })
  try {
    const plan = planOf(sql, source)
    const { prepared } = plan.bind(params, context)
    const rows = (await runOnPostgres(client, plan, 'values', params, context)) as Value[][]
    return { names: [...prepared.names], rows: arranged(rows, query, source) }
  } catch (error) {
    if (!isLockstepError(error)) throw error
    return { error: error.code, message: error.message }
  }
}

/** In order where the text orders the rows so that none can tie, else sorted. */
function arranged(
  rows: readonly (readonly Value[])[],
  query: Query,
  source: StatementSource,
): string[] {
  const texts = rows.map(keyText)
  return isOrdered(query, source) ? texts : texts.toSorted()
}

function isOrdered(query: Query, source: StatementSource): boolean {
  const [sql, ...params] = parts(query)
  try {
    const { prepared } = planOf(sql, source).bind(params, runContext({ safeIntegers: true }))
    return prepared.translation.order === 'total'
  } catch {
    return false
  }
}

function parts(query: Query): readonly [string, ...unknown[]] {
  return typeof query === 'string' ? [query] : query
}

/** Asks both places, and describes each answer that is not the same. */
export async function differing(queries: Queries, asked: readonly Query[]): Promise<string[]> {
  const different: string[] = []
  for (const query of asked) {
    const expected = queries.sqlite(query)
    const actual = await queries.postgres(query)
    if (!isSame(expected, actual)) different.push(describeAnswers(query, expected, actual))
  }
  return different
}

/** The same rows, classes and names, or errors of the same code. */
export function isSame(expected: Answer, actual: Answer): boolean {
  if ('error' in expected || 'error' in actual) {
    return 'error' in expected && 'error' in actual && expected.error === actual.error
  }
  return JSON.stringify(expected) === JSON.stringify(actual)
}

export function describeAnswers(query: Query, expected: Answer, actual: Answer): string {
  const [sql, ...params] = parts(query)
  const values = params.map((value) => (typeof value === 'bigint' ? `${value}n` : value))
  const answers = `SQLite: ${JSON.stringify(expected)}\nPostgreSQL: ${JSON.stringify(actual)}`
  return `${sql} ${JSON.stringify(values)}\n${answers}`
}
