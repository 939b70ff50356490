import type { AssessReport, ColumnReport, TableReport } from '../../api.ts'
import { findingLines, printable, table } from '../output.ts'
import { sqlText } from './sql-text.ts'
import {
  checkMark,
  classesOf,
  configurationAdvice,
  estimateLine,
  fileLine,
  formatsOf,
  objectsOf,
  pragmasOf,
  rangesOf,
  refusalOf,
  suggestionOf,
  tableLine,
} from './words.ts'

/** The report for a terminal. What is to be decided stands at the end, where it is seen. */
export function reportText(report: AssessReport): string {
  const { tables, findings, configuration, estimate, readiness, sql } = report
  const close = tables.flatMap((each) =>
    each.columns.flatMap((column) => refusalOf(each, column) ?? []),
  )
  const sections = [
    [
      fileLine(report),
      pragmasOf(report)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    ],
    ...tables.map(tableLines),
    objectsOf(report).map(([name, list]) => `${name}: ${list}`),
    close,
    [`copy: ${estimateLine(report)}`, `  ${estimate.basis}`],
    [
      table(
        ['ok', 'ready', 'detail'],
        readiness.map(({ name, ok, detail }) => [checkMark(ok), name, detail]),
      ),
    ],
    configuration === '' ? [] : suggestionLines(report),
    [`${findingLines(findings)}${tables.length} tables`],
  ]
  const text = sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
  // Names of tables and texts of the schema come from the file, and a terminal obeys what they may hold.
  const safe = printable(text)
  return sql === null ? safe : `${safe}\n\n${printable(sqlText(sql))}`
}

function suggestionLines(report: AssessReport): string[] {
  return [
    'Every value of these columns was carried to the suggested type and back, bit for bit. Later values must have the',
    'same form (docs/guides/columns.md).',
    configurationAdvice(report),
    '',
    report.configuration.trimEnd(),
  ]
}

function tableLines(each: TableReport): string[] {
  const head = [
    'column',
    'declared',
    'affinity',
    'rows',
    'range',
    'looks like',
    'type',
    'suggested',
  ]
  return [
    `${oneLine(each.table)}: ${oneLine(tableLine(each))}`,
    table(head, each.columns.map(cells))
      .split('\n')
      .map((line) => `  ${line}`)
      .join('\n'),
  ]
}

function cells(column: ColumnReport): string[] {
  return [
    column.column,
    column.declaredType,
    column.affinity,
    classesOf(column),
    rangesOf(column),
    formatsOf(column),
    column.postgresType,
    suggestionOf(column),
  ].map(oneLine)
}

/** A name with a line break in it would tear the table apart. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, (character) => (character === '\n' ? '\\n' : '\\r'))
}
