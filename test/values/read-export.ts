import { InvalidText } from '../../src/values/invalid-text.ts'
import type { Value } from '../../src/values/value.ts'

/** Reads exported rows by the rules of docs/guides/backup.md, and by nothing else that the writer knows. */
export function readExport(format: 'csv' | 'jsonl', content: Buffer): Value[][] {
  return format === 'csv' ? readCsv(content).slice(1) : readJson(content)
}

/** RFC 4180 byte by byte: a field is what stands between commas, and whether it stood in quotes. */
export function readCsv(content: Buffer): Value[][] {
  const text = content.toString('latin1')
  const rows: Value[][] = []
  let row: Value[] = []
  for (let at = 0; at < text.length;) {
    if (text[at] === '"') {
      let field = ''
      for (at++; ; at++) {
        if (text[at] !== '"') field += text[at]
        else if (text[at + 1] === '"') field += text[at++]
        else break
      }
      at++
      row.push(textOf(Buffer.from(field, 'latin1')))
    } else {
      const end = /[,\r]/.exec(text.slice(at))?.index ?? 0
      row.push(plainOf(text.slice(at, at + end)))
      at += end
    }
    if (text[at] === ',') {
      at++
      continue
    }
    if (text.slice(at, at + 2) !== '\r\n') throw new Error(`no end of a line at ${at}`)
    at += 2
    rows.push(row)
    row = []
  }
  return rows
}

function textOf(bytes: Buffer): string | InvalidText {
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) ? text : new InvalidText(bytes)
}

function plainOf(field: string): Value {
  if (field === '') return null
  if (field.startsWith('\\x')) return Buffer.from(field.slice(2), 'hex')
  return numberOf(field)
}

function numberOf(text: string): bigint | number {
  return /^-?\d+$/.test(text) ? BigInt(text) : Number(text)
}

function readJson(content: Buffer): Value[][] {
  const lines = content.toString('utf8').split('\n')
  if (lines.pop() !== '') throw new Error('no end of the last line')
  return lines.map((line) => {
    // Numbers become text first: JSON.parse would take 1.0 for 1.
    const marked = line.replaceAll(
      /("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)/g,
      (_, text: string | undefined, number: string) => text ?? `{"$number":"${number}"}`,
    )
    return Object.values(JSON.parse(marked) as Record<string, unknown>).map(jsonValueOf)
  })
}

function jsonValueOf(value: unknown): Value {
  if (value === null || typeof value === 'string') return value
  const [kind, text] = Object.entries(value as Record<string, string>)[0] as [string, string]
  if (kind === '$number') return numberOf(text)
  if (kind === '$integer') return BigInt(text)
  if (kind === '$real') return Number(text)
  const bytes = Buffer.from(text, 'base64')
  return kind === '$text' ? new InvalidText(bytes) : bytes
}
