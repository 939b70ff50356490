import { resolve } from 'node:path'
import type Database from 'better-sqlite3'
import type pg from 'pg'
import type { Settings } from '../core/settings.ts'

export interface SqliteSettings {
  /** A file in WAL mode; this or `database`. */
  readonly path?: string
  /** An open better-sqlite3 database; the caller closes it. */
  readonly database?: Database.Database
  /** Called with every connection that Lockstep opens itself: for pragmas and functions. */
  readonly setup?: (database: Database.Database) => void
  readonly busyTimeoutMs?: number
  /** Integers come out as bigint, as in better-sqlite3. */
  readonly safeIntegers?: boolean
}

export interface PostgresSettings {
  readonly connectionString?: string
  /** The caller ends it. */
  readonly pool?: pg.Pool
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  readonly database?: string
  readonly ssl?: NonNullable<pg.ClientConfig['ssl']>
  /** The schema of the application's tables. */
  readonly schema?: string
  readonly max?: number
  readonly connectTimeoutMs?: number
  readonly statementTimeoutMs?: number
}

export type ResolvedSqlite = SqliteSettings &
  Required<Pick<SqliteSettings, 'busyTimeoutMs' | 'safeIntegers'>>

export type ResolvedPostgres = PostgresSettings &
  Required<Pick<PostgresSettings, 'schema' | 'max' | 'connectTimeoutMs' | 'statementTimeoutMs'>>

/** The file, or the open database, and its settings. */
export function sqliteFrom(sqlite: Settings, cwd: string): ResolvedSqlite {
  const path = sqlite.text('path')
  const database = sqlite.value('database') as Database.Database | undefined
  const setup = sqlite.function('setup') as SqliteSettings['setup']
  const options = {
    ...(path === undefined ? {} : { path: resolve(cwd, path) }),
    ...(database === undefined ? {} : { database }),
    ...(setup === undefined ? {} : { setup }),
    busyTimeoutMs: sqlite.integer('busyTimeoutMs', { fallback: 5000, min: 0 }),
    safeIntegers: sqlite.boolean('safeIntegers', false),
  }
  sqlite.done()
  if ((path === undefined) === (database === undefined)) {
    throw sqlite.refuse('path', 'or sqlite.database must be given, and not both')
  }
  if (database !== undefined && typeof database.prepare !== 'function') {
    throw sqlite.refuse('database', 'must be an open better-sqlite3 database')
  }
  if (path === ':memory:') throw sqlite.refuse('path', 'must name a file: WAL needs one')
  return options
}

/** What a pool of the caller's own has decided already. */
const OF_THE_POOL = [
  'connectionString',
  'host',
  'port',
  'user',
  'password',
  'database',
  'ssl',
  'max',
  'connectTimeoutMs',
] as const

const IN_THE_STRING = ['host', 'port', 'user', 'password', 'database'] as const

/** The server's settings; a pool excludes what it has decided itself. */
export function postgresFrom(postgres: Settings): ResolvedPostgres {
  const given = Object.fromEntries(
    (['connectionString', 'host', 'user', 'password', 'database'] as const).flatMap((key) => {
      const text = postgres.text(key)
      return text === undefined ? [] : [[key, text]]
    }),
  )
  const { connectionString } = given
  if (connectionString !== undefined && !isConnectionString(connectionString))
    throw postgres.refuse('connectionString', `must be ${aConnectionString}`)
  const ssl = postgres.value('ssl')
  const pool = postgres.value('pool') as pg.Pool | undefined
  refuseContradictions(postgres, pool, ssl)
  return {
    ...given,
    ...(postgres.has('port')
      ? { port: postgres.integer('port', { fallback: 5432, min: 1, max: 65_535 }) }
      : {}),
    ...(ssl === undefined
      ? {}
      : { ssl: typeof ssl === 'object' ? Object.freeze({ ...ssl }) : !!ssl }),
    ...(pool === undefined ? {} : { pool }),
    schema: postgres.text('schema') ?? 'public',
    max: postgres.integer('max', { fallback: 10, min: 1 }),
    connectTimeoutMs: postgres.integer('connectTimeoutMs', { fallback: 5000, min: 1 }),
    statementTimeoutMs: postgres.integer('statementTimeoutMs', { fallback: 30_000, min: 1 }),
  }
}

export const aConnectionString =
  'a URL such as postgres://user@localhost:5432/app; in a password write # / ? @ % as %23 %2F %3F %40 %25'

/** A URL, or a folder of Unix sockets with the name of a database, as pg reads them. */
export function isConnectionString(text: string): boolean {
  if (text.startsWith('/')) return true
  // A URL without a host names the folder of the socket in its query; URL itself wants one.
  return (
    /^(postgres|postgresql|socket):/i.test(text) && URL.canParse(text.replace('@/', '@socket/'))
  )
}

function refuseContradictions(postgres: Settings, pool: unknown, ssl: unknown): void {
  if (ssl !== undefined && typeof ssl !== 'boolean' && typeof ssl !== 'object') {
    throw postgres.refuse('ssl', 'must be true, false or an object of TLS settings')
  }
  const decided = OF_THE_POOL.find((key) => postgres.has(key))
  if (pool !== undefined) {
    if (typeof (pool as Partial<pg.Pool>).connect !== 'function') {
      throw postgres.refuse('pool', 'must be a pool of pg')
    }
    if (decided !== undefined) throw postgres.refuse(decided, 'is for the pool to decide')
  }
  const twice = IN_THE_STRING.find((key) => postgres.has(key))
  if (postgres.has('connectionString') && twice !== undefined) {
    throw postgres.refuse(twice, 'cannot be given beside postgres.connectionString')
  }
}
