import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import type { Status } from '../../api.ts'

export function addStatus(program: Command, cli: Cli): void {
  command(
    program,
    'status',
    'Shows where the move stands, on one screen.',
    'lockstep status --json | jq .lag',
  ).action(() =>
    cli.withLockstep(
      async (db) => {
        const status = await db.status()
        return { document: status, text: textOf(status) }
      },
      { applier: false },
    ),
  )
}

function textOf(status: Status): string {
  const { flags, lag } = status
  const tables = Object.entries(flags.reads.tables).map(([name, share]) => `, ${name} ${share} %`)
  const rows = [
    ['stage', status.stage],
    ['primary', `${status.primary} (epoch ${status.epoch}, ${status.state})`],
    ['lag', `${lag.entries} entries, ${Math.round(lag.ms)} ms`],
    ['backfilled', status.backfilled ? 'yes' : 'no'],
    ['quarantine', `${status.quarantine} rows`],
    ['mirror', flags.mirror ? 'on' : 'off'],
    ['reads', `${flags.reads.postgres} % from postgres${tables.join('')}`],
    ['shadow', `${flags.shadow.sample} % of reads`],
    ['ack', flags.ack],
  ]
  return rows.map(([name = '', value]) => `${name.padEnd(12)}${value}`).join('\n')
}
