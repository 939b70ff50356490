import { LockstepError } from '../core/errors.ts'
import { applyNumericAffinity } from '../values/affinity.ts'
import { codecFor, isExactDouble, storageClass } from '../values/codec.ts'
import { realText } from '../values/real-text.ts'
import type { Value } from '../values/value.ts'
import type { PostgresParameter } from './bind.ts'
import { likeBounds } from './like-bounds.ts'
import { checkEscape, type EscapeFailures } from './like-escape.ts'
import { boundValue } from './parameter-class.ts'
import { postgresText } from './postgres-text.ts'
import { isRealUse, realBound } from './real-bound.ts'
import { encodeUpgraded } from './upgraded.ts'
import type { Slot, SlotType, SlotUse } from './translation.ts'

/** The text that SQLite makes of a REAL. Its last digit differs between versions, so SQLite itself is asked. */
export type RealToText = (value: number) => string

/**
 * What is sent for one slot: PostgreSQL's text format, binary for bytes.
 * @throws LockstepError SQL_UNSUPPORTED for a value that the slot's type cannot carry
 * @throws LockstepError SQLITE_MISMATCH for a LIMIT that is no integer
 */
export function encodeSlot(
  { use, type, parameter, column }: Slot,
  raw: unknown,
  toText: RealToText,
): PostgresParameter {
  const bound = boundValue(raw)
  const value = typeof bound === 'string' ? postgresText(bound) : bound
  if (use === 'limit') return limitOf(value)
  if (value === null) return null
  if (column !== undefined) {
    return encodeUpgraded({ use, type, parameter, column }, value, toText)
  }
  if (use === 'like from' || use === 'like before') return likeBound(value, use)
  if (use === 'like escape' && typeof value === 'string') checkEscape(value, escapeFailures)
  const stored = isAffinity(use) ? withAffinity(value, use, toText) : value
  const encoded = isRounded(stored, type, use) ? undefined : encode(stored, type, use, toText)
  if (encoded !== undefined) return encoded
  throw new LockstepError(
    'SQL_UNSUPPORTED',
    `Parameter ${parameter} is a ${storageClass(value)}, and what it is for holds ${type} on PostgreSQL. ` +
      'SQLite would keep or compare it as it is; bind a value of the type that the column has',
    { details: { parameter, class: storageClass(value), type } },
  )
}

function encode(
  value: Value,
  type: SlotType,
  use: SlotUse,
  toText: RealToText,
): PostgresParameter | undefined {
  if (isRealUse(use)) return realBound(value, use)
  const isNumberInText =
    typeof value === 'number' && type === 'text' && isAffinity(use) && use !== 'text'
  return isNumberInText ? numberAsText(value) : encoders[type](value, toText)
}

/** As a text column of numeric affinity holds it: every bit, where SQLite's own text has fifteen digits. */
function numberAsText(value: number): string | undefined {
  const encoded = codecFor({ affinity: 'numeric', postgresType: 'text' }).encode(value)
  return typeof encoded === 'string' ? encoded : undefined
}

function isAffinity(use: SlotUse): use is 'integer' | 'real' | 'numeric' | 'text' {
  return use === 'integer' || use === 'real' || use === 'numeric' || use === 'text'
}

/** Only a text is a pattern here; the translation asks for no bounds of another class. */
function likeBound(value: Value, use: 'like from' | 'like before'): string | null {
  if (typeof value !== 'string') return null
  const { from, before } = likeBounds(value)
  return use === 'like from' ? from : before
}

const escapeFailures: EscapeFailures = {
  wrong: (message) => new LockstepError('SQLITE_ERROR', message),
  unsupported: (construct, wayOut) =>
    new LockstepError(
      'SQL_UNSUPPORTED',
      `${construct} has no faithful form on PostgreSQL. ${wayOut}`,
      { details: { construct, wayOut } },
    ),
}

/** An INTEGER that a double does not hold, for a column that would keep it on SQLite. */
function isRounded(value: Value, type: SlotType, use: Slot['use']): boolean {
  if (type !== 'float8' || use !== 'numeric' || typeof value !== 'bigint') return false
  return !isExactDouble(value)
}

function withAffinity(
  value: Value,
  use: 'integer' | 'real' | 'numeric' | 'text',
  toText: RealToText,
): Value {
  if (use !== 'text') {
    const number = applyNumericAffinity(value, use)
    // A column of SQLite keeps no sign of zero.
    return typeof number === 'number' ? number + 0 : number
  }
  if (typeof value === 'bigint') return String(value)
  return typeof value === 'number' ? toText(value) : value
}

/** SQLite takes any value that is an integer without loss. https://www.sqlite.org/lang_select.html#limitoffset */
function limitOf(value: Value): string | null {
  const integer = applyNumericAffinity(value, 'integer')
  if (typeof integer !== 'bigint')
    throw new LockstepError('SQLITE_MISMATCH', 'datatype mismatch', {
      details: { class: storageClass(value) },
    })
  return integer < 0n ? null : String(integer)
}

type Encode = (value: Value, toText: RealToText) => PostgresParameter | undefined

/** With a point a REAL, as the codec writes it; what has no such form is refused. */
const numeric: Encode = (value) => {
  if (typeof value !== 'bigint' && typeof value !== 'number') return undefined
  const encoded = codecFor({ affinity: 'blob', postgresType: 'numeric' }).encode(value)
  return typeof encoded === 'string' ? encoded : undefined
}

const number: Encode = (value) => {
  if (typeof value === 'bigint') return String(value)
  return typeof value === 'number' ? realText(value) : undefined
}

const text: Encode = (value, toText) => {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') return String(value)
  return typeof value === 'number' ? toText(value) : undefined
}

/** A scalar that carries its class: digits alone are an INTEGER, with a point or an exponent a REAL. */
const json: Encode = (value) => {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (Buffer.isBuffer(value)) return JSON.stringify({ blob: value.toString('hex').toUpperCase() })
  if (typeof value !== 'number') return undefined
  if (!Number.isFinite(value)) return value > 0 ? '1e999' : '-1e999'
  const digits = realText(value)
  return /^-?\d+$/.test(digits) ? `${digits}.0` : digits
}

const encoders: Readonly<Record<SlotType, Encode>> = {
  bigint(value) {
    if (typeof value === 'bigint') return String(value)
    const integer = typeof value === 'number' ? applyNumericAffinity(value, 'integer') : undefined
    return typeof integer === 'bigint' ? String(integer) : undefined
  },
  float8: number,
  numeric,
  text,
  bytea: (value) => (Buffer.isBuffer(value) ? value : undefined),
  boolean(value) {
    if (typeof value !== 'bigint' && typeof value !== 'number') return undefined
    return Number(value) === 0 ? 'f' : 't'
  },
  json,
  jsonb: json,
  timestamptz: text,
  date: text,
  uuid: text,
}
