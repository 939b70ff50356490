import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { BackupOptions, BackupReport } from '../../api.ts'
import type { Cli } from '../cli.ts'
import { command, positiveInteger } from '../command.ts'
import { loadConfig } from '../config.ts'
import { table } from '../output.ts'

export function addBackup(program: Command, cli: Cli): void {
  command(
    program,
    'backup',
    'Copies the SQLite file while the application writes, checks the copy, and puts a manifest beside it.',
    'lockstep backup backups/monday.db --postgres backups/monday.dump',
  )
    .argument('<file>', 'the backup; it must not be there')
    .option('--postgres <file>', 'dump PostgreSQL too, with pg_dump in its custom format')
    .option('--timeout-s <n>', 'for how long it may take (default: 3600)', positiveInteger)
    .action((file: string, options: { postgres?: string; timeoutS?: number }) =>
      cli.report(async () => {
        const { cwd, env, signal, archive } = cli.environment
        const config = loadConfig({ path: cli.globals().config, cwd, env })
        const { backup } = await archive()
        const { postgres, timeoutS } = options
        const report = await backup(config, {
          file: resolve(cwd, file),
          ...(postgres === undefined ? {} : { postgres: resolve(cwd, postgres) }),
          ...(timeoutS === undefined ? {} : { timeoutMs: timeoutS * 1000 }),
          signal,
          onProgress: (now) => cli.progress(line(now), true),
        })
        return { document: report, text: textOf(report) }
      }),
    )
}

const units = { copy: 'pages', check: 'tables', dump: 'bytes' } as const

function line({
  phase,
  done,
  total,
}: Parameters<NonNullable<BackupOptions['onProgress']>>[0]): string {
  if (total === null) return `${phase}: ${done} ${units[phase]}`
  const share = total > 0 ? ` (${Math.floor((100 * done) / total)} %)` : ''
  return `${phase}: ${done} of ${total} ${units[phase]}${share}`
}

function textOf(report: BackupReport): string {
  const { path, manifest, bytes, sha256, unchecked, foreignKeys, lockstep, mirror, postgres } =
    report
  const lines = [
    table(
      ['table', 'rows'],
      report.tables.map((one) => [one.table, one.rows]),
    ),
    '',
    ...unchecked.map((one) => `warning: ${one.table} was not checked whole: ${one.reason}`),
    ...foreignKeys.map((one) => `warning: ${one.rows} rows of ${one.table} have no parent`),
    ...(mirror === null ? [] : [mirrorLine(mirror, postgres !== null)]),
    ...(lockstep === null
      ? []
      : [
          `journal at ${lockstep.journal.newest}, ${lockstep.journal.waiting} waiting (epoch ${lockstep.epoch})`,
        ]),
    ...(postgres === null
      ? []
      : [`PostgreSQL ${postgres.serverVersion}: ${postgres.file}, ${postgres.bytes} bytes`]),
    `${path}: ${bytes} bytes, sound, sha256 ${sha256}`,
    `manifest: ${manifest}`,
  ]
  return lines.join('\n')
}

function mirrorLine(mirror: NonNullable<BackupReport['mirror']>, isDumped: boolean): string {
  const behind =
    mirror.entriesBehind === null
      ? 'an unknown number of rows'
      : `at most ${mirror.entriesBehind} rows`
  const hint = isDumped ? '' : '; --postgres dumps the primary'
  return `warning: PostgreSQL is the primary, and the file follows it: it has everything up to ${mirror.everythingUpTo}, and lacks ${behind}${hint}`
}
