import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { summaryOf } from '../summary.ts'
import type { Status } from '../../api.ts'
import type { PlaceName } from '../../place/place.ts'
import type { Flags } from '../../route/flags.ts'

export function addStatus(program: Command, cli: Cli): void {
  command(
    program,
    'status',
    'Shows where the move stands; exits with 1 where PostgreSQL does not answer, 2 for wrong flags.',
    'lockstep status --json | jq .lag',
  ).action(() =>
    cli.withLockstep(
      async (db) => {
        const status = await db.status()
        return {
          document: status,
          text: statusText(status),
          exitCode: exitCodeOf(status),
        }
      },
      { applier: false, flagsRequired: false },
    ),
  )
}

function exitCodeOf({ postgres, flagsRefused }: Status): number {
  if (flagsRefused !== null) return 2
  return postgres.reachable ? 0 : 1
}

/** One screen: where the move stands, and in its last line what it does and waits for. */
export function statusText(status: Status): string {
  const { lag, postgres, flagsRefused, flagsUnmet } = status
  // The secondary's quarantine, and the journal of a primary, are where PostgreSQL keeps them.
  const figure = (count: number, at: PlaceName, unit: string): string =>
    postgres.reachable || at === 'sqlite' ? `${count} ${unit}` : `unknown number of ${unit}`
  const secondary = status.primary === 'sqlite' ? 'postgres' : 'sqlite'
  const flagLines = flagsRefused === null ? flagRows(status.flags) : []
  const mirrorRows = [
    ['lag', `${figure(lag.entries, status.primary, 'entries')}, ${Math.round(lag.ms)} ms`],
    ['backfilled', status.backfilled ? 'yes' : 'no'],
    ['quarantine', figure(status.quarantine, secondary, 'rows')],
    ...flagLines,
  ]
  const ended = ['mirror', 'ended: PostgreSQL goes on alone']
  const rows = [
    // The flags are a part of the stage, unless another one is past them.
    ['stage', flagsRefused === null || !byFlags.has(status.stage) ? status.stage : 'unknown'],
    // Before that there is neither an epoch nor a journal.
    status.installed
      ? ['primary', `${status.primary} (epoch ${status.epoch}, ${status.state})`]
      : ['installed', 'no: run `lockstep install`'],
    ['postgres', postgres.reachable ? 'answers' : `UNREACHABLE: ${postgres.reason ?? ''}`],
    ...(status.installed ? (status.stage === 'complete' ? [ended] : mirrorRows) : flagLines),
    ...(flagsRefused === null ? [] : [['flags', `REFUSED: ${flagsRefused}`]]),
    ...(flagsUnmet === null ? [] : [['flags', `UNMET: ${flagsUnmet}`]]),
    ['now', summaryOf(status)],
  ]
  return rows.map(([name = '', value]) => `${name.padEnd(12)}${value}`).join('\n')
}

const byFlags: ReadonlySet<string> = new Set(['mirror', 'shadow', 'ramp'])

function flagRows({ mirror, reads, shadow, ack }: Flags): string[][] {
  const tables = Object.entries(reads.tables).map(([name, share]) => `, ${name} ${share} %`)
  return [
    ['mirror', mirror ? 'on' : 'off'],
    ['reads', `${reads.postgres} % from postgres${tables.join('')}`],
    ['shadow', `${shadow.sample} % of reads`],
    ['ack', ack],
  ]
}
