import { applyNumericAffinity } from '../values/affinity.ts'
import type { Value } from '../values/value.ts'
import type { ParameterClass } from './translation.ts'

/**
 * The class of a value as better-sqlite3 binds it: every number is a REAL, a bigint an INTEGER; NaN and
 * `undefined` are NULL.
 */
export function classOf(value: unknown): ParameterClass {
  switch (typeof value) {
    case 'string':
      return classOfText(value)
    case 'bigint':
      return 'integer'
    case 'number':
      if (Number.isNaN(value)) return 'null'
      return typeof applyNumericAffinity(value, 'integer') === 'bigint' ? 'integral-real' : 'real'
    default:
      return ArrayBuffer.isView(value) ? 'blob' : 'null'
  }
}

/** Most texts are told by their first character, before they are taken for a number at length. */
function classOfText(text: string): ParameterClass {
  if (!/^[\t-\r ]*[-+.\d]/.test(text)) return 'text'
  const number = applyNumericAffinity(text, 'numeric')
  if (typeof number === 'string') return 'text'
  return typeof number === 'bigint' ? 'integral-text' : 'numeric-text'
}

/** The value as SQLite holds it once it is bound. */
export function boundValue(value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isNaN(value) ? null : value
  if (!ArrayBuffer.isView(value)) return null
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}
