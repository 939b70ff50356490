import { applyNumericAffinity, fitsInt64 } from '../values/affinity.ts'
import type { Catalog, ColumnType } from './catalog.ts'
import type { ResultColumn } from './translation.ts'
import { decodeUpgraded } from './upgraded.ts'

/** One value of a result from PostgreSQL's text output, NULL apart. */
export type Decode = (text: string) => unknown

/** The decoders of a result, with integers as numbers or, with `safeIntegers`, as bigints. */
export function decodersOf(
  columns: readonly ResultColumn[],
  catalog: Catalog,
  safeIntegers: boolean,
): Decode[] {
  const integer: Decode = safeIntegers ? BigInt : Number
  const decoders = createDecoders(integer)
  return columns.map(({ decoder, source }) => {
    if (decoder !== 'upgraded') return decoders[decoder]
    const type = source === null ? undefined : typeOf(catalog, source.table, source.column)
    return (text) => {
      const value = type === undefined ? text : decodeUpgraded(type, text)
      return typeof value === 'bigint' && !safeIntegers ? Number(value) : value
    }
  })
}

function createDecoders(
  integer: Decode,
): Record<Exclude<ResultColumn['decoder'], 'upgraded'>, Decode> {
  const numeric: Decode = (text) => numericOf(text, integer)
  return {
    integer,
    real: realOf,
    numeric,
    'numeric-text': (text) => {
      const value = applyNumericAffinity(text, 'numeric')
      return typeof value === 'bigint' ? integer(String(value)) : value
    },
    text: (text) => text,
    blob: (text) => Buffer.from(text.slice(2), 'hex'),
    boolean: (text) => integer(text === 't' ? '1' : '0'),
    dynamic: (text) => dynamicOf(text, integer),
    instant: (text) => decodeUpgraded('timestamptz', text),
    null: () => null,
  }
}

/**
 * Digits alone are an INTEGER, and so is what float8 writes with an exponent and holds no fraction: a
 * NUMERIC column keeps no integral real. A point that nothing needs, as in numeric's `5.0`, is a REAL's.
 */
function numericOf(text: string, integer: Decode): unknown {
  if (/^-?\d{1,18}$/.test(text)) return integer(text)
  if (/^-?\d+$/.test(text)) return fitsInt64(BigInt(text)) ? integer(text) : Number(text)
  const value = realOf(text)
  if (value === null || !text.includes('e')) return value
  const kept = applyNumericAffinity(value, 'numeric')
  return typeof kept === 'bigint' ? integer(String(kept)) : value
}

/** NaN is NULL wherever SQLite computes it. */
function realOf(text: string): number | null {
  const value = Number(text)
  return Number.isNaN(value) ? null : value
}

/**
 * A `json` scalar says its class: digits alone are an INTEGER, any other number a REAL, and a BLOB is an
 * object of its hexadecimal digits.
 */
function dynamicOf(text: string, integer: Decode): unknown {
  if (text.startsWith('"')) return JSON.parse(text) as string
  if (text === 'null') return null
  if (!text.startsWith('{')) return /^-?\d+$/.test(text) ? integer(text) : realOf(text)
  const { blob } = JSON.parse(text) as { blob?: unknown }
  if (typeof blob !== 'string') throw new TypeError('A json value holds no scalar of SQLite')
  return Buffer.from(blob, 'hex')
}

function typeOf(catalog: Catalog, table: string, column: string): ColumnType | undefined {
  return catalog.relation(table)?.columns.find(({ name }) => name === column)?.postgresType
}
