import type { Command } from 'commander'
import { audited, withReason, type ChangeOptions } from '../change.ts'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { UsageError } from '../output.ts'

export function addRepair(program: Command, cli: Cli): void {
  const repair = command(
    program,
    'repair',
    'Ships rows from the primary to the secondary again: those of the keys, or all of the table.',
    "lockstep repair order_lines '[7, 2]' '[7, 3]'",
  )
  withReason(repair)
    .argument('<table>')
    .argument('[keys...]', 'a key; one of several columns as a JSON list')
    .action((table: string, texts: string[], { reason }: ChangeOptions) =>
      cli.withLockstep(async (db) => {
        const keys = texts.map(parseKey)
        // Keys are the application's data: the log has how many there were.
        const args = { table, keys: keys.length === 0 ? 'all' : keys.length }
        const { rows, unknown } = await audited(
          cli,
          db,
          { call: 'repair', reason, arguments: args },
          () => db.repair(keys.length === 0 ? { table } : { table, keys }),
        )
        const missing = unknown.map(
          (key) => `\nno row of ${table} has the key ${key}, on either place`,
        )
        return {
          document: { table, rows, unknown },
          text: `${rows} rows of ${table} were shipped again${missing.join('')}`,
          exitCode: unknown.length === 0 ? 0 : 1,
        }
      }),
    )
}

/** Digits are an integer, which SQLite compares with text columns as well; anything else is text. */
function parseKey(text: string): unknown[] {
  if (!text.startsWith('[')) return [scalar(text)]
  try {
    const list: unknown = JSON.parse(text)
    if (Array.isArray(list) && list.every(isScalar)) {
      return list.map((value) => (Number.isSafeInteger(value) ? BigInt(Number(value)) : value))
    }
  } catch (error) {
    throw new UsageError(`the key ${text} is not a JSON list`, { cause: error })
  }
  throw new UsageError(`the key ${text} must hold numbers and text only`)
}

function isScalar(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'string'
}

function scalar(text: string): bigint | string {
  return /^(0|-?[1-9]\d*)$/.test(text) ? BigInt(text) : text
}
