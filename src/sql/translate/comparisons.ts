import type { BetweenExpr, BinaryExpr, Expr } from 'sqlite3-parser'
import { compare, same, type ComparisonOperator } from './comparison.ts'
import { toCondition } from './convert.ts'
import type { Emitter } from './emitter.ts'
import { allConstant, typed, type TypedExpression } from './expression.ts'
import { nullLiteral } from './literals.ts'
import { operands } from './operands.ts'
import { facing } from './parameter-values.ts'
import type { Scope } from './scope.ts'

/** Both sides as values; a parameter takes the type of what it faces. */
export function sides(
  left: Expr,
  right: Expr,
  scope: Scope,
  emitter: Emitter,
): readonly [TypedExpression, TypedExpression] {
  const [a, b] = [emitter.parameterOf(left), emitter.parameterOf(right)]
  if (a !== undefined && b === undefined) {
    const other = emitter.expression(right, scope)
    return [facing(emitter.parameters, a, other), other]
  }
  const first = emitter.expression(left, scope)
  if (b !== undefined && a === undefined) return [first, facing(emitter.parameters, b, first)]
  return [first, emitter.expression(right, scope)]
}

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
  const rows = [emitter.row(left, scope), emitter.row(right, scope)] as const
  if (rows[0] === undefined && rows[1] === undefined) {
    const [a, b] = sides(left, right, scope, emitter)
    if (operator !== undefined) return compare(a, operator, b)
    return same(known(left, a, emitter), known(right, b, emitter), op === 'IsNot')
  }
  if (rows[0] === undefined || rows[1]?.length !== rows[0].length) {
    throw emitter.wrong('row value misused', node.span.offset)
  }
  return rowComparison(rows[0], operator ?? (op === 'Is' ? 'Is' : 'IsNot'), rows[1])
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
  const word = emitter.sql.slice(right.span.offset).match(/^(?:true|false)\b/i)?.[0]
  const isWord = right.type === 'Id' || right.type === 'KeywordLiteral'
  if (word === undefined || !isWord || right.span.length !== word.length) return undefined
  const value = emitter.expression(right, scope)
  if (value.column !== null) return undefined
  const not = op === 'IsNot' ? 'NOT ' : ''
  const condition = emitter.condition(left, scope)
  return typed(`(${condition} IS ${not}${word.toUpperCase()})`, 'boolean', { notNull: true })
}

type RowOperator = ComparisonOperator | 'Is' | 'IsNot'

export function rowComparison(
  left: readonly TypedExpression[],
  operator: RowOperator,
  right: readonly TypedExpression[],
): TypedExpression {
  const pairs = left.map((each, index) => [each, right[index] as TypedExpression] as const)
  const facts = { constant: allConstant([...left, ...right]) }
  const all = (parts: readonly TypedExpression[], word: string): TypedExpression =>
    typed(`(${parts.map(toCondition).join(` ${word} `)})`, 'boolean', facts)
  switch (operator) {
    case '=':
      return all(
        pairs.map(([a, b]) => compare(a, '=', b)),
        'AND',
      )
    case '<>':
      return all(
        pairs.map(([a, b]) => compare(a, '<>', b)),
        'OR',
      )
    case 'Is':
      return all(
        pairs.map(([a, b]) => same(a, b, false)),
        'AND',
      )
    case 'IsNot':
      return all(
        pairs.map(([a, b]) => same(a, b, true)),
        'OR',
      )
    default:
      return typed(rowOrder(pairs, operator), 'boolean', facts)
  }
}

/** PostgreSQL compares rows as SQLite does where it compares their parts alike. */
function rowOrder(
  pairs: readonly (readonly [TypedExpression, TypedExpression])[],
  operator: ComparisonOperator,
): string {
  const ready = pairs.map(([a, b]) => operands(a, b))
  const simple = ready.flatMap((pair) => {
    const plainText = pair.kind === 'text' && pair.collation === 'BINARY' && pair.ordered
    return pair.kind === 'direct' || plainText ? [pair] : []
  })
  if (simple.length === pairs.length) {
    const [a, b] = [simple.map(({ left }) => left), simple.map(({ right }) => right)]
    return `((${a.join(', ')}) ${operator} (${b.join(', ')}))`
  }
  const [first, ...rest] = pairs
  if (first === undefined) return 'TRUE'
  const last = compare(first[0], operator, first[1]).sql
  if (rest.length === 0) return last
  const strict = operator.startsWith('<') ? '<' : '>'
  const before = compare(first[0], strict, first[1]).sql
  const equal = compare(first[0], '=', first[1]).sql
  return `(${before} OR (${equal} AND ${rowOrder(rest, operator)}))`
}

export function between(node: BetweenExpr, scope: Scope, emitter: Emitter): TypedExpression {
  const bound = (end: Expr, operator: ComparisonOperator): TypedExpression => {
    const [a, b] = sides(node.lhs, end, scope, emitter)
    return compare(a, operator, b)
  }
  const parts = [bound(node.start, '>='), bound(node.end, '<=')]
  const both = `(${parts.map(({ sql }) => sql).join(' AND ')})`
  const facts = { constant: allConstant(parts), notNull: parts.every(({ notNull }) => notNull) }
  return typed(node.not ? `(NOT ${both})` : both, 'boolean', facts)
}
