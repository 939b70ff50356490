import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command, nameList } from '../command.ts'
import { table } from '../output.ts'
import type { VerifyReport } from '../../api.ts'

export function addVerify(program: Command, cli: Cli): void {
  command(
    program,
    'verify',
    'Compares both places exactly, under live writes; exits with 3 where they differ.',
    'lockstep verify --tables users,orders',
  )
    .option('--tables <names>', 'only these tables, with commas between them', nameList)
    .action(({ tables }: { tables?: string[] }) =>
      cli.withLockstep(async (db) => {
        const report = await db.verify({
          signal: cli.environment.signal,
          onProgress: (now) => cli.progress(`${now.table}: ${now.rows} of ${now.total} rows`, true),
          ...(tables === undefined ? {} : { tables }),
        })
        return { document: report, text: textOf(report), exitCode: report.equal ? 0 : 3 }
      }),
    )
}

function textOf({ equal, tables, differences }: VerifyReport): string {
  const head = ['table', 'rows', 'missing', 'extra', 'different']
  const rows = tables.map((one) => [one.table, one.rows, one.missing, one.extra, one.different])
  const lines = differences.map(
    (one) => `${one.class} ${one.table} ${one.key}${one.column === null ? '' : ` ${one.column}`}`,
  )
  const verdict = equal ? 'both places are equal' : 'the places differ'
  return [table(head, rows), '', ...lines, verdict].join('\n')
}
