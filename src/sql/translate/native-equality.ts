import { positionalText } from '../../values/real-text.ts'
import { quoteText } from '../quote.ts'
import type { TypedExpression } from './expression.ts'
import { literalForm } from './native-literals.ts'
import { isNumeric, slotType, type Native } from './native.ts'
import { parameterOf } from './parameter-values.ts'

/** What PostgreSQL's own value of a column is compared with. */
export interface EqualValue {
  readonly sql: string
  /**
   * Equal to the column exactly where SQLite's values are. Otherwise it is NULL for a value that the column cannot
   * hold, and SQLite's own values have to be compared besides.
   */
  readonly isKnown: boolean
  /** The truth value that a boolean column is compared with. */
  readonly condition?: boolean
}

/** Undefined where the other side says nothing about PostgreSQL's own value. */
export function equalTo(native: Native, other: TypedExpression): EqualValue | undefined {
  const { type, column } = native
  if (type === 'json' || type === 'jsonb') return undefined
  if (isNumeric(type)) return number(other)
  if (type === 'boolean' && other.type === 'boolean') return { sql: other.sql, isKnown: true }
  const parameter = parameterOf(other)
  const isMoment = type === 'date' || type.startsWith('timestamptz')
  if (parameter !== undefined) {
    if (!isMoment && !isComparable(type, other)) return undefined
    const { affinity } = column
    const sql = parameter.slot(slotType(type), 'same', { type, affinity })
    return { sql, isKnown: isMoment }
  }
  if (other.literal === undefined || other.literal === null) return undefined
  const literal = typeof other.literal === 'number' ? integral(other.literal) : other.literal
  const sql = literalForm(native, literal)
  if (sql === undefined) return undefined
  if (type !== 'boolean') return { sql, isKnown: true }
  const condition = sql.startsWith("'t'")
  return { sql: condition ? 'TRUE' : 'FALSE', isKnown: true, condition }
}

/** PostgreSQL can compare SQLite's own value with the parameter as it is sent. */
function isComparable(type: string, other: TypedExpression): boolean {
  return type === 'uuid' ? other.type === 'text' : other.type === 'integer' || other.type === 'real'
}

/** A REAL that is integral equals the INTEGER. */
function integral(literal: number): bigint | number {
  return Number.isSafeInteger(literal) ? BigInt(literal) : literal
}

/** A decimal of 15 digits is the shortest text of its REAL, so that the shortest texts compare as the REALs do. */
function number(other: TypedExpression): EqualValue | undefined {
  const { type, literal } = other
  if (type !== 'integer' && type !== 'real' && type !== 'numeric') return undefined
  const parameter = parameterOf(other)
  if (parameter !== undefined) return { sql: parameter.slot('numeric', 'numeric'), isKnown: true }
  if (typeof literal === 'bigint') return { sql: `(${literal})::numeric`, isKnown: true }
  if (typeof literal !== 'number' || !Number.isFinite(literal)) return undefined
  return { sql: `${quoteText(positionalText(literal))}::numeric`, isKnown: true }
}
