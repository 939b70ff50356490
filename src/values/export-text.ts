import { InvalidText } from './invalid-text.ts'
import type { Value } from './value.ts'

/** How rows are written, one to a line. */
export type ExportFormat = 'csv' | 'jsonl'

/**
 * Writes rows so that each value can be read back with its class and its bits. docs/guides/backup.md has the rules.
 */
export interface RowWriter {
  /** What stands before the first row. */
  readonly head: string
  /** One row with the end of its line; bytes only where a text is not valid UTF-8. */
  row(values: readonly Value[]): string | Buffer
}

export function createRowWriter(format: ExportFormat, columns: readonly string[]): RowWriter {
  return format === 'csv' ? csvWriter(columns) : jsonWriter(columns)
}

/** https://www.rfc-editor.org/rfc/rfc4180 */
function csvWriter(columns: readonly string[]): RowWriter {
  return {
    head: `${columns.map(quoted).join(',')}\r\n`,
    row(values) {
      if (!values.some((value) => value instanceof InvalidText))
        return `${values.map((value) => csvText(value as Exclude<Value, InvalidText>)).join(',')}\r\n`
      const parts = values.flatMap((value) => [Buffer.from(','), csvBytes(value)])
      return Buffer.concat([...parts.slice(1), Buffer.from('\r\n')])
    },
  }
}

/** Text always stands in quotes, and nothing else does: so NULL, '' and '7' are told from one another and from 7. */
function csvText(value: Exclude<Value, InvalidText>): string {
  if (value === null) return ''
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'bigint') return value.toString()
  return typeof value === 'number' ? realText(value) : `\\x${value.toString('hex')}`
}

function csvBytes(value: Value): Buffer {
  if (!(value instanceof InvalidText)) return Buffer.from(csvText(value))
  // A byte string keeps every byte, and a quote is one of them in UTF-8 wherever it stands.
  return Buffer.from(quoted(value.bytes.toString('latin1')), 'latin1')
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

/** https://jsonlines.org */
function jsonWriter(columns: readonly string[]): RowWriter {
  const names = columns.map((column) => `${JSON.stringify(column)}:`)
  return {
    head: '',
    row: (values) =>
      `{${values.map((value, index) => `${names[index]}${jsonText(value)}`).join(',')}}\n`,
  }
}

/** What JSON has no form for is an object with one name, which begins with a dollar. */
function jsonText(value: Value): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? value.toString() : `{"$integer":"${value}"}`
  if (typeof value === 'number')
    return Number.isFinite(value) ? realText(value) : `{"$real":"${value}"}`
  return value instanceof InvalidText
    ? `{"$text":"${value.bytes.toString('base64')}"}`
    : `{"$blob":"${value.toString('base64')}"}`
}

/** The shortest digits that give the same bits back, with a point or an exponent, which an INTEGER never has. */
function realText(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}
