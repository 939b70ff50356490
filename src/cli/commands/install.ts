import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { findingLines } from '../output.ts'

export function addInstall(program: Command, cli: Cli): void {
  command(
    program,
    'install',
    'Creates the control tables and the triggers that journal every change.',
    'lockstep install',
  ).action(() =>
    cli.withLockstep(async (db) => {
      const report = await db.install()
      const count = `${report.tables.length} tables are captured: ${report.tables.join(', ')}`
      return { document: report, text: `${findingLines(report.findings)}${count}` }
    }),
  )
}
