import { execFile, spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { LockstepError, messageOf } from '../core/errors.ts'
import type { PostgresServer } from './connection.ts'
import { withDumpEnvironment } from './dump-environment.ts'

const run = promisify(execFile)

/** For how long a program may take to say which version it is. */
const versionTimeoutMs = 10_000
/** How often the growing file is looked at. */
const progressMs = 500
/** So much of what pg_dump complains about is kept. */
const maxComplaint = 4000

export interface DumpOptions {
  /** Is not there, or is empty. */
  readonly file: string
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  readonly onBytes: (bytes: number) => void
}

export interface DumpVersions {
  readonly serverVersion: string
  readonly pgDumpVersion: string
}

/**
 * Dumps the database with PostgreSQL's own `pg_dump`, in its custom format, and has `pg_restore` read the list of what is
 * in it. One snapshot, while writes go on. https://www.postgresql.org/docs/current/app-pgdump.html
 * @throws LockstepError PG_DUMP_FAILED, BACKUP_TIMEOUT, FILE_UNWRITABLE, POSTGRES_UNREACHABLE
 */
export async function dumpPostgres(
  server: PostgresServer,
  options: DumpOptions,
): Promise<DumpVersions> {
  const client = await server.connect()
  try {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
    const serverVersion = (rows[0] as { server_version: string }).server_version
    const program = await findPgDump(serverVersion)
    await withDumpEnvironment(client, (env) => dump(program.path, env, options))
    return { serverVersion, pgDumpVersion: program.version }
  } finally {
    await client.end()
  }
}

interface Program {
  readonly path: string
  readonly version: string
}

/**
 * The first pg_dump that is as new as the server: on PATH, where `pg_config` says, where Debian puts each version. An
 * older one refuses the server by itself, and only then.
 */
async function findPgDump(serverVersion: string): Promise<Program> {
  const major = majorOf(serverVersion)
  const bindir = await run('pg_config', ['--bindir'], { timeout: versionTimeoutMs }).catch(
    () => null,
  )
  const paths = [
    'pg_dump',
    ...(bindir === null ? [] : [join(bindir.stdout.trim(), 'pg_dump')]),
    `/usr/lib/postgresql/${major}/bin/pg_dump`,
  ]
  const found: Program[] = []
  for (const path of paths) {
    const said = await run(path, ['--version'], { timeout: versionTimeoutMs }).catch(() => null)
    const version = said === null ? undefined : /(\d+(\.\d+)*)/.exec(said.stdout)?.[1]
    if (version === undefined) continue
    if (majorOf(version) >= major) return { path, version }
    found.push({ path, version })
  }
  const [old] = found
  const client = `install the client programs of PostgreSQL ${major} (Debian: postgresql-client-${major}), or make the backup without it`
  throw new LockstepError(
    'PG_DUMP_FAILED',
    old === undefined
      ? `There is no pg_dump, neither on PATH nor where pg_config says: ${client}`
      : `The server is PostgreSQL ${serverVersion}, and ${old.path} is of version ${old.version}: it dumps no server that is newer than itself. ${client}`,
    { details: { serverVersion, found } },
  )
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10)
}

async function dump(
  program: string,
  env: NodeJS.ProcessEnv,
  { file, timeoutMs, signal, onBytes }: DumpOptions,
): Promise<void> {
  const timeout = AbortSignal.timeout(timeoutMs)
  const both = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
  const looking = setInterval(() => {
    stat(file).then(
      ({ size }) => onBytes(size),
      () => undefined,
    )
  }, progressMs)
  try {
    await runToEnd(program, ['--format=custom', '--no-password', `--file=${file}`], env, both)
    // It reads the list that the custom format has at its front.
    await runToEnd(join(dirname(program), 'pg_restore'), ['--list', file], env, both)
  } catch (error) {
    signal?.throwIfAborted()
    if (timeout.aborted)
      throw new LockstepError(
        'BACKUP_TIMEOUT',
        `pg_dump was not done after ${timeoutMs} ms. Nothing was left behind`,
        { details: { timeoutMs } },
      )
    throw new LockstepError('PG_DUMP_FAILED', `PostgreSQL was not dumped: ${messageOf(error)}`, {
      cause: error,
    })
  } finally {
    clearInterval(looking)
  }
}

function runToEnd(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, signal, stdio: ['ignore', 'ignore', 'pipe'] })
    let complaint = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = `${complaint}${text}`.slice(-maxComplaint)
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(complaint.trim() || `${program} ended with ${code}`))
    })
  })
}
