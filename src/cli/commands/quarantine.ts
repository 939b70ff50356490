import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command, positiveInteger } from '../command.ts'
import { printable, table } from '../output.ts'

export function addQuarantine(program: Command, cli: Cli): void {
  command(
    program,
    'quarantine',
    'Lists the rows that the secondary cannot hold, with column and reason; a flip waits until there are none.',
    'lockstep quarantine --limit 20',
  )
    .option('--limit <n>', 'how many at the most (default: 100)', positiveInteger)
    .action(({ limit = 100 }: { limit?: number }) =>
      cli.withLockstep(
        async (db) => {
          const [rows, { quarantine }] = await Promise.all([db.quarantine({ limit }), db.status()])
          const total = Math.max(rows.length, quarantine)
          const lines = rows.map(({ table, key, column, reason, atMs }) => [
            table,
            key,
            column ?? '',
            new Date(atMs).toISOString(),
            reason,
          ])
          const list = printable(table(['table', 'key', 'column', 'since', 'reason'], lines))
          const more = total > rows.length ? `\n${total - rows.length} more` : ''
          const way =
            '\nmend each row on the primary: it is shipped again, and leaves by itself; one that was in the way of another row, ' +
            'which has gone: `lockstep repair`; what a flip by force left on one place alone: write it on the primary, as it fits ' +
            'there, or give it up by `lockstep repair TABLE KEY --discard`'
          return {
            document: { total, rows },
            text: total === 0 ? 'quarantine is empty' : `${list}${more}\n${way}`,
          }
        },
        { applier: false },
      ),
    )
}
