import { applyNumericAffinity } from '../values/affinity.ts'
import { realText } from '../values/real-text.ts'
import type { Value } from '../values/value.ts'
import type { SlotUse } from './translation.ts'

type RealUse = Extract<SlotUse, 'same' | 'floor' | 'ceiling'>

export function isRealUse(use: SlotUse): use is RealUse {
  return use === 'same' || use === 'floor' || use === 'ceiling'
}

/**
 * The double that stands for a number beside a column of doubles. SQLite compares an INTEGER from 2^53 on exactly, which
 * may lie between two of them: below it is the one, above it the other, and equal to it is none, as NaN says.
 */
export function realBound(value: Value, use: RealUse): string | undefined {
  const number = applyNumericAffinity(value, 'numeric')
  if (typeof number === 'bigint') return realText(doubleFor(number, use))
  // A column of SQLite keeps no sign of zero.
  return typeof number === 'number' ? realText(number + 0) : undefined
}

function doubleFor(value: bigint, use: RealUse): number {
  const near = Number(value)
  const rounded = BigInt(near)
  if (rounded === value) return near
  if (use === 'same') return Number.NaN
  if (rounded > value === (use === 'ceiling')) return near
  // Of neighbours that are not zero the bits are neighbours too; those of a negative one grow downwards.
  const bits = new BigInt64Array(new Float64Array([near]).buffer)
  const isOutward = (use === 'ceiling') === near > 0
  bits[0] = (bits[0] ?? 0n) + (isOutward ? 1n : -1n)
  return new Float64Array(bits.buffer)[0] ?? near
}
