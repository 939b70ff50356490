import type { BinaryExpr, Expr, UnaryExpr } from 'sqlite3-parser'
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
import { toCondition } from './convert.ts'
import type { Emitter } from './emitter.ts'
import { asValue, allConstant, allNotNull, typed, type TypedExpression } from './expression.ts'
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
  if (node.op === 'And' || node.op === 'Or') return logical(node, scope, emitter)
  const compared = comparison(node, scope, emitter)
  if (compared !== undefined) return compared
  const chain = chainOf(node, scope)
  checkLength(chain, node, emitter)
  const first = chain.at(-1) as BinaryExpr
  return chain.reduceRight(
    (left, { op, right }) => operation(left, op, emitter.value(right, scope)),
    emitter.value(first.left, scope),
  )
}

/**
 * `a + b + c` from its last operator to its first, so that a long one takes no deep stack. Where a part of it can be
 * a GROUP BY term each part is looked at by itself.
 */
function chainOf(node: BinaryExpr, { grouping }: Scope): readonly BinaryExpr[] {
  const chain = [node]
  if (grouping?.kinds.has('BinaryExpr') === true) return chain
  for (let next = node.left; isComputed(next); next = next.left) chain.push(next)
  return chain
}

function isComputed(node: Expr): node is BinaryExpr {
  if (node.type !== 'BinaryExpr') return false
  return ARITHMETIC[node.op] !== undefined || BITS[node.op] !== undefined || node.op === 'Concat'
}

function operation(
  left: TypedExpression,
  op: BinaryExpr['op'],
  right: TypedExpression,
): TypedExpression {
  const [arithmeticOperator, bitOperator] = [ARITHMETIC[op], BITS[op]]
  if (arithmeticOperator !== undefined) return arithmetic(left, arithmeticOperator, right)
  return bitOperator === undefined ? concatenate(left, right) : bits(left, bitOperator, right)
}

function logical(node: BinaryExpr, scope: Scope, emitter: Emitter): TypedExpression {
  const nodes: Expr[] = []
  let next: Expr = node
  for (; next.type === 'BinaryExpr' && next.op === node.op; next = next.left) nodes.push(next.right)
  checkLength(nodes, node, emitter)
  const operands = [next, ...nodes.toReversed()].map((each) => emitter.expression(each, scope))
  const sql = `(${operands.map(toCondition).join(node.op === 'And' ? ' AND ' : ' OR ')})`
  return typed(sql, 'boolean', { notNull: allNotNull(operands), constant: allConstant(operands) })
}

/** SQLITE_MAX_EXPR_DEPTH: each operator is a level. */
function checkLength(chain: readonly Expr[], { span }: BinaryExpr, emitter: Emitter): void {
  if (chain.length < 1000) return
  throw emitter.wrong('Expression tree is too large (maximum depth 1000)', span.offset)
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
  return { ...asValue(value), affinity: 'none', column: null }
}
