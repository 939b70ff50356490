import type { BinaryExpr, Expr, FunctionCallExpr } from 'sqlite3-parser'
import { createScope, type ExpressionScope, type PostgresExpression } from './expression-scope.ts'
import { literalValue } from './literal.ts'
import type { Table } from './model.ts'
import { parseExpression } from './parse-expression.ts'
import { quoteIdentifier, quoteLiteral } from './quote.ts'
import { loneStep, plainSteps } from '../sql/json-steps.ts'

/**
 * The expressions of indexes, in a subset of which it is known that both places compute the same:
 * columns, literals, comparisons of like with like, AND, OR, NOT, IS NULL, IN, BETWEEN, `||` and a few
 * functions. Null for everything else: an index with another meaning would be worse than none.
 */
export function indexExpression(sql: string, table: Table): PostgresExpression | null {
  const expr = parseExpression(sql)
  return expr === null ? null : translate(expr, createScope(sql, table))
}

/** The text of a partial index's WHERE as a condition; a number is true unless it is zero. */
export function indexCondition(sql: string, table: Table): string | null {
  const expr = parseExpression(sql)
  return expr === null ? null : condition(expr, createScope(sql, table))
}

function translate(expr: Expr, scope: ExpressionScope): PostgresExpression | null {
  switch (expr.type) {
    case 'Id':
      return scope.word(expr)
    case 'QualifiedExpr':
      return scope.qualified(expr.table.text, expr.column.text)
    case 'ParenthesizedExpr':
      return expr.exprs.length === 1 && expr.exprs[0] ? translate(expr.exprs[0], scope) : null
    case 'UnaryExpr':
      return expr.op === 'Not' ? negation(expr.expr, scope) : literal(expr)
    case 'BinaryExpr':
      return binary(expr, scope)
    case 'IsNullExpr':
      return nullTest(expr.expr, 'IS NULL', scope)
    case 'NotNullExpr':
      return nullTest(expr.expr, 'IS NOT NULL', scope)
    case 'BetweenExpr': {
      const [value, start, end] = alike([expr.lhs, expr.start, expr.end], scope) ?? []
      if (value === undefined) return null
      return truth(`(${value} ${expr.not ? 'NOT ' : ''}BETWEEN ${start} AND ${end})`)
    }
    case 'InListExpr': {
      const [value, ...list] = alike([expr.lhs, ...(expr.rhs ?? [])], scope) ?? []
      if (value === undefined || list.length === 0) return null
      return truth(`(${value} ${expr.not ? 'NOT ' : ''}IN (${list.join(', ')}))`)
    }
    case 'FunctionCallExpr':
      return call(expr, scope)
    default:
      return literal(expr)
  }
}

function condition(expr: Expr, scope: ExpressionScope): string | null {
  const translated = translate(expr, scope)
  if (translated?.kind === 'boolean') return translated.sql
  return translated?.kind === 'number' ? `(${translated.sql} <> 0)` : null
}

function negation(expr: Expr, scope: ExpressionScope): PostgresExpression | null {
  const negated = condition(expr, scope)
  return negated === null ? null : truth(`(NOT ${negated})`)
}

const comparisons: Partial<Record<BinaryExpr['op'], string>> = {
  Equals: '=',
  NotEquals: '<>',
  Less: '<',
  LessEquals: '<=',
  Greater: '>',
  GreaterEquals: '>=',
}

function binary(
  { left, op, right }: BinaryExpr,
  scope: ExpressionScope,
): PostgresExpression | null {
  if (op === 'And' || op === 'Or') {
    const conditions = [condition(left, scope), condition(right, scope)]
    if (conditions.includes(null)) return null
    return truth(`(${conditions.join(op === 'And' ? ' AND ' : ' OR ')})`)
  }
  if (op === 'Is' || op === 'IsNot') {
    if (right.type !== 'NullLiteral') return null
    return nullTest(left, op === 'Is' ? 'IS NULL' : 'IS NOT NULL', scope)
  }
  if (op === 'ArrowRightShift') return jsonValue(left, right, scope)
  if (op === 'Concat') {
    const [a, b] = [translate(left, scope), translate(right, scope)]
    if (a?.kind !== 'text' || b?.kind !== 'text') return null
    return { sql: `(${a.sql} || ${b.sql})`, kind: 'text' }
  }
  const isTrue = truthTest(left, op, right, scope)
  if (isTrue !== null) return isTrue
  const operator = comparisons[op]
  const operands = operator === undefined ? null : alike([left, right], scope)
  return operands === null ? null : truth(`(${operands.join(` ${operator} `)})`)
}

/** A condition beside 0 or 1 is that condition, or its opposite. */
function truthTest(
  left: Expr,
  op: BinaryExpr['op'],
  right: Expr,
  scope: ExpressionScope,
): PostgresExpression | null {
  const value = literalValue(right)
  if ((op !== 'Equals' && op !== 'NotEquals') || (value !== 0n && value !== 1n)) return null
  const test = translate(left, scope)
  if (test?.kind !== 'boolean') return null
  return (value === 1n) === (op === 'Equals') ? test : truth(`(NOT ${test.sql})`)
}

/** SQLite converts before it compares unlike things; PostgreSQL would refuse or convert otherwise. */
function alike(exprs: readonly Expr[], scope: ExpressionScope): string[] | null {
  const translated = exprs.map((expr) => translate(expr, scope))
  const kind = translated[0]?.kind
  if (kind === undefined || kind === 'boolean' || kind === 'upgraded' || kind === 'json')
    return null
  if (translated.some((each) => each?.kind !== kind)) return null
  if (kind === 'text' && exprs.some((expr) => scope.hasCollation(expr))) return null
  return translated.flatMap((each) => (each === null ? [] : each.sql))
}

function nullTest(expr: Expr, test: string, scope: ExpressionScope): PostgresExpression | null {
  const translated = translate(expr, scope)
  return translated === null ? null : truth(`(${translated.sql} ${test})`)
}

function call(expr: FunctionCallExpr, scope: ExpressionScope): PostgresExpression | null {
  if (expr.distinctness ?? expr.orderBy ?? expr.filterOver) return null
  const [document, path, ...more] = expr.args ?? []
  if (expr.name.name.toLowerCase() === 'json_extract') {
    if (document === undefined || path === undefined || more.length > 0) return null
    return jsonValue(document, path, scope)
  }
  const args = (expr.args ?? []).map((arg) => translate(arg, scope))
  const [first] = args
  if (first === null || first === undefined) return null
  if (first.kind === 'upgraded' || first.kind === 'json' || first.kind === 'boolean') return null
  const name = expr.name.name.toLowerCase()
  if (args.length === 1) return unaryCall(name, first)
  if (name !== 'coalesce' && name !== 'ifnull') return null
  if (args.some((each) => each?.kind !== first.kind)) return null
  const list = args.map((each) => each?.sql).join(', ')
  return { sql: `coalesce(${list})`, kind: first.kind }
}

/**
 * A value of a document by a path that begins with `$`, for which `->>` and `json_extract` are the same. In the
 * form in which statements look for a text there; see sql/translate/comparison.ts.
 */
function jsonValue(document: Expr, path: Expr, scope: ExpressionScope): PostgresExpression | null {
  const column = scope.column(document)
  const steps = literalValue(path)
  if (column === undefined || typeof steps !== 'string' || !steps.startsWith('$')) return null
  const name = quoteIdentifier(column.name)
  if (column.postgresType === 'jsonb') {
    const names = plainSteps(steps)
    return names === null ? null : { sql: `(${name} #>> ${names})`, kind: 'json' }
  }
  if (column.postgresType !== 'text' || steps.includes('\0')) return null
  const step = loneStep(steps)
  const value =
    step === null ? `json_extract(${name}, ${quoteLiteral(steps)})` : `json_item(${name}, ${step})`
  return { sql: `sqlite.dynamic_text(sqlite.${value})`, kind: 'json' }
}

/** In the "C" collation `lower` and `upper` change ASCII only, as SQLite's do. */
function unaryCall(name: string, { sql, kind }: PostgresExpression): PostgresExpression | null {
  if (kind === 'number') return name === 'abs' ? { sql: `abs(${sql})`, kind } : null
  if (kind !== 'text') return null
  if (name === 'length') return { sql: `length(${sql})`, kind: 'number' }
  if (name === 'lower' || name === 'upper') return { sql: `${name}(${sql} COLLATE "C")`, kind }
  const trims: Readonly<Record<string, string>> = { trim: 'btrim', ltrim: 'ltrim', rtrim: 'rtrim' }
  return trims[name] === undefined ? null : { sql: `${trims[name]}(${sql})`, kind }
}

function literal(expr: Expr): PostgresExpression | null {
  const value = literalValue(expr)
  if (typeof value === 'bigint') return { sql: `(${value})`, kind: 'number' }
  if (typeof value === 'number' && Number.isFinite(value)) {
    return { sql: `'${value}'::double precision`, kind: 'number' }
  }
  if (typeof value !== 'string' || value.includes('\0')) return null
  return { sql: quoteLiteral(value), kind: 'text' }
}

function truth(sql: string): PostgresExpression {
  return { sql, kind: 'boolean' }
}
