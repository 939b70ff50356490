import { isUtf8 } from 'node:buffer'
import { InvalidText } from './invalid-text.ts'
import { parseKeyText } from './key-text.ts'
import type { KeyValues, Value } from './value.ts'

/**
 * A key as an application gives it: the values of its columns, or the value itself where there is one column.
 * Integral numbers mean INTEGER, as a key is seldom a real. `{ text: bytes }` is a text by its bytes, for one that is not UTF-8.
 * `{ written: text }` is a key as `keyText` writes it.
 * @throws TypeError
 */
export function toKey(key: unknown): KeyValues {
  if (typeof key === 'object' && key !== null && 'written' in key) return readWritten(key.written)
  const values: readonly unknown[] = Array.isArray(key) ? key : [key]
  return values.map((value): Value => {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
    if (
      value === null ||
      typeof value === 'number' ||
      typeof value === 'bigint' ||
      typeof value === 'string'
    )
      return value
    if (value instanceof Uint8Array) return Buffer.from(value)
    const bytes = typeof value === 'object' && 'text' in value ? value.text : undefined
    if (bytes instanceof Uint8Array)
      return isUtf8(bytes) ? Buffer.from(bytes).toString() : new InvalidText(Buffer.from(bytes))
    throw new TypeError(
      `A key holds numbers, bigints, strings, buffers or null, not ${typeof value}`,
    )
  })
}

function readWritten(written: unknown): KeyValues {
  const key = typeof written === 'string' ? parseKeyText(written) : undefined
  if (key !== undefined) return key
  throw new TypeError(`That is not a key as verify writes it: ${String(written)}`)
}
