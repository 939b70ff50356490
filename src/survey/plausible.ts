import type { SourceColumn, SourceTable } from '../schema/source.ts'
import { foldName } from '../schema/quote.ts'
import type { PostgresType } from '../values/value.ts'

/**
 * Why a type is meant by a column whose values all fit it, or null where they may fit by chance: a counter that has
 * not gone beyond 1 is no boolean, and a large number is no moment. Texts in the form of a date, a UUID or JSON speak
 * for themselves.
 */
export function evidenceFor(
  type: PostgresType,
  { name, declaredType }: SourceColumn,
  table: SourceTable,
): string | null {
  if (type === 'boolean') return booleanEvidence(name, declaredType, table)
  if (type === 'timestamptz(seconds)' || type === 'timestamptz(milliseconds)') {
    if (/DATE|TIME/i.test(declaredType)) return `declared as ${declaredType}`
    return isNameOfMoment(name) ? 'the name of the column says a time' : null
  }
  if (type.startsWith('numeric')) return `declared as ${declaredType}`
  return 'the form of the values'
}

function booleanEvidence(
  name: string,
  declaredType: string,
  { checks }: SourceTable,
): string | null {
  if (/BOOL|^TINYINT\s*\(\s*1\s*\)|^BIT\b/i.test(declaredType)) return `declared as ${declaredType}`
  const folded = foldName(name)
  const isChecked = (checks ?? []).some(
    (check) =>
      foldName(check).includes(folded) && /\bIN\s*\(\s*(?:0\s*,\s*1|1\s*,\s*0)\s*\)/i.test(check),
  )
  if (isChecked) return 'a CHECK that takes 0 and 1 alone'
  const isAsked = /^(?:is|has|can|should|was|allows?|use|enable|requires?)(?:_|[A-Z])/.test(name)
  const isState =
    /(?:^|_)(?:active|enabled|disabled|deleted|archived|hidden|visible|verified|flag)$/i.test(name)
  return isAsked || isState ? 'the name of the column asks for yes or no' : null
}

function isNameOfMoment(name: string): boolean {
  return (
    /(?:[a-z]At|[a-z]On|[a-z]Ms|[a-z]Ts)$/.test(name) ||
    /(?:^|_)(?:at|on|ms|ts)$|date|time|stamp|epoch|created|updated|expire|since|until/i.test(name)
  )
}
