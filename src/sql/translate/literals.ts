import type { Literal } from 'sqlite3-parser'
import { hasHalfPair } from '../postgres-text.ts'
import { quoteBytes, quoteText } from '../quote.ts'
import { realLiteral } from './convert.ts'
import { typed, type TypedExpression } from './expression.ts'
import { Refusal } from './refuse.ts'

const MAX_INTEGER = 9_223_372_036_854_775_807n

export function literal(node: Literal): TypedExpression {
  switch (node.type) {
    case 'NumericLiteral':
      return numberOf(node.value)
    case 'StringLiteral':
      return textLiteral(node.value)
    case 'BlobLiteral': {
      const bytes = Buffer.from(node.bytes)
      return constant(quoteBytes(bytes), 'blob', bytes)
    }
    case 'NullLiteral':
      return nullLiteral
    case 'KeywordLiteral':
      return integerLiteral(/^true$/i.test(node.value) ? 1n : 0n)
    case 'CurrentDateLiteral':
      return now('YYYY-MM-DD')
    case 'CurrentTimeLiteral':
      return now('HH24:MI:SS')
    case 'CurrentTimestampLiteral':
      return now('YYYY-MM-DD HH24:MI:SS')
    default:
      return node satisfies never
  }
}

function constant(
  sql: string,
  type: TypedExpression['type'],
  value: NonNullable<TypedExpression['literal']>,
): TypedExpression {
  return typed(sql, type, { notNull: true, constant: true, literal: value })
}

export const nullLiteral: TypedExpression = typed('NULL', 'null', {
  constant: true,
  literal: null,
})

export function integerLiteral(value: bigint): TypedExpression {
  const sql = value < 0n ? `'${value}'::bigint` : `${value}::bigint`
  return constant(sql, 'integer', value)
}

export function textLiteral(value: string): TypedExpression {
  if (hasHalfPair(value))
    throw new Refusal('Half of a surrogate pair', 'PostgreSQL cannot store it in text; remove it')
  return constant(`${quoteText(value)}::text`, 'text', value)
}

export function realConstant(value: number): TypedExpression {
  return constant(realLiteral(value), 'real', value)
}

/** Of more than 64 bits, leading zeros left out. */
export function isHexTooBig(text: string): boolean {
  return /^0x0*[^0]/i.test(text) && text.replaceAll('_', '').replace(/^0x0*/i, '').length > 16
}

/** Whole numbers of more than 64 bits are REAL; hexadecimal ones are 64 bits with a sign. */
function numberOf(text: string): TypedExpression {
  const digits = text.replaceAll('_', '')
  if (/^0x/i.test(digits)) return integerLiteral(BigInt.asIntN(64, BigInt(digits)))
  if (!/^\d+$/.test(digits)) return realConstant(Number(digits))
  const value = BigInt(digits)
  return value > MAX_INTEGER ? realConstant(Number(digits)) : integerLiteral(value)
}

/** In a query of its own it is computed once, and an index can be used with it. */
function now(format: string): TypedExpression {
  const sql = `(SELECT to_char(statement_timestamp() AT TIME ZONE 'UTC', '${format}'))`
  return typed(sql, 'text', { notNull: true, constant: true, isNoNumber: true })
}

/** `-9223372036854775808` is an integer, though its digits alone are not. */
export function negated(value: TypedExpression, digits: string): TypedExpression | undefined {
  const { literal } = value
  if (typeof literal === 'bigint') {
    return literal === -9_223_372_036_854_775_808n ? undefined : integerLiteral(-literal)
  }
  if (digits === '9223372036854775808') return integerLiteral(-9_223_372_036_854_775_808n)
  return typeof literal === 'number' ? realConstant(-literal) : undefined
}
