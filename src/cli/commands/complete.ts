import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'

export function addComplete(program: Command, cli: Cli): void {
  command(
    program,
    'complete',
    'Ends mirroring for good, after the last gates; PostgreSQL goes on alone.',
    'lockstep complete',
  )
    .option('--force', 'go on where gates refuse; it is recorded')
    .action((options: { force?: boolean }) =>
      cli.withLockstep(async (db) => {
        await db.complete(options)
        return { document: { complete: true }, text: 'mirroring has ended' }
      }),
    )
}
