import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import type { ExportOptions } from '../../api.ts'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { loadConfig } from '../config.ts'
import { table } from '../output.ts'

export function addExport(program: Command, cli: Cli): void {
  command(
    program,
    'export',
    'Writes each table to a file of a folder, from one snapshot, with a manifest of counts and hashes.',
    'lockstep export --format jsonl exports/monday',
  )
    .argument('<dir>', 'a folder that is not there, or is empty')
    .addOption(
      new Option('--format <format>', 'how rows are written')
        .choices(['csv', 'jsonl'])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--from <place>', 'which place is read (default: the primary)').choices([
        'sqlite',
        'postgres',
      ]),
    )
    .action((directory: string, options: Pick<ExportOptions, 'format' | 'from'>) =>
      cli.report(async () => {
        const { cwd, env, signal, archive } = cli.environment
        const config = loadConfig({ path: cli.globals().config, cwd, env })
        const { exportRows } = await archive()
        const report = await exportRows(config, {
          ...options,
          directory: resolve(cwd, directory),
          signal,
          onProgress: ({ table, rows }) => cli.progress(`${table}: ${rows} rows`, true),
        })
        const rows = report.tables.map((one) => [one.table, one.rows, one.bytes, one.file])
        const lines = [
          table(['table', 'rows', 'bytes', 'file'], rows),
          '',
          ...report.leftOut.map((name) => `warning: ${name} is a virtual table and was left out`),
          `${report.directory}: ${rows.length} tables of ${report.place}, with manifest.json`,
        ]
        return { document: report, text: lines.join('\n') }
      }),
    )
}
