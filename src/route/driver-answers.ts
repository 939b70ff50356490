import type { PlaceName } from '../place/place.ts'
import type { Method } from '../postgres/statements.ts'
import { unsupportedStatement } from '../sql/translate/refuse.ts'
import type { Plan } from './plans.ts'

/** Asks the file: on a connection that only reads, or on the one that writes. */
export type AskSqlite = (method: Method, sql: string, args: readonly unknown[]) => Promise<unknown>

export interface FileConnections {
  readonly read: AskSqlite
  readonly onWriter: AskSqlite
}

export interface Asked {
  readonly place: PlaceName
  readonly file: FileConnections
  /** Lockstep's own tables and triggers are in the file, and are left out. */
  readonly isInstalled: boolean
  readonly inTransaction?: boolean
}

/** Those that do work in SQLite's file, for which PostgreSQL has workers of its own. */
const upkeep = new Set(['optimize', 'incremental_vacuum', 'shrink_memory'])

/**
 * What neither place runs as a statement on rows: questions about the schema, which the file answers
 * exactly, as it has the schema in every stage, and settings of a connection. Undefined for everything
 * else.
 * @throws LockstepError SQL_UNSUPPORTED for what PostgreSQL as the primary cannot be asked
 */
export function answerByDriver(
  plan: Plan,
  method: Method,
  args: readonly unknown[],
  asked: Asked,
): Promise<unknown> | undefined {
  const { kind, sql, schemaQuery, pragma } = plan
  const { place, file, isInstalled } = asked
  if (schemaQuery !== null) return file.read(method, isInstalled ? schemaQuery.hiding : sql, args)
  if (pragma !== null) return answerPragma(plan, method, args, asked)
  if (place === 'sqlite') return undefined
  if (kind === 'analyze' || kind === 'reindex' || kind === 'vacuum') return maintain(sql)
  if (kind === 'attach') {
    throw unsupported(
      sql,
      'ATTACH',
      'PostgreSQL serves one database; keep the other file in a client of its own',
    )
  }
  return undefined
}

function answerPragma(
  { sql, pragma }: Plan,
  method: Method,
  args: readonly unknown[],
  { place, file, isInstalled, inTransaction = false }: Asked,
): Promise<unknown> | undefined {
  if (pragma === null) return undefined
  const { name, role, sets } = pragma
  const isHidden = isInstalled ? hidden[name] : undefined
  if (isHidden !== undefined) return shownRows(sql, method, args, { file, isHidden })
  if (role === 'setting') {
    if (place === 'postgres' && upkeep.has(name)) return Promise.resolve(nothing(method))
    // https://www.sqlite.org/pragma.html#pragma_foreign_keys
    if (inTransaction && sets && name === 'foreign_keys') return Promise.resolve(nothing(method))
    return sets ? setOnBoth(sql, method, args, file) : file.onWriter(method, sql, args)
  }
  if (role === 'schema') return file.read(method, sql, args)
  if (place === 'sqlite' || role === 'header') return undefined
  // PostgreSQL holds the foreign keys itself, so there is no row to name.
  if (role === 'orphans') return Promise.resolve(nothing(method))
  throw unsupported(
    sql,
    `PRAGMA ${name}`,
    role === 'unknown'
      ? 'SQLite does not know it and would do nothing; leave it out'
      : 'It would change what statements mean, which PostgreSQL cannot follow; leave it out',
  )
}

/** A setting holds for what is read as well, which goes another way than what is written. */
async function setOnBoth(
  sql: string,
  method: Method,
  args: readonly unknown[],
  file: FileConnections,
): Promise<unknown> {
  const answer = await file.onWriter(method, sql, args)
  await file.read(method, sql, args).catch(() => undefined)
  return answer
}

/** By the PRAGMA: rows, by their second column `name`, that are there for Lockstep alone. */
const hidden: Readonly<Record<string, (name: unknown) => boolean>> = {
  table_list: (name) => String(name).startsWith('_lockstep_'),
  // Reading the schema opens it, and no table of the application's can be there.
  database_list: (name) => name === 'temp',
}

async function shownRows(
  sql: string,
  method: Method,
  args: readonly unknown[],
  { file, isHidden }: { file: FileConnections; isHidden: (name: unknown) => boolean },
): Promise<unknown> {
  if (method === 'values') {
    const rows = (await file.read('values', sql, args)) as unknown[][]
    return rows.filter((row) => !isHidden(row[1]))
  }
  if (method === 'run') return file.read('run', sql, args)
  const rows = (await file.read('all', sql, args)) as { name: unknown }[]
  const shown = rows.filter(({ name }) => !isHidden(name))
  return method === 'get' ? shown[0] : shown
}

/** PostgreSQL keeps its statistics and its space by itself. */
function maintain(sql: string): Promise<unknown> {
  if (!/\binto\b/i.test(sql)) return Promise.resolve(nothing('run'))
  throw unsupported(
    sql,
    'VACUUM INTO',
    'Copy the database with pg_dump, or the SQLite file with `lockstep backup`',
  )
}

function nothing(method: Method): unknown {
  if (method === 'run') return { changes: 0, lastInsertRowid: 0 }
  return method === 'get' ? undefined : []
}

function unsupported(sql: string, construct: string, wayOut: string): Error {
  const why = 'has no faithful form while PostgreSQL is the primary'
  return unsupportedStatement(sql, construct, wayOut, why)
}
