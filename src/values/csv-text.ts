import { codecFor, Unencodable, type ColumnTypes } from './codec.ts'
import type { PostgresType, Value } from './value.ts'

/** Types whose text has nothing in it that CSV would quote. */
const bare: readonly PostgresType[] = ['bigint', 'double precision', 'numeric', 'bytea']

/** Whether a field is written in quotes whatever is in it, so that NULL and `''` are told apart. */
export function isQuoted(type: PostgresType): boolean {
  return !bare.includes(type)
}

/**
 * One field as PostgreSQL's COPY writes it in its CSV format, with FORCE_QUOTE for the quoted ones.
 * https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
function csvField(text: string | null, type: PostgresType): string {
  if (text === null) return ''
  return isQuoted(type) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Stands for a value that the column cannot hold: no field that PostgreSQL writes is this one. */
export const misfitField = 'x'

/**
 * Whether REALs of the column are written as the hexadecimal digits of their eight bytes, as the server's `float8send`
 * has them: exact, and cheaper than decimal digits. Where a column holds INTEGERs too, both are written as numbers.
 */
export function isBits({ postgresType, affinity }: ColumnTypes): boolean {
  return postgresType === 'double precision' && affinity !== 'integer' && affinity !== 'numeric'
}

const real = new Float64Array(1)
const bits = new BigInt64Array(real.buffer)

/** The eight bytes of a REAL as a 64-bit integer. */
export function bitsOf(value: number): bigint {
  real[0] = value
  return bits[0] as bigint
}

/** Writes values of one column, each as the field that PostgreSQL writes of it, or as `misfitField`. */
export function fieldWriter(column: ColumnTypes): (value: Value) => string {
  if (isBits(column)) return bitsField
  const codec = codecFor(column)
  return (value) => {
    const text = codec.encode(value)
    return text instanceof Unencodable ? misfitField : csvField(text, column.postgresType)
  }
}

function bitsField(value: Value): string {
  if (value === null) return ''
  if (typeof value !== 'number') return misfitField
  return BigInt.asUintN(64, bitsOf(value)).toString(16).padStart(16, '0')
}
