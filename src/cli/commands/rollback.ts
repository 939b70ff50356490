import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { flipOutcome, withFlipOptions } from './flip.ts'
import type { FlipOptions } from '../../api.ts'

export function addRollback(program: Command, cli: Cli): void {
  withFlipOptions(
    command(
      program,
      'rollback',
      'Moves the primary back to sqlite, with nothing lost.',
      'lockstep rollback',
    ),
  )
    .option('--accept-loss', 'the primary is gone: go on with what the secondary has')
    .action((options: FlipOptions & { acceptLoss?: boolean }) =>
      cli.withLockstep(async (db) => flipOutcome(await db.rollback(options))),
    )
}
