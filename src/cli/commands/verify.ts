import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command, nameList, percentage } from '../command.ts'
import { table, UsageError } from '../output.ts'
import { progressLine } from '../progress-line.ts'
import { fileFailure } from '../../move/partial.ts'
import { isCheckpoint } from '../../options/misuse.ts'
import type { VerifyCheckpoint, VerifyReport } from '../../api.ts'

interface Options {
  readonly tables?: string[]
  readonly sample?: number
  readonly values?: true
  readonly resume?: string
}

export function addVerify(program: Command, cli: Cli): void {
  command(
    program,
    'verify',
    'Compares both places exactly, under live writes; exits with 3 where they differ.',
    'lockstep verify --tables users,orders --resume verify.state',
  )
    .option('--tables <names>', 'only these tables, with commas between them', nameList)
    .option('--sample <percent>', 'only so many of the rows, by chance', percentage)
    .option('--values', 'show what differs: the data itself, so mind where the output goes')
    .option(
      '--resume <file>',
      'keep the progress there, and go on where an earlier run was stopped; the file goes when the run is over',
    )
    .action(({ resume, ...chosen }: Options) =>
      cli.withLockstep(async (db) => {
        const progress =
          resume === undefined ? undefined : fileOf(resolve(cli.environment.cwd, resume))
        const report = await db.verify({
          signal: cli.environment.signal,
          // This process serves nobody whom it could hold.
          thread: false,
          onProgress: (now) => cli.progress(progressLine('verify', now), true),
          ...chosen,
          ...progress?.options,
        })
        progress?.remove()
        const isRight = report.equal && report.problems.length === 0
        return { document: report, text: textOf(report), exitCode: isRight ? 0 : 3 }
      }),
    )
}

/** A whole file at any moment, as the process may be killed while it writes. */
function fileOf(path: string): {
  options: { resume?: VerifyCheckpoint; onCheckpoint: (checkpoint: VerifyCheckpoint) => void }
  remove(): void
} {
  const onCheckpoint = (checkpoint: VerifyCheckpoint): void => {
    try {
      writeFileSync(`${path}.new`, JSON.stringify(checkpoint), { mode: 0o600 })
      renameSync(`${path}.new`, path)
    } catch (error) {
      rmSync(`${path}.new`, { force: true })
      throw fileFailure(error, path)
    }
  }
  const options = existsSync(path) ? { resume: read(path), onCheckpoint } : { onCheckpoint }
  return { options, remove: () => rmSync(path, { force: true }) }
}

function read(path: string): VerifyCheckpoint {
  try {
    const checkpoint: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (isCheckpoint(checkpoint)) return checkpoint
  } catch {
    // Told below.
  }
  throw new UsageError(`${path} is not the progress of a verify; remove it, or name another file`)
}

function textOf({ equal, tables, differences, problems }: VerifyReport): string {
  const head = ['table', 'rows', 'missing', 'extra', 'different']
  const rows = tables.map((one) => [one.table, one.rows, one.missing, one.extra, one.different])
  const lines = differences.map(({ class: kind, table: name, key, column, values }) => {
    const held =
      values === undefined ? '' : `: ${values.sqlite} on sqlite, ${values.postgres} on postgres`
    return `${kind} ${name} ${key}${column === null ? '' : ` ${column}`}${held}`
  })
  const wrong = problems.map(({ kind, table: name, message }) => `${kind} ${name}: ${message}`)
  const verdict = equal ? 'both places are equal' : 'the places differ'
  return [table(head, rows), '', ...lines, ...wrong, verdict].join('\n')
}
