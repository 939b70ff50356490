import type { SqlReport } from '../../api.ts'
import { table } from '../output.ts'

/** The statements that do not translate, each with its place, and sums. */
export function sqlText(report: SqlReport): string {
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
