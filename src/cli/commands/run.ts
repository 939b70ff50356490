import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import type { Lockstep } from '../../api.ts'

export function addRun(program: Command, cli: Cli): void {
  command(
    program,
    'run',
    'Keeps both places equal, as a process of its own, until it is stopped.',
    'lockstep run --quiet',
  ).action(() =>
    cli.withLockstep(
      async (db) => {
        follow(db, cli)
        const { signal } = cli.environment
        await stopped(signal)
        return { document: { stopped: String(signal.reason) }, text: '' }
      },
      { applier: true },
    ),
  )
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
  db.on('degraded', ({ reason }) => cli.progress(`degraded: ${reason}`))
  db.on('drift', ({ message }) => cli.progress(`drift: ${message}`))
  db.on('quarantine', ({ table, key, reason }) =>
    cli.progress(`quarantine: ${table} ${key}: ${reason}`),
  )
  db.on('divergence', (one) => cli.progress(`divergence: ${one.class}: ${one.statement}`))
  db.on('error', ({ error }) => cli.progress(`error: ${error.message}`))
}
