import { applyNumericAffinity, fitsInt64 } from '../values/affinity.ts'
import type { ResultColumn } from './translation.ts'

/** One value of a result from PostgreSQL's text output, NULL apart. */
export type Decode = (text: string) => unknown

/** The decoders of a result, with integers as numbers or, with `safeIntegers`, as bigints. */
export function decodersOf(columns: readonly ResultColumn[], safeIntegers: boolean): Decode[] {
  const decoders = createDecoders(safeIntegers ? BigInt : Number)
  return columns.map(({ decoder }) => decoders[decoder])
}

function createDecoders(integer: Decode): Record<ResultColumn['decoder'], Decode> {
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
    node: (text) => nodeOf(text, integer),
    'node-text': minified,
    instant: (text) => text.replace(/\+00$/, ''),
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

/** What SQL sees of a node: true is 1, an array or object its text. `sqlite.json_value` of the compatibility schema */
function nodeOf(text: string, integer: Decode): unknown {
  switch (text[0]) {
    case '"':
      return JSON.parse(text) as string
    case 't':
      return integer('1')
    case 'f':
      return integer('0')
    case 'n':
      return null
    case '{':
    case '[':
      return minified(text)
    default:
      return /[.eE]/.test(text) ? Number(text) : integerOf(text, integer)
  }
}

function integerOf(text: string, integer: Decode): unknown {
  if (text.length < 19) return integer(text === '-0' ? '0' : text)
  return fitsInt64(BigInt(text)) ? integer(text) : Number(text)
}

/** White space between tokens goes; what is in strings stays. */
function minified(text: string): string {
  return text.replaceAll(/("(?:[^"\\]|\\.)*")|[ \t\n\r]+/g, '$1')
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
