import type { Command } from 'commander'
import type { Lockstep } from '../../api.ts'
import { sleep } from '../../core/wait.ts'
import type { Cli, Outcome } from '../cli.ts'
import { command, positiveInteger } from '../command.ts'
import { printable } from '../output.ts'
import { summaryOf } from '../summary.ts'
import { statusText } from './status.ts'

const stages = ['off', 'mirror', 'shadow', 'ramp', 'flipped', 'complete'] as const
/** Of so many entries of the audit log the screen shows the newest. */
const shownEntries = 5

export function addWatch(program: Command, cli: Cli): void {
  command(
    program,
    'watch',
    'A live screen of status, gates and the newest of the audit log; a line each time where there is no terminal. Ctrl-C ends it.',
    'lockstep watch --interval-ms 500',
  )
    .option('--interval-ms <ms>', 'how often to look (default: 1000)', positiveInteger)
    .option('--count <n>', 'end after so many looks', positiveInteger)
    .action(({ intervalMs = 1000, count = Infinity }: { intervalMs?: number; count?: number }) =>
      cli.withLockstep((db) => watch(db, cli, { intervalMs, count }), {
        applier: false,
        flagsRequired: false,
      }),
    )
}

async function watch(
  db: Lockstep,
  cli: Cli,
  { intervalMs, count }: { intervalMs: number; count: number },
): Promise<Outcome> {
  const { stdout, signal } = cli.environment
  const { json } = cli.globals()
  const isScreen = stdout.isTTY === true && !json
  let status = await db.status()
  for (let look = 1; !signal.aborted; look++) {
    const now = new Date().toISOString()
    if (isScreen) stdout.write(`${clear}${await screen(db, status, now)}`)
    else if (!json) stdout.write(`${now} ${status.stage}: ${printable(summaryOf(status))}\n`)
    if (look >= count) break
    await sleep(intervalMs, signal).catch(() => undefined)
    if (!signal.aborted) status = await db.status()
  }
  return { document: status, text: '', printed: !json }
}

/** https://en.wikipedia.org/wiki/ANSI_escape_code: to the top left, and everything below it away. */
const clear = '\u001B[H\u001B[J'

async function screen(
  db: Lockstep,
  status: Awaited<ReturnType<Lockstep['status']>>,
  now: string,
): Promise<string> {
  const path = stages.map((stage) => (stage === status.stage ? `[${stage}]` : stage)).join(' > ')
  const lines = [`Lockstep  ${now}`, '', `  ${path}`, '', statusText(status)]
  if (status.installed && status.postgres.reachable && status.stage !== 'complete')
    lines.push('', 'gates', ...(await gateLines(db)))
  if (status.installed) {
    const entries = await db.audit({ limit: shownEntries })
    const shown = entries.map(
      ({ atMs, action, detail }) =>
        `  ${new Date(atMs).toISOString()}  ${action}  ${JSON.stringify(detail)}`,
    )
    lines.push('', 'audit', ...shown)
  }
  return `${printable(lines.join('\n'))}\n`
}

/** A gate that cannot be asked for shows its reason, and the screen goes on. */
async function gateLines(db: Lockstep): Promise<string[]> {
  try {
    const { gates } = await db.ready()
    return gates.map(
      ({ name, ok, value, detail }) => `  ${ok ? 'ok' : 'NO'}  ${name}: ${value} (${detail})`,
    )
  } catch (error) {
    return [`  ${error instanceof Error ? error.message : String(error)}`]
  }
}
