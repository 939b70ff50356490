import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createToken, type Tokens } from '../admin/access.ts'
import type { ServeOptions } from '../admin/serve.ts'
import { LockstepError, messageOf } from '../core/errors.ts'
import { readSettings, type Settings } from '../core/settings.ts'
import { UsageError } from './output.ts'

export const defaultAddress = '127.0.0.1:8780'

interface Source {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The group `admin` of the configuration file. */
  readonly raw: unknown
}

/**
 * Where the admin server listens, and who may ask it. A token comes from the environment, or from a file that the
 * environment or the configuration names: never from the configuration itself, which is often in version control.
 *
 * @throws LockstepError CONFIG_INVALID
 */
export function adminConfig(address: string, { cwd, env, raw }: Source): ServeOptions {
  const settings = readSettings(raw ?? {}, 'admin')
  const files = { operator: settings.text('tokenFile'), reader: settings.text('readTokenFile') }
  const tls = tlsOf(settings, cwd)
  settings.done()
  const token = (name: string, file: string | undefined): string | undefined => {
    const given = env[`${name}_FILE`] || file
    return env[name] || (given === undefined ? undefined : readToken(resolve(cwd, given)))
  }
  const tokens: Tokens = {
    operator: token('LOCKSTEP_ADMIN_TOKEN', files.operator),
    reader: token('LOCKSTEP_ADMIN_READ_TOKEN', files.reader),
  }
  return { ...parseAddress(address), tokens, ...(tls === undefined ? {} : { tls }) }
}

/**
 * Where no token was given, one that is kept beside the SQLite file, and that only its owner can read: who may
 * read that folder has the data already.
 */
export function withOwnToken(
  options: ServeOptions,
  sqlitePath: string,
): { options: ServeOptions; file: string | null } {
  if (options.tokens?.operator !== undefined || options.tokens?.reader !== undefined)
    return { options, file: null }
  const file = `${sqlitePath}-admin-token`
  try {
    writeFileSync(file, `${createToken()}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw invalid(`cannot keep a token in ${file}; set LOCKSTEP_ADMIN_TOKEN`, error)
  }
  return { options: { ...options, tokens: { operator: readToken(file) } }, file }
}

/** `127.0.0.1:8780`, `[::1]:8780`, or a port alone for loopback. */
export function parseAddress(address: string): { host: string; port: number } {
  const [, bracketed, plain, digits = ''] =
    /^(?:\[([0-9a-f:.]+)\]:|([a-z0-9.-]+):)?(\d{1,5})$/i.exec(address) ?? []
  const port = digits === '' ? NaN : Number(digits)
  if (port <= 65_535) return { host: bracketed ?? plain ?? '127.0.0.1', port }
  throw new UsageError(`--admin must be an address such as ${defaultAddress}, not ${address}`)
}

function tlsOf(settings: Settings, cwd: string): ServeOptions['tls'] {
  if (!settings.has('tls')) return undefined
  const group = settings.group('tls')
  const [cert, key] = [group.text('cert'), group.text('key')]
  group.done()
  if (cert !== undefined && key !== undefined)
    return { cert: resolve(cwd, cert), key: resolve(cwd, key) }
  throw group.refuse(cert === undefined ? 'cert' : 'key', 'must name a file in PEM')
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw invalid(`cannot read the token of ${file}: ${messageOf(error)}`, error)
  }
}

function invalid(problem: string, cause: unknown): LockstepError {
  return new LockstepError('CONFIG_INVALID', `The admin server ${problem}`, { cause })
}
