import type { Affinity, Value } from './value.ts'

const int64Bound = 2 ** 63

/** The text forms that SQLite takes for a number; hexadecimal and `inf` are not among them. */
const numericText = /^[\t-\r ]*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[\t-\r ]*$/
const integerText = /^[\t-\r ]*([+-]?\d+)[\t-\r ]*$/

export function fitsInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value
}

export function isNumericAffinity(affinity: Affinity): affinity is 'integer' | 'numeric' | 'real' {
  return affinity === 'integer' || affinity === 'numeric' || affinity === 'real'
}

/**
 * What SQLite keeps when a value is stored in a column of a numeric affinity (`integer`, `numeric`,
 * `real`): text that looks like a number becomes one, an integral real becomes an INTEGER except in a
 * REAL column, an INTEGER becomes a real in a REAL column. A real of -2^63 or 2^63 and beyond stays
 * REAL, and so do the infinities. A column of another affinity gets the value back as it is.
 * https://www.sqlite.org/datatype3.html#type_affinity
 */
export function applyNumericAffinity(value: Value, affinity: Affinity): Value {
  if (!isNumericAffinity(affinity) || value === null || typeof value === 'object') return value
  const number = typeof value === 'string' ? parseNumber(value) : value
  if (number === null) return value
  if (affinity === 'real') return positiveZero(Number(number))
  if (typeof number === 'bigint') return number
  return Number.isInteger(number) && Math.abs(number) < int64Bound ? BigInt(number) : number
}

/** SQLite keeps an integral real as an integer on disk, so a REAL column has no negative zero. */
function positiveZero(value: number): number {
  return value === 0 ? 0 : value
}

function parseNumber(text: string): bigint | number | null {
  if (!numericText.test(text)) return null
  const integer = integerText.exec(text)?.[1]
  if (integer === undefined) return Number(text)
  const value = BigInt(integer.startsWith('+') ? integer.slice(1) : integer)
  return fitsInt64(value) ? value : Number(text)
}
