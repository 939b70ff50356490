import type { Command } from 'commander'
import type { AuditedRequest, Lockstep } from '../api.ts'
import type { Cli } from './cli.ts'
import { UsageError } from './output.ts'

/** What every command that changes something takes. */
export interface ChangeOptions {
  readonly reason?: string
  readonly yes?: boolean
}

export function withReason(command: Command): Command {
  return command.option('--reason <text>', 'why, for the audit log')
}

/** For what cannot be undone: asked on a terminal, unless `--yes` says so at once. A script has decided already. */
export function withYes(command: Command): Command {
  return command.option('--yes', 'do not ask; nobody is asked where there is no terminal')
}

/** Runs a change with an entry in the audit log, as the one who called the command. */
export function audited<T>(
  cli: Cli,
  db: Lockstep,
  request: Pick<AuditedRequest, 'call' | 'reason' | 'arguments'>,
  work: () => Promise<T>,
): Promise<T> {
  return db.audited({ ...request, actor: cli.environment.actor }, work)
}

/** @throws UsageError where the answer is no */
export async function confirmed(
  { environment }: Cli,
  { yes = false }: ChangeOptions,
  consequence: string,
): Promise<void> {
  const { confirm } = environment
  if (yes || confirm === undefined || (await confirm(`${consequence} Go on?`))) return
  throw new UsageError('nothing was done')
}
