import { fitsInt64 } from '../../values/affinity.ts'
import { toDynamic, toInteger, toReal, toText } from './convert.ts'
import { asValue, allConstant, allNotNull, typed, type TypedExpression } from './expression.ts'
import { realConstant } from './literals.ts'
import { isNoPartOfNumber } from './numeric-text.ts'
import { ofNull } from './of-null.ts'

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%'

const DYNAMIC: Readonly<Record<ArithmeticOperator, string>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'remainder',
}

/**
 * INTEGER with INTEGER is INTEGER, a REAL makes the result REAL, and where only the values tell, the result is
 * dynamic. https://www.sqlite.org/lang_expr.html#operators_and_parse_affecting_attributes
 */
export function arithmetic(
  leftSide: TypedExpression,
  operator: ArithmeticOperator,
  rightSide: TypedExpression,
): TypedExpression {
  const [left, right] = [asValue(leftSide), asValue(rightSide)]
  if (left.type === 'null' || right.type === 'null') return ofNull([left, right], 'null')
  const divides = operator === '/' || operator === '%'
  const facts = {
    constant: allConstant([left, right]),
    notNull: allNotNull([left, right]) && (!divides || isNotZero(right)),
  }
  const beyond = infinite(left, operator, right) ?? wide(left, operator, right)
  if (beyond !== undefined) return realConstant(beyond)
  if (left.type === 'integer' && right.type === 'integer') {
    return typed(
      `(${left.sql} ${operator} ${divisor(right, right.sql, divides)})`,
      'integer',
      facts,
    )
  }
  const real = left.type === 'real' || right.type === 'real'
  if (real && isNumber(left) && isNumber(right)) {
    const sql = realArithmetic(left, operator, right)
    if (operator === '%' || isFinite(left, operator) || isFinite(right, operator)) {
      return typed(sql, 'real', facts)
    }
    // What infinities make that is no number is NULL.
    return typed(`nullif(${sql}, 'NaN')`, 'real', { ...facts, notNull: false })
  }
  if (keepsIntegrality(left, operator, right)) {
    const [a, b] = [left, right].map(narrow)
    return typed(`(${a} ${operator} ${b})`, 'numeric', facts)
  }
  // A remainder is that of the operands as CAST(x AS INTEGER) has them: of '1e3' that is 1.
  const operands = [left, right].map(operator === '%' ? toDynamic : number)
  return typed(`sqlite.dynamic_${DYNAMIC[operator]}(${operands.join(', ')})`, 'dynamic', {
    ...facts,
    numbers: true,
  })
}

/** Of two numbers that are written down: REAL goes on behind its range as an infinity, which PostgreSQL refuses. */
function infinite(
  left: TypedExpression,
  operator: ArithmeticOperator,
  right: TypedExpression,
): number | undefined {
  if (typeof left.literal !== 'number' && typeof right.literal !== 'number') return undefined
  const [a, b] = [left, right].map(({ literal }) =>
    typeof literal === 'bigint' || typeof literal === 'number' ? Number(literal) : Number.NaN,
  ) as [number, number]
  const values: Partial<Record<ArithmeticOperator, number>> = { '+': a + b, '-': a - b, '*': a * b }
  const value = values[operator]
  return value === Infinity || value === -Infinity ? value : undefined
}

/** Of two INTEGERs that are written down: SQLite goes on in REAL where their result is beyond 64 bits. */
function wide(
  { literal: a }: TypedExpression,
  operator: ArithmeticOperator,
  { literal: b }: TypedExpression,
): number | undefined {
  if (typeof a !== 'bigint' || typeof b !== 'bigint') return undefined
  const values: Partial<Record<ArithmeticOperator, readonly [bigint, number]>> = {
    '+': [a + b, Number(a) + Number(b)],
    '-': [a - b, Number(a) - Number(b)],
    '*': [a * b, Number(a) * Number(b)],
  }
  const [exact, rounded] = values[operator] ?? [0n, 0]
  return fitsInt64(exact) ? undefined : rounded
}

/** With this operand the result is a number whatever the other is. */
function isFinite({ literal }: TypedExpression, operator: ArithmeticOperator): boolean {
  if (typeof literal !== 'bigint' && typeof literal !== 'number') return false
  const value = Number(literal)
  return Number.isFinite(value) && (operator === '+' || operator === '-' || value !== 0)
}

function realArithmetic(
  left: TypedExpression,
  operator: ArithmeticOperator,
  right: TypedExpression,
): string {
  if (operator === '%') {
    const second = divisor(right, toInteger(right), true)
    return `((${toInteger(left)} % ${second})::float8)`
  }
  const [a, b] = [toReal(left), toReal(right)]
  return `(${a} ${operator} ${divisor(right, b, operator === '/')})`
}

/** A column of NUMERIC affinity stays integral or fractional when a small integer is added. */
function keepsIntegrality(
  left: TypedExpression,
  operator: ArithmeticOperator,
  right: TypedExpression,
): boolean {
  if (operator !== '+' && operator !== '-') return false
  return (left.type === 'numeric' && isSmall(right)) || (isSmall(left) && right.type === 'numeric')
}

/** An INTEGER from 2^53 on would be added as a double. */
function narrow({ type, sql }: TypedExpression): string {
  return type === 'numeric' ? `sqlite.narrow(${sql})` : sql
}

function isSmall({ literal }: TypedExpression): boolean {
  return typeof literal === 'bigint' && literal > -(2n ** 32n) && literal < 2n ** 32n
}

/** json of a text is its number: the longest prefix that is one. */
function number(value: TypedExpression): string {
  if (value.type === 'text') return `sqlite.text_operand(${value.sql})`
  return value.type === 'blob'
    ? `sqlite.text_operand(sqlite.blob_digits(${value.sql}))`
    : toDynamic(value)
}

function isNumber({ type }: TypedExpression): boolean {
  return type === 'integer' || type === 'real' || type === 'numeric'
}

function isNotZero({ literal }: TypedExpression): boolean {
  return (
    (typeof literal === 'bigint' || typeof literal === 'number') && Math.abs(Number(literal)) >= 1
  )
}

/** Division by zero is NULL. */
function divisor(value: TypedExpression, sql: string, divides: boolean): string {
  return !divides || isNotZero(value) ? sql : `nullif(${sql}, 0)`
}

/** SQLite computes `0 - x`, so that zero has no sign. */
export function negate(value: TypedExpression): TypedExpression {
  const operand = asValue(value)
  const { type, sql, constant, notNull } = operand
  if (type === 'integer' || type === 'real' || type === 'numeric') {
    return typed(`(0 - ${sql})`, type, { constant, notNull })
  }
  if (type === 'null') return ofNull([operand], 'null')
  const zero = typed(`'0'::json`, 'dynamic')
  const difference = `sqlite.dynamic_subtract(${zero.sql}, ${number(operand)})`
  return typed(difference, 'dynamic', { constant, notNull, numbers: true })
}

export function concatenate(left: TypedExpression, right: TypedExpression): TypedExpression {
  if (left.type === 'null' || right.type === 'null') return ofNull([left, right], 'null')
  return typed(`(${toText(left)} || ${toText(right)})`, 'text', {
    constant: allConstant([left, right]),
    notNull: allNotNull([left, right]),
    isNoNumber: isStrange(left) || isStrange(right),
  })
}

function isStrange({ literal }: TypedExpression): boolean {
  return typeof literal === 'string' && isNoPartOfNumber(literal)
}

export type BitOperator = '&' | '|' | '<<' | '>>'

export function bits(
  left: TypedExpression,
  operator: BitOperator,
  right: TypedExpression,
): TypedExpression {
  if (left.type === 'null' || right.type === 'null') return ofNull([left, right], 'null')
  const facts = { constant: allConstant([left, right]), notNull: allNotNull([left, right]) }
  const [a, b] = [toInteger(left), toInteger(right)]
  if (operator === '&' || operator === '|')
    return typed(`(${a} ${operator} ${b})`, 'integer', facts)
  const { literal } = right
  if (typeof literal === 'bigint' && literal >= 0n && literal < 64n) {
    return typed(`(${a} ${operator} ${literal})`, 'integer', facts)
  }
  // PostgreSQL takes the distance modulo 64; SQLite shifts out, and a negative distance the other way.
  const sql = operator === '<<' ? `sqlite.shift(${a}, ${b})` : `sqlite.shift_right(${a}, ${b})`
  return typed(sql, 'integer', facts)
}

export function invert(value: TypedExpression): TypedExpression {
  if (value.type === 'null') return ofNull([value], 'null')
  const { constant, notNull } = value
  return typed(`(~ ${toInteger(value)})`, 'integer', { constant, notNull })
}
