import { closeSync, existsSync, openSync, readSync, writeFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import type { Command } from 'commander'
import type { AssessProgress, SqlReport } from '../../api.ts'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { loadConfig } from '../config.ts'
import { fileFailure } from '../../move/partial.ts'
import { reportPage } from '../assess/html.ts'
import { reportText } from '../assess/text.ts'
import { printable, UsageError } from '../output.ts'

export function addAssess(program: Command, cli: Cli): void {
  command(
    program,
    'assess',
    'Reports on schema, data and readiness, and changes nothing; exits with 3 where something is refused or needs a decision.',
    'lockstep assess --html report.html --sql src migrations/queries.sql',
  )
    .option('--html <file>', 'write the report as one page that stands alone')
    .option(
      '--sql <path...>',
      'SQL files, and folders with SQL files and programs (.ts .tsx .mts .cts .js .jsx .mjs .cjs)',
    )
    .action(({ sql, html }: { sql?: string[]; html?: string }) =>
      cli.report(async () => {
        const { cwd, env, signal } = cli.environment
        const missing = sql?.find((path) => !existsSync(resolve(cwd, path)))
        if (missing !== undefined) throw new UsageError(`there is no file or folder ${missing}`)
        const page = html === undefined ? null : resolve(cwd, html)
        if (page !== null) requireReport(page)
        const config = loadConfig({ path: cli.globals().config, cwd, env })
        const report = await cli.environment.assess(config, {
          // The library counts from the directory of the process.
          ...(sql === undefined
            ? {}
            : { sql: sql.map((path) => relative(process.cwd(), resolve(cwd, path)) || '.') }),
          signal,
          onProgress: (progress) => cli.progress(printable(progressLine(progress)), true),
        })
        if (sql !== undefined) requireStatements(report.sql, sql)
        // It names keys of rows.
        if (page !== null) writeReport(page, reportPage(report))
        return { document: report, text: reportText(report), exitCode: report.ok ? 0 : 3 }
      }),
    )
}

function writeReport(path: string, page: string): void {
  try {
    writeFileSync(path, page, { mode: 0o600 })
  } catch (error) {
    throw fileFailure(error, path)
  }
}

/** A report of nothing would read as if all were well. */
function requireStatements(report: SqlReport | null, paths: readonly string[]): void {
  if (report === null || report.statements.length > 0) return
  const [first] = report.unread
  const reason = first === undefined ? '' : `; ${first.file}: ${first.reason}`
  const unreadable =
    report.unreadable.length === 0
      ? ''
      : `, and ${report.unreadable.length} texts that only run time knows`
  throw new UsageError(
    `no statements were found in ${paths.join(', ')} (${report.files} files${unreadable})${reason}`,
  )
}

function progressLine({ phase, done, all, file, table, rows }: AssessProgress): string {
  if (phase === 'rows') return `table ${done} of ${all}: ${table}, ${rows} rows`
  return `${phase} ${done} of ${all}${file === null ? '' : `: ${file}`}`
}

/** A page is written over one that is there, and over nothing else: `--html app.db` would be the end of a database. */
function requireReport(path: string): void {
  if (!existsSync(path)) return
  const begin = Buffer.alloc(15)
  const file = openSync(path, 'r')
  try {
    readSync(file, begin)
  } finally {
    closeSync(file)
  }
  if (begin.toString('latin1').toLowerCase() !== '<!doctype html>')
    throw new UsageError(`${path} is there already and is no page; give --html another name`)
}
