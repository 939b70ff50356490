import { Client, Pool } from 'pg'
import type pg from 'pg'
import { LockstepError, messageOf } from '../core/errors.ts'
import { quoteIdentifier } from '../schema/quote.ts'
import { databaseError, isUnreachable, isDiskFull } from './errors.ts'

export interface PostgresOptions {
  readonly pool?: pg.Pool
  readonly connectionString?: string
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
  readonly database?: string
  readonly ssl?: pg.ClientConfig['ssl']
  /** The schema of the application's tables. */
  readonly schema: string
  readonly max: number
  readonly connectTimeoutMs: number
  readonly statementTimeoutMs: number
}

/** The connections to one PostgreSQL database. */
export interface PostgresServer {
  readonly schema: string
  /** Serves the application. */
  readonly pool: pg.Pool
  /** Serves what the function of a transaction reads besides it: its own connection is taken, and maybe all are. */
  readonly inner: pg.Pool
  /** Serves Lockstep's own steps, so that a busy application cannot hold up a flip. */
  readonly control: pg.Pool
  /** A connection of its own, already connected; the caller ends it. */
  connect(settings?: { pipeline?: boolean }): Promise<pg.Client>
  close(): Promise<void>
}

/** How much longer than the server's own bound a client waits before it gives the connection up. */
const graceMs = 5000

/**
 * A sequential scan locks the whole table against SERIALIZABLE writers, and for a table of some hundred
 * rows the default costs choose one even by key: every two transactions on it then conflict.
 * https://www.postgresql.org/docs/current/transaction-iso.html#XACT-SERIALIZABLE
 */
const applicationSettings = '-c default_transaction_isolation=serializable -c random_page_cost=1.1'

/**
 * The forms in which values are read, as the codecs know no other, and the meaning that the translator's SQL has: a
 * role, a database or the server may be set to others.
 * https://www.postgresql.org/docs/current/runtime-config-client.html, runtime-config-compatible.html
 */
const forms: Readonly<Record<string, string>> = {
  DateStyle: 'ISO',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
  quote_all_identifiers: 'off',
  transform_null_equals: 'off',
}
const formSettings = Object.entries(forms)
  .map(([name, value]) => `-c ${name}=${value}`)
  .join(' ')

/** The same for a connection that the application's pool has opened. */
export const setForms: string = Object.entries(forms)
  .map(([name, value]) => `SET ${name} = '${value}'`)
  .join('; ')

/**
 * A role, a database or the server may bound sessions by these. Lockstep's own have bounds of their own, and a backfill or a
 * verify has none. https://www.postgresql.org/docs/current/runtime-config-client.html
 */
const unbounded =
  '-c statement_timeout=0 -c lock_timeout=0 -c idle_session_timeout=0 -c idle_in_transaction_session_timeout=0'
/** Opens no connection yet: an application starts, and writes to SQLite, while PostgreSQL is away. */
export function openPostgres(options: PostgresOptions): PostgresServer {
  const config = clientConfig(options)
  const application = {
    ...config,
    // A statement and its savepoint go out together.
    pipeline: true,
    options: `${applicationSettings} ${config.options}`,
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + graceMs,
  }
  const pool = options.pool ?? new Pool({ ...application, max: options.max })
  const inner = new Pool({ ...application, max: 2 })
  const control = new Pool({
    ...config,
    max: 3,
    query_timeout: options.statementTimeoutMs,
    options: `${unbounded} ${config.options}`,
    onConnect: liftTransactionTimeout,
  })
  // An idle connection that breaks is replaced at the next use; without a listener it would end the process.
  for (const each of [pool, inner, control])
    each.on('error', ignoreIdleError).on('connect', listenToErrors)
  return {
    schema: options.schema,
    pool,
    inner,
    control,
    async connect({ pipeline = false } = {}) {
      // What is pipelined is batches, which are bounded; a backfill's CREATE INDEX may take its time.
      const bound = pipeline ? { query_timeout: options.statementTimeoutMs } : {}
      const own = `${unbounded} ${config.options}`
      const client = new Client({ ...config, ...bound, options: own, pipeline })
      client.on('error', ignoreIdleError)
      await client.connect()
      await liftTransactionTimeout(client)
      return client
    },
    async close() {
      await Promise.all([
        control.end(),
        inner.end(),
        options.pool === undefined ? pool.end() : undefined,
      ])
      if (options.pool !== undefined) {
        pool.off('error', ignoreIdleError)
        pool.off('connect', listenToErrors)
      }
    },
  }
}

/**
 * PostgreSQL 17 brought it, and a server refuses a connection that names a setting which it does not know. A pool waits for what
 * this returns, and its types know nothing of that.
 */
function liftTransactionTimeout(client: pg.ClientBase): unknown {
  return client.query(
    `SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'transaction_timeout' AND setting <> '0'`,
  )
}

/**
 * Asks the server once, to tell wrong settings from a server that is away for now.
 * @throws LockstepError POSTGRES_NO_DATABASE, POSTGRES_UNREACHABLE
 */
export async function checkReachable(server: PostgresServer): Promise<void> {
  try {
    await server.control.query('SELECT 1')
  } catch (error) {
    throw connectionFailure(error) ?? unreachable(error)
  }
}

/** A failure to get a connection that works, or null for one of the statement that went over it. */
export function connectionFailure(error: unknown): LockstepError | null {
  const state = databaseError(error)?.code
  if (state === '3D000') {
    return new LockstepError(
      'POSTGRES_NO_DATABASE',
      `${messageOf(error)}: create it, or correct the connection settings`,
      { cause: error },
    )
  }
  if (isDiskFull(error)) return null
  // Class 28 is what a server says to a user or a password that it does not take.
  return isUnreachable(error) || state?.startsWith('28') === true ? unreachable(error) : null
}

function unreachable(error: unknown): LockstepError {
  return new LockstepError(
    'POSTGRES_UNREACHABLE',
    `PostgreSQL cannot be reached: ${messageOf(error)}. ${wayOut(error)}`,
    { cause: error, details: { sqlState: databaseError(error)?.code } },
  )
}

/** Codes of Node.js and OpenSSL. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const untrusted = /^(?:ERR_TLS_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH)/

function wayOut(error: unknown): string {
  const { code = '' } = error as { code?: unknown }
  return untrusted.test(String(code))
    ? 'Its certificate is not that of the server which the settings name: check the host, sslrootcert (postgres.ssl.ca), and how long the certificate runs'
    : 'Check DATABASE_URL or the PG* variables, and that the server is up'
}

/** Why the server does not answer one question, or null. */
export async function silenceOf({ control }: PostgresServer): Promise<string | null> {
  try {
    await control.query('SELECT 1')
    return null
  } catch (error) {
    return messageOf(error)
  }
}

/** Where names without a schema are looked up, for the application's statements. */
export function setSearchPath(schema: string): string {
  return `SET search_path = ${quoteIdentifier(schema)}${schema === 'public' ? '' : ', public'}`
}

function clientConfig(options: PostgresOptions): pg.ClientConfig {
  const own = options.pool?.options.options
  const shared: pg.ClientConfig = {
    options: own === undefined ? formSettings : `${own} ${formSettings}`,
    connectionTimeoutMillis: options.connectTimeoutMs,
    application_name: 'lockstep',
    keepAlive: true,
  }
  if (options.pool !== undefined) return { ...options.pool.options, ...shared }
  const { connectionString, host, port, user, password, database, ssl } = options
  const given = Object.entries({ connectionString, host, port, user, password, database, ssl })
  return { ...Object.fromEntries(given.filter(([, value]) => value !== undefined)), ...shared }
}

/** A pool listens to a connection only while it is idle; one that breaks in use would end the process too. */
function listenToErrors(client: pg.PoolClient): void {
  client.on('error', ignoreIdleError)
}

function ignoreIdleError(): void {
  // The next query on the connection reports the failure to someone who can act on it.
}
