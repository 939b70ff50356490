import type { Command } from 'commander'
import type { Divergence } from '../../api.ts'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { printable } from '../output.ts'

export function addDivergences(program: Command, cli: Cli): void {
  const divergences = command(
    program,
    'divergences',
    'Lists what shadow reads and rehearsed writes have found to differ; exits with 3 where one is open.',
    'lockstep divergences --all',
  )
    .option('--all', 'also those that are resolved or ignored')
    .action(({ all = false }: { all?: boolean }) =>
      cli.withLockstep(
        async (db) => {
          const listed = await db.divergences(all ? {} : { state: 'open' })
          const isOpen = listed.some(({ state }) => state === 'open')
          return { document: listed, text: textOf(listed, all), exitCode: isOpen ? 3 : 0 }
        },
        { applier: false },
      ),
    )
  command(
    divergences,
    'ignore',
    'Takes a divergence for one that does not matter.',
    "lockstep divergences ignore 3f2a91c04d7e --reason 'the old report is going away'",
  )
    .argument('<id>')
    .requiredOption('--reason <text>', 'why, for those who come after')
    .action((id: string, { reason }: { reason: string }) =>
      cli.withLockstep(
        async (db) => {
          const document = await db.ignoreDivergence({ id, reason })
          return { document, text: entriesOf([document]) }
        },
        { applier: false },
      ),
    )
  command(
    divergences,
    'repair',
    'Ships the rows of a divergence again and looks whether it is gone; exits with 3 where it is not. That of a rehearsed write is taken for mended.',
    'lockstep divergences repair 3f2a91c04d7e',
  )
    .argument('<id>')
    .action((id: string) =>
      cli.withLockstep(async (db) => {
        const mended = await db.repairDivergence({ id })
        return {
          document: mended,
          text: `${mended.rows} rows were shipped again: ${mended.found}`,
          exitCode: mended.resolved ? 0 : 3,
        }
      }),
    )
}

function textOf(listed: readonly Divergence[], all: boolean): string {
  if (listed.length > 0) return entriesOf(listed)
  return all ? 'there is no divergence' : 'no divergence is open'
}

function entriesOf(listed: readonly Divergence[]): string {
  return printable(listed.map(entryOf).join('\n\n'))
}

function entryOf(one: Divergence): string {
  const state = one.reason === null ? one.state : `${one.state}: ${one.reason}`
  const rows = one.evidence.map(({ rows, columns, sqlite, postgres }) => {
    const place = rows.map(({ table, key }) => `${table} ${key}`).join(', ') || 'the answer'
    const held = `${sqlite ?? 'nothing'} on sqlite, ${postgres ?? 'nothing'} on postgres`
    return `  ${place}${columns.length === 0 ? '' : ` (${columns.join(', ')})`}: ${held}`
  })
  const more = one.rows > rows.length ? [`  and ${one.rows - rows.length} more`] : []
  const times = `${one.rows} rows, seen ${one.seen} times, last ${new Date(one.lastAtMs).toISOString()}`
  return [
    `${one.id}  ${one.class}  ${state}`,
    `  ${one.statement}`,
    `  ${times}`,
    ...rows,
    ...more,
  ].join('\n')
}
