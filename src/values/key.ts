import type { KeyValues, Value } from './value.ts'

/** A key as an application gives it: integral numbers mean INTEGER, as a key is seldom a real. */
export function toKey(key: readonly unknown[]): KeyValues {
  return key.map((value): Value => {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
    if (
      value === null ||
      typeof value === 'number' ||
      typeof value === 'bigint' ||
      typeof value === 'string'
    )
      return value
    if (value instanceof Uint8Array) return Buffer.from(value)
    throw new TypeError(
      `A key holds numbers, bigints, strings, buffers or null, not ${typeof value}`,
    )
  })
}
