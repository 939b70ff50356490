import type { Expr, FunctionCallExpr } from 'sqlite3-parser'
import { functions } from '../functions/functions.ts'
import type { Emitter } from './emitter.ts'
import { toCondition } from './convert.ts'
import { typed, type TypedExpression } from './expression.ts'
import type { Scope } from './scope.ts'

/**
 * Operators that are functions to SQLite: `->`, `->>`, GLOB, REGEXP and MATCH. The registry has them by these
 * names, `glob` with the pattern first. Undefined for every other operator.
 */
export function calls(node: Expr, scope: Scope, emitter: Emitter): TypedExpression | undefined {
  if (node.type === 'BinaryExpr') {
    if (node.op === 'ArrowRight') return called('->', [node.left, node.right], node, scope, emitter)
    if (node.op === 'ArrowRightShift') {
      return called('->>', [node.left, node.right], node, scope, emitter)
    }
    return undefined
  }
  if (node.type !== 'LikeExpr' || node.op === 'Like') return undefined
  if (node.op === 'Match') {
    const wayOut = 'Full-text search is not carried over: see docs/limits.md'
    throw emitter.unsupported('MATCH', node.span.offset, wayOut)
  }
  const value = called(node.op.toLowerCase(), [node.rhs, node.lhs], node, scope, emitter)
  if (!node.not) return value
  const { notNull, constant } = value
  return typed(`(NOT ${toCondition(value)})`, 'boolean', { notNull, constant })
}

function called(
  name: string,
  args: readonly Expr[],
  node: Expr,
  scope: Scope,
  emitter: Emitter,
): TypedExpression {
  const { span } = node
  if (functions.find(name, args.length) === undefined) {
    if (name === 'regexp') throw emitter.wrong('no such function: REGEXP', span.offset)
    throw emitter.unsupported(`The operator ${name.toUpperCase()}`, span.offset, 'Compute it first')
  }
  const call: FunctionCallExpr = {
    type: 'FunctionCallExpr',
    name: { type: 'Id', name, span },
    distinctness: undefined,
    args,
    orderBy: undefined,
    filterOver: undefined,
    span,
  }
  return emitter.expression(call, scope)
}
