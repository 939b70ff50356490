import { toDynamic, toText } from './convert.ts'
import {
  asValue,
  isTextual,
  type Collation,
  type SqlType,
  type TypedExpression,
} from './expression.ts'
import { integerLiteral, realConstant, textLiteral } from './literals.ts'
import { mixedNumbers, type MixedNumbers } from './mixed-numbers.ts'
import { numberOfText } from './numeric-text.ts'

/**
 * Two operands made ready to be compared.
 * - `direct`: PostgreSQL's operator on them does what SQLite does, but for mixed numbers.
 * - `text`: texts, under a collation.
 * - `classes`: of classes of which one always comes first.
 * - `dynamic`: json of each, to be compared when the statement runs.
 *
 * Of the first two `literal` is what the right one is, where its text is nothing else.
 */
export type Operands =
  | { readonly kind: 'null' }
  | {
      readonly kind: 'direct'
      readonly left: string
      readonly right: string
      readonly literal: TypedExpression['literal']
      readonly mixed: MixedNumbers | null
    }
  | {
      readonly kind: 'text'
      readonly left: string
      readonly right: string
      readonly literal: TypedExpression['literal']
      readonly collation: Collation
      readonly ordered: boolean
      /**
       * The side whose text may be a number to the other one's affinity, which then comes before that. No text of a
       * numeric column is one, so that equal texts stay equal.
       */
      readonly number: 'left' | 'right' | null
    }
  | { readonly kind: 'classes'; readonly order: -1 | 1 }
  | {
      readonly kind: 'dynamic'
      readonly left: string
      readonly right: string
      readonly text: TextSide | null
      /** The side that is a number by itself, and the one that it meets, where neither is changed beforehand. */
      readonly number: NumberSide | null
    }

/** The text of a side that is a text that is not NULL, and which other side it meets. */
export interface TextSide {
  readonly sql: string
  readonly literal: TypedExpression['literal']
  readonly other: TypedExpression
}

export interface NumberSide {
  /** numeric, in the form of `sqlite.sort_number`. */
  readonly sql: string
  readonly other: TypedExpression
  readonly isLeft: boolean
}

type Applied = 'numeric' | 'text' | null

export function operands(left: TypedExpression, right: TypedExpression): Operands {
  const affinity = comparisonAffinity(left, right)
  const collation = collationOf(left, right)
  return pairOf(
    applied(asValue(left), affinity, right),
    applied(asValue(right), affinity, left),
    affinity,
    collation,
  )
}

/** https://www.sqlite.org/datatype3.html#type_conversions_prior_to_comparison, sqlite3CompareAffinity */
export function comparisonAffinity(left: TypedExpression, right: TypedExpression): Applied {
  const [a, b] = [left.affinity, right.affinity]
  if (isNumeric(a) || isNumeric(b)) return 'numeric'
  if (a !== 'none' && b !== 'none') return null
  return a === 'text' || b === 'text' ? 'text' : null
}

export function isNumeric(affinity: TypedExpression['affinity']): boolean {
  return affinity === 'integer' || affinity === 'real' || affinity === 'numeric'
}

/** An explicit collation first, then a column's; the left operand before the right one. */
export function collationOf(left: TypedExpression, right: TypedExpression): Collation {
  const explicit = [left, right].find(({ collationFrom }) => collationFrom === 'explicit')
  const column = [left, right].find(({ collationFrom }) => collationFrom === 'column')
  return (explicit ?? column)?.collation ?? 'BINARY'
}

/** What affinity does to a literal is done here; what it does to a row's value is left to `dynamic`. */
function applied(
  value: TypedExpression,
  affinity: Applied,
  other: TypedExpression,
): TypedExpression {
  const { literal, type } = value
  if (affinity === 'numeric' && typeof literal === 'string') {
    const number = numberOfText(literal)
    if (typeof number === 'bigint') return integerLiteral(number)
    return number === undefined ? value : realConstant(number)
  }
  if (affinity === 'text' && isNumber(type)) {
    if (typeof literal === 'bigint') return textLiteral(literal.toString())
    return { ...value, type: 'text', sql: toText(value), literal: undefined, column: null }
  }
  // An integral REAL is the same number as an INTEGER, which an index of integers can find.
  const integral = typeof literal === 'number' && Number.isSafeInteger(literal)
  if (integral && other.type === 'integer') return integerLiteral(BigInt(literal))
  return value
}

function isNumber(type: SqlType): boolean {
  return type === 'integer' || type === 'real' || type === 'numeric'
}

const RANKS: Partial<Record<SqlType, number>> = {
  integer: 1,
  real: 1,
  numeric: 1,
  text: 2,
  blob: 3,
}

function pairOf(
  left: TypedExpression,
  right: TypedExpression,
  affinity: Applied,
  collation: Collation,
): Operands {
  if (left.type === 'null' || right.type === 'null') return { kind: 'null' }
  const [a, b] = [RANKS[left.type], RANKS[right.type]]
  if (a === undefined || b === undefined) return dynamicPair(left, right, affinity, collation)
  const { literal } = right
  if (a === 2 && b === 2) {
    const ordered = left.column !== null || right.column !== null
    const number = affinity === 'numeric' ? numberAmong(left, right) : null
    return { kind: 'text', left: left.sql, right: right.sql, literal, collation, ordered, number }
  }
  if (a === b) {
    const mixed = mixedNumbers(left, right)
    return { kind: 'direct', left: left.sql, right: right.sql, literal, mixed }
  }
  const unknown = [left, right].some(
    ({ type, literal }) => type === 'text' && literal === undefined,
  )
  if (affinity === 'numeric' && a !== 3 && b !== 3 && unknown) {
    return dynamicPair(left, right, affinity, collation)
  }
  return { kind: 'classes', order: a < b ? -1 : 1 }
}

function numberAmong(left: TypedExpression, right: TypedExpression): 'left' | 'right' | null {
  if (mayBeNumber(left)) return 'left'
  return mayBeNumber(right) ? 'right' : null
}

/** NUMERIC affinity may make a number of the text. Columns that have it themselves hold none. */
export function mayBeNumber(side: TypedExpression): boolean {
  const { literal, isNoNumber } = side
  if (typeof literal === 'string') return numberOfText(literal) !== undefined
  return isTextual(side) && isNoNumber !== true
}

function dynamicPair(
  left: TypedExpression,
  right: TypedExpression,
  affinity: Applied,
  collation: Collation,
): Operands {
  const sides = [dynamicOf(left, affinity), dynamicOf(right, affinity)] as const
  if (collation === 'BINARY') {
    return {
      kind: 'dynamic',
      left: sides[0],
      right: sides[1],
      text: textSide(left, right, affinity),
      number: affinity === null ? numberSide(left, right) : null,
    }
  }
  const folded = sides.map((side) => `sqlite.dynamic_fold(${side}, '${collation}')`) as [
    string,
    string,
  ]
  return { kind: 'dynamic', left: folded[0], right: folded[1], text: null, number: null }
}

function textSide(
  left: TypedExpression,
  right: TypedExpression,
  affinity: Applied,
): TextSide | null {
  if (affinity !== null) return null
  const text = [left, right].find(({ type, constant }) => type === 'text' && constant)
  const other = text === left ? right : left
  if (text === undefined || !text.notNull || other.type !== 'dynamic') return null
  return { sql: text.sql, literal: text.literal, other }
}

function numberSide(left: TypedExpression, right: TypedExpression): NumberSide | null {
  const number = [left, right].find(({ type, constant }) => isNumber(type) && constant)
  if (number === undefined) return null
  const isLeft = number === left
  const sql =
    number.type === 'integer'
      ? `(${number.sql})::numeric`
      : `sqlite.sort_number(${toDynamic(number)})`
  return { sql, other: isLeft ? right : left, isLeft }
}

/** json of either side, with the class that the comparison gives it. */
export function dynamicOf(expression: TypedExpression, affinity: Applied): string {
  const { type, sql } = expression
  if (affinity === 'numeric' && (type === 'text' || type === 'dynamic')) {
    return `sqlite.apply_numeric(${sql})`
  }
  if (affinity !== 'text') return toDynamic(expression)
  if (isNumber(type)) return `sqlite.dynamic(${toText(expression)})`
  return type === 'dynamic' ? `sqlite.apply_text(${sql})` : toDynamic(expression)
}
