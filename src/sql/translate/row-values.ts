import type { Expr, SubqueryExpr } from 'sqlite3-parser'
import { compare, same, type ComparisonOperator } from './comparison.ts'
import { operandColumns } from './compound-columns.ts'
import { toCondition } from './convert.ts'
import type { Emitter, Term } from './emitter.ts'
import { allConstant, asValue, typed, type TypedExpression } from './expression.ts'
import { operands } from './operands.ts'
import { exact } from './parameter-values.ts'
import type { Scope } from './scope.ts'
import { sides } from './sides.ts'
import { derived } from './sources.ts'
import { firstRow } from './subqueries.ts'
import { rowNodes, unwrap } from './syntax.ts'

/**
 * A comparison of two row values, of which one may be what a subquery gives; undefined for one of scalars.
 * https://www.sqlite.org/rowvalue.html
 */
export function comparedRows(
  [left, operator, right]: readonly [Expr, RowOperator, Expr],
  scope: Scope,
  emitter: Emitter,
  term?: Term,
): TypedExpression | undefined {
  const nodes = [rowNodes(left), rowNodes(right)] as const
  const misused = (node: Expr): Error => emitter.wrong('row value misused', node.span.offset)
  if (nodes[0] !== undefined && nodes[1] !== undefined) {
    if (nodes[0].length !== nodes[1].length) throw misused(left)
    const pairs = nodes[0].map((each, index) => {
      return sides(each, nodes[1]?.[index] ?? each, scope, emitter)
    })
    return rowComparison(
      pairs.map(([a]) => asValue(a)),
      operator,
      pairs.map(([, b]) => asValue(b)),
    )
  }
  const [a, b] = [emitter.row(left, scope), emitter.row(right, scope)]
  if (a === undefined && b === undefined) {
    refuseTwoQueries(unwrap(left), unwrap(right), scope, emitter)
    return undefined
  }
  const query = unwrap(a === undefined ? left : right)
  if (query.type !== 'SubqueryExpr') throw misused(left)
  // Where the subquery gives no row, IS compares with NULLs, and all others are NULL.
  if (operator === 'Is' || operator === 'IsNot')
    throw emitter.unsupported(
      'IS of a row value and a subquery',
      left.span.offset,
      'Compare the columns one by one',
    )
  // Of an equality that is a term of its own SQLite makes one of each column, and none of those has a collation then.
  const isSplit = operator === '=' && term === 'conjunct'
  const compared = (row: readonly TypedExpression[]): TypedExpression => {
    const own = isSplit ? row.map(uncollated) : row
    return a === undefined ? rowComparison(own, operator, b ?? []) : rowComparison(a, operator, own)
  }
  return withQuery(query, (a ?? b)?.length ?? 0, scope, emitter, compared)
}

function uncollated(value: TypedExpression): TypedExpression {
  return { ...value, collation: 'BINARY', collationFrom: 'none' }
}

function withQuery(
  { select: node, span }: SubqueryExpr,
  width: number,
  scope: Scope,
  emitter: Emitter,
  compared: (row: readonly TypedExpression[]) => TypedExpression,
): TypedExpression {
  const select = emitter.select(node, scope, { sorted: true })
  const { length } = select.columns
  if (length !== width)
    throw emitter.wrong(`sub-select returns ${length} columns - expected ${width}`, span.offset)
  const alias = emitter.freshName('q')
  const row = operandColumns(select).map(({ expression, sqlName }) => ({
    ...derived(expression, `${alias}.${sqlName}`),
    // A row value is compared by the expressions of the subquery, of which not all have a collation.
    collationFrom: expression.collationFrom,
    notNull: false,
  }))
  const condition = toCondition(compared(row))
  const first = firstRow(node, select, emitter)
  // Made once, where a subquery in FROM is made anew for each row that is compared with it.
  const sql = select.correlated
    ? `SELECT ${condition} FROM (${first}) AS ${alias}`
    : `WITH ${alias} AS MATERIALIZED (${first}) SELECT ${condition} FROM ${alias}`
  return typed(`(${sql})`, 'boolean')
}

function refuseTwoQueries(left: Expr, right: Expr, scope: Scope, emitter: Emitter): void {
  if (left.type !== 'SubqueryExpr' || right.type !== 'SubqueryExpr') return
  if (emitter.select(left.select, scope).columns.length < 2) return
  throw emitter.unsupported(
    'A comparison of rows of two subqueries',
    left.span.offset,
    'Join them, and compare the columns',
  )
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
  const simple = ready.flatMap((pair, index) => {
    if (pair.kind === 'direct' && pair.mixed === null) {
      const [a, b] = pairs[index] as (typeof pairs)[number]
      return [{ left: exact(a, pair.left), right: exact(b, pair.right) }]
    }
    const isPlainText =
      pair.kind === 'text' && pair.collation === 'BINARY' && pair.ordered && pair.number === null
    return isPlainText ? [pair] : []
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
