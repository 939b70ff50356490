import type { ExistsExpr, Select, SubqueryExpr } from 'sqlite3-parser'
import type { EmittedSelect, Emitter } from './emitter.ts'
import { typed, type TypedExpression } from './expression.ts'
import type { Scope } from './scope.ts'
import { derived } from './sources.ts'

/** The first row's only column, or NULL; its affinity and collation stay. */
export function subquery(node: SubqueryExpr, scope: Scope, emitter: Emitter): TypedExpression {
  const select = emitter.select(node.select, scope, { sorted: true })
  const [only, second] = select.columns
  if (only === undefined || second !== undefined) {
    const message = `sub-select returns ${select.columns.length} columns - expected 1`
    throw emitter.wrong(message, node.span.offset)
  }
  return {
    ...derived(only.expression, `(${firstRow(node.select, select, emitter)})`),
    notNull: false,
  }
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
