import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { loadConfig } from '../config.ts'
import { table } from '../output.ts'

export function addRestore(program: Command, cli: Cli): void {
  command(
    program,
    'restore',
    'Puts a backup in the place of the SQLite file, which nobody may have open; the file of before is kept beside it.',
    'lockstep restore backups/monday.db',
  )
    .argument('<file>', 'the backup, with its manifest beside it')
    .option(
      '--force',
      'go on where a move is under way, or there is no manifest; it is recorded where Lockstep is installed',
    )
    .action((file: string, { force }: { force?: boolean }) =>
      cli.report(async () => {
        const { cwd, env, signal, archive } = cli.environment
        const config = loadConfig({ path: cli.globals().config, cwd, env })
        const { restore } = await archive()
        const report = await restore(config, {
          file: resolve(cwd, file),
          ...(force === undefined ? {} : { force }),
          signal,
          onProgress: ({ phase }) => cli.progress(phase, true),
        })
        const { target, previous, bytes, sha256, meaning } = report
        const lines = [
          table(
            ['table', 'rows'],
            report.tables.map((one) => [one.table, one.rows]),
          ),
          '',
          `${target}: ${bytes} bytes, sound, sha256 ${sha256}`,
          ...(previous === null ? [] : [`the file of before is ${previous}`]),
          ...(meaning === null ? [] : [meaning]),
        ]
        return { document: report, text: lines.join('\n') }
      }),
    )
}
