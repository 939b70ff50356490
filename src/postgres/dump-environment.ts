import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionOptions } from 'node:tls'

/** What a connected client of pg knows of its connection. */
export interface ConnectedTo {
  readonly host: string
  readonly port: number
  readonly user?: string | undefined
  readonly database?: string | undefined
  readonly password?: unknown
  readonly ssl: unknown
}

/**
 * The environment in which PostgreSQL's programs reach the same database. A command line can be read by every user of the
 * machine, so nothing of this stands there. https://www.postgresql.org/docs/current/libpq-envars.html
 */
export async function withDumpEnvironment<T>(
  { host, port, user, database, password, ssl }: ConnectedTo,
  work: (env: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  // Only its owner may look into it.
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-dump-'))
  try {
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      ...(await tlsOf(ssl, folder)),
      PGHOST: host,
      PGPORT: String(port),
      PGAPPNAME: 'lockstep',
    }
    if (user !== undefined) env['PGUSER'] = user
    if (database !== undefined) env['PGDATABASE'] = database
    if (typeof password === 'string') env['PGPASSWORD'] = password
    return await work(env)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * TLS as Node.js does it, in libpq's words: it verifies chain and name unless it is told not to, by the system's
 * authorities (from libpq 16 on) where none are given.
 */
async function tlsOf(ssl: unknown, folder: string): Promise<NodeJS.ProcessEnv> {
  if (ssl === undefined || ssl === null || ssl === false) return {}
  const settings: ConnectionOptions = typeof ssl === 'object' ? ssl : {}
  const env: NodeJS.ProcessEnv = {}
  const files = { PGSSLROOTCERT: settings.ca, PGSSLCERT: settings.cert, PGSSLKEY: settings.key }
  for (const [name, content] of Object.entries(files)) {
    if (content === undefined || content === null) continue
    const path = join(folder, name.toLowerCase())
    const parts = [content].flat().map((part) => (isPem(part) ? part.pem : part))
    await writeFile(path, parts.map(String).join('\n'), { mode: 0o600 })
    env[name] = path
  }
  if (settings.rejectUnauthorized === false) return { ...env, PGSSLMODE: 'require' }
  return {
    PGSSLROOTCERT: process.env['PGSSLROOTCERT'] ?? 'system',
    ...env,
    PGSSLMODE: 'verify-full',
  }
}

function isPem(part: unknown): part is { pem: string | Buffer } {
  return typeof part === 'object' && part !== null && 'pem' in part
}
