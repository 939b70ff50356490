import { applyNumericAffinity, isNumericAffinity } from '../../values/affinity.ts'
import { boundOf, type CountedType } from '../../values/bounds.ts'
import { codecFor, Unencodable } from '../../values/codec.ts'
import type { Affinity, Value } from '../../values/value.ts'
import { quoteText } from '../quote.ts'
import { slotType, type Native } from './native.ts'

/** The literal as the comparison with the column sees it; undefined for one whose text the server has to make. */
function compared(literal: Value, affinity: Affinity): Value | undefined {
  if (affinity === 'text') {
    if (typeof literal === 'number') return undefined
    return typeof literal === 'bigint' ? String(literal) : literal
  }
  return isNumericAffinity(affinity) ? applyNumericAffinity(literal, 'numeric') : literal
}

export function literalBound(
  { type, column }: Native,
  literal: Value,
  after: boolean,
): string | undefined {
  const value = compared(literal, column.affinity)
  if (value === undefined || value === null) return undefined
  return `${quoteText(boundOf(type as CountedType, value, after))}::${slotType(type)}`
}

/** What the column holds where it is equal to the literal; undefined where it never is. */
export function literalForm({ type, column }: Native, literal: Value): string | undefined {
  const { affinity } = column
  const value = compared(literal, affinity)
  if (value === undefined || value === null) return undefined
  const encoded = codecFor({ postgresType: type, affinity }).encode(value)
  return encoded === null || encoded instanceof Unencodable
    ? undefined
    : `${quoteText(encoded)}::${slotType(type)}`
}
