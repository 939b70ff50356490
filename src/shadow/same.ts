import { isRecord } from '../core/record.ts'
import { InvalidText } from '../values/invalid-text.ts'
import type { Value } from '../values/value.ts'

/**
 * How the values of one column are compared.
 * - `exact`: to the bit; `computed`: a REAL may be some units in its last place away, as both places add and
 *   multiply in another order; `letters`: a computed text may have its parts in any order as well; `json`: by what it
 *   says; `ignored`: not at all.
 */
export type ColumnRule = 'exact' | 'computed' | 'letters' | 'json' | 'ignored'

export interface ValueRules {
  /** The most units in the last place that two computed REALs may be apart. */
  readonly ulps: number
  /** Whether the application can tell 5 from 5.0: it can where integers come out as bigint. */
  readonly tellsClasses: boolean
}

/** Whether two values of a column are equal by its rule. */
export function isSame(a: Value, b: Value, rule: ColumnRule, rules: ValueRules): boolean {
  if (rule === 'ignored') return true
  if (exactText(a, rules) === exactText(b, rules)) return true
  if (rule === 'json') return typeof a === 'string' && jsonText(a) === jsonText(b)
  if (rule === 'letters' && typeof a === 'string' && typeof b === 'string')
    return sortedLetters(a) === sortedLetters(b)
  if (rule === 'exact' || !isNumber(a) || !isNumber(b)) return false
  // Integers are never rounded, however large.
  if (typeof a === 'bigint' && typeof b === 'bigint') return false
  if (rules.tellsClasses && typeof a !== typeof b) return false
  return ulpsBetween(Number(a), Number(b)) <= rules.ulps
}

/** Equal texts are equal values; the value's class is in it. */
export function exactText(value: Value, { tellsClasses }: ValueRules): string {
  if (value === null) return 'n'
  if (typeof value === 'string') return `s${value}`
  if (Buffer.isBuffer(value)) return `x${value.toString('hex')}`
  if (typeof value === 'bigint') return `i${value}`
  if (value instanceof InvalidText) return `t${value.toString()}`
  if (Object.is(value, -0)) return 'r-0'
  if (!tellsClasses && Number.isInteger(value)) return `i${BigInt(value)}`
  return `r${value}`
}

function sortedLetters(text: string): string {
  return Array.from(text).toSorted().join('')
}

/** Numbers that differ only by their class, where the application can tell. */
export function differsByClass(a: Value, b: Value): boolean {
  if (!isNumber(a) || !isNumber(b)) return classOf(a) !== classOf(b)
  // JavaScript compares a bigint with a number by their values, without rounding.
  return typeof a !== typeof b && !(a < b) && !(a > b)
}

function classOf(value: Value): string {
  return Buffer.isBuffer(value) ? 'blob' : typeof value
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

const float = new Float64Array(1)
const bits = new BigInt64Array(float.buffer)

/** How many doubles lie between two, plus one: their bits are in the order of their values. */
function ulpsBetween(a: number, b: number): number {
  const distance = orderOf(a) - orderOf(b)
  return Number(distance < 0n ? -distance : distance)
}

function orderOf(value: number): bigint {
  float[0] = value
  const raw = bits[0] as bigint
  return raw < 0n ? -(raw & 0x7fff_ffff_ffff_ffffn) : raw
}

/** One text for all texts that say the same in JSON; what is no JSON stands for itself. */
function jsonText(value: Value): string {
  if (typeof value !== 'string') return ''
  try {
    return JSON.stringify(JSON.parse(withDecimals(value)), (_, part: unknown) =>
      isRecord(part)
        ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    )
  } catch {
    return value
  }
}

const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g

/** Numbers become strings that no jsonb has, as a double would make one of many: digits without zeros around them, and an exponent. */
function withDecimals(json: string): string {
  return json.replace(stringOrNumber, (part) => {
    if (part.startsWith('"')) return part
    const [plain = '', exponent = '0'] = part.toLowerCase().split('e')
    const [whole = '', fraction = ''] = plain.replace('-', '').split('.')
    const digits = (whole + fraction).replace(/^0+/, '')
    const short = digits.replace(/0+$/, '')
    if (short === '') return '0'
    const scale = Number(exponent) - fraction.length + digits.length - short.length
    return `"\\u0000${plain.startsWith('-') ? '-' : ''}${short}e${scale}"`
  })
}
