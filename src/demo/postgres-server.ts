import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn, type ChildProcess } from 'node:child_process'
import { freePort } from './free-port.ts'
import { killTree } from './process-tree.ts'
import { startReaper, type Reaper } from './reaper.ts'
import { run, serverIdentity, type Identity } from './server-identity.ts'

/**
 * A PostgreSQL server of one's own, in a temporary folder, on a loopback port.
 *
 *   starting ──> running ──> stopped (folder removed)
 *                 │  ^
 *          kill() v  │ restart()
 *                killed
 *
 * Rules: the server never outlives this process, however it ends (a reaper sees to that), and signals
 * meant for this process (Ctrl-C reaches the whole terminal) do not reach the server.
 */
export interface PostgresServer {
  /** Connection string of the superuser to the database `postgres`. */
  readonly url: string
  readonly port: number
  /** As the server says it, such as `18.4`. */
  readonly version: string
  /** Ends sessions, shuts down cleanly, removes the data. */
  stop(): Promise<void>
  /** SIGKILL to the postmaster and all its children, which are gone then: what a power cut leaves, minus the disk's cache. */
  kill(): Promise<void>
  /** Starts again on the same port and data, after `kill` or from running. */
  restart(): Promise<void>
}

export interface StartPostgresOptions {
  /** The folder of `initdb` and `postgres`. */
  bindir: string
  /** Lines of postgresql.conf. Durability stays on unless switched off here (`fsync: 'off'`). */
  settings?: Readonly<Record<string, string>>
}

const startTimeoutMs = 30_000
const startAttempts = 3
const superuser = 'postgres'

/** UTF8 and the C locale, as SQLite compares bytes. Throws with the server's own log where it does not start. */
export async function startPostgresServer(options: StartPostgresOptions): Promise<PostgresServer> {
  const identity = await serverIdentity()
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-postgres-'))
  const reaper = startReaper(folder)
  try {
    const password = randomBytes(12).toString('hex')
    const data = await initialise(options, identity, folder, password)
    const start = async (port: number): Promise<ChildProcess> =>
      await startPostmaster(options.bindir, data, port, identity, reaper)
    const first = await startOnFreePort(start)
    const version = await serverVersion(options.bindir)
    return serverOf(first, start, reaper, folder, version, password)
  } catch (error) {
    reaper.release()
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function initialise(
  { bindir, settings = {} }: StartPostgresOptions,
  identity: Identity,
  folder: string,
  password: string,
): Promise<string> {
  const data = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  await mkdir(data, { mode: 0o700 })
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  if (identity.uid !== undefined && identity.gid !== undefined) {
    for (const path of [folder, data, passwordFile]) await chown(path, identity.uid, identity.gid)
  }
  await run(
    join(bindir, 'initdb'),
    [
      `--pgdata=${data}`,
      '--encoding=UTF8',
      '--locale=C',
      '--auth=scram-sha-256',
      `--username=${superuser}`,
      `--pwfile=${passwordFile}`,
      // The folder is new: there is nothing a crash of the machine could lose before the first start.
      '--no-sync',
    ],
    identity,
  )
  await rm(passwordFile)
  const lines = Object.entries({ ...ownSettings, ...settings }).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`,
  )
  await writeFile(join(data, 'postgresql.auto.conf'), lines.join(''))
  return data
}

/** Only TCP on loopback: Debian's default socket folder belongs to its own clusters. */
const ownSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  log_statement: 'none',
}

/** Someone else may take the port between the look and the start, so a few ports are tried. */
async function startOnFreePort(
  start: (port: number) => Promise<ChildProcess>,
): Promise<{ process: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    try {
      return { process: await start(port), port }
    } catch (error) {
      if (attempt === startAttempts) throw error
    }
  }
}

async function startPostmaster(
  bindir: string,
  data: string,
  port: number,
  identity: Identity,
  reaper: Reaper,
): Promise<ChildProcess> {
  const server = spawn(join(bindir, 'postgres'), ['-D', data, '-p', String(port)], {
    ...identity,
    cwd: data,
    // A process group of its own: Ctrl-C is for the application, which then stops the server.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC', PGTZ: 'UTC' },
  })
  if (server.pid !== undefined) reaper.watch(server.pid)
  await readiness(server)
  return server
}

async function readiness(server: ChildProcess): Promise<void> {
  let log = ''
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string): void => {
      clearTimeout(timer)
      reject(new Error(`PostgreSQL did not start: ${reason}\n${log.trim()}`))
    }
    const timer = setTimeout(() => {
      server.kill('SIGKILL')
      fail(`not ready after ${startTimeoutMs} ms`)
    }, startTimeoutMs)
    server.once('error', (error) => fail(error.message))
    server.once('exit', (code) => fail(`exit code ${code}`))
    server.stderr?.on('data', (chunk: Buffer) => {
      // The pipe is drained for as long as the server lives; its text is kept until it is ready.
      if (log.length > 100_000) return
      log += chunk.toString()
      if (!log.includes('database system is ready to accept connections')) return
      clearTimeout(timer)
      resolve()
    })
  })
}

async function serverVersion(bindir: string): Promise<string> {
  const text = await run(join(bindir, 'postgres'), ['--version'], {})
  return /(\d+(?:\.\d+)*)/.exec(text)?.[1] ?? text.trim()
}

function serverOf(
  first: { process: ChildProcess; port: number },
  start: (port: number) => Promise<ChildProcess>,
  reaper: Reaper,
  folder: string,
  version: string,
  password: string,
): PostgresServer {
  const { port } = first
  let current: ChildProcess | null = first.process

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const server = current
    current = null
    if (server === null || server.pid === undefined || server.exitCode !== null) return
    const exited = server.signalCode === null ? once(server, 'exit') : Promise.resolve()
    if (signal === 'SIGKILL') await killTree(server.pid)
    else server.kill(signal)
    await exited
    reaper.watch(0)
  }

  return {
    url: `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`,
    port,
    version,
    kill: async () => await end('SIGKILL'),
    restart: async () => {
      await end('SIGINT')
      current = await start(port)
    },
    stop: async () => {
      await end('SIGINT')
      reaper.release()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
