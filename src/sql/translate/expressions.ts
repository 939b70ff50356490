import type { CollateExpr, Expr } from 'sqlite3-parser'
import { foldName } from '../quote.ts'
import { calls } from './call-operators.ts'
import { call } from './calls.ts'
import { caseExpression } from './case.ts'
import { cast } from './cast.ts'
import { between } from './comparisons.ts'
import type { Emitter } from './emitter.ts'
import { typed, type Collation, type TypedExpression } from './expression.ts'
import { isHexTooBig, literal } from './literals.ts'
import { inList, inSelect, inTable } from './membership.ts'
import { columnName, resolve, type ColumnName } from './names.ts'
import { nativeOf } from './native.ts'
import { binary, unary } from './operators.ts'
import { ownClass } from './parameter-values.ts'
import { like } from './patterns.ts'
import type { Scope } from './scope.ts'
import { exists, subquery } from './subqueries.ts'
import { rowNodes } from './syntax.ts'
import { writtenCollation } from './written-collation.ts'

/** An expression, with the collation that is written anywhere in it. */
export function emitExpression(node: Expr, scope: Scope, emitter: Emitter): TypedExpression {
  const value = emitWhole(node, scope, emitter)
  switch (node.type) {
    case 'Id':
    case 'NameExpr':
    case 'QualifiedExpr':
    case 'ParenthesizedExpr':
      return value
    default:
      return withWritten(value, node, emitter)
  }
}

function withWritten(value: TypedExpression, node: Expr, emitter: Emitter): TypedExpression {
  const written = writtenCollation(node)
  if (written === 'row') {
    if (value.type !== 'text' && value.type !== 'dynamic') return value
    const construct = 'A COLLATE behind the first place of a row value, within a text'
    throw emitter.unsupported(construct, node.span.offset, 'Write COLLATE behind the whole')
  }
  if (written !== undefined) return collate(value, written, emitter)
  // One behind an alias is no more to what is around the name than a column's.
  return value.collationFrom === 'explicit' ? { ...value, collationFrom: 'column' } : value
}

/** Where it is a GROUP BY term as a whole, that term. */
function emitWhole(node: Expr, scope: Scope, emitter: Emitter): TypedExpression {
  const { grouping } = scope
  if (grouping !== null && node.type !== 'Id' && grouping.kinds.has(node.type)) {
    const whole = dispatch(node, { ...scope, grouping: null }, emitter)
    const key = grouping.keys.get(whole.sql)
    const { collation, collationFrom } = whole
    if (key !== undefined) return { ...key, collation, collationFrom }
  }
  return dispatch(node, scope, emitter)
}

function dispatch(node: Expr, scope: Scope, emitter: Emitter): TypedExpression {
  switch (node.type) {
    case 'Id':
    case 'NameExpr':
    case 'QualifiedExpr':
      return resolve(columnName(node, emitter.sql) as ColumnName, scope, emitter)
    case 'ParenthesizedExpr':
      if (node.exprs.length === 1 && node.exprs[0] !== undefined) {
        return emitter.expression(node.exprs[0], scope)
      }
      throw emitter.wrong('row value misused', node.span.offset)
    case 'VariableExpr':
      return ownClass(emitter.parameters, emitter.parameterOf(node) ?? 0)
    case 'UnaryExpr':
      return unary(node, scope, emitter)
    case 'BinaryExpr':
      return calls(node, scope, emitter) ?? binary(node, scope, emitter)
    case 'BetweenExpr':
      return between(node, scope, emitter)
    case 'IsNullExpr':
      return nullTest(node.expr, '', scope, emitter)
    case 'NotNullExpr':
      return nullTest(node.expr, 'NOT ', scope, emitter)
    case 'CaseExpr':
      return caseExpression(node, scope, emitter)
    case 'CastExpr':
      return cast(emitter.value(node.expr, scope), node)
    case 'CollateExpr':
      return collate(emitter.expression(node.expr, scope), node, emitter)
    case 'LikeExpr':
      return calls(node, scope, emitter) ?? like(node, scope, emitter)
    case 'InListExpr':
      return inList(node, scope, emitter)
    case 'InSelectExpr':
      return inSelect(node, scope, emitter)
    case 'InTableExpr':
      return inTable(node, scope, emitter)
    case 'ExistsExpr':
      return exists(node, scope, emitter)
    case 'SubqueryExpr':
      return subquery(node, scope, emitter)
    case 'FunctionCallExpr':
    case 'FunctionCallStarExpr':
      return call(node, scope, emitter)
    case 'RaiseExpr':
      throw emitter.wrong('RAISE() may only be used within a trigger-program', node.span.offset)
    case 'NumericLiteral':
      if (isHexTooBig(node.value))
        throw emitter.wrong(`hex literal too big: ${node.value}`, node.span.offset)
      return literal(node)
    default:
      return literal(node)
  }
}

function nullTest(node: Expr, not: string, scope: Scope, emitter: Emitter): TypedExpression {
  const parameter = emitter.parameterOf(node)
  if (parameter !== undefined) {
    const isNull = emitter.parameters.isOneOf(parameter, ['null'])
    const facts = { notNull: true, constant: true }
    return typed(isNull === (not === '') ? 'TRUE' : 'FALSE', 'boolean', facts)
  }
  const value = emitter.expression(node, scope)
  const { constant } = value
  const sql = nativeOf(value)?.sql ?? value.sql
  return typed(`(${sql} IS ${not}NULL)`, 'boolean', { notNull: true, constant })
}

export function collate(
  value: TypedExpression,
  node: CollateExpr,
  emitter: Emitter,
): TypedExpression {
  const name = foldName(node.collation).toUpperCase()
  if (!isCollation(name)) {
    const construct = `The collation ${node.collation}`
    throw emitter.unsupported(construct, node.span.offset, 'Use BINARY, NOCASE or RTRIM')
  }
  return { ...value, collation: name, collationFrom: 'explicit' }
}

function isCollation(name: string): name is Collation {
  return name === 'BINARY' || name === 'NOCASE' || name === 'RTRIM'
}

/** The parts of a row value. */
export function emitRow(
  node: Expr,
  scope: Scope,
  emitter: Emitter,
): readonly TypedExpression[] | undefined {
  return rowNodes(node)?.map((each) => emitter.value(each, scope))
}
