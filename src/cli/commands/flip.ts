import { Argument } from 'commander'
import type { Command } from 'commander'
import type { FlipOptions, FlipReport } from '../../api.ts'
import type { PlaceName } from '../../place/place.ts'
import { audited, withReason, type ChangeOptions } from '../change.ts'
import type { Cli, Outcome } from '../cli.ts'
import { command, positiveInteger } from '../command.ts'

export function addFlip(program: Command, cli: Cli): void {
  withFlipOptions(
    command(
      program,
      'flip',
      'Moves the primary, once every gate holds. Writes wait meanwhile and none is lost.',
      'lockstep flip postgres --pause-budget-ms 500',
    ).addArgument(
      new Argument('<place>', 'where writes go from now on').choices(['postgres', 'sqlite']),
    ),
  ).action((place: PlaceName, options: FlipOptions & ChangeOptions) =>
    cli.withLockstep(async (db) => {
      const { reason, ...settings } = options
      const request = { call: 'flip', reason, arguments: { to: place, ...settings } }
      return flipOutcome(await audited(cli, db, request, () => db.flip(place, settings)))
    }),
  )
}

/** The options that a flip and a rollback share. */
export function withFlipOptions(flip: Command): Command {
  return withReason(flip)
    .option('--pause-budget-ms <ms>', 'cancel when writes wait for longer', positiveInteger)
    .option('--force', 'go on where gates refuse; it is recorded')
}

export function flipOutcome(report: FlipReport): Outcome {
  const { from, to, epoch, pauseMs, drained } = report
  if (from === to) {
    const text = `${to} is the primary already (epoch ${epoch}); nothing was moved`
    return { document: report, text }
  }
  return {
    document: report,
    text:
      `the primary moved from ${from} to ${to} (epoch ${epoch}); ` +
      `writes waited ${Math.round(pauseMs)} ms while ${drained} entries were shipped`,
  }
}
