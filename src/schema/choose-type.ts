import { faithfulTypes } from '../values/postgres-type.ts'
import type { FaithfulType } from '../values/value.ts'
import type { ColumnProfile } from './profile.ts'
import type { SourceColumn } from './source.ts'

/**
 * How many rows the column's codec would refuse in a column of the type; the codec's rules as counts.
 * Wide integers are counted against `double precision` even where a double holds them exactly.
 */
export function misfits(column: SourceColumn, profile: ColumnProfile, type: FaithfulType): number {
  const { integers, wideIntegers, reals, texts, nulTexts, blobs } = profile
  const { affinity } = column
  switch (type) {
    case 'bigint':
      return reals + texts + blobs
    case 'double precision':
      // Without a numeric affinity nothing tells an INTEGER 5 from a REAL 5.0 there.
      return texts + blobs + (affinity === 'blob' ? integers : wideIntegers)
    case 'numeric':
      return texts + blobs
    case 'text':
      return blobs + nulTexts + (affinity === 'blob' ? integers + reals : 0)
    case 'bytea':
      return integers + reals + texts
    default:
      return type satisfies never
  }
}

/**
 * The type of a column, from its declaration and, where that leaves it open, from the data.
 *
 * | declared as | type |
 * | --- | --- |
 * | INTEGER affinity, BOOLEAN | `bigint`; with reals and neither text nor blobs as for NUMERIC |
 * | REAL affinity | `double precision` |
 * | TEXT affinity | `text` |
 * | BLOB | `bytea` |
 * | NUMERIC affinity (DECIMAL, DATE, DATETIME, ...) | only integers `bigint`; integers and reals `double precision`, or `numeric` where an integer is beyond 2^53; only text `text`; empty DATE, TIME, JSON, UUID and STRING types `text`, other empty ones `double precision` |
 * | nothing, or ANY in a STRICT table | only integers `bigint`, only reals `double precision`, both `numeric`, text `text`, blobs `bytea`, empty `text` |
 *
 * Where no type holds every row, the one that holds most rows is taken.
 */
export function chooseType(column: SourceColumn, profile: ColumnProfile): FaithfulType {
  switch (column.affinity) {
    case 'integer':
      return wholeNumbers(profile)
    case 'real':
      return 'double precision'
    case 'text':
      return 'text'
    case 'numeric':
      if (/BOOL/i.test(column.declaredType)) return wholeNumbers(profile)
      return isEmpty(profile) ? emptyNumeric(column) : byData(column, profile)
    case 'blob':
      if (/BLOB/i.test(column.declaredType)) return 'bytea'
      return isEmpty(profile) ? 'text' : byData(column, profile)
    default:
      return column.affinity satisfies never
  }
}

export function isEmpty({ integers, reals, texts, blobs }: ColumnProfile): boolean {
  return integers + reals + texts + blobs === 0
}

function wholeNumbers({ reals, texts, blobs, wideIntegers }: ColumnProfile): FaithfulType {
  if (reals === 0 || texts + blobs > 0) return 'bigint'
  return wideIntegers === 0 ? 'double precision' : 'numeric'
}

/** What SQLite takes for numeric, as it knows no such type, and what everybody keeps text in. */
export function isTextual(declaredType: string): boolean {
  return /DATE|TIME|JSON|UUID|STRING/i.test(declaredType)
}

function emptyNumeric({ declaredType }: SourceColumn): FaithfulType {
  return isTextual(declaredType) ? 'text' : 'double precision'
}

/**
 * Only the types that the values would have by themselves: a number kept as text in a NUMERIC column
 * comes back faithfully, but it sorts and compares as text meanwhile, so that is for the operator to say.
 */
function byData(column: SourceColumn, profile: ColumnProfile): FaithfulType {
  const held: Record<FaithfulType, number> = {
    bigint: profile.integers,
    'double precision': profile.reals + (column.affinity === 'numeric' ? narrow(profile) : 0),
    numeric: profile.integers + profile.reals,
    text: profile.texts - profile.nulTexts,
    bytea: profile.blobs,
  }
  let best: FaithfulType = 'bigint'
  // A tie goes to the narrowest type, which stands first.
  for (const type of faithfulTypes) if (held[type] > held[best]) best = type
  return best
}

function narrow({ integers, wideIntegers }: ColumnProfile): number {
  return integers - wideIntegers
}
