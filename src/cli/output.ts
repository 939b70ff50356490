import { LockstepError, isLockstepError, messageOf } from '../core/errors.ts'
import type { Finding } from '../schema/model.ts'
import { wayOut } from './way-out.ts'

/** The command was called wrongly; exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** One document and a line break. Integers beyond a number's reach and infinities become text. */
export function toJson(document: unknown): string {
  return `${JSON.stringify(document, replacer, 2)}\n`
}

function replacer(_key: string, value: unknown): unknown {
  // JSON has no infinity, and would make null of it.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
  }
  return value
}

const wrongUsage = ['CONFIG_INVALID', 'FLAGS_INVALID', 'OVERRIDE_INVALID', 'TABLE_UNKNOWN'] as const

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof TypeError) return 2
  if (wrongUsage.some((code) => isLockstepError(error, code))) return 2
  return isLockstepError(error, 'GATE_REFUSED') || isLockstepError(error, 'BACKFILL_INCOMPLETE')
    ? 3
    : 1
}

/** A signal came before the command was done; exits with 1. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError'

  constructor(signal: unknown) {
    super(`stopped by ${String(signal)}, before it was done`)
  }
}

/** The message, the code and the way out, for a reader or for a program. */
export function errorText(error: unknown, json: boolean): string {
  const code = codeOf(error)
  const details = error instanceof LockstepError ? error.details : {}
  const way = wayOut(code, details)
  const message = messageOf(error)
  if (json) return toJson({ error: { code, message, details, wayOut: way } })
  const said = error instanceof StoppedError ? [message] : [`error: ${message}`, `code: ${code}`]
  const lines = [...said, ...(way === null ? [] : [`way out: ${way}`])]
  return `${lines.join('\n')}\n`
}

function codeOf(error: unknown): string {
  if (error instanceof LockstepError) return error.code
  if (error instanceof StoppedError) return 'STOPPED'
  return exitCodeOf(error) === 2 ? 'USAGE' : 'UNEXPECTED'
}

/** Text that holds what others have chosen, such as names of tables, without what a terminal would obey. */
export function printable(text: string): string {
  return text.replace(
    /(?!\n)[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** What an operator should know or decide, decisions last, where they are seen. */
export function findingLines(findings: readonly Finding[]): string {
  const order = ['info', 'warning', 'decision']
  return findings
    .toSorted((left, right) => order.indexOf(left.level) - order.indexOf(right.level))
    .map(({ level, table, column, message }) => {
      const place = [table, column].filter((name) => name !== null).join('.')
      return `${level}: ${place === '' ? '' : `${place}: `}${message}\n`
    })
    .join('')
}

/** Rows in columns, each as wide as its widest cell; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cells = [head, ...rows.map((row) => row.map(String))]
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const numeric = head.map((_, column) => rows.every((row) => typeof row[column] === 'number'))
  return cells
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0
          return numeric[column] && rows.length > 0 ? cell.padStart(width) : cell.padEnd(width)
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
