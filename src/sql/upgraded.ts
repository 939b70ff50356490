import { LockstepError } from '../core/errors.ts'
import { applyNumericAffinity, isNumericAffinity } from '../values/affinity.ts'
import { boundOf } from '../values/bounds.ts'
import { codecFor, storageClass, Unencodable } from '../values/codec.ts'
import type { Value } from '../values/value.ts'
import type { RealToText } from './encode-slot.ts'
import type { Slot, UpgradedColumn } from './translation.ts'

/**
 * What is sent where a parameter meets a column of an idiomatic type.
 * @throws LockstepError SQL_UNSUPPORTED for a value to be stored that the column would not give back as it is
 */
export function encodeUpgraded(
  { use, column, parameter }: Slot & { readonly column: UpgradedColumn },
  raw: Exclude<Value, null>,
  toText: RealToText,
): string | null {
  const { type, affinity } = column
  if (use === 'stored') {
    const encoded = encodeFor(column, applyAffinity(raw, affinity, toText))
    if (typeof encoded === 'string') return encoded
    throw misfit(parameter, raw, type)
  }
  const value = comparable(raw, affinity, toText)
  if (use === 'same') {
    const encoded = encodeFor(column, value)
    if (encoded !== undefined) return encoded
    // Equal to no moment that has a form on SQLite. Other types have no such value: the statement says so itself.
    return type === 'date' || type.startsWith('timestamptz') ? 'infinity' : null
  }
  if (type !== 'date' && type !== 'uuid' && !type.startsWith('timestamptz')) {
    throw new TypeError(`there are no bounds of ${type}`)
  }
  return boundOf(type as Parameters<typeof boundOf>[0], value, use === 'after')
}

function encodeFor({ type, affinity }: UpgradedColumn, value: Value): string | undefined {
  const encoded = codecFor({ postgresType: type, affinity }).encode(value)
  return encoded === null || encoded instanceof Unencodable ? undefined : encoded
}

/** What the column would keep. */
function applyAffinity(
  value: Value,
  affinity: UpgradedColumn['affinity'],
  toText: RealToText,
): Value {
  return affinity === 'text' ? asText(value, toText) : applyNumericAffinity(value, affinity)
}

/** What is compared with the column: a number where a numeric one meets the text of a number. */
function comparable(value: Value, affinity: UpgradedColumn['affinity'], toText: RealToText): Value {
  if (affinity === 'text') return asText(value, toText)
  return isNumericAffinity(affinity) ? applyNumericAffinity(value, 'numeric') : value
}

function asText(value: Value, toText: RealToText): Value {
  if (typeof value === 'bigint') return String(value)
  return typeof value === 'number' ? toText(value) : value
}

function misfit(parameter: number, value: Value, type: string): LockstepError {
  return new LockstepError(
    'SQL_UNSUPPORTED',
    `Parameter ${parameter} is a ${storageClass(value)} that a column of type ${type} cannot give back as it is. ` +
      'Store what the column holds, or give it another type in the configuration',
    { details: { parameter, class: storageClass(value), type } },
  )
}
