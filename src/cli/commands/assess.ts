import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import type { Command } from 'commander'
import type { AssessReport, SqlReport } from '../../api.ts'
import type { Cli } from '../cli.ts'
import { command } from '../command.ts'
import { loadConfig } from '../config.ts'
import { findingLines, table, UsageError } from '../output.ts'

export function addAssess(program: Command, cli: Cli): void {
  command(
    program,
    'assess',
    'Reports what carries over to PostgreSQL; exits with 3 where something is refused or needs a decision.',
    'lockstep assess --sql src migrations/queries.sql',
  )
    .option(
      '--sql <path...>',
      'SQL files, and folders with SQL files and programs (.ts .tsx .mts .cts .js .jsx .mjs .cjs)',
    )
    .action(({ sql }: { sql?: string[] }) =>
      cli.report(async () => {
        const { cwd, env, signal } = cli.environment
        const missing = sql?.find((path) => !existsSync(resolve(cwd, path)))
        if (missing !== undefined) throw new UsageError(`there is no file or folder ${missing}`)
        const config = loadConfig({ path: cli.globals().config, cwd, env })
        const report = await cli.environment.assess(config, {
          // The library counts from the directory of the process.
          ...(sql === undefined
            ? {}
            : { sql: sql.map((path) => relative(process.cwd(), resolve(cwd, path)) || '.') }),
          signal,
          onProgress: ({ phase, done, all, file }) =>
            cli.progress(`${phase} ${done} of ${all}${file === null ? '' : `: ${file}`}`, true),
        })
        if (sql !== undefined) requireStatements(report.sql, sql)
        return { document: report, text: textOf(report), exitCode: report.ok ? 0 : 3 }
      }),
    )
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

function textOf({ tables, findings, sql }: AssessReport): string {
  const schema = `${findingLines(findings)}${tables.length} tables`
  return sql === null ? schema : `${schema}\n\n${sqlText(sql)}`
}

function sqlText(report: SqlReport): string {
  const lines = report.statements
    .filter(({ verdict }) => verdict !== 'translates')
    .map(({ file, line, column, verdict, reason, wayOut, fingerprint, at, sql }) =>
      [
        `${file}:${line}:${column} ${verdict}${at === null ? '' : ` (at ${at.line}:${at.column})`}`,
        `  ${shorten(sql)}`,
        `  ${reason ?? ''}`,
        ...(wayOut === null || reason?.includes(wayOut) === true ? [] : [`  way out: ${wayOut}`]),
        ...(fingerprint === null ? [] : [`  fingerprint: ${fingerprint}`]),
        '',
      ].join('\n'),
    )
  const { unreadable, unread, fragments, notPrepared } = report
  const texts = unreadable.map(
    ({ file, line, column, reason }) => `${file}:${line}:${column} not readable\n  ${reason}\n`,
  )
  const files = unread.map(({ file, reason }) => `${file} not read: ${reason}\n`)
  const notes = [
    ...(fragments === 0
      ? []
      : [`${fragments} templates are pieces of statements, and were left out`]),
    ...(notPrepared === null ? [] : [`PostgreSQL was not asked: ${notPrepared}`]),
  ]
  return [...lines, ...texts, ...files, sums(report), ...notes].join('\n')
}

function sums({
  translates,
  decision,
  refused,
  unreadable,
  statements,
  percent,
  files,
}: SqlReport): string {
  const rows = [
    ['translate', translates],
    ['need a decision', decision],
    ['are refused', refused],
    ['are not readable', unreadable.length],
  ]
  return `${table(['statements', String(statements.length)], rows)}\n${percent} % of ${statements.length} statements in ${files} files translate`
}

function shorten(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ')
  return line.length > 100 ? `${line.slice(0, 97)}...` : line
}
