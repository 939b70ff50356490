import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { table } from '../output.ts'
import { wayOutOfGate } from '../way-out.ts'

export function addReady(program: Command, cli: Cli): void {
  command(
    program,
    'ready',
    'Lists every gate with its figure; exits with 3 unless all of them hold.',
    'lockstep ready && lockstep flip postgres',
  ).action(() =>
    cli.withLockstep(
      async (db) => {
        const report = await db.ready()
        const rows = report.gates.map(({ name, ok, value, bound, detail }) => {
          return [ok ? 'ok' : 'NO', name, String(value), String(bound), detail]
        })
        const ways = report.gates
          .filter(({ ok }) => !ok)
          .map(({ name }) => `way out of ${name}: ${wayOutOfGate(name)}\n`)
        const verdict = report.ready ? 'ready' : 'not ready'
        return {
          document: report,
          text: `${table(['', 'gate', 'value', 'bound', ''], rows)}\n\n${ways.join('')}${verdict}`,
          exitCode: report.ready ? 0 : 3,
        }
      },
      { applier: false },
    ),
  )
}
