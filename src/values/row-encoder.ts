import { fitsInt64 } from './affinity.ts'
import { codecFor, Unencodable, type ColumnCodec } from './codec.ts'
import type { CopyBytes } from './copy-bytes.ts'
import { copyLine } from './copy-text.ts'
import type { Affinity, PostgresType, Value } from './value.ts'

/**
 * The formats of COPY. PostgreSQL reads the binary one in half the time; the text one holds values of every type.
 * https://www.postgresql.org/docs/current/sql-copy.html
 */
export type CopyFormat = 'binary' | 'text'

export interface EncodedColumn {
  readonly name: string
  readonly postgresType: PostgresType
  readonly affinity: Affinity
}

/** Why a row has no form on PostgreSQL. */
export interface Refusal {
  readonly column: string
  readonly reason: string
}

export interface RowEncoder {
  readonly format: CopyFormat
  /** Adds one row, values in the order of the columns; where PostgreSQL cannot hold it, adds nothing and says why. */
  add(row: readonly Value[], bytes: CopyBytes): Refusal | null
}

/** Which format rows of these columns take; both places must agree on it without asking. */
export function copyFormatOf(columns: readonly EncodedColumn[]): CopyFormat {
  return columns.every(({ postgresType }) => postgresType in binaryFields) ? 'binary' : 'text'
}

export function createRowEncoder(columns: readonly EncodedColumn[]): RowEncoder {
  const format = copyFormatOf(columns)
  return { format, add: format === 'binary' ? binaryRows(columns) : textRows(columns) }
}

type BinaryType = 'bigint' | 'double precision' | 'text' | 'bytea'

/** Adds a value, NULL apart, with its length before it. */
type BinaryField = (
  value: Exclude<Value, null>,
  bytes: CopyBytes,
  codec: ColumnCodec,
) => Unencodable | null

/** What a codec has as text is in these types what PostgreSQL would read from that text. */
const binaryFields: Record<BinaryType, BinaryField> = {
  bigint(value, bytes, codec) {
    if (typeof value !== 'bigint' || !fitsInt64(value)) return refusalOf(value, codec)
    bytes.int32(8)
    bytes.int64(value)
    return null
  },
  'double precision'(value, bytes, codec) {
    if (typeof value === 'number' && !Number.isNaN(value)) {
      bytes.int32(8)
      bytes.float64(value)
      return null
    }
    const text = codec.encode(value)
    if (text instanceof Unencodable) return text
    bytes.int32(8)
    bytes.float64(Number(text))
    return null
  },
  text(value, bytes, codec) {
    const text = codec.encode(value)
    if (text instanceof Unencodable) return text
    bytes.textWithLength(text as string)
    return null
  },
  bytea(value, bytes, codec) {
    if (!Buffer.isBuffer(value)) return refusalOf(value, codec)
    bytes.int32(value.length)
    bytes.bytes(value)
    return null
  },
}

function refusalOf(value: Value, codec: ColumnCodec): Unencodable {
  const refusal = codec.encode(value)
  if (refusal instanceof Unencodable) return refusal
  throw new TypeError('a codec takes a value that its binary form does not have')
}

/** https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS, "Tuples". */
function binaryRows(columns: readonly EncodedColumn[]): RowEncoder['add'] {
  const codecs = columns.map(codecFor)
  const fields = columns.map(({ postgresType }) => binaryFields[postgresType as BinaryType])
  return (row, bytes) => {
    const start = bytes.length
    bytes.int16(fields.length)
    for (let index = 0; index < fields.length; index += 1) {
      const value = row[index] as Value
      if (value === null) {
        bytes.int32(-1)
        continue
      }
      const refusal = (fields[index] as BinaryField)(value, bytes, codecs[index] as ColumnCodec)
      if (refusal === null) continue
      bytes.cut(start)
      return { column: (columns[index] as EncodedColumn).name, reason: refusal.reason }
    }
    return null
  }
}

function textRows(columns: readonly EncodedColumn[]): RowEncoder['add'] {
  const codecs = columns.map(codecFor)
  return (row, bytes) => {
    const fields: (string | null)[] = []
    for (let index = 0; index < codecs.length; index += 1) {
      const field = (codecs[index] as ColumnCodec).encode(row[index] as Value)
      if (field instanceof Unencodable)
        return { column: (columns[index] as EncodedColumn).name, reason: field.reason }
      fields.push(field)
    }
    bytes.text(copyLine(fields))
    return null
  }
}
