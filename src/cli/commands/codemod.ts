import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import type { Command } from 'commander'
import type { CodeReport } from '../../assess/code-report.ts'
import { readCode } from '../../assess/read-code.ts'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { printable, UsageError } from '../output.ts'

export function addCodemod(program: Command, cli: Cli): void {
  command(
    program,
    'codemod',
    'Reports where programs open SQLite or use it synchronously, and what to write there; changes nothing. Exits with 3 where there is such a place.',
    'lockstep codemod src',
  )
    .argument('<path...>', 'folders and programs (.ts .tsx .mts .cts .js .jsx .mjs .cjs)')
    .action((paths: string[]) =>
      cli.report(async () => {
        const { cwd } = cli.environment
        const missing = paths.find((path) => !existsSync(resolve(cwd, path)))
        if (missing !== undefined) throw new UsageError(`there is no file or folder ${missing}`)
        const report = readCode(
          paths.map((path) => relative(process.cwd(), resolve(cwd, path)) || '.'),
        )
        if (report.files === 0)
          throw new UsageError(`no programs were found in ${paths.join(', ')}`)
        const isClean = report.places.length === 0 && report.unread.length === 0
        return { document: report, text: textOf(report), exitCode: isClean ? 0 : 3 }
      }),
    )
}

function textOf({ files, places, unread }: CodeReport): string {
  const count = (kind: string): number => places.filter((place) => place.kind === kind).length
  return [
    ...places.map(
      ({ file, line, column, kind, found, change }) =>
        `${file}:${line}:${column} ${kind}\n  ${printable(found)}\n  -> ${change}`,
    ),
    ...unread.map(({ file, reason }) => `${file} was not read: ${reason}`),
    `${files} programs: ${count('opens')} places open SQLite, ${count('synchronous')} use it synchronously`,
  ].join('\n')
}
