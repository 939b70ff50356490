import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'

export function addThrottle(program: Command, cli: Cli): void {
  command(
    program,
    'throttle',
    'Slows a backfill down that runs, in whichever process; 0 % holds it, 100 % lets it go.',
    'lockstep throttle 50%',
  )
    .argument('<percent>', 'the share of the time in which it works', share)
    .action((percent: number) =>
      cli.withLockstep(
        async (db) => {
          await db.throttle(percent)
          return { document: { percent }, text: `a backfill works for ${percent} % of the time` }
        },
        { applier: false },
      ),
    )
}

function share(text: string): number {
  const value = Number(text.replace(/%$/, ''))
  if (/^\d+%?$/.test(text) && value <= 100) return value
  throw new InvalidArgumentError('It must be a whole number from 0 to 100.')
}
