import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Lockstep, RepairReport, VerifyReport } from '../../api.ts'
import { keyText } from '../../values/compare.ts'
import { isKeyText } from '../../values/key-text.ts'
import { audited, confirmed, withReason, withYes, type ChangeOptions } from '../change.ts'
import type { Cli, Outcome } from '../cli.ts'
import { command } from '../command.ts'
import { UsageError } from '../output.ts'

interface RepairOptions extends ChangeOptions {
  readonly from?: string
  readonly discard?: true
}

export function addRepair(program: Command, cli: Cli): void {
  const repair = command(
    program,
    'repair',
    'Ships rows from the primary to the secondary again: those of the keys, all of the table, or everything that a verify found, whose problems it mends too.',
    "lockstep repair order_lines '[7, 2]' '[7, 3]'",
  )
  withYes(withReason(repair))
    .argument('[table]')
    .argument(
      '[keys...]',
      'a key as `verify` and `quarantine` write it: 7, x\'ff\', "text", (7, "text"); one of several columns also as a JSON list; anything else is a text',
    )
    .option('--from <file>', 'everything that `lockstep verify --json` has written there')
    .option(
      '--discard',
      'give up rows that a flip by force left on the secondary alone: they are deleted there',
    )
    .action((table: string | undefined, texts: string[], options: RepairOptions) => {
      const { from, discard } = options
      if ((table === undefined) === (from === undefined))
        throw new UsageError(
          'repair needs the name of a table, or --from with the report of a verify',
        )
      if (from !== undefined && discard)
        throw new UsageError('--discard is for the rows of a table that is named')
      const verified =
        from === undefined ? undefined : readReport(resolve(cli.environment.cwd, from))
      return cli.withLockstep((db) =>
        verified === undefined
          ? repairTable(cli, db, { table: table ?? '', keys: texts.map(parseKey) }, options)
          : repairFound(cli, db, { from: verified, reason: options.reason }),
      )
    })
}

async function repairTable(
  cli: Cli,
  db: Lockstep,
  { table, keys }: { table: string; keys: unknown[] },
  { discard, ...change }: RepairOptions,
): Promise<Outcome> {
  if (discard) await confirmed(cli, change, 'What the secondary alone has of these rows is lost.')
  const given = discard ? { discard } : {}
  // Keys are the application's data: the log has how many there were.
  const args = { table, keys: keys.length === 0 ? 'all' : keys.length, ...given }
  const { rows, unknown, kept } = await audited(
    cli,
    db,
    { call: 'repair', reason: change.reason, arguments: args },
    () => db.repair(keys.length === 0 ? { table, ...given } : { table, keys, ...given }),
  )
  const missing = unknown.map((key) => `\nno row of ${table} has the key ${key}, on either place`)
  return {
    document: { table, rows, unknown, ...(kept === undefined ? {} : { kept }) },
    text: `${rowsShipped(rows, ` of ${table}`)}${missing.join('')}${keptText(kept)}`,
    exitCode: unknown.length === 0 ? 0 : 1,
  }
}

async function repairFound(
  cli: Cli,
  db: Lockstep,
  { from, reason }: { from: VerifyReport; reason: string | undefined },
): Promise<Outcome> {
  const unequal = from.tables.filter(({ equal }) => !equal)
  const tables = [...new Set([...unequal, ...from.problems].map(({ table }) => table))]
  const args = { from: 'verify', tables: tables.join(', ') }
  const report = await audited(cli, db, { call: 'repair', reason, arguments: args }, () =>
    db.repair({ from }),
  )
  return { document: report, text: textOf(report), exitCode: report.problems?.length === 0 ? 0 : 3 }
}

function rowsShipped(rows: number, of = ''): string {
  return `${rows} ${rows === 1 ? 'row' : 'rows'}${of} ${rows === 1 ? 'was' : 'were'} shipped again`
}

function keptText(kept: readonly string[] = []): string {
  if (kept.length === 0) return ''
  return `\nleft as they are: ${kept.length}, which the secondary alone has since a flip by force; see \`lockstep quarantine\`, and --discard gives them up`
}

function textOf({ rows, kept, mended = [], problems = [] }: RepairReport): string {
  const lines = [
    `${rowsShipped(rows)}${keptText(kept)}`,
    ...mended.map(({ kind, table }) => `mended: ${kind} of ${table}`),
    ...problems.map(({ kind, table, message }) => `still wrong: ${kind} of ${table}: ${message}`),
  ]
  return lines.join('\n')
}

function readReport(path: string): VerifyReport {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as VerifyReport
    const parts = [report.tables, report.differences, report.problems]
    if (parts.every((part) => Array.isArray(part))) return report
  } catch (error) {
    throw new UsageError(`${path} cannot be read as the report of a verify`, { cause: error })
  }
  throw new UsageError(
    `${path} is not the report of a verify; make it with \`lockstep verify --json\``,
  )
}

/** A key as `verify` and `quarantine` write it, a JSON list of the values of its columns, or else a text. */
function parseKey(text: string): unknown {
  if (isKeyText(text)) return { written: text }
  if (!text.startsWith('[')) return [text]
  try {
    const list: unknown = JSON.parse(text)
    if (Array.isArray(list) && list.every(isScalar)) {
      return list.map((value) => (Number.isSafeInteger(value) ? BigInt(Number(value)) : value))
    }
  } catch (error) {
    throw new UsageError(`the key ${text} is not a JSON list; ${inQuotes(text)}`, { cause: error })
  }
  throw new UsageError(`the key ${text} must hold numbers and text only; ${inQuotes(text)}`)
}

function inQuotes(text: string): string {
  return `the text itself is '${keyText([text])}'`
}

function isScalar(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'string'
}
