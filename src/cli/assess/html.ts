import type { AssessReport, ColumnReport, SqlReport, TableReport } from '../../api.ts'
import {
  checkMark,
  classesOf,
  configurationAdvice,
  count,
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

/** Markup; everything else is text, which `html` escapes. */
class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = Markup | string | number | readonly Part[]

/** A template whose values cannot leave the place that they stand in: between tags, or in a quoted attribute. */
function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const [first = '', ...rest] = strings
  return new Markup(
    rest.reduce((text, string, at) => text + markup(parts[at] ?? '') + string, first),
  )
}

function markup(part: Part): string {
  if (part instanceof Markup) return part.text
  if (typeof part === 'string') return escape(part)
  return typeof part === 'number' ? String(part) : part.map(markup).join('')
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Control characters and those that turn the direction of text are shown, as a name could hide behind them. */
function escape(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => escapes[character] as string)
    .replace(/[\p{Cc}\p{Surrogate}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) =>
      character === '\n'
        ? character
        : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
}

const style = `
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; color: #1b1f24 }
  h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
  table { border-collapse: collapse; width: 100%; font-size: .85rem }
  th, td { border-bottom: 1px solid #d5dae0; padding: .25rem .6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }
  pre { background: #f3f5f7; padding: .8rem; overflow-x: auto }
  .decision { color: #a40e26; font-weight: 600 } .warning { color: #7a5200 } .info { color: #57606a }
`

/** No script, no picture, no font, nothing of another address: the policy says so to the browser as well. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

/** The report as one page that stands alone. */
export function reportPage(report: AssessReport): string {
  const { tables, configuration, estimate, findings, readiness, ok, sql } = report
  const close = tables.flatMap((each) =>
    each.columns.flatMap((column) => refusalOf(each, column) ?? []),
  )
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <title>Lockstep: assessment</title>
        <style>
          ${new Markup(style)}
        </style>
      </head>
      <body>
        <h1>${ok ? 'Nothing needs a decision' : 'Something needs a decision'}</h1>
        <p>${fileLine(report)}</p>
        <h2>Findings</h2>
        ${grid(
          ['level', 'code', 'table', 'column', 'rows', 'message'],
          findings.map(({ level, code, table, column, rows, message }) => [
            html`<span class="${level}">${level}</span>`,
            code,
            table ?? '',
            column ?? '',
            rows === 0 ? '' : count(rows),
            message,
          ]),
        )}
        <h2>Readiness</h2>
        ${grid(
          ['ok', 'what', 'detail'],
          readiness.map(({ name, ok: holds, detail }) => [checkMark(holds), name, detail]),
        )}
        <h2>Suggested columns</h2>
        ${
          configuration === ''
            ? html`<p>None.</p>`
            : html`<p>${configurationAdvice(report)}</p>
                <pre>${configuration}</pre>`
        }
        ${close.map((line) => html`<p>${line}</p>`)}
        <h2>Copy</h2>
        <p>${estimateLine(report)}</p>
        <p>${estimate.basis}</p>
        <h2>File</h2>
        ${grid(['pragma', 'value'], pragmasOf(report))}
        ${grid(['objects', 'names'], objectsOf(report))} ${tables.map(tableSection)}
        ${sql === null ? '' : sqlSection(sql)}
      </body>
    </html> `
  return page.text
}

function tableSection(each: TableReport): Markup {
  return html`<h2>${each.table}</h2>
    <p>${tableLine(each)}</p>
    ${grid(
      ['column', 'declared', 'affinity', 'rows', 'range', 'looks like', 'type', 'suggested'],
      each.columns.map(cells),
    )} `
}

function cells(column: ColumnReport): Part[] {
  return [
    column.column,
    column.declaredType,
    column.affinity,
    classesOf(column),
    rangesOf(column),
    formatsOf(column),
    column.postgresType,
    suggestionOf(column),
  ]
}

function sqlSection({ statements, percent, files }: SqlReport): Markup {
  const rest = statements.filter(({ verdict }) => verdict !== 'translates')
  return html`<h2>Statements</h2>
    <p>
      ${percent} % of ${count(statements.length)} statements in ${count(files)} files translate.
    </p>
    ${grid(
      ['place', 'verdict', 'statement', 'reason', 'way out'],
      rest.map(({ file, line, column, verdict, sql, reason, wayOut }) => [
        `${file}:${line}:${column}`,
        verdict,
        sql,
        reason ?? '',
        wayOut ?? '',
      ]),
    )} `
}

function grid(head: readonly string[], rows: readonly (readonly Part[])[]): Markup {
  if (rows.length === 0) return html``
  return html`<table>
    <tr>
      ${head.map((name) => html`<th>${name}</th>`)}
    </tr>
    ${rows.map(
      (row) =>
        html`<tr>
          ${row.map((cell) => html`<td>${cell}</td>`)}
        </tr> `,
    )}
  </table> `
}
