import type { TypedExpression } from './expression.ts'
import { numberOfText } from './numeric-text.ts'
import { comparisonAffinity } from './operands.ts'
import { Refusal } from './refuse.ts'

/** Of a column of a compound: what each of its parts is. */
export type Part = Pick<TypedExpression, 'type' | 'affinity'>

/** What the parts are, where they are not all of one affinity. */
export function partsOf(values: readonly TypedExpression[]): Pick<TypedExpression, 'parts'> {
  if (new Set(values.map(({ affinity }) => affinity)).size < 2) return {}
  return { parts: values.map(({ type, affinity }) => ({ type, affinity })) }
}

/**
 * SQLite compares a column of a compound with a constant, or with another column of it, in each part as well, where the
 * affinity is the part's own, and both must hold: pushDownWhereTerms of select.c. Refused where a part can say no of what
 * is true of the whole.
 * @param isTerm it must hold for a row to be there, or is one of several of which one must
 */
export function refuseMixedAffinity(
  left: TypedExpression,
  operator: string,
  right: TypedExpression,
  isTerm: boolean,
): void {
  const mattersTo = (column: TypedExpression, other: TypedExpression): boolean => {
    if (column.parts === undefined || other.type === 'null') return false
    if (!other.constant && !isOfSameSource(column, other)) return false
    const whole = comparisonAffinity(column, other)
    // Values that are equal as they are stay so when both are converted.
    if (isTerm && operator === '=' && whole === null) return false
    return column.parts.some((part, index) => {
      const facing = { ...other, ...other.parts?.[index] }
      const own = comparisonAffinity({ ...column, ...part }, facing)
      return own !== whole && [own, whole].some((applied) => converts(applied, part, facing))
    })
  }
  if (!mattersTo(left, right) && !mattersTo(right, left)) return
  throw new Refusal(
    'A comparison with a column that a compound SELECT makes of columns of several affinities',
    'CAST the column in each SELECT of the compound to one type',
  )
}

/** It reads a column of the same compound, as their texts show. */
function isOfSameSource({ sql }: TypedExpression, other: TypedExpression): boolean {
  const source = sql.match(/^"(?:[^"]|"")*"\./)?.[0]
  return source !== undefined && other.sql.includes(source)
}

function converts(
  applied: ReturnType<typeof comparisonAffinity>,
  part: Part,
  other: TypedExpression,
): boolean {
  if (applied === null || part.type === 'null') return false
  const types = [part.type, other.type]
  if (applied === 'text') return types.some((type) => type !== 'text' && type !== 'blob')
  if (isTextOrAny(part.type)) return true
  const { literal } = other
  const isNoNumber = typeof literal === 'string' && numberOfText(literal) === undefined
  return isTextOrAny(other.type) && !isNoNumber
}

function isTextOrAny(type: TypedExpression['type']): boolean {
  return type === 'text' || type === 'dynamic'
}
