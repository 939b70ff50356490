import type { Command } from 'commander'
import type { AdvanceReport } from '../../api.ts'
import { audited, withReason, type ChangeOptions } from '../change.ts'
import type { Cli } from '../cli.ts'
import { command, positiveInteger } from '../command.ts'

export function addAdvance(program: Command, cli: Cli): void {
  withReason(
    command(
      program,
      'advance',
      'Takes the next step when its gates hold: mirror, shadow, each percentage of the ramp, the flip.',
      'lockstep advance --reason "a quiet night at 5 %"',
    ),
  )
    .option('--pause-budget-ms <ms>', 'cancel a flip when writes wait for longer', positiveInteger)
    .action(({ reason, ...settings }: { pauseBudgetMs?: number } & ChangeOptions) =>
      cli.withLockstep(async (db) => {
        const request = { call: 'advance', reason, arguments: { ...settings } }
        const report = await audited(cli, db, request, () => db.advance(settings))
        return { document: report, text: textOf(report) }
      }),
    )
}

function textOf({ from, to, flags, flip }: AdvanceReport): string {
  const walked = from === to ? `the stage is still ${to}` : `from ${from} to ${to}`
  const reads = `PostgreSQL serves ${flags.reads.postgres} % of the reads`
  return flip === null
    ? `${walked}; ${reads}`
    : `${walked}; writes waited ${Math.round(flip.pauseMs)} ms; ${reads}`
}
