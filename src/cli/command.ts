import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'

/** A command with its example, which inherits the settings of the program. */
export function command(program: Command, usage: string, about: string, example: string): Command {
  return program
    .command(usage)
    .description(about)
    .allowExcessArguments(false)
    .addHelpText('after', `\nExample:\n  $ ${example}`)
}

/** Reads the value of an option that counts something. */
export function positiveInteger(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value
  throw new InvalidArgumentError('It must be a whole number, at least 1.')
}

/** Reads a share, with or without its sign. */
export function percentage(text: string): number {
  const value = Number(text.replace(/%$/, ''))
  if (/^[\d.]+%?$/.test(text) && value > 0 && value <= 100) return value
  throw new InvalidArgumentError('It must be more than 0 and at most 100.')
}

/** Reads `a,b` into names. */
export function nameList(text: string): string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.every((name) => name !== '')) return names
  throw new InvalidArgumentError('It must be names with commas between them.')
}
