import type { BinaryExpr, UnaryExpr } from 'sqlite3-parser'
import {
  arithmetic,
  bits,
  concatenate,
  invert,
  negate,
  type ArithmeticOperator,
  type BitOperator,
} from './arithmetic.ts'
import { comparison } from './comparisons.ts'
import { plain, toCondition } from './convert.ts'
import type { Emitter } from './emitter.ts'
import { typed, type TypedExpression } from './expression.ts'
import { negated } from './literals.ts'
import type { Scope } from './scope.ts'

const ARITHMETIC: Partial<Record<BinaryExpr['op'], ArithmeticOperator>> = {
  Add: '+',
  Subtract: '-',
  Multiply: '*',
  Divide: '/',
  Modulus: '%',
}

const BITS: Partial<Record<BinaryExpr['op'], BitOperator>> = {
  BitwiseAnd: '&',
  BitwiseOr: '|',
  LeftShift: '<<',
  RightShift: '>>',
}

export function binary(node: BinaryExpr, scope: Scope, emitter: Emitter): TypedExpression {
  const { left, op, right } = node
  if (op === 'And' || op === 'Or') return logical(node, scope, emitter)
  const compared = comparison(node, scope, emitter)
  if (compared !== undefined) return compared
  const [a, b] = [emitter.value(left, scope), emitter.value(right, scope)]
  const [arithmeticOperator, bitOperator] = [ARITHMETIC[op], BITS[op]]
  if (arithmeticOperator !== undefined) return arithmetic(a, arithmeticOperator, b)
  if (bitOperator !== undefined) return bits(a, bitOperator, b)
  return concatenate(a, b)
}

function logical({ left, op, right }: BinaryExpr, scope: Scope, emitter: Emitter): TypedExpression {
  const a = emitter.expression(left, scope)
  const b = emitter.expression(right, scope)
  const sql = `(${toCondition(a)} ${op === 'And' ? 'AND' : 'OR'} ${toCondition(b)})`
  const facts = { notNull: a.notNull && b.notNull, constant: a.constant && b.constant }
  return typed(sql, 'boolean', facts)
}

export function unary(node: UnaryExpr, scope: Scope, emitter: Emitter): TypedExpression {
  const { op, expr } = node
  if (op === 'Not') {
    const operand = emitter.expression(expr, scope)
    const { notNull, constant } = operand
    return typed(`(NOT ${toCondition(operand)})`, 'boolean', { notNull, constant })
  }
  const value = emitter.value(expr, scope)
  if (op === 'BitwiseNot') return invert(value)
  if (op === 'Negative') {
    const digits = expr.type === 'NumericLiteral' ? expr.value : ''
    return negated(value, digits) ?? negate(value)
  }
  // A plus does nothing to the value, but takes its affinity away.
  return { ...plain(value), affinity: 'none', column: null }
}
