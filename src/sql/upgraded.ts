import { LockstepError } from '../core/errors.ts'
import { storageClass } from '../values/codec.ts'
import type { Value } from '../values/value.ts'
import type { ColumnType } from './catalog.ts'
import type { SlotType } from './translation.ts'

/*
 * Columns of an idiomatic type: only what comes back as the very same SQLite value is taken, so that a
 * wrong choice of a column's type is an error and never another value.
 */

const dateText = /^\d{4}-\d{2}-\d{2}$/
const timeText = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d{0,5}[1-9])?$/
const uuidText = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/

/** @throws LockstepError SQL_UNSUPPORTED for a value that the type would not give back as it is */
export function encodeUpgraded(type: SlotType, value: Value, parameter: number): string {
  const encoded = encode(type, value)
  if (encoded !== undefined) return encoded
  throw new LockstepError(
    'SQL_UNSUPPORTED',
    `Parameter ${parameter} is a ${storageClass(value)} that a column of type ${type} cannot give back as it is`,
    { details: { parameter, class: storageClass(value), type } },
  )
}

function encode(type: SlotType, value: Value): string | undefined {
  if (type === 'boolean') {
    if (value === 1n || value === 1) return 't'
    return value === 0n || value === 0 ? 'f' : undefined
  }
  if (typeof value !== 'string') return undefined
  switch (type) {
    case 'date':
      return dateText.test(value) ? value : undefined
    case 'timestamp':
      return timeText.test(value) ? value : undefined
    case 'timestamptz':
      return timeText.test(value) ? `${value}+00` : undefined
    case 'uuid':
      return uuidText.test(value) ? value : undefined
    case 'json':
      return value
    default:
      return undefined
  }
}

/** PostgreSQL's text output (`DateStyle` ISO, `TimeZone` UTC) as SQLite's value; integers as their digits. */
export function decodeUpgraded(type: ColumnType, text: string): string | bigint {
  if (type === 'boolean') return text === 't' ? 1n : 0n
  return type === 'timestamptz' ? text.replace(/\+00$/, '') : text
}
