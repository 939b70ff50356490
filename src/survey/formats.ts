import { isJson } from '../values/json-text.ts'
import type { Value } from '../values/value.ts'

/** What people keep in the storage classes of SQLite, as far as a value alone tells. */
export const formats = [
  'empty',
  'boolean',
  'date',
  'timestamp',
  'epochSeconds',
  'epochMilliseconds',
  'uuid',
  'json',
  'decimal',
] as const

export type Format = (typeof formats)[number]

const date = /^\d{4}-\d\d-\d\d$/
const timestamp = /^\d{4}-\d\d-\d\d[ Tt]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|z|[+-]\d\d(?::?\d\d)?)?$/
const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)$/

/** The years from 1980 to 2099: numbers beyond them are seldom moments. */
const firstSecond = 315_532_800n
const lastSecond = 4_102_444_799n

/** One format at most: the narrowest. */
export function formatOf(value: Value): Format | null {
  if (typeof value === 'bigint') return formatOfInteger(value)
  return typeof value === 'string' ? formatOfText(value) : null
}

function formatOfInteger(value: bigint): Format | null {
  if (value === 0n || value === 1n) return 'boolean'
  if (value < firstSecond) return null
  if (value <= lastSecond) return 'epochSeconds'
  const isMoment = value >= firstSecond * 1000n && value <= lastSecond * 1000n + 999n
  return isMoment ? 'epochMilliseconds' : null
}

function formatOfText(text: string): Format | null {
  const { length } = text
  if (length === 0) return 'empty'
  const first = text.charCodeAt(0)
  if (first === 123 || first === 91) return isJson(text) ? 'json' : null
  if (length === 36 && uuid.test(text)) return 'uuid'
  if (length > 40) return null
  if (length === 10 && date.test(text)) return 'date'
  if (length >= 16 && timestamp.test(text)) return 'timestamp'
  return decimal.test(text) ? 'decimal' : null
}
