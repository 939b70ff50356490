import type { FieldDef } from 'pg'
import type { Decode } from '../sql/decode-row.ts'

/** https://www.postgresql.org/docs/current/catalog-pg-type.html */
const oid = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  oid: 26,
  float4: 700,
  float8: 701,
  numeric: 1700,
} as const

/** The decoders of a result that no translation describes, by the types that the server names. */
export function serverDecoders(fields: readonly FieldDef[], safeIntegers: boolean): Decode[] {
  const integer: Decode = safeIntegers ? BigInt : Number
  const known = new Map<number, Decode>([
    [oid.bool, (text) => integer(text === 't' ? '1' : '0')],
    [oid.bytea, (text) => Buffer.from(text.slice(2), 'hex')],
    [oid.int2, integer],
    [oid.int4, integer],
    [oid.int8, integer],
    [oid.oid, integer],
    [oid.float4, Number],
    [oid.float8, Number],
    [oid.numeric, (text) => (/^-?\d+$/.test(text) ? integer(text) : Number(text))],
  ])
  return fields.map(({ dataTypeID }) => known.get(dataTypeID) ?? ((text) => text))
}
