import { InvalidText } from './invalid-text.ts'
import { realText } from './real-text.ts'
import type { KeyValues, Value } from './value.ts'

/** The same storage class and the same value, bit for bit: 5 is not 5.0, and -0.0 is not 0.0. */
export function sameValue(a: Value, b: Value): boolean {
  if (Buffer.isBuffer(a)) return Buffer.isBuffer(b) && a.equals(b)
  if (a instanceof InvalidText) return b instanceof InvalidText && a.bytes.equals(b.bytes)
  return Object.is(a, b)
}

/**
 * SQLite's order of values under the BINARY collation: NULL, numbers by their exact value, TEXT by its
 * UTF-8 bytes, BLOB by its bytes. 5 and 5.0 compare equal, as they do in SQLite.
 * https://www.sqlite.org/datatype3.html#sort_order
 */
export function compareValues(a: Value, b: Value): -1 | 0 | 1 {
  const rankOfA = rank(a)
  const rankOfB = rank(b)
  if (rankOfA !== rankOfB) return rankOfA < rankOfB ? -1 : 1
  if (a === null || b === null) return 0
  if (a instanceof InvalidText || b instanceof InvalidText)
    return Buffer.compare(bytesOf(a as string), bytesOf(b as string))
  if (typeof a === 'string') return compareText(a, b as string)
  if (Buffer.isBuffer(a)) return Buffer.compare(a, b as Buffer)
  // JavaScript compares a bigint with a number by their mathematical values, without rounding.
  const number = b as bigint | number
  if (a < number) return -1
  return a > number ? 1 : 0
}

function rank(value: Value): number {
  if (value === null) return 0
  if (typeof value === 'string' || value instanceof InvalidText) return 2
  return Buffer.isBuffer(value) ? 3 : 1
}

function bytesOf(text: string | InvalidText): Buffer {
  return text instanceof InvalidText ? text.bytes : Buffer.from(text)
}

function compareText(a: string, b: string): -1 | 0 | 1 {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index += 1) {
    const unitOfA = a.charCodeAt(index)
    const unitOfB = b.charCodeAt(index)
    if (unitOfA !== unitOfB) return utf8Rank(unitOfA) < utf8Rank(unitOfB) ? -1 : 1
  }
  if (a.length === b.length) return 0
  return a.length < b.length ? -1 : 1
}

/** UTF-16 puts surrogates before U+E000..U+FFFF; UTF-8 puts what they stand for after those. */
function utf8Rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/**
 * A key on one printable line, for reports and maps: `5`, `5.0`, `"text"`, `x'00ff'`, `NULL`,
 * `CAST(x'ff' AS TEXT)` for a text that is not UTF-8, and `(5, "text")` for a composite key. Different keys give different texts.
 */
export function keyText(key: KeyValues): string {
  const [only] = key
  if (key.length === 1 && only !== undefined) return valueText(only)
  return `(${key.map(valueText).join(', ')})`
}

function valueText(value: Value): string {
  if (value === null) return 'NULL'
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return printable(value)
  if (Buffer.isBuffer(value)) return `x'${value.toString('hex')}'`
  if (value instanceof InvalidText) return value.toString()
  const text = realText(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}

/** JSON leaves DEL, the C1 controls and the line separators as they are; a terminal would not. */
function printable(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
