import type { BetweenExpr, BinaryExpr, Expr } from 'sqlite3-parser'
import { compare, same, type ComparisonOperator } from './comparison.ts'
import type { Emitter } from './emitter.ts'
import { allConstant, typed, type TypedExpression } from './expression.ts'
import { nullLiteral } from './literals.ts'
import { comparedRows } from './row-values.ts'
import type { Scope } from './scope.ts'
import { sides } from './sides.ts'

const OPERATORS: Partial<Record<BinaryExpr['op'], ComparisonOperator>> = {
  Equals: '=',
  NotEquals: '<>',
  Less: '<',
  LessEquals: '<=',
  Greater: '>',
  GreaterEquals: '>=',
}

/** `=`, `<>`, `<`, `<=`, `>`, `>=`, IS and IS NOT of two scalars or two row values; undefined for others. */
export function comparison(
  node: BinaryExpr,
  scope: Scope,
  emitter: Emitter,
): TypedExpression | undefined {
  const { left, op, right } = node
  const operator = OPERATORS[op]
  if (operator === undefined && op !== 'Is' && op !== 'IsNot') return undefined
  const truth = operator === undefined ? truthTest(node, scope, emitter) : undefined
  if (truth !== undefined) return truth
  const term = emitter.termOf(node)
  const rows = comparedRows(
    [left, operator ?? (op === 'Is' ? 'Is' : 'IsNot'), right],
    scope,
    emitter,
    term,
  )
  if (rows !== undefined) return rows
  const [a, b] = sides(left, right, scope, emitter)
  if (operator !== undefined) return compare(a, operator, b, term !== undefined)
  const [one, other] = [known(left, a, emitter), known(right, b, emitter)]
  return same(one, other, op === 'IsNot', term !== undefined)
}

/** A parameter of IS that is NULL or is not, which makes two statements of one. */
function known(node: Expr, value: TypedExpression, emitter: Emitter): TypedExpression {
  const parameter = emitter.parameterOf(node)
  if (parameter === undefined) return value
  if (emitter.parameters.isOneOf(parameter, ['null'])) return nullLiteral
  return { ...value, notNull: true }
}

/** `x IS TRUE` asks for a truth value and not for the number 1. */
function truthTest(
  { left, op, right }: BinaryExpr,
  scope: Scope,
  emitter: Emitter,
): TypedExpression | undefined {
  const named = bare(right)
  const word = emitter.sql.slice(named.span.offset).match(/^(?:true|false)\b/i)?.[0]
  const isWord = named.type === 'Id' || named.type === 'KeywordLiteral'
  if (word === undefined || !isWord || named.span.length !== word.length) return undefined
  const value = emitter.expression(named, scope)
  if (value.column !== null) return undefined
  const not = op === 'IsNot' ? 'NOT ' : ''
  const condition = emitter.condition(left, scope)
  return typed(`(${condition} IS ${not}${word.toUpperCase()})`, 'boolean', { notNull: true })
}

/** Parentheses and a collation change nothing of it. sqlite3ExprSkipCollateAndLikely of expr.c */
function bare(node: Expr): Expr {
  if (node.type === 'CollateExpr') return bare(node.expr)
  const [only, second] = node.type === 'ParenthesizedExpr' ? node.exprs : []
  return only === undefined || second !== undefined ? node : bare(only)
}

export function between(node: BetweenExpr, scope: Scope, emitter: Emitter): TypedExpression {
  const bound = (end: Expr, operator: ComparisonOperator): TypedExpression => {
    const rows = comparedRows([node.lhs, operator, end], scope, emitter)
    if (rows !== undefined) return rows
    const [a, b] = sides(node.lhs, end, scope, emitter)
    return compare(a, operator, b)
  }
  const parts = [bound(node.start, '>='), bound(node.end, '<=')]
  const both = `(${parts.map(({ sql }) => sql).join(' AND ')})`
  const facts = { constant: allConstant(parts), notNull: parts.every(({ notNull }) => notNull) }
  return typed(node.not ? `(NOT ${both})` : both, 'boolean', facts)
}
