import type { Value } from '../values/value.ts'

/**
 * Equal as SQL compares: 5 and 5.0 are one value, 5 and '5' are two. The exact comparison, storage classes
 * included, is `verify`'s; this one asks whether the write that was acknowledged is there.
 */
export function canonical(value: Value): string {
  if (value === null) return 'null'
  if (Buffer.isBuffer(value)) return `x${value.toString('hex')}`
  if (typeof value === 'string') return `t${value}`
  if (typeof value === 'number' && Number.isInteger(value)) return `n${BigInt(value)}`
  return `n${String(value)}`
}
