import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { findingLines, table } from '../output.ts'
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
      const report = await db.backfill({
        signal,
        onProgress: (now) => cli.progress(line(now), true),
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

const barWidth = 20

function line(now: BackfillProgress): string {
  const { phase, table, rows, total, rowsPerSecond, timeLeftMs, waiting } = now
  if (phase !== 'copy') return phase
  const share = total > 0 ? Math.min(1, rows / total) : 1
  const bar = '#'.repeat(Math.floor(share * barWidth)).padEnd(barWidth, '-')
  const speed = rowsPerSecond > 0 ? `, ${rowsPerSecond.toLocaleString('en')} rows/s` : ''
  const left = timeLeftMs === null ? '' : `, ${duration(timeLeftMs)} left`
  const why = waiting === null ? '' : `, waiting: ${waiting}`
  const of = `${rows.toLocaleString('en')} of about ${total.toLocaleString('en')} rows`
  return `copy [${bar}] ${Math.floor(share * 100)} % ${table ?? ''}: ${of}${speed}${left}${why}`
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
