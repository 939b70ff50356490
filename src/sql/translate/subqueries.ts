import type { ExistsExpr, Select, SubqueryExpr } from 'sqlite3-parser'
import { operandColumns } from './compound-columns.ts'
import type { EmittedSelect, Emitter } from './emitter.ts'
import { typed, type TypedExpression } from './expression.ts'
import type { Scope } from './scope.ts'
import { derived } from './sources.ts'

/** The first row's only column, or NULL. Its affinity stays, and no collation does: sqlite3ExprCollSeq of expr.c. */
export function subquery(node: SubqueryExpr, scope: Scope, emitter: Emitter): TypedExpression {
  const select = emitter.select(node.select, scope, { sorted: true })
  const [only, second] = operandColumns(select)
  if (only === undefined || second !== undefined) {
    const message = `sub-select returns ${select.columns.length} columns - expected 1`
    throw emitter.wrong(message, node.span.offset)
  }
  const value = derived(only.expression, `(${firstRow(node.select, select, emitter)})`)
  return {
    ...value,
    collation: 'BINARY',
    collationFrom: 'none',
    notNull: false,
    ...subtypeOf(node, value.sql, only.expression, scope, emitter),
  }
}

/**
 * JSON out of a subquery is still JSON to SQLite, except where the rows are sorted or told apart on the way: then it
 * is in a record, which keeps no subtype.
 */
function subtypeOf(
  { select: node }: SubqueryExpr,
  sql: string,
  { sql: own, embedded }: TypedExpression,
  scope: Scope,
  emitter: Emitter,
): Pick<TypedExpression, 'embedded'> {
  if (embedded === undefined) return {}
  const compounds = node.compounds ?? []
  if (compounds.length > 0 && compounds.every(({ operator }) => operator !== 'UnionAll')) return {}
  if (embedded === null || node.orderBy !== undefined) return { embedded: null }
  if (embedded === own) return { embedded: sql }
  if (node.select.type !== 'SelectFrom' || node.select.distinctness === 'Distinct') {
    return { embedded: null }
  }
  const select = emitter.select(node, scope, { sorted: true, embedded: true })
  return { embedded: `(${firstRow(node, select, emitter)})` }
}

/** SQLite reads no further than the first row, where PostgreSQL would refuse a second one. */
export function firstRow(node: Select, select: EmittedSelect, emitter: Emitter): string {
  if (node.limit === undefined) return `${select.sql} LIMIT 1`
  const { expr } = node.limit
  if (expr.type === 'NumericLiteral' && expr.value === '1') return select.sql
  return `SELECT * FROM (${select.sql}) AS ${emitter.freshName('f')} LIMIT 1`
}

export function exists(node: ExistsExpr, scope: Scope, emitter: Emitter): TypedExpression {
  const { sql } = emitter.select(node.select, scope, { exists: true })
  return typed(`(EXISTS (${sql}))`, 'boolean', { notNull: true })
}
