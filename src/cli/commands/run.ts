import type { Command } from 'commander'
import { adminConfig, defaultAddress, withOwnToken } from '../admin-config.ts'
import { isLoopback } from '../../admin/loopback.ts'
import type { Cli } from '../cli.ts'
import { loadAdminGroup, loadConfig } from '../config.ts'
import { resolveOptions } from '../../options/options.ts'
import type { AdminServer } from '../../admin/serve.ts'
import { command } from '../command.ts'
import type { Lockstep } from '../../api.ts'

export function addRun(program: Command, cli: Cli): void {
  command(
    program,
    'run',
    'Keeps both places equal, as a process of its own, until it is stopped.',
    'lockstep run --admin 127.0.0.1:8780',
  )
    .option(
      '--admin [address]',
      `serve the admin routes and the dashboard there (${defaultAddress} unless given)`,
    )
    .action(({ admin }: { admin?: string | true }) =>
      cli.withLockstep(
        async (db) => {
          follow(db, cli)
          await tellWhereIdle(db, cli)
          const { signal } = cli.environment
          const server = admin === undefined ? null : await serve(db, cli, admin)
          try {
            await stopped(signal)
          } finally {
            await server?.close()
          }
          return { document: { stopped: String(signal.reason) }, text: '' }
        },
        { applier: true },
      ),
    )
}

async function serve(db: Lockstep, cli: Cli, admin: string | true): Promise<AdminServer> {
  const { cwd, env, serveAdmin } = cli.environment
  const source = { path: cli.globals().config, cwd, env }
  const raw = loadAdminGroup(source)
  const given = adminConfig(admin === true ? defaultAddress : admin, { cwd, env, raw })
  const { sqlite } = resolveOptions(loadConfig(source), cwd)
  const { options, file } = isLoopback(given.host)
    ? withOwnToken(given, sqlite.path ?? '')
    : { options: given, file: null }
  const server = await serveAdmin(db, options)
  cli.progress(`admin: ${server.url}${file === null ? '' : ` (its token is in ${file})`}`)
  return server
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  // A signal's listener does not keep a process alive; a timer does.
  const alive = setInterval(() => undefined, 60_000)
  return new Promise((resolve) => {
    const end = (): void => {
      clearInterval(alive)
      resolve()
    }
    signal.addEventListener('abort', end, { once: true })
  })
}

/** Nothing would ever be heard of a process that waits for an install. */
async function tellWhereIdle(db: Lockstep, cli: Cli): Promise<void> {
  const status = await db.status().catch(() => null)
  if (status?.installed === false)
    cli.progress(
      'Lockstep is not installed on this file: nothing is mirrored before `lockstep install`',
    )
}

/** What happens, a line each on standard error. */
function follow(db: Lockstep, cli: Cli): void {
  db.on('leader', ({ leader }) => cli.progress(leader ? 'leading' : 'another process leads'))
  db.on('flip', ({ from, to, pauseMs }) =>
    cli.progress(`flip: ${from} to ${to}, ${Math.round(pauseMs)} ms`),
  )
  db.on('flip-cancelled', ({ reason }) => cli.progress(`flip cancelled: ${reason}`))
  db.on('flags', ({ source }) => cli.progress(`flags: changed (${source})`))
  db.on('flags-refused', ({ message }) => cli.progress(`flags: refused: ${message}`))
  db.on('flags-unmet', ({ message }) => cli.progress(`flags: ${message}`))
  db.on('breaker', ({ state, reason }) => cli.progress(`breaker ${state}: ${reason}`))
  db.on('autopilot', ({ action, reason, to }) =>
    cli.progress(`autopilot: reads go ${action}, to ${to} % on PostgreSQL: ${reason}`),
  )
  db.on('degraded', ({ reason }) => cli.progress(`degraded: ${reason}`))
  db.on('finding', ({ code, table, message }) => cli.progress(`${code} ${table}: ${message}`))
  db.on('drift', ({ message }) => cli.progress(`drift: ${message}`))
  db.on('quarantine', ({ table, key, reason }) =>
    cli.progress(`quarantine: ${table} ${key}: ${reason}`),
  )
  db.on('divergence', (one) => cli.progress(`divergence: ${one.class}: ${one.statement}`))
  db.on('error', ({ error }) => cli.progress(`error: ${error.message}`))
}
