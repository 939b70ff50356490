import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { loadConfig } from '../config.ts'
import { printable, table } from '../output.ts'

export function addDoctor(program: Command, cli: Cli): void {
  command(
    program,
    'doctor',
    'Checks both databases and the way to them: versions, WAL, rights, encoding, pool, TLS, clocks, disk. Changes nothing; exits with 3 where something is wrong.',
    'lockstep doctor --json | jq ".checks[] | select(.level != \\"ok\\")"',
  ).action(() =>
    cli.report(async () => {
      const { cwd, env, doctor } = cli.environment
      const report = await doctor(loadConfig({ path: cli.globals().config, cwd, env }))
      const rows = report.checks.map(({ place, name, level, value, detail }) => [
        level === 'wrong' ? 'WRONG' : level,
        place,
        name,
        String(value),
        detail,
      ])
      const verdict = report.ok ? 'nothing stands in the way' : 'something is wrong'
      return {
        document: report,
        text: `${printable(table(['', 'place', 'check', 'value', ''], rows))}\n\n${verdict}`,
        exitCode: report.ok ? 0 : 3,
      }
    }),
  )
}
