import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { findingLines, table } from '../output.ts'
import { progressLine } from '../progress-line.ts'
import type { BackfillProgress } from '../../api.ts'

export function addBackfill(program: Command, cli: Cli): void {
  command(
    program,
    'backfill',
    'Copies everything to PostgreSQL while the application runs; goes on where it was stopped.',
    'lockstep backfill --json > backfill.json',
  ).action(() =>
    cli.withLockstep(async (db) => {
      const { signal } = cli.environment
      const tellWaiting = createTellWaiting((text) => cli.progress(text))
      const report = await db.backfill({
        signal,
        onProgress: (now) => {
          tellWaiting(now)
          cli.progress(line(now), true)
        },
      })
      const rows = report.tables.map((done) => [
        done.table,
        done.rows,
        done.quarantined,
        Math.round(done.ms),
      ])
      const text = table(['table', 'rows', 'quarantined', 'ms'], rows)
      return {
        document: report,
        text: `${text}\n\n${findingLines(report.findings)}done in ${Math.round(report.ms)} ms`,
      }
    }),
  )
}

function line(now: BackfillProgress): string {
  if (now.phase !== 'copy') return now.phase
  const why = now.waiting === null ? '' : `, waiting: ${now.waiting}`
  return `${progressLine('copy', now)}${why}`
}

/** Says each reason to wait once, whatever its figures, and to logs too: to them a copy that waits looks like one that hangs. */
function createTellWaiting(tell: (line: string) => void): (now: BackfillProgress) => void {
  const told = new Set<string>()
  return ({ waiting }) => {
    const kind = waiting?.replaceAll(/\d+/g, '')
    if (kind === undefined || told.has(kind)) return
    told.add(kind)
    const isThrottled = kind.startsWith('it is throttled')
    tell(`waits: ${waiting}${isThrottled ? '; `lockstep throttle 100` lets it go on' : ''}`)
  }
}
