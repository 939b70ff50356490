import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import type { Status } from '../../api.ts'
import type { PlaceName } from '../../place/place.ts'

export function addStatus(program: Command, cli: Cli): void {
  command(
    program,
    'status',
    'Shows where the move stands, on one screen; exits with 1 where PostgreSQL does not answer.',
    'lockstep status --json | jq .lag',
  ).action(() =>
    cli.withLockstep(
      async (db) => {
        const status = await db.status()
        return {
          document: status,
          text: textOf(status),
          exitCode: status.postgres.reachable ? 0 : 1,
        }
      },
      { applier: false },
    ),
  )
}

function textOf(status: Status): string {
  const { flags, lag, postgres } = status
  // The secondary's quarantine, and the journal of a primary, are where PostgreSQL keeps them.
  const figure = (count: number, at: PlaceName, unit: string): string =>
    postgres.reachable || at === 'sqlite' ? `${count} ${unit}` : `unknown number of ${unit}`
  const secondary = status.primary === 'sqlite' ? 'postgres' : 'sqlite'
  const tables = Object.entries(flags.reads.tables).map(([name, share]) => `, ${name} ${share} %`)
  const rows = [
    ['stage', status.stage],
    ['primary', `${status.primary} (epoch ${status.epoch}, ${status.state})`],
    ['postgres', postgres.reachable ? 'answers' : `UNREACHABLE: ${postgres.reason ?? ''}`],
    ['lag', `${figure(lag.entries, status.primary, 'entries')}, ${Math.round(lag.ms)} ms`],
    ['backfilled', status.backfilled ? 'yes' : 'no'],
    ['quarantine', figure(status.quarantine, secondary, 'rows')],
    ['mirror', flags.mirror ? 'on' : 'off'],
    ['reads', `${flags.reads.postgres} % from postgres${tables.join('')}`],
    ['shadow', `${flags.shadow.sample} % of reads`],
    ['ack', flags.ack],
  ]
  return rows.map(([name = '', value]) => `${name.padEnd(12)}${value}`).join('\n')
}
