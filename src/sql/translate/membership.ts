import type { Expr, InListExpr, InSelectExpr, InTableExpr, Select } from 'sqlite3-parser'
import { collated, compare, equalityKey } from './comparison.ts'
import { operandColumns } from './compound-columns.ts'
import { castNames } from './convert.ts'
import type { EmittedSelect, Emitter } from './emitter.ts'
import { typed, type TypedExpression } from './expression.ts'
import { amongTests, type Member } from './long-list.ts'
import { refuseMixedAffinity } from './mixed-affinity.ts'
import { nativeMembership } from './native-comparison.ts'
import { collationOf, comparisonAffinity, dynamicOf, operands } from './operands.ts'
import { facing } from './parameter-values.ts'
import { besideReal } from './real-affinity.ts'
import { rowComparison } from './row-values.ts'
import type { Scope } from './scope.ts'
import { unwrap } from './syntax.ts'
import { isWrittenConstant } from './written-constant.ts'

/** `x IN (a, b)` is `x = +a OR x = +b`: a list of several has neither affinity nor collation of its own. */
export function inList(node: InListExpr, scope: Scope, emitter: Emitter): TypedExpression {
  const list = node.rhs ?? []
  const row = emitter.row(node.lhs, scope)
  if (row !== undefined) return inRows(row, node, scope, emitter)
  const misused = list.find((each) => emitter.row(each, scope) !== undefined)
  if (misused !== undefined) throw emitter.wrong('row value misused', misused.span.offset)
  // Of nothing at all, not even NULL is a member of unknown standing.
  if (list.length === 0) return typed(node.not ? 'TRUE' : 'FALSE', 'boolean', { notNull: true })
  const left = subject(node.lhs, list, scope, emitter)
  const [only] = list
  if (only !== undefined && list.length === 1 && isWrittenConstant(only)) {
    const right = { ...emitter.expression(only, scope), affinity: 'none' } as const
    if (right.collationFrom === 'explicit') return equalTo(left, right, node.not)
  }
  const isTerm = !node.not && emitter.termOf(node) !== undefined
  const direct: Member[] = []
  const others: string[] = []
  let subjectSql = left.sql
  const members = list.map((item) => member(item, left, scope, emitter))
  const native = nativeMembership(left, members)
  if (native !== undefined) {
    return typed(node.not ? `(NOT ${native})` : native, 'boolean')
  }
  for (const right of members) {
    refuseMixedAffinity(left, node.not ? '<>' : '=', right, isTerm)
    const pair = operands(left, right)
    if (pair.kind === 'direct' && pair.mixed === null) {
      subjectSql = pair.left
      direct.push({ sql: pair.right, literal: pair.literal })
    } else if (pair.kind === 'text') {
      const { collation } = pair
      subjectSql = collated(pair.left, collation)
      const literal = collation === 'BINARY' ? pair.literal : undefined
      direct.push({ sql: collated(pair.right, collation), literal })
    } else others.push(compare(left, '=', right, isTerm).sql)
  }
  others.unshift(...amongTests(subjectSql, direct))
  const sql = others.length === 1 ? `(${others[0]})` : `(${others.join(' OR ')})`
  return typed(node.not ? `(NOT ${sql})` : sql, 'boolean')
}

/** Of one constant SQLite's parser makes `x = +a`, so that a COLLATE in it counts. */
function equalTo(left: TypedExpression, right: TypedExpression, not: boolean): TypedExpression {
  const equal = compare(left, '=', right)
  return not ? { ...equal, sql: `(NOT ${equal.sql})` } : equal
}

/** `(a, b) IN ((1, 2), (3, 4))` compares row by row. */
function inRows(
  row: readonly TypedExpression[],
  node: InListExpr,
  scope: Scope,
  emitter: Emitter,
): TypedExpression {
  const matches = (node.rhs ?? []).map((item) => {
    const other = emitter.row(item, scope)
    if (other?.length !== row.length) throw emitter.wrong('row value misused', item.span.offset)
    return rowComparison(row, '=', other.map(without)).sql
  })
  const sql = matches.length === 0 ? 'FALSE' : `(${matches.join(' OR ')})`
  return typed(node.not ? `(NOT ${sql})` : sql, 'boolean')
}

/** A parameter on the left takes its type from the first item that is none. */
function subject(
  node: Expr,
  list: readonly Expr[],
  scope: Scope,
  emitter: Emitter,
): TypedExpression {
  const parameter = emitter.parameterOf(node)
  const first = list.find((item) => emitter.parameterOf(item) === undefined)
  if (parameter === undefined || first === undefined) return emitter.expression(node, scope)
  return facing(emitter.parameters, parameter, without(emitter.expression(first, scope)))
}

function member(
  node: Expr,
  left: TypedExpression,
  scope: Scope,
  emitter: Emitter,
): TypedExpression {
  const parameter = emitter.parameterOf(node)
  if (parameter !== undefined) return facing(emitter.parameters, parameter, left)
  return without(emitter.expression(node, scope))
}

function without(expression: TypedExpression): TypedExpression {
  return { ...expression, affinity: 'none', collation: 'BINARY', collationFrom: 'none' }
}

export function inSelect(node: InSelectExpr, scope: Scope, emitter: Emitter): TypedExpression {
  return inQuery(node.lhs, node.rhs, node.not, scope, emitter)
}

/** `x IN t` is `x IN (SELECT * FROM t)`. */
export function inTable(node: InTableExpr, scope: Scope, emitter: Emitter): TypedExpression {
  if (node.args !== undefined) {
    throw emitter.unsupported(
      'IN of a table-valued function',
      node.span.offset,
      'Write IN (SELECT ...)',
    )
  }
  const { span } = node
  const select: Select = {
    type: 'Select',
    with: undefined,
    select: {
      type: 'SelectFrom',
      distinctness: undefined,
      columns: [{ type: 'StarResultColumn', span }],
      from: {
        type: 'FromClause',
        select: {
          type: 'TableSelectTable',
          tblName: node.rhs,
          alias: undefined,
          indexed: undefined,
          span,
        },
        joins: undefined,
        span,
      },
      whereClause: undefined,
      groupBy: undefined,
      having: undefined,
      windowClause: undefined,
      span,
    },
    compounds: undefined,
    orderBy: undefined,
    limit: undefined,
    span,
  }
  return inQuery(node.lhs, select, node.not, scope, emitter)
}

function inQuery(
  lhs: Expr,
  query: Select,
  not: boolean,
  scope: Scope,
  emitter: Emitter,
): TypedExpression {
  const emitted = emitter.select(query, scope)
  const select = { ...emitted, columns: operandColumns(emitted) }
  if (select.columns.length > 1) refuseRowQuery(lhs, select, scope, emitter)
  const parameter = emitter.parameterOf(lhs)
  const [only] = select.columns
  const row =
    emitter.row(lhs, scope) ??
    (parameter !== undefined && only !== undefined
      ? [facing(emitter.parameters, parameter, only.expression)]
      : [emitter.expression(lhs, scope)])
  if (row.length !== select.columns.length) {
    const message = `sub-select returns ${select.columns.length} columns - expected ${row.length}`
    throw emitter.wrong(message, query.span.offset)
  }
  const { left, sql } = membership(row, select, emitter)
  const subject = left.length === 1 ? left[0] : `(${left.join(', ')})`
  const near = not ? undefined : nearIntegers(row, select, emitter)
  const whole = `${subject} ${not ? 'NOT ' : ''}IN (${sql})`
  return typed(near === undefined ? `(${whole})` : `(${near} AND ${whole})`, 'boolean')
}

/** SQLite takes a subquery for the row as well, of which PostgreSQL would take one column. */
function refuseRowQuery(
  lhs: Expr,
  { columns }: EmittedSelect,
  scope: Scope,
  emitter: Emitter,
): void {
  const query = unwrap(lhs)
  if (query.type !== 'SubqueryExpr') return
  if (emitter.select(query.select, scope).columns.length !== columns.length) return
  const construct = 'IN of a row that a subquery gives'
  throw emitter.unsupported(construct, lhs.span.offset, 'Join the two, and compare the columns')
}

/** Longer queries are not written twice, nor are those that may give other rows the second time. */
const maxNearLength = 1000
const mayDiffer = /limit|offset|random/i

/**
 * An INTEGER among values of any class, so that an index of it serves. What equals none is NULL here, so that the whole still
 * tells NULL from FALSE where there is no match.
 */
function nearIntegers(
  [left, ...none]: readonly TypedExpression[],
  { columns: [column], sql }: EmittedSelect,
  emitter: Emitter,
): string | undefined {
  if (left?.type !== 'integer' || none.length > 0 || column?.expression.type !== 'dynamic') {
    return undefined
  }
  if (besideReal(left, column.expression) !== left) return undefined
  if (left.constant || sql.length > maxNearLength || mayDiffer.test(sql)) return undefined
  const alias = emitter.freshName('q')
  const right = { ...column.expression, sql: `${alias}.${column.sqlName}`, literal: undefined }
  const affinity = comparisonAffinity(left, right)
  // Of texts, as which both sides are compared then, none is an INTEGER.
  if (affinity === 'text') return undefined
  const value = dynamicOf(right, affinity)
  return `${left.sql} IN (SELECT sqlite.equal_integer(${value}) FROM (${sql}) AS ${alias})`
}

/** Where PostgreSQL's `=` does not do, both sides are made keys that are equal where SQLite's values are. */
function membership(
  row: readonly TypedExpression[],
  select: EmittedSelect,
  emitter: Emitter,
): { readonly left: readonly string[]; readonly sql: string } {
  const alias = emitter.freshName('q')
  const pairs = row.map((left, index) => {
    const column = select.columns[index]
    if (column === undefined) throw new Error('The column was counted')
    const right = { ...column.expression, sql: `${alias}.${column.sqlName}`, literal: undefined }
    return keys(besideReal(left, right), besideReal(right, left))
  })
  const changed = pairs.some(({ right }, index) => {
    const column = select.columns[index]
    return right !== `${alias}.${column?.sqlName ?? ''}`
  })
  const left = pairs.map((pair) => pair.left)
  if (!changed) return { left, sql: select.sql }
  const list = pairs.map(({ right }) => right).join(', ')
  return { left, sql: `SELECT ${list} FROM (${select.sql}) AS ${alias}` }
}

function keys(
  left: TypedExpression,
  right: TypedExpression,
): { readonly left: string; readonly right: string } {
  // No operator compares json, of which nothing but its being there is asked here.
  if (left.type === 'null')
    return { left: 'NULL', right: right.type === 'dynamic' ? `${right.sql}::text` : right.sql }
  if (right.type === 'null' && left.type === 'dynamic') {
    return { left: equalityKey(left), right: 'NULL::text' }
  }
  if (right.type === 'null') {
    return { left: left.sql, right: `NULL::${castNames[left.type]}` }
  }
  const pair = operands(left, right)
  if (pair.kind === 'direct' && pair.mixed === null) return pair
  if (pair.kind === 'text') {
    const { collation } = pair
    return { left: collated(pair.left, collation), right: collated(pair.right, collation) }
  }
  const affinity = comparisonAffinity(left, right)
  const collation = collationOf(left, right)
  const key = (side: TypedExpression): string =>
    equalityKey(typed(dynamicOf(side, affinity), 'dynamic', { collation }))
  return { left: key(left), right: key(right) }
}
