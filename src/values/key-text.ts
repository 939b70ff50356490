import { keyText } from './compare.ts'
import { InvalidText } from './invalid-text.ts'
import type { KeyValues, Value } from './value.ts'

const valueForm = String.raw`"(?:[^"\\]|\\.)*"|x'(?:[0-9a-f]{2})*'|CAST\(x'(?:[0-9a-f]{2})*' AS TEXT\)|NULL|-?(?:Infinity|\d+(?:\.\d+)?(?:e[+-]?\d+)?)`
const one = new RegExp(`^(?:${valueForm})$`)
const list = new RegExp(`^\\((?:${valueForm})(?:, (?:${valueForm}))*\\)$`)
const each = new RegExp(valueForm, 'g')

/** The key that `keyText` has written on one line, or undefined for any other text. */
export function parseKeyText(text: string): KeyValues | undefined {
  if (one.test(text)) return [parseValue(text)]
  return list.test(text) ? (text.match(each) ?? []).map(parseValue) : undefined
}

function parseValue(text: string): Value {
  if (text === 'NULL') return null
  if (text.startsWith('"')) return JSON.parse(text) as string
  if (text.startsWith('x')) return Buffer.from(text.slice(2, -1), 'hex')
  if (text.startsWith('C')) return new InvalidText(Buffer.from(text.slice(7, -10), 'hex'))
  return /^-?\d+$/.test(text) ? BigInt(text) : Number(text)
}

/** Whether `keyText` has written it: `5.0` it has, `5.00` not. */
export function isKeyText(text: string): boolean {
  const key = parseKeyText(text)
  return key !== undefined && keyText(key) === text
}
