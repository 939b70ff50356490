import type { Command } from 'commander'
import { audited, confirmed, withReason, withYes, type ChangeOptions } from '../change.ts'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'

export function addComplete(program: Command, cli: Cli): void {
  const complete = command(
    program,
    'complete',
    'Ends mirroring for good, after the last gates; PostgreSQL goes on alone.',
    'lockstep complete --yes',
  )
  withYes(withReason(complete))
    .option('--force', 'go on where gates refuse; it is recorded')
    .action(({ reason, yes, ...options }: ChangeOptions & { force?: boolean }) =>
      cli.withLockstep(async (db) => {
        await confirmed(cli, yes === undefined ? {} : { yes }, forGood)
        const request = { call: 'complete', reason, arguments: options }
        await audited(cli, db, request, () => db.complete(options))
        return { document: { complete: true }, text: 'mirroring has ended' }
      }),
    )
}

const forGood =
  'The SQLite file stays as it is now, and there is no way back: nothing is mirrored any more.'
