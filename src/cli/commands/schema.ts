import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { findingLines } from '../output.ts'

export function addSchema(program: Command, cli: Cli): void {
  command(
    program,
    'schema',
    'Shows the PostgreSQL tables as DDL; with --apply, creates them.',
    'lockstep schema > schema.sql && lockstep schema --apply',
  )
    .option('--apply', 'create the tables', false)
    .action(({ apply }: { apply: boolean }) =>
      cli.withLockstep(
        async (db) => {
          const report = await (apply ? db.applySchema() : db.planSchema())
          const statements = report.statements.map((sql) => `${sql.replace(/;\s*$/, '')};\n`)
          // On standard output the DDL stands alone, so that it can go into a file.
          const findings = findingLines(report.findings).trimEnd()
          if (findings !== '' && !cli.globals().json) cli.progress(findings)
          const done = `${report.statements.length} statements were run`
          return { document: report, text: apply ? done : statements.join('\n') }
        },
        { applier: false },
      ),
    )
}
