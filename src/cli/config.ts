import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { LockstepError, messageOf } from '../core/errors.ts'
import { isRecord } from '../core/record.ts'
import { resolveOptions } from '../options/options.ts'
import { aConnectionString, isConnectionString } from '../options/place-options.ts'
import type { LockstepOptions } from '../options/options.ts'

export const DEFAULT_CONFIG = 'config/lockstep.yaml'

export interface ConfigSource {
  /** The file that `--config` names; it must be there. Without it the default file may be missing. */
  readonly path?: string | undefined
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
}

const CONNECTION = ['connectionString', 'host', 'port', 'user', 'password', 'database']

/**
 * The options of the file with the environment over them, checked by `resolveOptions`.
 * `LOCKSTEP_SQLITE` is `sqlite.path`. `DATABASE_URL`, or else `PGHOST` or `PGDATABASE` with the other
 * PG* variables, takes the place of all connection settings in the file.
 */
export function loadConfig(source: ConfigSource): LockstepOptions {
  const { admin: _, ...file } = readConfig(source)
  const options = {
    ...file,
    sqlite: withSqlite(file['sqlite'], source.env),
    postgres: withPostgres(file['postgres'], source.env),
  } as LockstepOptions
  resolveOptions(options, source.cwd)
  return options
}

/** The group `admin` of the file, as it is: it is for `lockstep run` alone. */
export function loadAdminGroup(source: ConfigSource): unknown {
  return readConfig(source)['admin']
}

function readConfig({ path, cwd }: ConfigSource): Record<string, unknown> {
  const file = resolve(cwd, path ?? DEFAULT_CONFIG)
  if (path === undefined && !existsSync(file)) return {}
  const document = parseDocument(readText(file))
  const [problem] = document.errors
  if (problem) throw refused(file, problem.message, problem)
  const content: unknown = document.toJS({ maxAliasCount: 100 }) ?? {}
  if (isRecord(content)) return content
  throw refused(file, 'must hold an object')
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw refused(file, messageOf(error), error)
  }
}

function refused(file: string, problem: string, cause?: unknown): LockstepError {
  return new LockstepError('CONFIG_INVALID', `${file}: ${problem}`, { details: { file }, cause })
}

function withSqlite(settings: unknown, env: ConfigSource['env']): unknown {
  const path = env['LOCKSTEP_SQLITE']
  if (!path) return settings
  const { database: _, ...rest } = isRecord(settings) ? settings : {}
  return { ...rest, path }
}

function withPostgres(settings: unknown, env: ConfigSource['env']): unknown {
  const connection = connectionFrom(env)
  if (connection === null || (settings && !isRecord(settings))) return settings
  const kept = Object.entries(settings ?? {}).filter(([key]) => !CONNECTION.includes(key))
  return { ...Object.fromEntries(kept), ...connection }
}

/** https://www.postgresql.org/docs/current/libpq-envars.html. A URL holds a password: it is not repeated. */
function connectionFrom(env: ConfigSource['env']): Record<string, unknown> | null {
  const url = env['DATABASE_URL']
  if (url && !isConnectionString(url))
    throw new LockstepError('CONFIG_INVALID', `DATABASE_URL must be ${aConnectionString}`)
  if (url) return { connectionString: url }
  if (!env['PGHOST'] && !env['PGDATABASE']) return null
  const parts = {
    host: env['PGHOST'],
    port: env['PGPORT'] ? Number(env['PGPORT']) : undefined,
    user: env['PGUSER'],
    password: env['PGPASSWORD'],
    database: env['PGDATABASE'],
  }
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined))
}
