import type { Command } from 'commander'
import { audited, confirmed, withYes, type ChangeOptions } from '../change.ts'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { flipOutcome, withFlipOptions } from './flip.ts'
import type { FlipOptions } from '../../api.ts'

export function addRollback(program: Command, cli: Cli): void {
  withYes(
    withFlipOptions(
      command(
        program,
        'rollback',
        'Moves the primary back to sqlite, with nothing lost.',
        'lockstep rollback',
      ),
    ),
  )
    .option('--accept-loss', 'the primary is gone: go on with what the secondary has')
    .action((options: FlipOptions & ChangeOptions & { acceptLoss?: boolean }) =>
      cli.withLockstep(async (db) => {
        const { reason, yes: _, ...settings } = options
        if (settings.acceptLoss === true) await confirmed(cli, options, ofALoss)
        const request = { call: 'rollback', reason, arguments: settings }
        return flipOutcome(await audited(cli, db, request, () => db.rollback(settings)))
      }),
    )
}

const ofALoss =
  'SQLite becomes the primary with what it has: what PostgreSQL took last and never shipped is lost to the application.'
