import type { Command } from 'commander'
import { confirmed, withYes, type ChangeOptions } from '../change.ts'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'

export function addUninstall(program: Command, cli: Cli): void {
  const uninstall = command(
    program,
    'uninstall',
    'Removes the control tables and triggers from both places, without a trace.',
    'lockstep uninstall',
  )
  withYes(uninstall)
    .option('--force', 'even while PostgreSQL is the primary: the SQLite file takes writes again')
    .action(({ force, yes }: ChangeOptions & { force?: boolean }) =>
      cli.withLockstep(
        async (db) => {
          await confirmed(cli, yes === undefined ? {} : { yes }, withoutTrace)
          await db.uninstall({ force: force === true })
          return { document: { uninstalled: true }, text: 'nothing of Lockstep is left' }
        },
        { applier: false },
      ),
    )
}

const withoutTrace =
  'Journal, quarantine and audit log go with it, and both places come apart: a move begins anew with a backfill.'
