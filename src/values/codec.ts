import { InvalidText } from './invalid-text.ts'
import { applyNumericAffinity, fitsInt64, isNumericAffinity } from './affinity.ts'
import { isUpgraded } from './postgres-type.ts'
import { positionalText, serverRealText } from './real-text.ts'
import { upgradedCodec } from './upgraded-codec.ts'
import type { Affinity, FaithfulType, PostgresType, UpgradedType, Value } from './value.ts'

/** A value that a column cannot carry faithfully; its row goes to quarantine. */
export class Unencodable {
  /** Says why in terms of types; never holds any part of the value. */
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

/** Why PostgreSQL's text cannot hold a TEXT with U+0000 in it. */
export const nulInText = 'TEXT with a NUL character'

/** Why a text that is not UTF-8 has no form on PostgreSQL. */
export const invalidUtf8 = 'text that is not valid UTF-8'

/**
 * Carries the values of one column between SQLite and PostgreSQL's text form of its type.
 * The law: where `encode` gives text, `decode` of what PostgreSQL answers for it is the same value, of
 * the same storage class, bit for bit. Both sides are needed to know that: `numeric` affinity has no
 * real 5.0, so `5` in a `double precision` column is the INTEGER there and the real in an undeclared one.
 */
export interface ColumnCodec {
  /** PostgreSQL's text form, mostly as it writes it itself (`verify` is fast where it is); null for NULL. */
  encode(value: Value): string | null | Unencodable
  /**
   * PostgreSQL's text output (`bytea_output = hex`, default `extra_float_digits`, `DateStyle` ISO, `TimeZone`
   * UTC) as the value that
   * SQLite holds once it is stored in the column. NaN comes as NaN, which SQLite does not have.
   */
  decode(text: string | null): Value
}

const codecs = new Map<string, ColumnCodec>()

/** What a column is on both places; a `ShippedColumn` can be passed as it is. */
export interface ColumnTypes {
  readonly postgresType: PostgresType
  readonly affinity: Affinity
}

/** The one codec of a type and an affinity. */
export function codecFor(column: ColumnTypes): ColumnCodec {
  const { postgresType, affinity } = column
  const name = `${postgresType} ${affinity}`
  let codec = codecs.get(name)
  if (codec === undefined) {
    codec = createCodec(postgresType, affinity)
    codecs.set(name, codec)
  }
  return codec
}

function createCodec(postgresType: PostgresType, affinity: Affinity): ColumnCodec {
  if (isUpgraded(postgresType)) return createUpgraded(postgresType, affinity)
  const encode = encoders[postgresType]
  const decode = decoders[postgresType]
  return {
    encode: guarded(encode, affinity),
    decode: (text) => (text === null ? null : applyNumericAffinity(decode(text), affinity)),
  }
}

/** What no form of PostgreSQL's stands for is refused before any of them is asked. */
function guarded(encode: Encode, affinity: Affinity): ColumnCodec['encode'] {
  return (value) => {
    if (value === null) return null
    return value instanceof InvalidText ? new Unencodable(invalidUtf8) : encode(value, affinity)
  }
}

function createUpgraded(type: UpgradedType, affinity: Affinity): ColumnCodec {
  const { encode, decode } = upgradedCodec(type)
  return {
    encode: guarded(
      (value) => encode(value, affinity) ?? new Unencodable(notOfForm(value, type)),
      affinity,
    ),
    decode: (text) => (text === null ? null : applyNumericAffinity(decode(text), affinity)),
  }
}

function notOfForm(value: Exclude<Value, null>, type: UpgradedType): string {
  return `${storageClass(value)} that ${type} cannot give back as it is`
}

type ReadValue = Exclude<Value, null | InvalidText>
type Encode = (value: ReadValue, affinity: Affinity) => string | Unencodable

const encoders: Record<FaithfulType, Encode> = {
  bigint(value) {
    if (typeof value !== 'bigint') return misfit(value, 'bigint')
    return fitsInt64(value) ? String(value) : new Unencodable('an INTEGER beyond 64 bits')
  },
  'double precision'(value, affinity) {
    if (typeof value === 'number') return real(value, serverRealText)
    if (typeof value !== 'bigint') return misfit(value, 'double precision')
    if (affinity !== 'integer' && affinity !== 'numeric') return misfit(value, 'double precision')
    return isExactDouble(value)
      ? String(value)
      : new Unencodable('an INTEGER that double precision cannot hold exactly')
  },
  numeric(value) {
    if (typeof value === 'bigint') return String(value)
    if (typeof value !== 'number') return misfit(value, 'numeric')
    if (Object.is(value, -0)) return new Unencodable('a negative zero, which numeric does not have')
    return real(value, (finite) =>
      Number.isFinite(finite) ? positionalText(finite) : String(finite),
    )
  },
  text(value, affinity) {
    if (typeof value === 'string') return textOf(value)
    if (typeof value === 'bigint' && isNumericAffinity(affinity)) return String(value)
    if (typeof value === 'number' && isNumericAffinity(affinity)) return real(value, numberAsText)
    return misfit(value, 'text')
  },
  bytea(value) {
    return Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : misfit(value, 'bytea')
  },
}

const decoders: Record<FaithfulType, (text: string) => Value> = {
  bigint: BigInt,
  'double precision': Number,
  numeric(text) {
    if (!/^-?\d+$/.test(text)) return Number(text)
    const value = BigInt(text)
    return fitsInt64(value) ? value : Number(text)
  },
  text: (text) => text,
  bytea(text) {
    if (!text.startsWith('\\x')) throw new TypeError('bytea must arrive in its hex form')
    return Buffer.from(text.slice(2), 'hex')
  },
}

/**
 * Every bigint that a double holds exactly can be told apart in a numeric column, because SQLite never
 * keeps an integral real inside the 64-bit range there. -2^63 is the exception: as a real it stays REAL.
 */
export function isExactDouble(value: bigint): boolean {
  return fitsInt64(value) && value !== -(2n ** 63n) && BigInt(Number(value)) === value
}

function real(value: number, write: (value: number) => string): string | Unencodable {
  return Number.isNaN(value) ? new Unencodable('NaN, which SQLite does not have') : write(value)
}

/** `9e999` is how SQLite itself spells infinity in a text that becomes a number. */
function numberAsText(value: number): string {
  if (value === Infinity) return '9e999'
  if (value === -Infinity) return '-9e999'
  return positionalText(value)
}

function textOf(value: string): string | Unencodable {
  if (value.includes('\0')) return new Unencodable(nulInText)
  if (/\p{Surrogate}/u.test(value)) return new Unencodable('TEXT with a lone surrogate')
  return value
}

function misfit(value: Exclude<Value, null>, type: PostgresType): Unencodable {
  return new Unencodable(`${storageClass(value)} in a column of type ${type}`)
}

/** The name that SQLite's `typeof()` gives, in capitals. */
export function storageClass(value: Value): 'NULL' | 'INTEGER' | 'REAL' | 'TEXT' | 'BLOB' {
  if (value === null) return 'NULL'
  if (typeof value === 'bigint') return 'INTEGER'
  if (typeof value === 'number') return 'REAL'
  return Buffer.isBuffer(value) ? 'BLOB' : 'TEXT'
}
