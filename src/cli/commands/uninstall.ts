import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'

export function addUninstall(program: Command, cli: Cli): void {
  command(
    program,
    'uninstall',
    'Removes the control tables and triggers from both places, without a trace.',
    'lockstep uninstall',
  )
    .option('--force', 'even while PostgreSQL is the primary: the SQLite file takes writes again')
    .action(({ force }: { force?: boolean }) =>
      cli.withLockstep(
        async (db) => {
          await db.uninstall({ force: force === true })
          return { document: { uninstalled: true }, text: 'nothing of Lockstep is left' }
        },
        { applier: false },
      ),
    )
}
