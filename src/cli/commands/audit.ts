import type { Command } from 'commander'
import type { AuditEntry } from '../../api.ts'
import type { Cli } from '../cli.ts'
import { command, positiveInteger } from '../command.ts'
import { printable, table } from '../output.ts'

export function addAudit(program: Command, cli: Cli): void {
  command(
    program,
    'audit',
    'Lists who did what, the newest first: changes that were asked for, flips, and what became of them.',
    'lockstep audit --limit 20',
  )
    .option('--limit <n>', 'how many at the most (default: 50)', positiveInteger)
    .option('--before <id>', 'only what is older than this entry', positiveInteger)
    .action(({ limit = 50, before }: { limit?: number; before?: number }) =>
      cli.withLockstep(
        async (db) => {
          const entries = await db.audit(before === undefined ? { limit } : { limit, before })
          const rows = entries.map((entry) => [
            entry.id,
            new Date(entry.atMs).toISOString(),
            entry.action,
            detailOf(entry),
          ])
          const list = printable(table(['id', 'at', 'action', 'detail'], rows))
          return { document: entries, text: entries.length === 0 ? 'nothing yet' : list }
        },
        { applier: false, flagsRequired: false },
      ),
    )
}

/** `actor=ada call=flip to=postgres`; what is nested stays JSON. */
function detailOf({ detail }: AuditEntry): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')
}
